"""The board of all of a buyer's returns: where each stands, what comes next, and the same as a table."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from amends.application.ports.purchases import Purchases
from amends.domain.cases.model import Case, Goods, Kind, State
from amends.domain.custody.model import Custody
from amends.domain.money import decimals
from amends.domain.parties import Role
from amends.interfaces.web.cards import Badge, Countdown
from amends.interfaces.web.csv_table import csv_file
from amends.interfaces.web.reading import title_of
from amends.interfaces.web.standing import aim, badge_of, countdown
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_PER_PAGE = 20
SHOWN: dict[str, str] = {"open": N_("Under way"), "closed": N_("Finished"), "all": N_("All")}
_COLUMNS = (
    N_("Case"), N_("Order"), N_("Item"), N_("Pieces"), N_("Shop"), N_("Status"), N_("Next step"), N_("Until"),
    N_("Return number"), N_("Carrier"), N_("Tracking number"), N_("Sent on"), N_("Delivered on"),
    N_("Amount"), N_("Currency"), N_("Opened"), N_("Closed"),
)  # fmt: skip


class ReturnCard(msgspec.Struct, frozen=True, kw_only=True):
    """One return of the board."""

    case: Case
    title: str
    shop: str
    badge: Badge
    amount: str
    next: Countdown | None
    parcel: str
    authorisation: str
    pieces: str


def goes_back(case: Case) -> bool:
    """Whether goods are on their way back, were, or will be if the buyer's request is granted."""
    if case.kind is not Kind.CLAIM or case.state is State.DRAFTING:
        return False
    if case.shipment is not None or case.instructions is not None:
        return True
    return (case.live or case.settlement is not None) and aim(case).goods is Goods.RETURN


@get("/my-returns")
async def board(
    visit: NamedDependency[Visit],
    show: Annotated[str, QueryParameter(max_length=20)] = "open",
    after: Annotated[str, QueryParameter(max_length=500)] = "",
) -> Response[str]:
    """Every return, those that wait for the buyer first."""
    visit.require(Role.BUYER)
    show = show if show in SHOWN else "open"
    purchases = visit.parts.purchases
    try:
        page = await purchases.cases(visit.actor.id, lambda case: _listed(case, show), after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    custodies = await purchases.custodies(sorted({case.order_id for case in page.cases}))
    cards = [_card(visit, case, custodies[case.order_id]) for case in page.cases]
    cards.sort(key=lambda card: (card.next is None, card.next is not None and not card.next.mine))
    tabs = [(code, visit.words.say(title)) for code, title in SHOWN.items()]
    return visit.page("returns.html", cards=cards, show=show, tabs=tabs, next=page.next, first=not after)


def _listed(case: Case, show: str) -> bool:
    return goes_back(case) and (show == "all" or case.live == (show == "open"))


def _card(visit: Visit, case: Case, custody: Custody) -> ReturnCard:
    words = visit.words
    many = words.count("%(number)s piece", "%(number)s pieces", len(case.units))
    return ReturnCard(
        case=case,
        title=title_of(case, custody, visit),
        shop=visit.name_of(Role.SELLER, case.seller_id),
        badge=badge_of(case, visit),
        amount=words.money(aim(case).amount, case.currency),
        next=countdown(case, visit, ()),
        parcel=words.listing([f"{sent.carrier} {sent.tracking_number}" for sent in case.parcels]),
        authorisation=case.instructions.authorisation if case.instructions else "",
        pieces=many if len(case.units) > 1 else "",
    )


@get("/my-returns.csv")
async def table(
    visit: NamedDependency[Visit], show: Annotated[str, QueryParameter(max_length=20)] = "all"
) -> Response[bytes]:
    """The board as a table for spreadsheets, a return a row."""
    visit.require(Role.BUYER)
    show = show if show in SHOWN else "all"
    rows = [row async for row in _rows(visit, show)]
    header = [visit.words.say(title) for title in _COLUMNS]
    return csv_file(header, rows, f"returns-{visit.words.local(visit.now):%Y-%m-%d}.csv")


async def _rows(visit: Visit, show: str) -> AsyncIterator[Sequence[str]]:
    purchases: Purchases = visit.parts.purchases
    cursor = ""
    while True:
        page = await purchases.cases(visit.actor.id, lambda case: _listed(case, show), cursor, 200)
        custodies = await purchases.custodies(sorted({case.order_id for case in page.cases}))
        for case in page.cases:
            yield _row(visit, case, custodies)
        cursor = page.next
        if not cursor:
            return


def _row(visit: Visit, case: Case, custodies: Mapping[str, Custody]) -> Sequence[str]:
    card = _card(visit, case, custodies[case.order_id])
    parcels, places = case.parcels, decimals(case.currency)
    arrived = [sent.delivered_at for sent in parcels if sent.delivered_at is not None]
    whole, rest = divmod(aim(case).amount, 10**places)
    return (
        case.case_id,
        case.order_id,
        card.title,
        str(len(case.units)),
        card.shop,
        card.badge.text,
        card.next.headline if card.next else "",
        _day(visit, case.waiting.until if case.waiting else None),
        card.authorisation,
        " ".join(dict.fromkeys(sent.carrier for sent in parcels)),
        " ".join(sent.tracking_number for sent in parcels),
        _day(visit, parcels[0].shipped_at if parcels else None),
        _day(visit, max(arrived) if parcels and len(arrived) == len(parcels) else None),
        f"{whole}.{rest:0{places}}" if places else str(whole),
        case.currency,
        _day(visit, case.opened_at),
        _day(visit, case.closed_at),
    )


def _day(visit: Visit, at: datetime | None) -> str:
    """Sortable, in the reader's zone."""
    return f"{visit.words.local(at):%Y-%m-%d %H:%M}" if at else ""


routes = Router("/", route_handlers=[board, table])
