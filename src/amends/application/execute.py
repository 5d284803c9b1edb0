"""Carries out commands: the only way anything on an order changes.

One batch is one transaction. It locks the orders concerned, decides each command in memory (commands on one
order see each other), and writes events, snapshots, transfers, errands and answers together. A refusal is a
value, so one bad command never fails its neighbours.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from amends.application.outbox import errands_of
from amends.application.ports import (
    Answer,
    Batch,
    Changes,
    Done,
    Envelope,
    Link,
    Locking,
    Result,
    Store,
    WriteConflict,
    WriteRefused,
)
from amends.domain import conduct as rulebook
from amends.domain.cases.model import Case
from amends.domain.chain import GENESIS, Recorded, link
from amends.domain.conduct import Conducted
from amends.domain.custody.model import Custody
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused
from amends.domain.scene import Rules, Scene

Conduct = Callable[..., Conducted | Refused]

_log = logging.getLogger(__name__)
_UNKNOWN = Scene(None, {})
# To whom it is hidden, what exists must look like what does not, whatever version they name.
_HIDING = frozenset({"not_found", "not_yours"})
# What may well be different in a moment is no answer to keep.
_PASSING = frozenset({"unavailable", "key_reused"})


async def execute(
    store: Store,
    envelopes: Sequence[Envelope],
    *,
    rules: Rules,
    now: datetime,
    conduct: Conduct = rulebook.conduct,
    skip_locked: bool = False,
) -> list[Result]:
    """Carry out ``envelopes`` in their order, in one transaction; the results are in the same order.

    ``now`` is an aware instant. If the store refuses what was decided, the batch is halved until the culprit
    stands alone: it alone is refused (``unavailable``). ``skip_locked``: commands on orders that another
    batch holds are refused as ``unavailable`` instead of waiting. Raises what the store raises when it cannot
    be reached; then nothing is known to be written.
    """
    now = now.astimezone(UTC)
    # Two round trips instead of four, and no lock while we think; who was overtaken waits the second time.
    first, second = (Locking.SKIP, Locking.SKIP) if skip_locked else (Locking.OPTIMISTIC, Locking.WAIT)
    try:
        return await _attempt(store, envelopes, rules, now, conduct, first)
    except WriteConflict:
        pass
    except WriteRefused as refusal:
        return await _halve(store, envelopes, refusal, rules, now, conduct, skip_locked)
    try:
        return await _attempt(store, envelopes, rules, now, conduct, second)
    except WriteRefused as refusal:
        return await _halve(store, envelopes, refusal, rules, now, conduct, skip_locked)


async def _halve(
    store: Store,
    envelopes: Sequence[Envelope],
    refusal: WriteRefused,
    rules: Rules,
    now: datetime,
    conduct: Conduct,
    skip_locked: bool,
) -> list[Result]:
    if len(envelopes) == 1:
        (envelope,) = envelopes
        _log.error("the store refused a command on %s: %s", envelope.order_id, refusal)
        return [Refused(kind="unavailable", detail="The command could not be stored, so nothing was done.")]
    middle = len(envelopes) // 2
    results: list[Result] = []
    # One after the other: commands on one order keep their sequence.
    for half in (envelopes[:middle], envelopes[middle:]):
        results += await execute(store, half, rules=rules, now=now, conduct=conduct, skip_locked=skip_locked)
    return results


async def _attempt(
    store: Store,
    envelopes: Sequence[Envelope],
    rules: Rules,
    now: datetime,
    conduct: Conduct,
    locking: Locking,
) -> list[Result]:
    order_ids = [envelope.order_id for envelope in envelopes]
    keys = [_scoped(envelope) for envelope in envelopes if envelope.key]
    async with store.batch(order_ids, keys, locking=locking) as batch:
        sitting = _Sitting(batch, rules, now, conduct, locking)
        results = [sitting.answer(envelope) for envelope in envelopes]
        changes = sitting.changes()
        if changes is not None:
            await batch.write(changes)
    return results


def _scoped(envelope: Envelope) -> str:
    """Keys belong to who sends them: nobody can find out, or take, another's."""
    return f"{envelope.actor.role.value}:{envelope.actor.id}:{envelope.key}"


