"""Rounds in which everybody grabs for the money of one order at the same instant."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from amends.adapters.postgres.store import PostgresStore
from amends.application.execute import execute
from amends.application.ports import Done, Envelope, Kept, Result
from amends.domain.cases import commands as c
from amends.domain.cases.lifecycle import moves_of
from amends.domain.cases.model import Case, RefundStage
from amends.domain.custody import commands as oc
from amends.domain.orders import Method, Parcel, Signal, Tender, TrackingEvent, Unit
from amends.domain.parties import CLOCK, Actor
from amends.domain.refusals import Refused
from tests.contract.stores import DELIVERED, RULES, claim, offer, placing, to
from tests.domain.marketplace import BUYER, CARRIER, OPERATOR, PLACED, PROVIDER, SELLER, an_order
from tests.reliability.oracle import kept, wrongs

ACTORS = 16
_BLIND = 0.15
_TENDERS = (Tender("t1", Method.CARD, 6000), Tender("t2", Method.VOUCHER, 3000))

Together = Callable[[Sequence[Envelope], datetime], Awaitable[list[Result]]]
"""Carries out each command by an actor of its own, all at the same instant; results in their order."""


async def perform(store: PostgresStore, envelope: Envelope, now: datetime) -> Result:
    """One actor's command."""
    (result,) = await execute(store, [envelope], rules=RULES, now=now)
    return result


