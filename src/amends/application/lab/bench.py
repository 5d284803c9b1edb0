"""Comparing some past orders: what each process of a bench does."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

import msgspec

from amends.application.policies import PolicyBook
from amends.application.ports.lab import Archive, Change, Job, Part, PastOrder
from amends.application.ports.sellers import SellerPolicies
from amends.domain.custody.events import OrderPlaced
from amends.domain.lab.compare import Compared, Pair, compare
from amends.domain.lab.draft import Drafting, drafted
from amends.domain.lab.rerun import Endless
from amends.domain.lab.tally import Tally
from amends.domain.orders import Order
from amends.domain.policy.sellers import Published, allowed_pack
from amends.domain.policy.stack import Pack
from amends.domain.policy.terms import in_force
from amends.domain.time import Calendars

_VERSIONS_MAX = 1000
_encode = msgspec.json.Encoder().encode


class Workbench:
    """Compares orders under one draft; also `amends.application.ports.lab.Bench`, in this process."""

    def __init__(
        self, archive: Archive, policies: SellerPolicies, book: PolicyBook, calendars: Calendars
    ) -> None:
        self._archive = archive
        self._policies = policies
        self._book = book
        self._calendars = calendars
        self._versions: dict[str, Sequence[Published]] = {}
        self._draftings: dict[tuple[object, ...], Drafting] = {}
        self._allowed: dict[tuple[object, ...], Pack] = {}

    async def compare(self, job: Job, chunks: Sequence[Sequence[str]]) -> AsyncGenerator[Part, None]:
        """One part for each chunk. Raises `PackError` for a draft that cannot be used."""
        for chunk in chunks:
            yield await self.part(job, chunk)

    async def part(self, job: Job, order_ids: Sequence[str]) -> Part:
        """What comes of some orders. One that cannot be replayed is named and stops nothing."""
        tally = Tally()
        changes, broken = [], []
        pasts = await self._archive.pasts(order_ids)
        packs = await self._book.packs()
        for past in pasts:
            try:
                compared = await self.one(job, past, packs)
            except (Endless, LookupError, ValueError) as error:
                broken.append((past.order_id, str(error)[:300]))
                continue
            tally.unended += compared.unended
            for pair in compared.pairs:
                tally.add(pair)
                if pair.changed:
                    changes.append(_change(pair))
        return Part(
            cursor=order_ids[-1],
            orders=len(order_ids),
            tally=tally,
            changes=tuple(changes),
            broken=tuple(broken),
        )

    async def one(
        self, job: Job, past: PastOrder, packs: tuple[Pack, ...] = (), *, steps: bool = False
    ) -> Compared:
        """One order side by side; ``packs`` as the book has them, ``steps`` keeps the ways of its cases."""
        order = _order_of(past)
        packs = packs or await self._book.packs()
        own = await self._own_packs(order.seller_id, order.placed_at, packs)
        terms = self._drafting(job, packs).terms_of(order, dict(past.terms), own)
        return compare(past.recorded, past.terms, terms, self._calendars, job.until, steps=steps)

    def _drafting(self, job: Job, packs: tuple[Pack, ...]) -> Drafting:
        key = (job.draft, job.file, _key(packs))
        known = self._draftings.get(key)
        if known is None:
            self._draftings.clear()
            stack = drafted(job.draft, job.file, packs)
            known = self._draftings[key] = Drafting(packs, stack)
        return known

    async def _own_packs(self, seller_id: str, at: datetime, packs: tuple[Pack, ...]) -> tuple[Pack, ...]:
        versions = self._versions.get(seller_id)
        if versions is None:
            versions = self._versions[seller_id] = await self._policies.versions(seller_id, _VERSIONS_MAX)
        published = next((one for one in versions if one.published_at <= at), None)
        if published is None:
            return ()
        platform = in_force(packs, at)
        key = (seller_id, published.version, *_key(platform))
        if key not in self._allowed:
            self._allowed[key] = allowed_pack(published, platform)
        return (self._allowed[key],)


def _change(pair: Pair) -> Change:
    return Change(
        case_id=pair.either.case_id,
        order_id=pair.order_id,
        buyer_id=pair.buyer_id,
        seller_id=pair.seller_id,
        body=_encode(pair),
    )


def _key(packs: Sequence[Pack]) -> tuple[object, ...]:
    return tuple((pack.digest, pack.published_from) for pack in packs)


def _order_of(past: PastOrder) -> Order:
    for one in past.recorded:
        if isinstance(one.event, OrderPlaced):
            return one.event.order
    raise ValueError(f"order {past.order_id} has no beginning")
