"""Sellers' policies in memory."""

from collections.abc import Sequence
from datetime import datetime

from amends.application.ports import WriteConflict
from amends.domain.policy.sellers import Published


class MemorySellerPolicies:
    """Keeps what `amends.application.ports.sellers.SellerPolicies` promises."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Published]] = {}

    async def publish(self, published: Published) -> None:
        """Keep a version."""
        kept = self._kept.setdefault(published.seller_id, [])
        if published.version != len(kept) + 1:
            raise WriteConflict(f"version {published.version} of {published.seller_id} is not the next one")
        kept.append(published)

    async def in_force(self, seller_id: str, at: datetime) -> Published | None:
        """The newest version published by ``at``."""
        kept = self._kept.get(seller_id, [])
        return next((one for one in reversed(kept) if one.published_at <= at), None)

    async def versions(self, seller_id: str, limit: int) -> Sequence[Published]:
        """A seller's versions, newest first."""
        return self._kept.get(seller_id, [])[::-1][:limit]

    async def newest(self, limit: int) -> Sequence[Published]:
        """The newest version of each seller, by the seller's id."""
        return [self._kept[seller_id][-1] for seller_id in sorted(self._kept)][:limit]
