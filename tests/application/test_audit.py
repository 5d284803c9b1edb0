"""The audit finds what no rule would have let happen to held payouts and reconciled days."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.domain.marketplace import CLOCK, PLACED

from amends.adapters.memory.settlements import MemorySettlementBook
from amends.adapters.memory.store import MemoryStore
from amends.application.audit import _held_faults, audit
from amends.application.ports import Link
from amends.application.ports.settlements import Run
from amends.domain.chain import Recorded
from amends.domain.custody import events as e
from amends.domain.custody.model import Hold, Stage
from amends.domain.reconciliation import Difference, State, Sums, Why

DAY = PLACED.date()
WRITTEN_OFF = Difference(
    difference_id="d1",
    provider="sandbox",
    day=DAY,
    reference="r",
    why=Why.MISSING_HERE,
    state=State.RESOLVED,
    ours=0,
    theirs=-500,
    currency="EUR",
    how="written_off",
    reason="Lost.",
    by="kaya",
    agreed_by="olga",
)


def days(count: int, theirs: int = -500) -> list[Run]:
    one = Run(provider="sandbox", day=DAY, at=PLACED, movements=1, entries=0, sums=(Sums("EUR", 0, theirs),))
    return [replace(one, day=DAY - timedelta(days=n)) for n in range(count)]


@pytest.mark.row("H5")
async def test_every_reconciled_day_is_held_to_its_differences() -> None:
    book = MemorySettlementBook()
    for run in days(450):
        await book.save(run, [replace(WRITTEN_OFF, difference_id=run.day.isoformat(), day=run.day)])
    found = await audit(MemoryStore(), book)
    assert (found.days, found.faults) == (450, [])
    (first,) = days(1, theirs=-700)
    await book.save(first, [replace(WRITTEN_OFF, agreed_by="kaya")])
    found = await audit(MemoryStore(), book)
    assert {(one.what, one.stream) for one in found.faults} == {
        ("unexplained", f"sandbox/{DAY.isoformat()}"),
        ("one_person", f"sandbox/{DAY.isoformat()}"),
    }


@pytest.mark.row("E9")
def test_a_payout_that_left_although_it_was_held_is_found() -> None:
    hold = Hold(
        hold_id="h1", reason="fake.counterfeit", clause="c", at=PLACED, until=PLACED + timedelta(days=30)
    )

    def link(seq: int, days: int, event: e.Event) -> Link:
        at = PLACED + timedelta(days=days)
        recorded = Recorded(
            stream="o1",
            order_id="o1",
            seq=seq,
            at=at,
            actor=CLOCK,
            from_state="released",
            event=event,  # type: ignore[arg-type]  # one of an order's
        )
        return Link(recorded, b"", b"")

    placed = link(1, 0, e.PayoutHeld(state=Stage.RELEASED, hold=hold))
    paid = e.PayoutInitiated(state=Stage.RELEASED)
    assert [one.what for one in _held_faults("o1", [placed, link(2, 1, paid)])] == ["paid_though_held"]
    assert list(_held_faults("o1", [placed, link(2, 30, paid)])) == []
    released = link(2, 1, e.PayoutHoldReleased(state=Stage.RELEASED, hold=replace(hold, state="released")))
    assert list(_held_faults("o1", [placed, released, link(3, 2, paid)])) == []
