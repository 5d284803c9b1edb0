"""A payment provider of our own to practise with: strict about money and keys, unreliable on demand.

It refuses to refund more than was captured, answers a repeated key as the first time, and refuses a key that
comes with another request. By `Faults`, or by the ending of a tender_ref or destination, it declines, loses
requests and replies, answers late, is slow and announces twice.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from amends.adapters.payments.requests import FAILED, PAYOUT, REFUND, SUCCEEDED, Request, Vault
from amends.application.ports import Clock, PaymentAnswer, ProviderSilent
from amends.domain.reconciliation import DEFAULT_PROVIDER, Movement


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """How often things go wrong, each from 0 (never) to 1; drawn by ``seed``, key and silences so far.

    ``late``: pending for up to ``late_for``, then it ends as it would have. ``slow``: takes ``slow_s`` real
    seconds.
    """

    seed: int = 0
    declined: float = 0.0
    try_again: float = 0.0
    unreachable: float = 0.0  # nothing happens and no answer comes
    lost_reply: float = 0.0  # it is done and no answer comes
    late: float = 0.0
    twice: float = 0.0  # its end is announced twice
    slow: float = 0.0
    late_for: timedelta = timedelta(days=2)
    slow_s: float = 0.05


# Endings of a tender_ref or destination that make one thing sure: for tests, and for people who try Amends.
DECLINED, LATE, LATE_DECLINED = "-declined", "-late", "-late-declined"
LOST_REPLY, UNREACHABLE, SLOW, TWICE, TRY_AGAIN = (
    "-lost-reply",
    "-unreachable",
    "-slow",
    "-twice",
    "-try-again",
)


class Sandbox:
    """A provider that plays with play money."""

    def __init__(self, vault: Vault, clock: Clock, faults: Faults = Faults()) -> None:  # noqa: B008  frozen
        self._vault = vault
        self._clock = clock
        self._faults = faults
        # How often a key has gone unanswered; forgotten with the first answer about it.
        self._silences: dict[str, int] = {}

    async def register_capture(self, tender_ref: str, amount: int, currency: str, part: str = "") -> None:
        """``amount`` minor units were captured on the tender; the same ``part`` again changes nothing."""
        await self._vault.register(tender_ref, part, amount, currency)

    async def refund(self, key: str, tender_ref: str, amount: int, currency: str) -> PaymentAnswer:
        """Send money back. Fails with unknown_tender, currency_mismatch, amount_too_high or declined."""
        return await self._act(REFUND, key, tender_ref, amount, currency)

    async def pay_out(self, key: str, destination: str, amount: int, currency: str) -> PaymentAnswer:
        """Pay to a destination."""
        return await self._act(PAYOUT, key, destination, amount, currency)

    async def look_up(self, key: str) -> PaymentAnswer:
        """What became of a request."""
        request = await self._vault.find(key)
        await self._before(key, "" if request is None else request.target)
        answer = PaymentAnswer("unknown") if request is None else request.answer(self._clock.now())
        return await self._reply(key, "", answer)

    async def recall(self, key: str) -> PaymentAnswer:
        """Stop a request that has not settled; a key not known yet will not act any more."""
        await self._before(key, "")
        now = self._clock.now()
        request = await self._vault.stop(key, now)
        return await self._reply(key, "", request.answer(now))

    async def confirmations(self, limit: int) -> Sequence[str]:
        """Keys of requests that came to their end, some of them twice."""
        return await self._vault.untold(self._clock.now(), limit)

    @property
    def covers(self) -> frozenset[str]:
        """Its report tells of refunds and payouts; captures the marketplace made elsewhere."""
        return frozenset({"refund", "payout"})

    @property
    def grace(self) -> timedelta:
        """An hour, as banks are slow with their books."""
        return timedelta(hours=1)

    async def report(self, since: datetime, until: datetime) -> Sequence[Movement]:
        """What moved in a time (half-open)."""
        await self._before(f"report {since.isoformat()}", "")
        return [
            Movement(
                provider=DEFAULT_PROVIDER,
                line_id=one.answer(until).reference,
                kind="refund" if one.kind == REFUND else "payout",
                reference=one.key.rpartition("~")[0] or one.key,
                amount=-one.amount,
                currency=one.currency,
                at=one.settles_at,
            )
            for one in await self._vault.settled(since, until)
        ]

    async def _act(self, kind: str, key: str, target: str, amount: int, currency: str) -> PaymentAnswer:
        await self._before(key, target)
        now = self._clock.now()
        why = self._failure(key, target)
        wish = Request(
            key=key,
            kind=kind,
            target=target,
            amount=amount,
            currency=currency,
            outcome=FAILED if why else SUCCEEDED,
            why=why,
            filed_at=now,
            settles_at=now + self._lateness(key, target),
            tell=2 if target.endswith(TWICE) or self._drawn("twice", key, self._faults.twice) else 1,
        )
        request = await self._vault.file(wish)
        return await self._reply(key, target, request.answer(now))

    async def _before(self, key: str, target: str) -> None:
        if target.endswith(SLOW) or self._drawn("slow", key, self._faults.slow):
            await asyncio.sleep(self._faults.slow_s)
        if target.endswith(UNREACHABLE) or self._drawn("unreachable", key, self._faults.unreachable):
            raise self._silent(key)

    async def _reply(self, key: str, target: str, answer: PaymentAnswer) -> PaymentAnswer:
        first = key not in self._silences
        if (target.endswith(LOST_REPLY) and first) or self._drawn("lost_reply", key, self._faults.lost_reply):
            raise self._silent(key)
        if answer.state != "unknown":
            # To be told that nothing came in is no end of the trouble: the next call is drawn anew.
            self._silences.pop(key, None)
        return answer

    def _failure(self, key: str, target: str) -> str:
        if target.endswith(DECLINED) or self._drawn("declined", key, self._faults.declined):
            return "declined"
        # Trouble of its own is over by the second try.
        if (target.endswith(TRY_AGAIN) and "~" not in key) or self._drawn(
            "try_again", key, self._faults.try_again
        ):
            return "try_again"
        return ""

    def _lateness(self, key: str, target: str) -> timedelta:
        if target.endswith((LATE, LATE_DECLINED)):
            return self._faults.late_for
        if self._drawn("late", key, self._faults.late):
            return self._faults.late_for * self._draw("late_for", key)
        return timedelta()

    def _silent(self, key: str) -> ProviderSilent:
        self._silences[key] = self._silences.get(key, 0) + 1
        return ProviderSilent(f"no answer about {key}")

    def _drawn(self, fault: str, key: str, probability: float) -> bool:
        return probability > 0 and self._draw(fault, key) < probability

    def _draw(self, fault: str, key: str) -> float:
        """Evenly from 0 to 1: the same for the same seed, fault, key and number of silences."""
        name = f"{self._faults.seed}/{fault}/{key}/{self._silences.get(key, 0)}"
        return int.from_bytes(sha256(name.encode()).digest()[:6], "big") / 2**48