class Rounds:
    """Plays rounds and counts what came of them."""

    def __init__(self, store: PostgresStore, together: Together, seed: int) -> None:
        self._store = store
        self._together = together
        self._chance = random.Random(seed)
        self.tally: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def play_all(self, wanted: int) -> None:
        """So many rounds, and more where chance paid nobody: who wins a race is not the seed's to say."""
        number = 0
        while number < wanted or (self.tally["refunds"] <= wanted // 2 and number < 5 * wanted):
            await self.play(number)
            number += 1

    async def play(self, number: int) -> None:
        """One round on a fresh order: at once grab what can be grabbed, four times over."""
        order_id = f"r{number:04}"
        order = an_order(order_id=order_id, tenders=_TENDERS)
        await self._store_all([placing(order)], PLACED)
        unshipped = number % 3 == 0
        now = PLACED + timedelta(hours=30) if unshipped else DELIVERED
        if not unshipped:
            await self._deliver(order_id)
        for stage in range(4):
            cases = list((await kept(self._store, order_id)).scene.cases.values())
            await self._race(order_id, self._grabs(order_id, cases, stage, unshipped), now)
            # What became of the request to cancel is paid a day later.
            now += timedelta(days=1)
        order_now = await kept(self._store, order_id)
        self.tally["refunds"] += sum(len(case.refunds) for case in order_now.scene.cases.values())
        self.tally["minor units back"] += _back(order_now)
        self.tally["rounds"] += 1

    async def _race(self, order_id: str, envelopes: Sequence[Envelope], now: datetime) -> None:
        results = await self._together(envelopes, now)
        self.wrong += [f"{order_id}: {what}" for what in wrongs(await kept(self._store, order_id))]
        self.wrong += [f"{order_id}: {what}" for what in _key_wrongs(envelopes, results)]
        for envelope, result in zip(envelopes, results, strict=True):
            kind = result.kind if isinstance(result, Refused) else "replayed" if result.replayed else "done"
            self.tally[kind] += 1
            if kind == "unavailable":
                self.wrong.append(f"{order_id}: {type(envelope.command).__name__} was not decided: {result}")

    def _grabs(self, order_id: str, cases: Sequence[Case], stage: int, unshipped: bool) -> list[Envelope]:
        """A command for each actor; some of them under the same idempotency key."""
        wishes = [one for case in cases for one in self._deeds(case)]
        if len(wishes) < ACTORS // 2:
            wishes += self._openings(order_id)
            wishes += self._departures(order_id) if unshipped else []
        late = [one for case in cases for one in self._confirmations(case)]
        self._chance.shuffle(wishes)
        self._chance.shuffle(late)
        grabs = (late * 3 + wishes * 4)[:ACTORS] if stage > 1 else (wishes * 4 + late)[:ACTORS]
        # The first of them is sent by four actors under one key, and by a fifth with another body.
        same = replace(grabs[0], key=f"{order_id}-{stage}", fingerprint=fingerprint(grabs[0]))
        other = next((one for one in grabs[5:] if one.actor == same.actor and one != grabs[0]), None)
        grabs[:4] = [same] * 4
        if other is not None:
            grabs[4] = replace(other, key=same.key, fingerprint=fingerprint(other))
        self._chance.shuffle(grabs)
        return grabs

    def _openings(self, order_id: str) -> list[Envelope]:
        both = (Unit("l1", 0), Unit("l1", 1))
        return [
            to(order_id, claim(0, amount=4400), BUYER),
            to(order_id, claim(1, amount=4400), BUYER),
            to(order_id, claim(0, 1, amount=8900, reason="quality.defective"), BUYER),
            to(order_id, c.OpenCancellation(reason="cancel.mistake", units=both[:1]), BUYER),
            to(order_id, c.OpenCancellation(reason="cancel.changed_mind", units=both), BUYER),
            to(order_id, oc.CancelBySeller(), SELLER),
            to(order_id, oc.ConfirmReceipt(), BUYER),
        ]

    def _departures(self, order_id: str) -> list[Envelope]:
        parcel = Parcel("p9", PLACED + timedelta(hours=30), "Swift Post", "SW999999999")
        return [to(order_id, oc.RecordParcel(parcel=parcel), SELLER)]

    def _deeds(self, case: Case) -> list[Envelope]:
        def deed(command: c.CaseCommand, actor: Actor) -> Envelope:
            return to(case.order_id, command, actor, case.case_id)

        possible = {*moves_of(case.state), "lapse"}
        wishes = [
            deed(offer(self._chance.choice((4500, 9000))), SELLER),
            deed(c.AcceptOffer(), BUYER),
            deed(c.AcceptOffer(), SELLER),
            deed(c.Withdraw(), BUYER),
            deed(c.Lapse(), CLOCK),
            deed(c.ChooseRefundMethod(method="balance"), BUYER),
            deed(c.ChooseRefundMethod(method="bank_transfer", destination="acct-9"), BUYER),
            deed(c.Reopen(reason="A photo was found."), OPERATOR),
        ]
        # Now and then one who has not seen what happened.
        return [one for one in wishes if _tag(one) in possible or self._chance.random() < _BLIND]

    def _confirmations(self, case: Case) -> list[Envelope]:
        found = []
        for refund in case.refunds:
            if refund.stage in {RefundStage.INITIATED, RefundStage.CONFIRMED}:
                for command, actor in (
                    (c.ConfirmRefund(refund_id=refund.refund_id), PROVIDER),
                    (c.ConfirmRefund(refund_id=refund.refund_id), OPERATOR),
                    (c.FailRefund(refund_id=refund.refund_id, why="account closed"), PROVIDER),
                    (c.Lapse(), CLOCK),
                ):
                    found.append(to(case.order_id, command, actor, case.case_id))
        return found

    async def _deliver(self, order_id: str) -> None:
        parcel = Parcel("p1", PLACED + timedelta(days=1), "Swift Post", "SW123456789")
        await self._store_all([to(order_id, oc.RecordParcel(parcel=parcel), SELLER)], parcel.shipped_at)
        scan = TrackingEvent(DELIVERED, Signal.DELIVERED, "DE", "10115")
        arrived = oc.RecordTracking(parcel_id="p1", events=(scan,))
        await self._store_all([to(order_id, arrived, CARRIER)], DELIVERED)

    async def _store_all(self, envelopes: Sequence[Envelope], now: datetime) -> None:
        for result in await execute(self._store, envelopes, rules=RULES, now=now):
            assert isinstance(result, Done), result


def _tag(envelope: Envelope) -> str:
    return str(envelope.command.__struct_config__.tag)


def fingerprint(envelope: Envelope) -> bytes:
    """What the command was, as a door would remember it."""
    return sha256(msgspec.json.encode([envelope.order_id, envelope.case_id, envelope.command])).digest()


def _back(order: Kept) -> int:
    return order.balances.get("refunded", 0) + order.balances.get("refunding", 0)


def _key_wrongs(envelopes: Sequence[Envelope], results: Sequence[Result]) -> list[str]:
    """One effect for each key, and key_reused for every other body."""
    found: list[str] = []
    for key in {envelope.key for envelope in envelopes if envelope.key}:
        of_key = [(e, r) for e, r in zip(envelopes, results, strict=True) if e.key == key]
        heard = {e.fingerprint for e, r in of_key if not (isinstance(r, Refused) and r.kind == "key_reused")}
        if len(heard) != 1:
            found.append(f"{len(heard)} different bodies were heard under key {key}")
        done = [r for _, r in of_key if isinstance(r, Done)]
        refused = [r for e, r in of_key if isinstance(r, Refused) and e.fingerprint in heard]
        if done and (
            refused or sum(not one.replayed for one in done) != 1 or len({d.seq for d in done}) != 1
        ):
            found.append(f"key {key} was answered in different ways: {done} {refused}")
        if len({(one.kind, one.detail) for one in refused}) > 1:
            found.append(f"key {key} was refused in different ways: {refused}")
    return found


async def by_tasks(
    stores: Sequence[PostgresStore], envelopes: Sequence[Envelope], now: datetime
) -> list[Result]:
    """Actors as tasks of one loop, spread over several stores."""
    start = asyncio.Event()

    async def act(number: int, envelope: Envelope) -> Result:
        await start.wait()
        return await perform(stores[number % len(stores)], envelope, now)

    async with asyncio.TaskGroup() as group:
        acting = [group.create_task(act(n, one)) for n, one in enumerate(envelopes)]
        start.set()
    return [one.result() for one in acting]
