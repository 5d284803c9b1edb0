"""Evidence sent in disputes, in memory."""

from collections.abc import Sequence

from amends.application.ports.rebuttals import Rebuttal, State


class MemoryRebuttalBook:
    """Keeps what `amends.application.ports.rebuttals.RebuttalBook` promises, as long as the process lives."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, int], Rebuttal] = {}

    async def add(self, rebuttal: Rebuttal) -> bool:
        key = (rebuttal.order_id, rebuttal.dispute_id, rebuttal.number)
        return self._kept.setdefault(key, rebuttal) is rebuttal

    async def of_order(self, order_id: str) -> Sequence[Rebuttal]:
        found = [one for one in self._kept.values() if one.order_id == order_id]
        return sorted(found, key=lambda one: (one.at, one.dispute_id, one.number))

    async def change(self, changed: Rebuttal, was: State) -> bool:
        key = (changed.order_id, changed.dispute_id, changed.number)
        if self._kept[key].state != was:
            return False
        self._kept[key] = changed
        return True
