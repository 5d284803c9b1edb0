"""Which orders' parcels go under a number, in memory."""

from amends.adapters.memory.store import MemoryStore
from amends.domain.tracking.numbers import normal


class MemoryTrackingNumbers:
    """Keeps what `amends.application.ports.carriers.TrackingNumbers` promises, over a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def shared_with(self, number: str, order_id: str, buyer_id: str) -> int:
        wanted = normal(number)
        after, found = "", set()
        while page := await self._store.kept(after, 200):
            for kept in page:
                custody = kept.scene.custody
                if custody is None:
                    continue
                order = custody.order
                after = order.order_id
                if order.order_id == order_id or order.buyer_id == buyer_id:
                    continue
                if any(normal(parcel.tracking_number) == wanted for parcel in order.parcels):
                    found.add(order.order_id)
        return len(found)
