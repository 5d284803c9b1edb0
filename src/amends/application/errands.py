"""Runs errands: asks providers, tells the order what they answered, delivers notices.

Errands are delivered at least once; their effects happen once, because providers know our keys, commands
carry keys, and the inbox knows its letters. No transaction is open while the world is asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
import structlog

from amends.application.backoff import delay
from amends.application.delivery import Delivery
from amends.application.notices import Notice
from amends.application.ports import (
    Captures,
    Clock,
    Confirmations,
    Done,
    Envelope,
    Errand,
    KeyReused,
    PaymentAnswer,
    Payments,
    ProviderSilent,
    Result,
    Store,
)
from amends.application.standing_answers import StandingAnswers
from amends.domain.cases.commands import ConfirmRefund, FailRefund
from amends.domain.custody.commands import ConfirmPayout
from amends.domain.parties import Actor, Role

_log = structlog.get_logger()

Submit = Callable[[Sequence[Envelope]], Awaitable[Sequence[Result]]]
"""`amends.application.execute.execute` with everything but the commands bound."""

Chore = Callable[[Errand], Awaitable[bool]]
"""Does an errand of a topic of its own; false: not done, to be tried again later."""

FIRST_RETRY = timedelta(seconds=30)
RETRY_CAP = timedelta(hours=6)
# A provider that has not come to an end in two weeks is asked once a week: some never do.
PATIENT_AFTER, PATIENT_CAP = 60, timedelta(days=7)
# A refund that meets the provider's own trouble is sent once more before the buyer is asked for another way.
REFUND_TRIES = 2
# A seller's payout has no other way, so it is tried until the seller's account can be paid.
PAYOUT_TRIES = 100
# Mail that fails this often stays in the account only.
MAIL_TRIES = 10
_AT_ONCE = 16
# A provider that takes longer has not answered.
PATIENCE_S = 15.0
# Without a carrier or a stock connected, what they have to say is told from outside; a house without
# counterfeits looks for no orders like a claim's; where nobody writes to people, nobody reminds them.
_LEFT_TO_OTHERS = frozenset(
    {"parcel.watch", "stock.keep", "counterfeit.hold", "counterfeit.settle", "deadline.plan", "closing.plan"}
)
# What a command may be refused with although it has been done, or has become pointless.
_SETTLED = frozenset({"not_possible_now", "not_found"})


class RefundBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of ``refund.pay`` and ``refund.recall``; see `amends.application.outbox`."""

    refund_id: str
    provider: str
    tender_ref: str
    method: str
    destination: str
    amount: int
    currency: str
    captured: int
    part: str


class PayoutBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of ``payout.pay``; see `amends.application.outbox`."""

    transfer_id: str
    provider: str
    destination: str
    amount: int
    currency: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one errand: a command to carry out, or nothing; ``again`` puts it off.

    ``envelope`` is a command of somebody else than a provider's.
    """

    command: ConfirmRefund | FailRefund | ConfirmPayout | None = None
    provider: str = ""
    envelope: Envelope | None = None
    again: bool = False


