"""What a claim of counterfeit goods means beyond its own order: the seller's other orders of the same goods.

The claim's own case keeps the payout of its order back. Here the payouts of the others are held while the
claim is decided (E9; A29, D484), kept or released as it ends, each by a command to that order with a key of
its own, so that an errand run twice acts once.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from hashlib import sha256

import msgspec

from amends.application.ports import Done, Envelope, Errand, OrderFilter, Reader, Result
from amends.domain.cases.model import Case, Outcome
from amends.domain.custody.commands import AnswerHold, HoldPayout
from amends.domain.custody.model import Custody, Hold, Stage
from amends.domain.orders import Line, Order
from amends.domain.parties import CLOCK
from amends.domain.records import COUNTERFEIT, given_to

_PAGE, _PAGES_MAX = 200, 10
_NOT_OURS = frozenset({Outcome.WITHDRAWN, Outcome.DECLINED, Outcome.DISCARDED})

HOLD, SETTLE = "counterfeit.hold", "counterfeit.settle"
"""The topics of errands: a claim came in; a claim was ruled or ended."""

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

    def __init__(self, reader: Reader, submit: Submit) -> None:
        self._reader = reader
        self._submit = submit

    @property
    def chores(self) -> dict[str, Callable[[Errand], Awaitable[bool]]]:
        """Errands that are done here, by topic."""
        return {HOLD: self.hold, SETTLE: self.settle}

    async def hold(self, errand: Errand) -> bool:
        """Hold the payouts of orders like the claim's; false where some could not be asked yet."""
        file = await self._reader.case_file(errand.case_id)
        if file is None or not file.case.live:
            return True
        similar = await similar_orders(self._reader, file.case, file.custody.order)
        commands: Commands = [
            (one.order_id, HoldPayout(hold_id=errand.case_id, claim=errand.case_id, reason=COUNTERFEIT))
            for one in similar.orders
            if one.hold is None
        ]
        return await self._all(errand, commands)

    async def settle(self, errand: Errand) -> bool:
        """Keep or release what the claim held, as it was decided; false where some could not be asked yet."""
        file = await self._reader.case_file(errand.case_id)
        kept = None if file is None else verdict(file.case)
        if file is None or kept is None:
            return True
        similar = await similar_orders(self._reader, file.case, file.custody.order)
        reason = "found_counterfeit" if kept else "not_found_counterfeit"
        commands: Commands = [
            (one.order_id, AnswerHold(hold_id=errand.case_id, kept=kept, reason=reason))
            for one in similar.orders
            if one.hold is not None and one.hold.state in {"held", "kept"}
        ]
        return await self._all(errand, commands)

    async def _all(self, errand: Errand, commands: Commands) -> bool:
        heard = True
        for order_id, command in dict(commands).items():
            result = await self._submit(
                Envelope(
                    command=command,
                    actor=CLOCK,
                    order_id=order_id,
                    key=f"{errand.errand_id}:{order_id}",
                    fingerprint=sha256(msgspec.json.encode(command)).digest(),
                )
            )
            # What has been paid out, or ended meanwhile, cannot be held: that is an answer too.
            heard = heard and (isinstance(result, Done) or result.kind != "unavailable")
        return heard


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
