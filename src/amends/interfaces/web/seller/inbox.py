"""A seller's inbox: what waits on the seller, nearest deadline first, narrowed and searched."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated
from urllib.parse import quote, urlencode

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from amends.application.bulk_answers import ACTIONS
from amends.application.ports.sellers import LISTS, InboxFilter
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.order_page import CaseRow, case_row
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

PER_PAGE = 25
LIST_TITLES: dict[str, str] = {
    "turn": N_("Your turn"),
    "answer": N_("To answer"),
    "address": N_("Address wanted"),
    "inspect": N_("To inspect"),
    "replace": N_("To replace"),
    "other": N_("Something else"),
    "waiting": N_("Waiting for others"),
    "closed": N_("Closed"),
}
DUE: dict[str, str] = {
    "": N_("Any deadline"),
    "1": N_("Within a day"),
    "3": N_("Within 3 days"),
    "7": N_("Within a week"),
}
ANSWERS: dict[str, str] = {
    "accept": N_("Accept the request"),
    "offer": N_("Offer a share, the item is kept"),
    "address": N_("Say where to send it"),
    "accept_return": N_("Accept what came back"),
}
_TEXT_MAX = 80
_Word = Annotated[str, QueryParameter(max_length=_TEXT_MAX)]


class InboxLine(msgspec.Struct, frozen=True):
    """One case of the inbox: its row, its version, and where the buyer is."""

    row: CaseRow
    seq: int
    country: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The filters as they were typed."""

    show: str = "turn"
    reason: str = ""
    due: str = ""
    least: str = ""
    most: str = ""
    country: str = ""
    text: str = ""

    def query(self, **changes: str) -> str:
        """The filters as a query string, with some of them changed; what is empty is left out."""
        given: dict[str, str] = msgspec.structs.asdict(self) | changes
        names = {"text": "q"}
        return urlencode({names.get(name, name): value for name, value in given.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether anything but the list was chosen."""
        return bool(self.reason or self.due or self.least or self.most or self.country or self.text)


@get("/inbox")
async def inbox(
    visit: NamedDependency[Visit],
    show: _Word = "turn",
    reason: _Word = "",
    due: _Word = "",
    least: _Word = "",
    most: _Word = "",
    country: _Word = "",
    q: _Word = "",
    after: Annotated[str, QueryParameter(max_length=500)] = "",
    choose: _Word = "",
) -> Response[str]:
    """What waits on the seller, by deadline; ``choose`` ticks every case of the page."""
    asked = Asked(
        show=show if show in LISTS else "turn",
        reason=reason if reason in vocabulary.FAMILIES or reason in vocabulary.REASONS else "",
        due=due if due in DUE else "",
        least=least.strip(),
        most=most.strip(),
        country=country.strip().upper()[:2],
        text=q.strip(),
    )
    return await show_inbox(visit, asked, after, chosen=choose == "all")


async def show_inbox(
    visit: Visit, asked: Asked, after: str = "", *, chosen: bool = False, error: str = ""
) -> Response[str]:
    """The page of the inbox; ``error`` says why a bulk answer was not begun."""
    visit.require(Role.SELLER)
    wanted, errors = _filter(visit, asked)
    if error:
        errors = {**errors, "case": error}
    reads = visit.parts.sellers.reads
    try:
        page = await reads.inbox(wanted, after, PER_PAGE)
    except ValueError as mistake:
        raise NotFoundException from mistake
    counts = await reads.counts(wanted)
    lines = [
        InboxLine(case_row(row.case, row.custody, visit), row.case.seq, row.custody.order.buyer_country)
        for row in page.rows
        if visit.sees(row.case)
    ]
    return visit.page(
        "seller_inbox.html",
        422 if errors else 200,
        asked=asked,
        errors=errors,
        lines=lines,
        tabs=_tabs(visit, asked, counts),
        reasons=_reasons(visit),
        dues=[(code, visit.words.say(title)) for code, title in DUE.items()],
        answers=[(code, visit.words.say(ANSWERS[code])) for code in ACTIONS],
        next=page.next,
        first=not after,
        chosen=chosen,
        choose="/inbox?"
        + asked.query()
        + ("" if chosen else "&choose=all")
        + (f"&after={quote(after)}" if after else ""),
    )


def _filter(visit: Visit, asked: Asked) -> tuple[InboxFilter, Mapping[str, str]]:
    errors: dict[str, str] = {}

    def amount(name: str, typed: str) -> Decimal | None:
        if not typed:
            return None
        # Euro cents are read, and amounts compared in major units of whatever currency.
        cents = visit.words.read_amount(typed, "EUR")
        if cents is None or cents < 0:
            errors[name] = visit.words.say(N_("Enter an amount as a number, for example 25."))
            return None
        return Decimal(cents) / 100

    due_before: datetime | None = visit.now + timedelta(days=int(asked.due)) if asked.due else None
    wanted = InboxFilter(
        seller_id=visit.actor.id,
        show=asked.show,
        reason=asked.reason,
        due_before=due_before,
        least=amount("least", asked.least),
        most=amount("most", asked.most),
        country=asked.country,
        text=asked.text,
    )
    return wanted, errors


def _tabs(visit: Visit, asked: Asked, counts: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """The lists as (code, title, address); those that never have anything are left out."""
    shown = []
    for code, title in LIST_TITLES.items():
        count = counts.get(code)
        if code == "other" and not count and asked.show != code:
            continue
        said = visit.words.say(title)
        if count is not None:
            said = visit.words.say(N_("%(title)s (%(count)s)"), title=said, count=visit.words.number(count))
        shown.append((code, said, "/inbox?" + asked.query(show=code)))
    return shown


def _reasons(visit: Visit) -> list[tuple[str, str]]:
    return [("", visit.words.say(N_("Any reason")))] + [
        (code, visit.words.say(title)) for code, title in vocabulary.FAMILIES.items()
    ]