class _Sitting:
    """One batch in memory: what was loaded, what has been decided so far."""

    def __init__(self, batch: Batch, rules: Rules, now: datetime, conduct: Conduct, locking: Locking) -> None:
        self._rules = rules
        self._now = now
        self._conduct = conduct
        self._skip_locked = locking is Locking.SKIP
        self._scenes: dict[str, Scene] = dict(batch.scenes)
        self._heads: dict[str, bytes] = dict(batch.heads)
        self._known: Mapping[str, Answer] = batch.answers
        self._loaded: Mapping[str, Terms] = batch.terms
        self._terms: dict[str, Terms] = {**rules.terms, **batch.terms}
        self._custodies: dict[str, Custody] = {}
        self._cases: dict[str, Case] = {}
        self._changes = Changes()
        self._new_answers: dict[str, Answer] = {}
        self._new_terms: dict[str, Terms] = {}

    def answer(self, envelope: Envelope) -> Result:
        """Decide one command, or answer as the first time if its key is known."""
        if not envelope.key:
            return self._decide(envelope)
        key = _scoped(envelope)
        earlier = self._known.get(key) or self._new_answers.get(key)
        if earlier is not None:
            return self._again(envelope, earlier)
        result = self._decide(envelope)
        if isinstance(result, Done) or result.kind not in _PASSING:
            refused = result if isinstance(result, Refused) else None
            self._new_answers[key] = Answer(
                key=key,
                fingerprint=envelope.fingerprint,
                order_id=envelope.order_id,
                case_id=envelope.case_id if isinstance(result, Refused) else result.case_id,
                seq=0 if isinstance(result, Refused) else result.seq,
                at=self._now,
                refused=refused,
            )
        return result

    def _again(self, envelope: Envelope, earlier: Answer) -> Result:
        if earlier.fingerprint != envelope.fingerprint:
            return Refused(
                kind="key_reused",
                detail="This idempotency key was used before, with another request.",
                facts={"key": envelope.key},
            )
        if earlier.refused is not None:
            return earlier.refused
        scene = self._scenes.get(earlier.order_id, _UNKNOWN)
        return Done(
            order_id=earlier.order_id,
            case_id=earlier.case_id,
            seq=earlier.seq,
            replayed=True,
            custody=scene.custody,
            case=scene.cases.get(earlier.case_id),
        )

    def _decide(self, envelope: Envelope) -> Result:
        order_id = envelope.order_id
        scene = self._scenes.get(order_id, _UNKNOWN)
        if self._skip_locked and scene is _UNKNOWN:
            return Refused(kind="unavailable", detail="Somebody else is changing this order at this moment.")
        try:
            conducted = self._conduct(
                scene,
                envelope.command,
                order_id=order_id,
                case_id=envelope.case_id,
                actor=envelope.actor,
                rules=self._rules_for(envelope),
                now=self._now,
            )
        except Exception:  # noqa: BLE001  whatever it is
            # A mistake in a rule must not fail the commands that happen to share its batch.
            _log.exception("a rule failed on %s of order %s", type(envelope.command).__name__, order_id)
            return Refused(
                kind="unavailable", detail="A fault of ours kept this from being decided. Nothing was done."
            )
        if not (isinstance(conducted, Refused) and conducted.kind in _HIDING):
            misled = _version_conflict(scene, envelope) or _currency_mismatch(scene, envelope)
            if misled is not None:
                return misled
        if isinstance(conducted, Refused):
            return conducted
        return self._accept(envelope, scene, conducted)

    def _rules_for(self, envelope: Envelope) -> Rules:
        if not envelope.terms:
            return Rules(self._terms, self._rules.calendars)
        return Rules({**self._terms, **{one.terms_id: one for one in envelope.terms}}, self._rules.calendars)

    def _accept(self, envelope: Envelope, before: Scene, conducted: Conducted) -> Done:
        order_id, scene = envelope.order_id, conducted.scene
        self._scenes[order_id] = scene
        for recorded in conducted.recorded:
            self._record(recorded, scene)
        # A case's transfers change the order's books without an event of the order.
        if scene.custody is not None and scene.custody is not before.custody:
            self._custodies[order_id] = scene.custody
        for terms in envelope.terms:
            if terms.terms_id not in self._loaded:
                self._terms[terms.terms_id] = self._new_terms[terms.terms_id] = terms
        self._changes.errands += errands_of(scene, conducted.recorded)
        case = scene.cases.get(conducted.case_id)
        seq = case.seq if case is not None else scene.custody.seq if scene.custody is not None else 0
        return Done(
            order_id=order_id,
            case_id=conducted.case_id,
            seq=seq,
            custody=scene.custody,
            case=case,
            recorded=conducted.recorded,
        )

    def _record(self, recorded: Recorded, scene: Scene) -> None:
        stream = recorded.stream
        body, digest = link(self._heads.get(stream, GENESIS), recorded)
        self._heads[stream] = digest
        self._changes.links.append(Link(recorded, body, digest))
        if stream != recorded.order_id:
            self._cases[stream] = scene.cases[stream]

    def changes(self) -> Changes | None:
        """Everything to be written; None if nothing is."""
        if not (self._changes.links or self._new_answers or self._new_terms):
            return None
        return msgspec.structs.replace(
            self._changes,
            custodies=list(self._custodies.values()),
            cases=list(self._cases.values()),
            answers=list(self._new_answers.values()),
            terms=list(self._new_terms.values()),
        )


def _version_conflict(scene: Scene, envelope: Envelope) -> Refused | None:
    if envelope.expected_seq is None:
        return None
    if envelope.case_id:
        case = scene.cases.get(envelope.case_id)
        current = case.seq if case is not None else 0
    else:
        current = scene.custody.seq if scene.custody is not None else 0
    if current == envelope.expected_seq:
        return None
    return Refused(
        kind="version_conflict",
        detail="This was changed since you last saw it.",
        facts={"current": current, "expected": envelope.expected_seq},
    )


def _currency_mismatch(scene: Scene, envelope: Envelope) -> Refused | None:
    if not envelope.currency or scene.custody is None or scene.custody.order.currency == envelope.currency:
        return None
    currency = scene.custody.order.currency
    return Refused(
        kind="currency_mismatch",
        detail=f"The amount is in {envelope.currency}, the order in {currency}; give it in {currency}.",
        facts={"order": currency},
        pointer="/remedy/currency",
    )
