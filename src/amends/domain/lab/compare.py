"""One order under two policies: its cases side by side."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from amends.domain.chain import Recorded
from amends.domain.lab.endings import UNHEARD, Difference, Ending, differences, endings, matched
from amends.domain.lab.past import past_of
from amends.domain.lab.rerun import rerun
from amends.domain.orders import Order
from amends.domain.policy.terms import Terms
from amends.domain.time import Calendars


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it ended, and as it would have ended; ``was`` is None for one only the draft brings about.

    ``refused`` is why it would not have been opened, with the ``refused_clause``. ``silent``: people came
    into a turn they never had, so silence decided. ``dropped`` acts found no place. ``why`` is what differs
    in the terms and bears on the case; only told for cases that changed.
    """

    order_id: str
    buyer_id: str
    seller_id: str
    was: Ending | None
    now: Ending | None
    refused: str = ""
    refused_clause: str = ""
    silent: bool = False
    dropped: int = 0
    why: tuple[Difference, ...] = ()

    @property
    def either(self) -> Ending:
        """The case where it is about what both ways share."""
        one = self.was or self.now
        if one is None:
            raise ValueError(f"a pair of order {self.order_id} has neither side")
        return one

    @property
    def changed(self) -> bool:
        """Whether it ends differently: another outcome, or other amounts."""
        if self.was is None or self.now is None:
            return True
        return _end(self.was) != _end(self.now)


def _end(one: Ending) -> tuple[Any, ...]:
    return one.outcome, one.buyer, one.seller, one.platform


class Compared(msgspec.Struct, frozen=True):
    """An order's cases that had ended; ``unended`` counts those that had not and are left out."""

    pairs: tuple[Pair, ...]
    unended: int = 0


def compare(
    recorded: Sequence[Recorded],
    frozen: Mapping[str, Terms],
    drafted: Mapping[str, Terms],
    calendars: Calendars,
    until: datetime,
    *,
    steps: bool = False,
) -> Compared:
    """Decide an order again under ``drafted`` terms; both mappings are by line id, ``until`` is the present.

    ``steps`` keeps the way of each case, and tells what bears on it even where it ends alike.

    Raises `amends.domain.lab.rerun.Endless`, and `ValueError` for events of no order.
    """
    past = past_of(recorded)
    again = rerun(past, drafted, frozen, calendars, until)
    was = endings(past.order, recorded, steps=steps)
    now = endings(past.order, again.recorded, steps=steps)
    pairs, unended = [], 0
    for before, after in matched(was, now, again.cases):
        if before is not None and not before.outcome:
            unended += 1
            continue
        pairs.append(_pair(past.order, before, after, again.unheard, again.silent, again.dropped))
    told = tuple(_with_why(pair, frozen, drafted) if pair.changed or steps else pair for pair in pairs)
    return Compared(told, unended)


def _pair(
    order: Order,
    before: Ending | None,
    after: Ending | None,
    unheard: Mapping[str, Any],
    silent: frozenset[str],
    dropped: Mapping[str, int],
) -> Pair:
    refused = unheard.get(before.case_id) if before else None
    if after is None and before is not None:
        after = msgspec.structs.replace(
            before,
            outcome=UNHEARD,
            buyer=0,
            seller=0,
            platform=0,
            days=0.0,
            mediated=False,
            by_silence=False,
            clauses=(refused.clause,) if refused and refused.clause else (),
            states=(),
            steps=(),
        )
    new_id = after.case_id if after else ""
    return Pair(
        order_id=order.order_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        was=before,
        now=after,
        refused=refused.kind if refused else "",
        refused_clause=refused.clause if refused else "",
        silent=new_id in silent,
        dropped=dropped.get(new_id, 0),
    )


def _with_why(pair: Pair, frozen: Mapping[str, Terms], drafted: Mapping[str, Terms]) -> Pair:
    one = pair.either
    touched: list[str] = []
    states: list[str] = []
    for side in (pair.was, pair.now):
        touched += side.clauses if side else ()
        states += side.states if side else ()
    why = differences(frozen[one.line_id], drafted[one.line_id], one.reason, touched, states)
    return msgspec.structs.replace(pair, why=why)
