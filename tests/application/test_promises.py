"""How the guarantees are kept is counted once in a while, whoever asks."""

from datetime import UTC, datetime, timedelta

import pytest

from amends.adapters.memory.figures import MemoryFigures
from amends.adapters.memory.store import MemoryStore
from amends.application.ports.figures import Closing
from amends.application.promises import FRESH, SPAN, Promises, counted

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def closing(reason: str, cases: int, granted: int, hours: int, currency: str = "EUR") -> Closing:
    return Closing(reason, currency, cases, granted, 100 * cases, 90 * granted, 0, hours, hours * 2)


@pytest.mark.row("L1")
def test_claims_are_counted_by_the_guarantee_their_reason_rests_on() -> None:
    found = counted(
        [
            closing("not_as_described.size", 6, 5, 30),
            closing("quality.defective", 3, 3, 80),
            closing("quality.leaking", 1, 0, 200, "USD"),
            closing("no_reason.changed_mind", 50, 50, 1),
        ]
    )
    assert set(found) == {"described"}
    kept = found["described"]
    assert (kept.claims, kept.paid, kept.share, kept.hours) == (10, 8, 8000, 30)
    assert kept.refunded == {"EUR": 720, "USD": 0}


class Counting(MemoryFigures):
    """Figures that remember what they were asked."""

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.asked: list[tuple[datetime, datetime]] = []

    async def closings(self, since: datetime, until: datetime, by: str) -> list[Closing]:
        self.asked.append((since, until))
        return [closing(f"late.{by}", 1, 1, 1)]


async def test_the_count_is_made_anew_only_after_a_while() -> None:
    figures = Counting()
    promises = Promises(figures)
    for at in (NOW, NOW + FRESH - timedelta(microseconds=1), NOW + FRESH, NOW):
        assert (await promises.kept(at))["on_time"].claims == 1
    # A clock that was moved back is another time.
    assert figures.asked == [(at - SPAN, at) for at in (NOW, NOW + FRESH, NOW)]
