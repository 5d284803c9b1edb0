"""An order's past decided again under other terms.

Facts of the world (the purchase, parcels, scans, captures) and requests come when they came. What people
answered is repeated after the time they took then, where the case comes to the same turn again and the rules
still allow it; what they did in a turn they never had is not known, so they are silent there and the clock's
default happens. Banks take as long as they took.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.model import Goods, Refund, RefundStage
from amends.domain.chain import Recorded
from amends.domain.conduct import AnyCommand, Conducted, conduct
from amends.domain.custody import commands as oc
from amends.domain.custody.extensions import amended, find
from amends.domain.lab.past import Act, Past, Stopwatch
from amends.domain.parties import CLOCK, Actor, Role
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused
from amends.domain.scene import Rules, Scene
from amends.domain.time import Calendars

_STEPS_MAX = 5000
_AGAIN_MAX = 4
_NEVER = datetime.max.replace(tzinfo=UTC)
_PROVIDER = Actor(Role.PROVIDER, "lab")
_OPENINGS = (c.OpenClaim, c.OpenCancellation, oc.CancelBySeller)


class Rerun(msgspec.Struct, frozen=True, kw_only=True):
    """What would have been recorded. ``cases`` leads from a past case to the one it became.

    ``unheard`` are requests that the rules now refuse, with their refusal. ``silent`` are cases in which a
    default fired in a turn nobody had in the past. ``dropped`` counts, by case, acts that found no place.
    """

    recorded: tuple[Recorded, ...]
    cases: Mapping[str, str]
    unheard: Mapping[str, Refused]
    silent: frozenset[str]
    dropped: Mapping[str, int]


class Endless(Exception):
    """A case did not come to its end; the proof of the lifecycle says that this cannot happen."""


def rerun(
    past: Past,
    terms: Mapping[str, Terms],
    frozen: Mapping[str, Terms],
    calendars: Calendars,
    until: datetime,
) -> Rerun:
    """Decide the past again under ``terms`` by line id; ``frozen`` are those of then.

    Cases are played to their end; what an order's own clock would do after ``until`` has not happened.
    Raises `Endless` where it would never come to an end.
    """
    return _Run(past, terms, frozen, calendars, until).play()


class _Next(NamedTuple):
    """What comes next: of what is due at one instant the lowest ``rank`` first; ``do`` with ``told``."""

    at: datetime
    rank: int
    do: Callable[..., None]
    told: tuple[Any, ...] = ()


class _Run:
    def __init__(
        self,
        past: Past,
        terms: Mapping[str, Terms],
        frozen: Mapping[str, Terms],
        calendars: Calendars,
        until: datetime,
    ) -> None:
        self._until = until
        self._past = past
        self._frozen = frozen
        self._terms = terms
        self._rules = Rules({one.terms_id: one for one in terms.values()}, calendars)
        lines = tuple(replace(line, terms_id=terms[line.line_id].terms_id) for line in past.order.lines)
        self._order = replace(past.order, lines=lines)
        self._scene = Scene(None, {})
        self._now = past.told[0].at
        self._told = list(past.told)
        self._acts: dict[str, list[Act]] = {}
        self._old: dict[str, str] = {}
        self._watches: dict[str, Stopwatch] = {}
        self._payouts: dict[str, datetime] = {}
        self._recorded: list[Recorded] = []
        self._unheard: dict[str, Refused] = {}
        self._silent: set[str] = set()
        self._dropped: dict[str, int] = {}

    def play(self) -> Rerun:
        for _ in range(_STEPS_MAX):
            coming = self._next()
            if coming is None:
                return Rerun(
                    recorded=tuple(self._recorded),
                    cases={old: new for new, old in self._old.items()},
                    unheard=self._unheard,
                    silent=frozenset(self._silent),
                    dropped=self._left_over(),
                )
            self._now = max(self._now, coming.at)
            coming.do(*coming.told)
        raise Endless(f"order {self._order.order_id} did not come to an end in {_STEPS_MAX} steps")

    def _left_over(self) -> dict[str, int]:
        found = dict(self._dropped)
        for case_id, acts in self._acts.items():
            if acts:
                found[case_id] = found.get(case_id, 0) + len(acts)
        return found

    # What comes next

    def _next(self) -> _Next | None:
        cases = self._scene.cases
        live = any(case.live for case in cases.values())
        opening = any(isinstance(act.command, _OPENINGS) for act in self._told)
        best: _Next | None = None
        for case_id, case in cases.items():
            act = self._turn(case_id)
            if act is not None:
                live = True
                at = self._watches[case_id].since + act.lag
                best = _sooner(best, _Next(at, 3, self._act, (case_id, act)))
            if case.waiting is not None:
                best = _sooner(best, _Next(case.waiting.until, 0, self._lapse, (case_id,)))
            for refund in case.refunds:
                if refund.stage is RefundStage.INITIATED:
                    best = _sooner(best, self._bank(case_id, refund))
        if not live and not opening and not self._unshipped():
            return None
        if self._told:
            best = _sooner(best, _Next(self._told[0].at, 2, self._tell))
        return self._of_custody(best)

    def _of_custody(self, best: _Next | None) -> _Next | None:
        custody = self._scene.custody
        if custody is None:
            return best
        if custody.waiting is not None:
            best = _sooner(best, _Next(custody.waiting.until, 0, self._lapse, ("",)))
        for transfer in custody.books.pending.values():
            if transfer.purpose == "payout":
                began = self._payouts.setdefault(transfer.transfer_id, self._now)
                paid = (transfer.transfer_id,)
                best = _sooner(best, _Next(began + self._past.payout_lag, 1, self._paid_out, paid))
        return best

    def _unshipped(self) -> bool:
        """Whether the clock may yet cancel what is not shipped: that opens a case."""
        if self._scene.custody is None:
            return True
        waiting = self._scene.custody.waiting
        return waiting is not None and waiting.default == "cancel_unshipped" and waiting.until <= self._until

    def _turn(self, case_id: str) -> Act | None:
        """What somebody did when the case was here."""
        acts = self._acts.get(case_id)
        if not acts:
            return None
        watch = self._watches[case_id]
        visit = watch.visits[watch.phase]
        return next((act for act in acts if act.phase == watch.phase and act.visit == visit), None)

    def _bank(self, case_id: str, refund: Refund) -> _Next:
        number = refund.refund_id.rpartition("-")[2]
        answer = self._past.answers.get((self._old.get(case_id, ""), number))
        known = answer or next(iter(self._past.answers.values()), None)
        at = refund.at + known.lag if known is not None else refund.eta_from or refund.at
        command: AnyCommand = c.ConfirmRefund(refund_id=refund.refund_id)
        if answer is not None and answer.why:
            command = c.FailRefund(refund_id=refund.refund_id, why=answer.why)
        return _Next(at, 1, self._answered, (case_id, command))

    # Doing it

    def _do(self, command: AnyCommand, actor: Actor, case_id: str = "") -> Conducted | Refused:
        done = conduct(
            self._scene,
            command,
            order_id=self._order.order_id,
            case_id=case_id,
            actor=actor,
            rules=self._rules,
            now=self._now,
        )
        if isinstance(done, Conducted):
            self._scene = done.scene
            self._recorded += done.recorded
            for one in done.recorded:
                if one.stream != one.order_id:
                    self._watches.setdefault(one.stream, Stopwatch()).saw(one.event.state, one.at)
        return done

    def _tell(self) -> None:
        act = self._told.pop(0)
        command = act.command
        if isinstance(command, oc.PlaceOrder):
            command = oc.PlaceOrder(order=self._order)
        if isinstance(command, oc.AnswerExtension):
            self._agree(command)
        if isinstance(command, _OPENINGS):
            self._open(act, command)
        else:
            self._do(command, act.actor)

    def _agree(self, command: oc.AnswerExtension) -> None:
        """The terms an accepted extension amends have to be known, as where it is accepted for real."""
        custody = self._scene.custody
        known = find(custody, command.extension_id) if custody is not None else None
        if custody is None or known is None or not command.agreed:
            return
        terms = self._rules.terms
        fresh = {line.line_id: amended(terms[line.terms_id], known) for line in custody.order.lines}
        self._terms = fresh
        self._rules = replace(self._rules, terms={**terms, **{one.terms_id: one for one in fresh.values()}})

    def _open(self, act: Act, command: AnyCommand, tries: int = _AGAIN_MAX) -> None:
        done = self._do(command, act.actor)
        if isinstance(done, Conducted):
            opened = [one.stream for one in done.recorded if isinstance(one.event, e.CaseOpened)]
            if opened:
                self._old[opened[-1]] = act.case_id
                self._acts[opened[-1]] = list(self._past.acts.get(act.case_id, ()))
            return
        opens = done.facts.get("opens_at")
        if done.kind == "not_open_yet" and isinstance(opens, str) and tries:
            # Who is told when it opens comes back then.
            at = datetime.fromisoformat(opens)
            if at > self._now:
                later = replace(act, at=at, command=command)
                self._told = sorted([later, *self._told], key=lambda one: one.at)
                return
        other = _asked_otherwise(command, done) if tries else None
        if other is None:
            self._unheard[act.case_id] = done
            return
        self._open(act, other, tries - 1)

    def _act(self, case_id: str, act: Act) -> None:
        acts = self._acts[case_id]
        place = acts.index(act)
        self._acts[case_id] = acts[place + 1 :]
        done = self._do(self._fitted(case_id, act), act.actor, case_id)
        lost = place + isinstance(done, Refused)
        if lost:
            self._dropped[case_id] = self._dropped.get(case_id, 0) + lost

    def _fitted(self, case_id: str, act: Act) -> AnyCommand:
        command = act.command
        if isinstance(command, c.RecordReturnScan | c.RecordReplacementScan):
            # A scan that comes at another time was made at another time.
            return replace(command, scanned_at=min(self._now, command.scanned_at + (self._now - act.at)))
        if isinstance(command, c.RecordReservation):
            # What is set aside later is set aside for as long.
            return replace(command, until=command.until + (self._now - act.at))
        if isinstance(command, c.Rule):
            return self._cited(case_id, command)
        return command

    def _cited(self, case_id: str, command: c.Rule) -> c.Rule:
        """A ruling's findings under the clauses that now say what the cited ones said."""
        case = self._scene.cases[case_id]
        line = case.units[0].line_id
        old, new = self._frozen[line], self._terms[line]
        findings = []
        for finding in command.findings:
            clause = finding.clause
            if clause not in new.clauses:
                names = [
                    name for name, found in old.values.items() if any(one.clause == clause for one in found)
                ]
                kept = (new.get(name, case.reason).clause for name in names if new.has(name, case.reason))
                clause = next(kept, new.get("ruling.reply").clause)
            findings.append(replace(finding, clause=clause))
        return replace(command, findings=tuple(findings))

    def _lapse(self, case_id: str) -> None:
        if case_id:
            watch, old = self._watches[case_id], self._old.get(case_id, "")
            had = self._past.visits.get(old, {}).get(watch.phase, 0)
            if old and watch.visits[watch.phase] > had:
                self._silent.add(case_id)
        done = self._do(c.Lapse() if case_id else oc.LapseOrder(), CLOCK, case_id)
        if isinstance(done, Refused):
            raise Endless(f"{case_id or self._order.order_id}: {done.detail}")

    def _answered(self, case_id: str, command: AnyCommand) -> None:
        done = self._do(command, _PROVIDER, case_id)
        if isinstance(done, Refused):
            raise Endless(f"{case_id}: {done.detail}")

    def _paid_out(self, transfer_id: str) -> None:
        done = self._do(oc.ConfirmPayout(transfer_id=transfer_id), _PROVIDER)
        if isinstance(done, Refused):
            self._payouts[transfer_id] = self._now + timedelta(days=1)


def _sooner(best: _Next | None, other: _Next) -> _Next:
    return other if best is None or other[:2] < best[:2] else best


def _asked_otherwise(command: AnyCommand, refused: Refused) -> AnyCommand | None:
    """What the form would have offered instead: the most that can be asked for, sending it back, or keeping
    what need not come back."""
    if not isinstance(command, c.OpenClaim):
        return None
    most = refused.facts.get("most")
    if refused.kind == "amount_too_high" and isinstance(most, int) and most > 0:
        return replace(command, wanted=replace(command.wanted, amount=most))
    if refused.kind != "remedy_closed":
        return None
    if command.wanted.goods is Goods.KEEP:
        return replace(command, wanted=replace(command.wanted, goods=Goods.RETURN))
    if refused.facts.get("why") == "no_return_needed":
        return replace(command, wanted=replace(command.wanted, goods=Goods.KEEP))
    return None