class Errands:
    """Claims due errands and does them. Any number may run at once, in any number of processes."""

    def __init__(
        self,
        store: Store,
        submit: Submit,
        providers: Mapping[str, Payments],
        delivery: Delivery,
        clock: Clock,
        patience_s: float = PATIENCE_S,
        answers: StandingAnswers | None = None,
        chores: Mapping[str, Chore] | None = None,
    ) -> None:
        self._store = store
        self._submit = submit
        self._providers = providers
        self._delivery = delivery
        self._clock = clock
        self._patience_s = patience_s
        self._chores = chores or {}
        self._answers = answers
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def run(self, limit: int = 64) -> int:
        """Do everything that is due, ``limit`` at a time; returns how many errands were handled.

        An errand that fails unexpectedly is logged and put off; errors of the store are raised.
        """
        handled = 0
        while claimed := await self._run_some(limit):
            handled += claimed
        return handled

    async def hear(self, limit: int = 100) -> int:
        """Take the providers' news and make the errands they are about due now; returns how many there were.

        What the news say is not believed but looked up, so they may come twice, late, in any order.
        """
        heard = 0
        for provider in self._providers.values():
            if isinstance(provider, Confirmations):
                keys = await provider.confirmations(limit)
                heard += len(keys)
                await self._store.hasten_errands([errand_of(key) for key in keys], self._clock.now())
        return heard

    async def _run_some(self, limit: int) -> int:
        now = self._clock.now()
        async with self._store.errands(now, limit) as claimed:
            if not claimed:
                return 0
            steps = await asyncio.gather(*(self._step(errand) for errand in claimed))
            later = {
                errand.errand_id: _try_again(errand, now)
                for errand, step in zip(claimed, steps)
                if step.again
            }
            commanded = [
                (errand, step) for errand, step in zip(claimed, steps) if step.command or step.envelope
            ]
            if commanded:
                results = await self._submit([_envelope(errand, step) for errand, step in commanded])
                for (errand, step), result in zip(commanded, results, strict=True):
                    if not _ended(errand, step, result):
                        later[errand.errand_id] = _try_again(errand, now)
            done = [errand.errand_id for errand in claimed if errand.errand_id not in later]
            await self._store.finish_errands(done, later)
            return len(claimed)

    async def _step(self, errand: Errand) -> Step:
        async with self._room:
            try:
                async with asyncio.timeout(self._patience_s):
                    return await self._do(errand)
            except (ProviderSilent, TimeoutError):
                return Step(again=True)
            except KeyReused as mistake:
                # Never fails the refund: what the key was used for may have been paid.
                _log.error("provider_key_reused", errand_id=errand.errand_id, why=str(mistake))
                return Step(again=True)
            except Exception:  # noqa: BLE001  one broken errand must not stop the others
                _log.exception("errand_failed", errand_id=errand.errand_id, topic=errand.topic)
                return Step(again=True)

    async def _do(self, errand: Errand) -> Step:
        match errand.topic:
            case "refund.pay" | "refund.recall" | "payout.pay":
                return await self._move_money(errand)
            case "case.answer":
                return Step(envelope=await self._answers.envelope(errand) if self._answers else None)
            case "notice":
                notice = msgspec.convert(errand.body, Notice)
                delivered = await self._delivery.deliver(notice, errand.order_id, errand.case_id)
                return Step(again=not delivered and errand.attempts + 1 < MAIL_TRIES)
        chore = self._chores.get(errand.topic)
        if chore is None and errand.topic in _LEFT_TO_OTHERS:
            return Step()
        if chore is None:
            raise LookupError(f"errand {errand.errand_id} has the unknown topic {errand.topic!r}")
        return Step(again=not await chore(errand))

    async def _move_money(self, errand: Errand) -> Step:
        if errand.topic == "payout.pay":
            return await self._pay_out(errand, msgspec.convert(errand.body, PayoutBody))
        refund = msgspec.convert(errand.body, RefundBody)
        return await (self._pay(errand, refund) if errand.topic == "refund.pay" else self._recall(refund))

    async def _pay(self, errand: Errand, body: RefundBody) -> Step:
        provider = self._providers[body.provider]

        async def send(key: str) -> PaymentAnswer:
            if body.destination:
                return await provider.pay_out(key, body.destination, body.amount, body.currency)
            if isinstance(provider, Captures):
                await provider.register_capture(body.tender_ref, body.captured, body.currency, body.part)
            return await provider.refund(key, body.tender_ref, body.amount, body.currency)

        answer = await _ask(provider, send, errand, REFUND_TRIES, _provider_trouble)
        return _refund_step(body, answer)

    async def _recall(self, body: RefundBody) -> Step:
        """Stop every request that was or might still be sent for the refund, and learn how it ended."""
        provider = self._providers[body.provider]
        # From here on this errand asks about the refund; nothing must be sent for it any more.
        await self._store.finish_errands([body.refund_id], {})
        answers = [await provider.recall(key_of(body.refund_id, number)) for number in range(REFUND_TRIES)]
        for state in ("succeeded", "pending"):
            for answer in answers:
                if answer.state == state:
                    return _refund_step(body, answer)
        return Step(command=FailRefund(refund_id=body.refund_id, why="recalled"), provider=body.provider)

    async def _pay_out(self, errand: Errand, body: PayoutBody) -> Step:
        provider = self._providers[body.provider]

        async def send(key: str) -> PaymentAnswer:
            return await provider.pay_out(key, body.destination, body.amount, body.currency)

        answer = await _ask(provider, send, errand, PAYOUT_TRIES, _failed)
        if answer.state == "succeeded":
            return Step(command=ConfirmPayout(transfer_id=body.transfer_id), provider=body.provider)
        if answer.state == "failed":
            _log.error("payout_failed", errand_id=errand.errand_id, why=answer.why)
        return Step(again=True)


