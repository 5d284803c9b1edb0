"""Disputes as providers tell them: each event once, in whatever order, ending in commands to orders.

An event about a payment that no order names yet waits for the order. What an order refuses is kept for people
to see; nothing of it is lost.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from hashlib import sha256

import msgspec
import structlog
from msgspec.structs import replace

from amends.application.ports import Clock, Done, Envelope, Reader, Result
from amends.application.ports.disputes import DisputeBook, DisputeNews, KeptNews, ProviderHooks
from amends.application.ports.settlements import MoneyReads
from amends.domain.custody.commands import OpenChargeback, ResolveChargeback
from amends.domain.custody.model import Custody
from amends.domain.orders import Tender
from amends.domain.parties import Actor, Role
from amends.domain.refusals import Refused

_log = structlog.get_logger()
# An order is told within days of its payment; a dispute about it comes later.
PATIENCE = timedelta(days=14)
_SWEEP = 500
_TEXT_MAX = 2000

Submit = Callable[[Envelope], Awaitable[Result]]


class Disputes:
    """Takes in providers' events."""

    def __init__(
        self,
        hooks: Mapping[str, ProviderHooks],
        book: DisputeBook,
        ledger: MoneyReads,
        reader: Reader,
        submit: Submit,
        clock: Clock,
        wall: Clock,
    ) -> None:
        """``wall`` is the world's own clock: signatures are made by it, whatever day it is in a sandbox."""
        self.book = book
        self._hooks = hooks
        self._ledger = ledger
        self._reader = reader
        self._submit = submit
        self._clock = clock
        self._wall = wall

    @property
    def providers(self) -> frozenset[str]:
        """The providers whose events can be proved."""
        return frozenset(self._hooks)

    async def take(self, provider: str, payload: bytes, headers: Mapping[str, str]) -> KeptNews | None:
        """Take in one event; None where it is about no dispute. Raises `NewsRefused`, `LookupError` for a
        provider that is not set up.
        """
        news = self._hooks[provider].read(payload, headers, self._wall.now())
        return None if news is None else await self.hear(news)

    async def hear(self, news: DisputeNews) -> KeptNews:
        """Take in news that are known to be the provider's."""
        fresh = KeptNews(news=news, state="waiting", received_at=self._clock.now())
        return await self._settled(await self.book.receive(fresh))

    async def put_aside(self, provider: str, event_id: str, reason: str, by: Actor) -> KeptNews | Refused:
        """Somebody has dealt with news that found no place, and says how."""
        if not reason.strip() or len(reason) > _TEXT_MAX:
            detail = f"Say why, in 1 to {_TEXT_MAX} characters."
            return Refused(kind="invalid", detail=detail, pointer="/reason")
        kept = await self.book.find(provider, event_id)
        if kept is None:
            return Refused(kind="not_found", detail=f"No event {event_id} of {provider} is known.")
        if kept.state not in {"waiting", "refused"}:
            return Refused(
                kind="not_possible_now",
                detail="This event needs nobody any more.",
                facts={"state": kept.state},
            )
        aside = replace(kept, state="ignored", why=reason.strip(), by=by.id)
        await self.book.settle(aside)
        return aside

    async def sweep(self) -> int:
        """Try again what waits for its order; how much found it."""
        done = 0
        for kept in await self.book.waiting(_SWEEP, ("waiting",)):
            after = await self._settled(kept)
            if after.state == "waiting" and self._clock.now() >= kept.received_at + PATIENCE:
                # No order will come any more: somebody has to look, and the others have to have their turn.
                await self.book.settle(replace(after, state="refused", why="no_order"))
            done += after.state != "waiting"
        return done

    async def _settled(self, kept: KeptNews) -> KeptNews:
        if kept.state != "waiting":
            return kept
        after = await self._apply(kept)
        if after != kept:
            await self.book.settle(after)
        return after

    async def _apply(self, kept: KeptNews) -> KeptNews:
        news = kept.news
        if news.status == "inquiry":
            return replace(kept, state="ignored", why="inquiry")
        told = await self._ledger.paid_by(news.provider, list(news.payments))
        found = []
        for order_id in sorted({order_id for ids in told.values() for order_id in ids}):
            scene = await self._reader.scene(order_id)
            if scene is not None and scene.custody is not None:
                found += [(scene.custody, one) for one in _disputed_tenders(scene.custody, news)]
        if not found:
            return kept
        order_ids = tuple(dict.fromkeys(custody.order.order_id for custody, _ in found))
        if any(custody.order.currency != news.currency for custody, _ in found):
            return replace(kept, state="refused", why="currency_mismatch", order_ids=order_ids)
        refused = await self._tell(news, found)
        if refused == "unavailable":
            return kept
        if refused:
            _log.warning("dispute_refused", provider=news.provider, dispute_id=news.dispute_id, why=refused)
        state = "refused" if refused else "applied"
        return replace(kept, state=state, why=refused, order_ids=order_ids)

    async def _tell(self, news: DisputeNews, found: list[tuple[Custody, Tender]]) -> str:
        """The kind of the first refusal, or nothing."""
        left = news.amount
        for custody, tender in found:
            known = next((one for one in custody.chargebacks if one.dispute_id == news.dispute_id), None)
            captured = custody.books.captured.get(tender.tender_id, 0)
            share = min(left, captured) if known is None else known.amount
            left -= share
            if known is None and share > 0:
                opening = OpenChargeback(
                    dispute_id=news.dispute_id, tender_id=tender.tender_id, amount=share, reason=news.reason
                )
                result = await self._send(news, custody, opening)
                if isinstance(result, Refused):
                    return result.kind
            if news.status in {"won", "lost"} and (known is not None or share > 0):
                ending = ResolveChargeback(dispute_id=news.dispute_id, won=news.status == "won")
                result = await self._send(news, custody, ending)
                if isinstance(result, Refused):
                    return result.kind
        # What the bank disputes beyond what was paid is the provider's to explain.
        return "above_captured" if left > 0 else ""

    async def _send(
        self, news: DisputeNews, custody: Custody, command: OpenChargeback | ResolveChargeback
    ) -> Done | Refused:
        tag = str(command.__struct_config__.tag)
        return await self._submit(
            Envelope(
                command=command,
                actor=Actor(Role.PROVIDER, news.provider),
                order_id=custody.order.order_id,
                key=f"{news.event_id}:{custody.order.order_id}:{tag}",
                fingerprint=sha256(msgspec.json.encode(command)).digest(),
            )
        )


def _disputed_tenders(custody: Custody, news: DisputeNews) -> list[Tender]:
    return [
        tender
        for tender in custody.order.tenders
        if tender.provider == news.provider and tender.provider_ref and tender.provider_ref in news.payments
    ]
