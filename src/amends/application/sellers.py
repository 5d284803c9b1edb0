"""Sellers: the policies they publish, the terms those give new orders, and the records buyers can see."""

from datetime import datetime, timedelta

import msgspec

from amends.application.policies import PolicyBook
from amends.application.ports import WriteConflict
from amends.application.ports.sellers import SellerPolicies, SellerReads
from amends.domain.policy.clauses import Facts
from amends.domain.policy.sellers import (
    FIELDS,
    Mistake,
    Published,
    SellerPolicy,
    allowed_pack,
    mistakes,
    pack_of,
    undercut,
)
from amends.domain.policy.stack import Pack
from amends.domain.policy.terms import Terms, resolve
from amends.domain.records import SellerRecord, period_of, record_of

# A record is counted anew when it is this old; its own page always counts anew.
FRESH = timedelta(hours=1)
_RECORDS_MAX = 10_000


class Undercut(msgspec.Struct, frozen=True):
    """A field of a policy that is less kind than a floor: the clause it breaks, in its own words."""

    pointer: str
    parameter: str
    clause: str
    sentence: str
    citation: str


class Rejected(msgspec.Struct, frozen=True):
    """A policy that cannot be published: what is wrong with it, and which floors it would break."""

    mistakes: tuple[Mistake, ...] = ()
    undercuts: tuple[Undercut, ...] = ()


class Sellers:
    """What is known of sellers. ``book`` has the platform's packs, the law's included."""

    def __init__(self, policies: SellerPolicies, reads: SellerReads, book: PolicyBook) -> None:
        self.policies = policies
        self.reads = reads
        self.book = book
        self._records: dict[str, SellerRecord] = {}
        self._allowed: dict[tuple[object, ...], Pack] = {}

    # Policies

    async def packs_for(self, seller_id: str, at: datetime) -> tuple[Pack, ...]:
        """The packs an order placed ``at`` with the seller falls under."""
        return (*await self.book.packs(), *await self.own_packs(seller_id, at))

    async def own_packs(self, seller_id: str, at: datetime) -> tuple[Pack, ...]:
        """The seller's own pack at an instant, alone; none where no policy was published by then.

        Clauses that the platform's packs of that instant do not allow are left out: a floor that came later
        holds for new orders all the same.
        """
        published = await self.policies.in_force(seller_id, at)
        if published is None:
            return ()
        platform = await self.book.in_force(at)
        key = (seller_id, published.version, *(pack.digest for pack in platform))
        known = self._allowed.get(key)
        if known is None:
            if len(self._allowed) >= _RECORDS_MAX:
                self._allowed.clear()
            known = self._allowed[key] = allowed_pack(published, platform)
        return (known,)

    async def judge(self, seller_id: str, policy: SellerPolicy, now: datetime) -> Rejected | None:
        """Why a policy cannot be published, or None."""
        wrong = tuple(mistakes(policy))
        if wrong:
            return Rejected(mistakes=wrong)
        broken = undercut(_version(seller_id, 1, now, policy), await self.book.in_force(now))
        found = {
            (breach.parameter, breach.floor.id): Undercut(
                pointer=f"/{FIELDS[breach.parameter]}",
                parameter=breach.parameter,
                clause=breach.floor.id,
                sentence=breach.floor.sentence,
                citation=breach.floor.citation,
            )
            for breach in broken
        }
        return Rejected(undercuts=tuple(found.values())) if found else None

    async def publish(
        self, seller_id: str, policy: SellerPolicy, now: datetime, after: int | None = None
    ) -> Published | Rejected:
        """Publish a policy for orders placed from now on. The same policy again is no new version.

        ``after`` is the version the seller saw (0: none). Raises `WriteConflict` where another came between.
        """
        rejected = await self.judge(seller_id, policy, now)
        if rejected is not None:
            return rejected
        latest = next(iter(await self.policies.versions(seller_id, 1)), None)
        version = latest.version if latest else 0
        if latest is not None and latest.policy == policy:
            return latest
        if after is not None and after != version:
            raise WriteConflict(f"version {version} of the policy was published in between")
        published = _version(seller_id, version + 1, now, policy)
        await self.policies.publish(published)
        return published

    async def preview(self, seller_id: str, policy: SellerPolicy, facts: Facts) -> Terms:
        """The terms an order with these facts would get under a policy that is not published yet."""
        draft = _version(seller_id, 1, facts.placed_at, policy)
        packs = await self.book.in_force(facts.placed_at)
        return resolve((*packs, pack_of(draft, packs)), facts)

    async def terms_for(self, facts: Facts) -> Terms:
        """The terms an order with these facts gets when it is placed. Raises `LookupError` for none."""
        return resolve(await self.packs_for(facts.seller, facts.placed_at), facts)

    # Records

    async def record(self, seller_id: str, now: datetime) -> SellerRecord:
        """The record as it is now."""
        terms = resolve(await self.book.packs(), Facts(placed_at=now, currency="EUR"))
        since = now - period_of(terms)
        traces = await self.reads.traces(seller_id, since, now)
        orders = await self.reads.orders_placed(seller_id, since, now)
        record = record_of(seller_id, traces, orders, now, terms)
        if len(self._records) >= _RECORDS_MAX:
            self._records.clear()
        self._records[seller_id] = record
        return record

    async def recent_record(self, seller_id: str, now: datetime) -> SellerRecord:
        """The record as it was at most `FRESH` ago; ``until`` says when."""
        known = self._records.get(seller_id)
        if known is not None and timedelta() <= now - known.until < FRESH:
            return known
        return await self.record(seller_id, now)

    async def standing(self, seller_id: str, now: datetime) -> str:
        """What policy may know of the seller's record at a purchase; empty where it does not ask."""
        # A record is asked for at purchase only where policy asks for it.
        if not await self.book.asks("seller_standing"):
            return ""
        return (await self.recent_record(seller_id, now)).standing.value


def _version(seller_id: str, version: int, now: datetime, policy: SellerPolicy) -> Published:
    return Published(seller_id=seller_id, version=version, published_at=now, policy=policy)