def key_of(name: str, number: int) -> str:
    """The provider's key of the try ``number`` (from 0) of a refund or payout."""
    return name if number == 0 else f"{name}~{number + 1}"


def errand_of(key: str) -> str:
    """The errand a provider's key belongs to."""
    return key.rpartition("~")[0] or key


async def _ask(
    provider: Payments,
    send: Callable[[str], Awaitable[PaymentAnswer]],
    errand: Errand,
    tries: int,
    worth_another: Callable[[PaymentAnswer], bool],
) -> PaymentAnswer:
    """Find out what became of the tries so far, and send the next if the last failed but is worth another.

    A key is only used once the one before has failed for good: at no time can two of them succeed.
    """
    answer = PaymentAnswer("unknown")
    for number in range(tries):
        key = key_of(errand.errand_id, number)
        # The first time nothing can have been sent.
        answer = await provider.look_up(key) if errand.attempts else PaymentAnswer("unknown")
        if answer.state == "unknown":
            answer = await send(key)
            if worth_another(answer) and number + 1 < tries:
                # Some time passes before the next key.
                return PaymentAnswer("pending", why=answer.why)
            return answer
        if not worth_another(answer):
            return answer
    return answer


def _provider_trouble(answer: PaymentAnswer) -> bool:
    return answer.state == "failed" and answer.why == "try_again"


def _failed(answer: PaymentAnswer) -> bool:
    return answer.state == "failed"


def _refund_step(body: RefundBody, answer: PaymentAnswer) -> Step:
    if answer.state == "succeeded":
        return Step(command=ConfirmRefund(refund_id=body.refund_id), provider=body.provider)
    if answer.state == "failed":
        return Step(command=FailRefund(refund_id=body.refund_id, why=answer.why), provider=body.provider)
    return Step(again=True)


def _envelope(errand: Errand, step: Step) -> Envelope:
    if step.envelope is not None:
        return step.envelope
    command = step.command
    if command is None:
        raise ValueError(f"errand {errand.errand_id} has no command to send")
    tag = str(command.__struct_config__.tag)
    return Envelope(
        command=command,
        actor=Actor(Role.PROVIDER, step.provider),
        order_id=errand.order_id,
        case_id=errand.case_id,
        key=f"provider:{errand.errand_id}:{tag}",
        fingerprint=sha256(msgspec.json.encode(command)).digest(),
    )


def _ended(errand: Errand, step: Step, result: Result) -> bool:
    if isinstance(result, Done):
        return True
    if step.envelope is not None:
        # The case went on meanwhile, or the policy changed: the seller answers as ever.
        return result.kind != "unavailable"
    if result.kind in _SETTLED:
        if isinstance(step.command, ConfirmRefund) and errand.body.get("method") == "balance":
            # Credited to the balance while the provider was silent, and arrived after all: people must look.
            _log.error(
                "refund_arrived_after_redirection", errand_id=errand.errand_id, order_id=errand.order_id
            )
        return True
    _log.warning("errand_refused", errand_id=errand.errand_id, kind=result.kind, detail=result.detail)
    return False


def _try_again(errand: Errand, now: datetime) -> datetime:
    cap = RETRY_CAP if errand.attempts < PATIENT_AFTER else PATIENT_CAP
    return now + delay(errand.errand_id, errand.attempts, FIRST_RETRY, cap)
