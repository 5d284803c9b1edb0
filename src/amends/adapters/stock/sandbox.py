"""A stock that exists in the sandbox only: its levels follow from the seed, what is kept is counted."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Protocol

import msgspec

from amends.application.ports import Clock
from amends.application.ports.stock import Article, Held, Variant

# One in six is sold out; nobody has more than five of a form.
LEVELS = 6

Catalog = Callable[[Article], Sequence[tuple[str, int]]]
"""The forms of an article with their prices in minor units; none where there is no such article."""


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces kept under a key until an instant; for ever once ``taken``."""

    key: str
    seller_id: str
    sku: str
    variant: str
    quantity: int
    until: datetime
    taken: bool = False


class Shelf(Protocol):
    """Where the sandbox's stock remembers what is kept."""

    async def keep(self, hold: Hold, level: int, now: datetime) -> bool:
        """Keep it, unless less than that is left of ``level`` beside what others keep now."""

    async def kept(self, seller_id: str, sku: str, now: datetime) -> Mapping[str, int]:
        """How many pieces of each form are kept or gone."""

    async def end(self, key: str, *, taken: bool) -> None:
        """What was kept is gone, or free again."""


class SandboxStock:
    """Keeps what `amends.application.ports.stock.Stock` promises, for the articles of a catalogue."""

    def __init__(self, shelf: Shelf, clock: Clock, catalog: Catalog, seed: int = 2026) -> None:
        self._shelf = shelf
        self._clock = clock
        self._catalog = catalog
        self._seed = seed

    async def variants(self, article: Article) -> Sequence[Variant]:
        kept = await self._shelf.kept(article.seller_id, article.sku, self._clock.now())
        return tuple(
            Variant(
                variant=name,
                price=price,
                available=max(0, self.level(article, name) - kept.get(name, 0)),
            )
            for name, price in self._catalog(article)
        )

    async def hold(
        self, key: str, article: Article, variant: str, quantity: int, until: datetime
    ) -> Held | None:
        if variant not in {name for name, _ in self._catalog(article)}:
            return None
        wish = Hold(
            key=key,
            seller_id=article.seller_id,
            sku=article.sku,
            variant=variant,
            quantity=quantity,
            until=until,
        )
        if not await self._shelf.keep(wish, self.level(article, variant), self._clock.now()):
            return None
        return Held(until=until, reference=f"sandbox-{key}")

    async def take(self, key: str) -> None:
        await self._shelf.end(key, taken=True)

    async def release(self, key: str) -> None:
        await self._shelf.end(key, taken=False)

    def level(self, article: Article, variant: str) -> int:
        """How many pieces there were before anybody kept one."""
        told = f"{self._seed}:store there:{article.seller_id}:{article.sku}:{variant}"
        return sha256(told.encode()).digest()[0] % LEVELS


class MemoryShelf:
    """A shelf of one process."""

    def __init__(self) -> None:
        self._holds: dict[str, Hold] = {}

    async def keep(self, hold: Hold, level: int, now: datetime) -> bool:
        others = sum(
            one.quantity
            for one in self._of(hold.seller_id, hold.sku, now)
            if one.variant == hold.variant and one.key != hold.key
        )
        if others + hold.quantity > level:
            return False
        self._holds[hold.key] = hold
        return True

    async def kept(self, seller_id: str, sku: str, now: datetime) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for one in self._of(seller_id, sku, now):
            found[one.variant] = found.get(one.variant, 0) + one.quantity
        return found

    async def end(self, key: str, *, taken: bool) -> None:
        hold = self._holds.pop(key, None)
        if hold is not None and taken:
            self._holds[key] = msgspec.structs.replace(hold, taken=True)

    def _of(self, seller_id: str, sku: str, now: datetime) -> list[Hold]:
        return [
            one
            for one in self._holds.values()
            if (one.seller_id, one.sku) == (seller_id, sku) and (one.taken or now < one.until)
        ]
