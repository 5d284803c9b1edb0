"""What a claim of counterfeit goods means beyond its own order: the seller's other orders of the same goods.

The claim's own case keeps the payout of its order back. Here the payouts of the others are held while the
claim is decided (E9; A29, D484), kept or released as it ends, each by a command to that order with a key of
its own, so that an errand run twice acts once. What is sold of these goods later is looked for again and
again, while the claim is open and for as long as holds are kept after it was found true.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from amends.application.ports import (
    CaseFile,
    CaseFilter,
    Done,
    Envelope,
    Errand,
    OrderFilter,
    Reader,
    Result,
)
from amends.application.ports.outbox import Outbox
from amends.domain.cases.events import CaseOpened, CaseReopened, DraftSubmitted
from amends.domain.cases.model import Case, Outcome, State
from amends.domain.chain import Recorded
from amends.domain.custody.commands import AnswerHold, HoldPayout
from amends.domain.custody.holding import KEEP
from amends.domain.custody.model import Custody, Hold, Stage
from amends.domain.orders import Line, Order
from amends.domain.parties import CLOCK
from amends.domain.records import COUNTERFEIT, given_to
from amends.domain.time import Calendars, deadline

_PAGE, _PAGES_MAX = 200, 10
_NOT_OURS = frozenset({Outcome.WITHDRAWN, Outcome.DECLINED, Outcome.DISCARDED})

HOLD, SETTLE = "counterfeit.hold", "counterfeit.settle"
"""The topics of errands: a claim came in; a claim was ruled or ended."""

FOUND, NOT_FOUND = "found_counterfeit", "not_found_counterfeit"

AGAIN = timedelta(hours=12)
"""How often orders placed since are looked for: goods take longer than that to be delivered and paid out."""

Commands = list[tuple[str, HoldPayout | AnswerHold]]
Submit = Callable[[Envelope], Awaitable[Result]]


class SimilarOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Another order of the seller with the same goods; ``by`` is what they have in common: sku or title.

    ``hold`` is the hold that the claim placed on its payout, where it did.
    """

    order_id: str
    line_id: str
    title: str
    by: str
    placed_at: datetime
    stage: Stage
    cases: int
    hold: Hold | None = None


class Similar(msgspec.Struct, frozen=True):
    """What was found, newest first; ``searched`` orders of the seller were looked at, the newest ones."""

    searched: int
    orders: tuple[SimilarOrder, ...]


class Counterfeits:
    """Finds similar orders, and holds, keeps or releases their payouts."""

    def __init__(self, reader: Reader, submit: Submit, outbox: Outbox, calendars: Calendars) -> None:
        self._reader = reader
        self._submit = submit
        self._outbox = outbox
        self._calendars = calendars
        self._looked = False

    async def catch_up(self, now: datetime) -> int:
        """Have every open claim looked at that nobody has looked at, as one that came in before claims were;
        how many are open. The errands are those that claims come in with, so that a known one changes
        nothing. Once for each process: after that none comes in without.
        """
        if self._looked:
            return 0
        found, cursor = 0, ""
        while True:
            page = await self._reader.cases(CaseFilter(reason=COUNTERFEIT, live=True), cursor, _PAGE)
            errands = [one for case in page.cases if (one := await self._first_look(case, now)) is not None]
            await self._outbox.put(errands)
            found += len(errands)
            cursor = page.next
            if not cursor:
                break
        self._looked = True
        return found

    async def _first_look(self, case: Case, now: datetime) -> Errand | None:
        file = await self._reader.case_file(case.case_id)
        if file is None:
            return None
        came = [one.recorded.seq for one in file.timeline if comes_in(one.recorded)]
        if not came:
            return None
        return Errand(
            errand_id=look_id(case.case_id, came[-1]),
            topic=HOLD,
            order_id=case.order_id,
            case_id=case.case_id,
            body={},
            due_at=now,
        )

    @property
    def chores(self) -> dict[str, Callable[[Errand], Awaitable[bool]]]:
        """Errands that are done here, by topic."""
        return {HOLD: self.hold, SETTLE: self.settle}

    async def hold(self, errand: Errand) -> bool:
        """Hold the payouts of orders like the claim's, now and later; false where some could not be asked
        yet.
        """
        file = await self._reader.case_file(errand.case_id)
        if file is None or not self._bears(file, errand.due_at):
            return True
        upheld = bool(verdict(file.case))
        similar = await similar_orders(self._reader, file.case, file.custody.order)
        commands: Commands = []
        for order_id in dict.fromkeys(one.order_id for one in similar.orders if one.hold is None):
            placing = HoldPayout(hold_id=errand.case_id, claim=errand.case_id, reason=COUNTERFEIT)
            commands.append((order_id, placing))
            if upheld:
                found = AnswerHold(hold_id=errand.case_id, kept=True, reason=FOUND)
                commands.append((order_id, found))
        if not await self._all(errand, commands):
            return False
        await self._outbox.put([_again(errand)])
        return True

    def _bears(self, file: CaseFile, at: datetime) -> bool:
        """Whether what is sold now still falls under the claim."""
        if file.case.live:
            return True
        terms = file.case_terms
        if not verdict(file.case) or not terms.has(KEEP):
            return False
        return at < deadline(file.case.rulings[-1].at, terms.get(KEEP).value, self._calendars)

    async def settle(self, errand: Errand) -> bool:
        """Keep or release what the claim held, as it was decided; false where some could not be asked yet."""
        file = await self._reader.case_file(errand.case_id)
        kept = None if file is None else verdict(file.case)
        if file is None or kept is None:
            return True
        similar = await similar_orders(self._reader, file.case, file.custody.order)
        commands: Commands = [
            (one.order_id, AnswerHold(hold_id=errand.case_id, kept=kept, reason=FOUND if kept else NOT_FOUND))
            for one in similar.orders
            if one.hold is not None and one.hold.state in {"held", "kept"}
        ]
        return await self._all(errand, list(dict(commands).items()))

    async def _all(self, errand: Errand, commands: Commands) -> bool:
        heard = True
        for order_id, command in commands:
            result = await self._submit(
                Envelope(
                    command=command,
                    actor=CLOCK,
                    order_id=order_id,
                    key=f"{errand.errand_id}:{order_id}:{command.__struct_config__.tag}",
                    fingerprint=sha256(msgspec.json.encode(command)).digest(),
                )
            )
            # What has been paid out, or ended meanwhile, cannot be held: that is an answer too.
            heard = heard and (isinstance(result, Done) or result.kind != "unavailable")
        return heard


