"""A seller's money: what is held, what is frozen by which case, and what is paid out when."""

from datetime import datetime

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from amends.application.ports.sellers import HeldOrder
from amends.domain.custody import holding
from amends.domain.custody.model import Stage
from amends.domain.parties import Role
from amends.interfaces.web.cards import Pair
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_SHOWN = 50
PLACES: dict[str, str] = {
    "on_the_way": N_("Held until delivery"),
    "protected": N_("Held while the buyer may still ask"),
    "frozen": N_("Frozen by open cases"),
    "due": N_("Yours, to be paid out"),
    "owed": N_("You owe from earlier payouts"),
}


class CurrencyCard(msgspec.Struct, frozen=True):
    """The money in one currency, place by place."""

    currency: str
    pairs: tuple[Pair, ...]


class HeldRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order with money on its way: how much, until when, and the cases that freeze it."""

    order_id: str
    title: str
    amount: str
    said: str
    at: datetime | None
    case_ids: tuple[str, ...]


@get("/money")
async def money(visit: NamedDependency[Visit]) -> Response[str]:
    """Where the seller's money is."""
    visit.require(Role.SELLER)
    reads = visit.parts.sellers.reads
    sums = await reads.money(visit.actor.id)
    held = await reads.held(visit.actor.id, _SHOWN)
    words = visit.words
    cards = []
    for currency in dict.fromkeys(one.currency for one in sums):
        own = [one for one in sums if one.currency == currency]
        pairs = tuple(
            Pair(
                words.say(
                    N_("%(place)s, %(orders)s"),
                    place=words.say(PLACES[one.place]),
                    orders=words.count("%(number)s order", "%(number)s orders", one.orders),
                ),
                words.money(one.amount, currency),
                strong=one.place == "due",
            )
            for one in sorted(own, key=lambda one: list(PLACES).index(one.place))
        )
        cards.append(CurrencyCard(currency, pairs))
    rows = [_row(visit, one) for one in held]
    return visit.page(
        "seller_money.html",
        cards=cards,
        coming=[row for row in rows if not row.case_ids],
        frozen=[row for row in rows if row.case_ids],
        shown=_SHOWN if len(held) == _SHOWN else 0,
    )


def _row(visit: Visit, held: HeldOrder) -> HeldRow:
    custody, words = held.custody, visit.words
    order, books = custody.order, custody.books
    at = custody.waiting.until if custody.waiting else None
    if books.seller < 0:
        said, at = words.say(N_("You owe this; it is taken from your next payout.")), None
    elif held.case_ids:
        said = words.say(N_("Frozen until its cases are closed"))
        at = None
    elif (held_until := holding.clock(custody, visit.now)) is not None:
        at = held_until.until
        said = words.say(N_("Held until %(day)s; the order says why"), day=words.moment(at))
    elif custody.stage is Stage.HELD:
        said = words.say(N_("Held until the bank has decided about the payment"))
    elif custody.stage is Stage.RELEASED and at is not None:
        said = words.say(N_("Paid out on %(day)s"), day=words.moment(at))
    elif custody.stage is Stage.PROTECTED and custody.protection_ends_at is not None:
        at = custody.protection_ends_at
        said = words.say(N_("Yours from %(day)s, if nothing is asked until then"), day=words.moment(at))
    elif custody.stage is Stage.AWAITING_SHIPMENT:
        said = words.say(N_("Not shipped yet"))
    else:
        said = words.say(N_("On its way to the buyer"))
    amount = abs(books.seller) if books.seller else books.escrow
    return HeldRow(
        order_id=order.order_id,
        title=order.lines[0].title if order.lines else order.order_id,
        amount=words.money(amount, order.currency),
        said=said,
        at=at,
        case_ids=held.case_ids,
    )
