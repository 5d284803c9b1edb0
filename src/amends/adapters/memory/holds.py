"""Held payouts in memory."""

from datetime import datetime

from amends.adapters.cursors import Cursor, parse
from amends.adapters.memory.store import MemoryStore
from amends.application.ports.holds import HoldFilter, HoldPage, held_payout
from amends.domain.custody.holding import IN_FORCE
from amends.domain.custody.model import Custody, Hold


class MemoryHolds:
    """Keeps what `amends.application.ports.holds.Holds` promises."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def holds(self, wanted: HoldFilter, cursor: str, limit: int) -> HoldPage:
        after = parse(cursor, wanted.standing) if cursor else None
        backwards = wanted.standing == "ended"
        found = [
            (custody, hold)
            for custody in self._store.custodies.values()
            if wanted.seller_id in {"", custody.order.seller_id}
            for hold in custody.holds
            if (hold.state in IN_FORCE and wanted.now < hold.until) is not backwards
        ]
        found.sort(key=_key, reverse=backwards)
        if after is not None:
            last = (after.at, after.id)
            found = [one for one in found if (_key(one) < last if backwards else _key(one) > last)]
        page = found[:limit]
        more = str(Cursor(wanted.standing, *_key(page[-1]))) if len(found) > limit else ""
        return HoldPage(tuple(held_payout(*one, wanted.now) for one in page), more)


def _key(one: tuple[Custody, Hold]) -> tuple[datetime, str]:
    custody, hold = one
    return hold.until, f"{custody.order.order_id}/{hold.hold_id}"