def comes_in(one: Recorded) -> bool:
    """Whether a claim came to the seller by an event, or came up again."""
    if isinstance(one.event, CaseOpened | DraftSubmitted):
        return one.event.state is State.AWAITING_SELLER
    return isinstance(one.event, CaseReopened)


def look_id(case_id: str, seq: int) -> str:
    """The id of the errand that comes of one of a claim's events."""
    return f"counterfeit:{case_id}:{seq}"


def _again(errand: Errand) -> Errand:
    """The next look; a look done twice asks for the same one."""
    stem, _, count = errand.errand_id.partition("~")
    due_at = errand.due_at + AGAIN
    return replace(errand, errand_id=f"{stem}~{int(count or 0) + 1}", due_at=due_at, attempts=0)


def verdict(case: Case) -> bool | None:
    """Whether the claim was found true (True) or untrue (False); None while nobody decided that.

    A seller who gives in without a ruling admits nothing: what is held stays held until an operator answers.
    """
    if case.rulings:
        upheld = given_to(case.rulings[-1].remedy) == "buyer"
        # What was ruled for the seller may still be appealed; the end of the case says the rest.
        return True if upheld else None if case.live else False
    return False if not case.live and case.outcome in _NOT_OURS else None


async def similar_orders(reader: Reader, case: Case, order: Order) -> Similar:
    """The seller's other orders with the same goods as the case's lines."""
    named = {unit.line_id for unit in case.units}
    lines = [line for line in order.lines if line.line_id in named]
    found: list[SimilarOrder] = []
    searched, cursor = 0, ""
    for _ in range(_PAGES_MAX):
        page = await reader.orders(OrderFilter(seller_id=case.seller_id), cursor, _PAGE)
        searched += len(page.orders)
        for one in page.orders:
            if one.order.order_id != order.order_id:
                found += _of_order(one, lines, case.case_id)
        cursor = page.next
        if not cursor:
            break
    return Similar(searched, tuple(found))


def _of_order(custody: Custody, lines: list[Line], case_id: str) -> list[SimilarOrder]:
    hold = next((one for one in custody.holds if one.claim == case_id), None)
    return [
        SimilarOrder(
            order_id=custody.order.order_id,
            line_id=line.line_id,
            title=line.title,
            by=by,
            placed_at=custody.order.placed_at,
            stage=custody.stage,
            cases=custody.cases,
            hold=hold,
        )
        for line in custody.order.lines
        for by in (_alike(line, lines),)
        if by
    ]


def _alike(line: Line, others: list[Line]) -> str:
    if any(line.sku and line.sku == other.sku for other in others):
        return "sku"
    title = " ".join(line.title.casefold().split())
    return "title" if any(title == " ".join(other.title.casefold().split()) for other in others) else ""
