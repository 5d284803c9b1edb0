"""The proof that every case ends: the real rules, explored exhaustively.

From each way a case can open, every command of every party is tried in every state that can be reached,
at the last instant its deadline allows, and so is everybody's silence. Three things are shown for each
live state: somebody is waited on until an instant with a default that the rules carry out; silence alone
ends the case; and the longest way to the end, with its days.

Times do not depend on the date of the start: working days are replaced by the longest time they can take
on their calendar (`longest_days`), so that the days printed are an upper bound for any start.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import msgspec
from msgspec.structs import replace

from amends.domain.cases import commands as c
from amends.domain.cases.decide import DEFAULTS
from amends.domain.cases.dues import due, wanted_of_stock
from amends.domain.cases.lifecycle import moves_of
from amends.domain.cases.model import (
    Case,
    EvidenceItem,
    Finding,
    Goods,
    Inspection,
    Reception,
    RefundStage,
    Remedy,
    Shipment,
    State,
)
from amends.domain.cases.negotiation import on_the_table
from amends.domain.cases.parcels import awaited, several_parcels, to_inspect
from amends.domain.conduct import AnyCommand, Conducted, conduct
from amends.domain.custody import commands as oc
from amends.domain.orders import Components, Line, Method, Order, Parcel, Signal, Tender, TrackingEvent, Unit
from amends.domain.parties import CLOCK, Actor, Role
from amends.domain.policy.terms import Candidate, Terms
from amends.domain.refusals import Refused
from amends.domain.scene import Rules, Scene
from amends.domain.time import Calendar, Calendars, Period, add_working_days

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LAST_INSTANT = timedelta(microseconds=1)
# No terms come near it; a case that is older goes on for ever.
HORIZON = timedelta(days=3650)
_ACTORS = {
    Role.BUYER: (Actor(Role.BUYER, "buyer"),),
    Role.SELLER: (Actor(Role.SELLER, "seller"),),
    Role.MEDIATOR: (Actor(Role.MEDIATOR, "first"), Actor(Role.MEDIATOR, "second")),
    Role.OPERATOR: (Actor(Role.OPERATOR, "operator"),),
    Role.CARRIER: (Actor(Role.CARRIER, "carrier"),),
    Role.PROVIDER: (Actor(Role.PROVIDER, "provider"),),
    Role.CLOCK: (CLOCK,),
}
_ITEM = EvidenceItem(by=Role.BUYER, kind="photo", note="", at=START)


class Step(msgspec.Struct, frozen=True):
    """One step of a way: who did what, when it was done counted from the opening, and the state it led to."""

    who: str
    what: str
    days: float
    to: str


class StateFacts(msgspec.Struct, frozen=True):
    """What was seen of one live state. ``situations`` are its different reached versions."""

    state: str
    owners: tuple[str, ...]
    defaults: tuple[str, ...]
    clauses: tuple[str, ...]
    situations: int
    worst_days_left: float


class Proof(msgspec.Struct, frozen=True):
    """The outcome. ``flaws`` is empty when every case ends; ``worst`` is the longest way and its days."""

    situations: int
    commands: int
    refused: int
    states: tuple[StateFacts, ...]
    never_reached: tuple[str, ...]
    worst_days: float
    worst: tuple[Step, ...]
    silent_worst_days: float
    silent_worst: tuple[Step, ...]
    flaws: tuple[str, ...]


class Situation(msgspec.Struct, frozen=True):
    """A case at one moment of the exploration."""

    scene: Scene
    case_id: str
    now: datetime

    @property
    def case(self) -> Case:
        return self.scene.cases[self.case_id]


Key = tuple[object, ...]


def key_of(s: Situation) -> Key:
    """All of a case that its future depends on: equal keys have the same futures."""
    x = s.case
    w = x.waiting
    left = _minutes(w.until - s.now) if w else None
    settled = x.settlement
    remedy = _shape(settled.remedy) if settled else None
    since = x.mediation_since
    negotiating = x.negotiation_ends_at is not None and x.state in _NEGOTIATING
    limit = _minutes(x.negotiation_ends_at - s.now) if negotiating and x.negotiation_ends_at else None
    replacing = x.replacement if x.state is State.REPLACEMENT_IN_TRANSIT else None
    return (
        x.state,
        w.on if w else None,
        w.default if w else None,
        # Whether a second person has had their time, and what they may agree to.
        w.clause if w and x.state in _DECIDED_LATE else None,
        _shape(x.proposed.remedy) if x.proposed else None,
        left,
        limit,
        _minutes(s.now - START) % (24 * 60) if x.live else None,
        _shape(next((o.remedy for o in reversed(x.offers) if o.by is Role.BUYER), x.wanted)),
        tuple(_shape(o.remedy) for o in reversed(x.offers) if o.by is Role.SELLER)[:1],
        tuple(on_the_table(x, party) is not None for party in (Role.BUYER, Role.SELLER)),
        remedy,
        bool(x.mediator_id),
        since is not None and sum(r.at >= since for r in x.evidence_requests),
        x.evidence_requests[-1].of if x.state is State.AWAITING_EVIDENCE else None,
        len(x.rulings) > 0,
        _hearing_left(x),
        # The ruling itself counts while it can be answered.
        (x.rulings[-1].accepted_by, _shape(x.rulings[-1].remedy)) if x.state is State.RULED else None,
        _minutes(s.now - since) if since and x.state is State.MEDIATING else None,
        x.contested,
        x.reopened,
        (x.replaced, x.paid_in > 0, x.replaced and due(x) > 0),
        x.label is not None and x.state is State.AWAITING_SHIPMENT,
        tuple(i.accepted for i in x.inspections),
        (_proven(replacing), _minutes(s.now - replacing.shipped_at)) if replacing else None,
        _on_the_way(s),
        tuple(sorted((r.stage, r.method, bool(r.destination)) for r in x.refunds)),
    )


def _on_the_way(s: Situation) -> Key:
    """What of the return's parcels still matters: how each ended, how long the others have been under way."""
    x = s.case
    if x.state not in _SENDING:
        return ()
    several = several_parcels(x)
    if x.state is not State.RETURN_IN_TRANSIT and not several:
        return ()
    moving = awaited(x) if x.state in {State.AWAITING_SHIPMENT, State.RETURN_IN_TRANSIT} else ()
    return tuple(
        (
            parcel.ending,
            parcel.delivered_at is not None,
            parcel.delivered_at is None and _proven(parcel),
            _minutes(s.now - parcel.shipped_at) if parcel in moving else None,
            _minutes(s.now - parcel.last_scan_at) if several and parcel in moving else None,
        )
        for parcel in x.parcels
    )


def _hearing_left(x: Case) -> object:
    """Whether a ruling can still be appealed, and how many mediators have ruled: they may not rule on it.

    Mediators are alike but for that, and any of them may take a case over at any moment.
    """
    if x.state not in _HEARD or (x.appealed_by is not None and x.state is not State.APPEALED):
        return x.appealed_by is not None and x.state in _HEARD
    return len({r.mediator_id for r in x.rulings} - {""})


def _minutes(span: timedelta) -> int:
    """The last instant before a deadline and the deadline itself are one moment to the exploration."""
    return round(span / timedelta(minutes=1))


def _proven(shipment: Shipment) -> bool:
    return shipment.scans > 0 or bool(shipment.receipt)


# Where a mediator may come (back) to the case without support reopening it.
_HEARD = frozenset(State) - {
    State.REFUND_APPROVED,
    State.REFUND_INITIATED,
    State.REFUND_OVERDUE,
    State.REFUND_METHOD_NEEDED,
    State.CLOSED,
}
_SENDING = frozenset({State.AWAITING_SHIPMENT, State.RETURN_IN_TRANSIT, State.INSPECTING, State.REJECTED})
_DECIDED_LATE = frozenset({State.MEDIATING_LATE, State.APPEALED})
_NEGOTIATING = frozenset({State.AWAITING_SELLER, State.AWAITING_BUYER})


def _shape(remedy: Remedy) -> tuple[bool, Goods, bool, bool, bool]:
    return (
        remedy.amount > 0,
        remedy.goods,
        bool(remedy.exchange_variant),
        remedy.difference > 0,
        remedy.difference < 0,
    )


def longest_days(n: int, calendar: Calendar, years: Iterable[int] = range(2020, 2034)) -> int:
    """The most days that ``n`` working days of ``calendar`` can take, over every start in ``years``."""
    most = n
    for year in years:
        day = date(year, 1, 1)
        while day.year == year:
            most = max(most, (add_working_days(day, n, calendar) - day).days)
            day += timedelta(days=1)
    return most


def at_longest(terms: Terms, calendars: Calendars) -> Terms:
    """The same terms with each clock at the longest it can take."""
    values = {
        name: tuple(_longest_candidate(name, candidate, calendars) for candidate in candidates)
        for name, candidates in terms.values.items()
    }
    return replace(terms, terms_id=f"{terms.terms_id}-longest", values=values)


def _longest_candidate(name: str, candidate: Candidate, calendars: Calendars) -> Candidate:
    value = candidate.value
    if isinstance(value, Period):
        longest = value.amount
        if value.unit == "working_days":
            # The day of the event is not counted, and the last day counts until midnight.
            longest = longest_days(value.amount, calendars[value.calendar or "bank"]) + 1
        return replace(candidate, value=Period(longest, "hours" if value.unit == "hours" else "days"))
    if name.startswith("refund.eta.") and isinstance(value, tuple):
        return replace(candidate, value=tuple(longest_days(int(n), calendars["bank"]) for n in value))
    return candidate


_ALWAYS_OPEN = Calendar("always", frozenset(), frozenset(), frozenset())


class _EveryDay(Mapping[str, Calendar]):
    """Whatever calendar is asked for, every day is a working day."""

    def __getitem__(self, code: str) -> Calendar:
        return _ALWAYS_OPEN

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def openings(terms: Terms) -> Iterator[tuple[str, Situation, Rules]]:
    """Every way a case can open, each as a fresh order: drafts, claims by remedy, requests to cancel."""
    rules = Rules({terms.terms_id: terms}, _EveryDay())
    units = (Unit("l1", 0), Unit("l1", 1))
    fault, mind = "quality.damaged_in_transit", "no_reason.changed_mind"
    most = 2 * 4500
    claims = [
        ("return", fault, Remedy(most, Goods.RETURN)),
        ("partial", fault, Remedy(1000)),
        ("exchange", "quality.defective", Remedy(most, Goods.RETURN, "blue")),
        ("change of mind", mind, Remedy(8000, Goods.RETURN)),
    ]
    for name, reason, wanted in claims:
        s = _delivered(terms, rules)
        for draft in (False, True):
            command = c.OpenClaim(reason=reason, units=units, wanted=wanted, draft=draft)
            opened = _do(s, command, Actor(Role.BUYER, "buyer"), rules, on_order=True)
            if isinstance(opened, Situation):
                yield f"{name}{', drafted' if draft else ''}", opened, rules
    s = _placed(terms, rules)
    for hours, name in ((1, "cancellation in the free period"), (30, "cancellation by request")):
        later = replace(s, now=s.now + timedelta(hours=hours))
        asked = c.OpenCancellation(reason="cancel.changed_mind")
        opened = _do(later, asked, Actor(Role.BUYER, "buyer"), rules, on_order=True)
        if isinstance(opened, Situation):
            yield name, opened, rules


def _placed(terms: Terms, rules: Rules) -> Situation:
    unit = Components(item=4000, shipping=500)
    order = Order(
        order_id="proof",
        buyer_id="buyer",
        seller_id="seller",
        currency=terms.currency,
        placed_at=START,
        lines=(Line("l1", "", "", (unit, unit), terms.terms_id),),
        tenders=(Tender("t1", Method.BANK_TRANSFER, 2 * unit.paid),),
    )
    return _must(Situation(Scene(None, {}), "", START), oc.PlaceOrder(order=order), Role.OPERATOR, rules)


def _delivered(terms: Terms, rules: Rules) -> Situation:
    s = _placed(terms, rules)
    s = _must(s, oc.RecordParcel(parcel=Parcel("p1", START, "carrier", "PROOF0001")), Role.OPERATOR, rules)
    scan = TrackingEvent(START, Signal.DELIVERED)
    return _must(s, oc.RecordTracking(parcel_id="p1", events=(scan,)), Role.OPERATOR, rules)


def _must(s: Situation, command: AnyCommand, role: Role, rules: Rules) -> Situation:
    done = _do(s, command, _ACTORS[role][0], rules, on_order=True)
    if isinstance(done, Refused):
        raise ValueError(f"the proof cannot begin: {done.detail}")  # noqa: TRY004 - the terms are wrong
    return done


def _do(
    s: Situation, command: AnyCommand, actor: Actor, rules: Rules, *, on_order: bool = False
) -> Situation | Refused:
    done = conduct(
        s.scene,
        command,
        order_id="proof",
        case_id="" if on_order else s.case_id,
        actor=actor,
        rules=rules,
        now=s.now,
    )
    if isinstance(done, Refused):
        return done
    return Situation(done.scene, done.case_id or s.case_id, s.now)


def commands_for(  # noqa: C901, PLR0912, PLR0915 - one arm a command
    s: Situation, name: str
) -> Iterator[c.CaseCommand]:
    """Commands of one name that differ in what they lead to."""
    x = s.case
    most = max(1, 9000 - sum(s.scene.custody.books.unit_refunded.values()) if s.scene.custody else 1)
    after = x.contested
    remedies = [Remedy(most), Remedy(1)] if after else [
        Remedy(most, Goods.RETURN),
        Remedy(1),
        Remedy(most, Goods.RETURN, "blue"),
        Remedy(most, Goods.KEEP, "blue"),
    ]  # fmt: skip
    if x.state is State.APPEALED and not after:
        # What an exchange costs changes nothing before it is settled: one way to it is enough.
        remedies.append(Remedy(most, Goods.RETURN, "large", difference=500))
    match name:
        case "edit_draft":
            return
        case "submit_draft":
            yield c.SubmitDraft()
        case "add_evidence":
            # Changes neither state nor clock; a mediator can rule whatever a recommended ruling makes of it.
            return
        case "make_offer":
            for remedy in remedies[:2]:
                yield c.MakeOffer(remedy=remedy)
        case "accept_offer":
            yield c.AcceptOffer()
        case "decline_offer":
            yield c.DeclineOffer()
        case "settle_blind":
            yield c.SettleBlind(buyer=1, seller=1)
        case "escalate":
            yield c.Escalate()
        case "take_case":
            yield c.TakeCase()
        case "assign_case":
            # Changes neither state nor clock, as taking does.
            return
        case "request_evidence":
            for of in (Role.BUYER, Role.SELLER):
                yield c.RequestEvidence(of=of, items=("photo",))
        case "submit_evidence":
            yield c.SubmitEvidence(items=(_ITEM,))
        case "rule":
            finding = Finding(fact="proof", clause=x.waiting.clause if x.waiting else "")
            for remedy in (*remedies, Remedy(0)):
                yield c.Rule(remedy=remedy, reasons="proof", findings=(finding,))
        case "confirm_ruling":
            # Leads where a ruling within the limit leads at once, or changes neither state nor clock.
            return
        case "accept_ruling":
            yield c.AcceptRuling()
        case "appeal":
            yield c.Appeal(note="proof", evidence=(_ITEM,))
        case "give_instructions":
            yield c.GiveInstructions(address="proof")
        case "ship_return":
            number = f"PROOF000{2 + 3 * len(x.parcels)}"
            for receipt in ("", "proof"):
                yield c.ShipReturn(carrier="proof", tracking_number=number, receipt=receipt)
            if not x.parcels and len(x.offers) == 1 and x.mediation_since is None:
                # One unit first; the other follows, or stays. Parcels go their way however that was agreed
                # on: what was granted as it was asked for is enough.
                yield c.ShipReturn(carrier="proof", tracking_number=number, units=x.units[:1])
        case "issue_label" if not x.parcels:
            yield c.IssueLabel(carrier="proof", service="proof", tracking_number="PROOF0004", price=300)
        case "issue_label" | "add_freight_receipt":
            # Changes neither state nor clock, only what is on the buyer's balance at the end.
            return
        case "record_payment":
            # What was told to be due; anything else is refused.
            for amount in (500, 8000, 8500):
                yield c.RecordPayment(amount=amount, method=Method.CARD)
        case "decline_exchange":
            yield c.DeclineExchange()
        case "decline_replacement":
            yield c.DeclineReplacement()
        case "record_reservation":
            # Changes neither state nor clock: what is set aside is for sale again by itself.
            return
        case "record_sold_out":
            if variant := wanted_of_stock(x):
                yield c.RecordSoldOut(variant=variant)
        case "record_return_scan":
            awaits = awaited(x) or ([Shipment("", x.label.tracking_number, s.now, s.now)] if x.label else [])
            for parcel in awaits:
                for signal in (Signal.IN_TRANSIT, Signal.DELIVERED, Signal.LOST, Signal.RETURNED_TO_SENDER):
                    if signal is Signal.IN_TRANSIT and several_parcels(x) and parcel.scans:
                        continue  # how long scans draw the way out is seen with one parcel
                    yield c.RecordReturnScan(
                        tracking_number=parcel.tracking_number, signal=signal, scanned_at=s.now
                    )
        case "inspect_return":
            for verdict in ((True, True), (True, False), (False, False)):
                units = zip(to_inspect(x), verdict)
                yield c.InspectReturn(inspections=tuple(_inspected(u, ok) for u, ok in units))
        case "accept_rejection":
            yield c.AcceptRejection()
        case "contest_rejection":
            yield c.ContestRejection(note="proof")
        case "ship_replacement":
            yield c.ShipReplacement(carrier="proof", tracking_number="PROOF0003")
        case "record_replacement_scan":
            for signal in (Signal.IN_TRANSIT, Signal.DELIVERED, Signal.LOST):
                yield c.RecordReplacementScan(signal=signal, scanned_at=s.now)
        case "confirm_replacement":
            yield c.ConfirmReplacement()
        case "confirm_refund" | "fail_refund":
            for refund in x.refunds:
                if refund.stage is RefundStage.INITIATED and name == "confirm_refund":
                    yield c.ConfirmRefund(refund_id=refund.refund_id)
                elif refund.stage is RefundStage.INITIATED:
                    yield c.FailRefund(refund_id=refund.refund_id, why="proof")
        case "choose_refund_method":
            yield c.ChooseRefundMethod(method="balance")
            yield c.ChooseRefundMethod(method="bank_transfer", destination="proof")
        case "withdraw":
            yield c.Withdraw()
        case "reopen":
            yield c.Reopen(reason="proof")
        case _:
            raise ValueError(f"the proof does not know the command {name!r}")


def _inspected(unit: Unit, accepted: bool) -> Inspection:
    ground = "" if accepted else "not_original_condition"
    return Inspection(unit=unit, reception=Reception.RECEIVED, accepted=accepted, ground=ground)


def nexts(
    s: Situation, rules: Rules, *, reopening: bool = False
) -> Iterator[tuple[Step, Situation | Refused]]:
    """Everything that can happen next: each command at the last instant allowed, and silence."""
    x = s.case
    if x.live and x.waiting is None:
        return
    at = s.now if x.waiting is None else max(s.now, x.waiting.until - LAST_INSTANT)
    if not x.live:
        if not reopening:
            return
        period = rules.terms[next(iter(rules.terms))].get("reopen.window").value
        at = s.now + timedelta(days=period.amount if isinstance(period, Period) else 0) - LAST_INSTANT
    then = replace(s, now=at)
    for name, move in moves_of(x.state).items():
        for role in move.by:
            for actor in _ACTORS[role]:
                for command in commands_for(then, name):
                    tried, done = then, _do(then, command, actor, rules)
                    earlier = _earlier(done)
                    if earlier is not None and s.now <= earlier < then.now:
                        # A draft may outlast the window of its claim.
                        tried = replace(s, now=earlier)
                        done = _do(tried, command, actor, rules)
                    to = done.case.state.value if isinstance(done, Situation) else "refused"
                    yield Step(actor.role.value, name, _days(s, tried), to), done
    if x.live and x.waiting is not None:
        due = replace(s, now=max(s.now, x.waiting.until))
        done = _do(due, c.Lapse(), CLOCK, rules)
        to = done.case.state.value if isinstance(done, Situation) else "refused"
        yield Step("clock", x.waiting.default, _days(s, due), to), done


def _earlier(done: Situation | Refused) -> datetime | None:
    """The last instant at which a command would not have been too late, if it was."""
    if isinstance(done, Situation) or done.kind != "window_closed":
        return None
    return datetime.fromisoformat(str(done.facts["closed_at"])) - LAST_INSTANT


def _days(s: Situation, then: Situation) -> float:
    return (then.now - s.now) / timedelta(days=1)


class Leg(msgspec.Struct, frozen=True):
    """The first step of the way remembered from a situation, and how long and how many steps all of it is."""

    days: float = 0.0
    steps: int = 0
    step: Step | None = None
    to: Key | None = None


class _Explorer:
    """Depth-first over all situations; remembers the longest way from each."""

    def __init__(self, rules: Rules, *, reopening: bool) -> None:
        self.rules = rules
        self.reopening = reopening
        self.longest: dict[Key, Leg] = {}
        self.silent: dict[Key, Leg] = {}
        self._pending: dict[Key, tuple[Key, Step]] = {}
        self.samples: dict[Key, Case] = {}
        self.flaws: list[str] = []
        self.commands = 0
        self.refused = 0
        self.gave_up = False

    def explore(self, start: Situation) -> Key:
        """Visit everything reachable from ``start``. Iterative: ways are longer than Python's stack."""
        root = key_of(start)
        stack = [(root, iter(())) if root in self.longest else self._enter(root, start)]
        open_keys = {root}
        while stack:
            key, following = stack[-1]
            for step, done in following:
                self.commands += 1
                if isinstance(done, Refused):
                    self.refused += 1
                    if step.who == "clock":
                        self.flaws.append(f"{key[0]}: silence is refused: {done.detail}")
                    continue
                child = key_of(done)
                if child in open_keys:
                    if step.days > 1e-9:
                        self.flaws.append(
                            f"{key[0]} comes back to {child[0]} by {step.what} after {step.days} days"
                        )
                    continue
                if child not in self.longest:
                    if done.now - START > HORIZON:
                        # Each round is new (a date moves on), so there would be no end to looking either.
                        self.flaws.append(f"{child[0]}: still open after {HORIZON.days} days, by {step.what}")
                        self.gave_up = True
                        return root
                    stack.append(self._enter(child, done))
                    open_keys.add(child)
                    self._pending[child] = (key, step)
                    break
                self._improve(key, step, child)
            else:
                stack.pop()
                open_keys.discard(key)
                came = self._pending.pop(key, None)
                if came is not None:
                    self._improve(came[0], came[1], key)
        return root

    def _enter(self, key: Key, s: Situation) -> tuple[Key, Iterator[tuple[Step, Situation | Refused]]]:
        self.longest[key] = Leg()
        self.samples[key] = s.case
        self._check(s.case)
        return key, nexts(s, self.rules, reopening=self.reopening)

    def _improve(self, key: Key, step: Step, child: Key) -> None:
        """Keep the longest way; of equally long ones (to the minute) the one with the fewest steps."""
        rest = self.longest[child]
        found = Leg(step.days + rest.days, rest.steps + 1, step, child)
        known = self.longest[key]
        if known.step is None or (round(found.days, 3), -found.steps) > (round(known.days, 3), -known.steps):
            self.longest[key] = found
        if step.who == "clock":
            self.silent[key] = Leg(step.days, 1, step, child)

    def _check(self, case: Case) -> None:
        if not case.live:
            return
        if case.waiting is None:
            self.flaws.append(f"{case.state.value}: nobody is waited on")
        elif case.waiting.default not in DEFAULTS:
            self.flaws.append(f"{case.state.value}: no default ({case.waiting.default!r})")

    def way(self, key: Key, legs: dict[Key, Leg]) -> tuple[Step, ...]:
        """The steps remembered from ``key`` to the end, with days counted from its beginning."""
        way: list[Step] = []
        days, at = 0.0, key
        while (leg := legs.get(at, Leg())).step is not None and leg.to is not None:
            days += leg.step.days
            way.append(replace(leg.step, days=days))
            if len(way) > _TOO_LONG:
                self.flaws.append(f"{key[0]}: this never ends")
                break
            at = leg.to
        return tuple(way)


_TOO_LONG = 10_000


def prove(terms: Terms, calendars: Calendars, *, reopening: bool = False) -> Proof:
    """Explore every case under ``terms``; with ``reopening``, what support may reopen as well."""
    longest_terms = at_longest(terms, calendars)
    explorer: _Explorer | None = None
    roots = []
    for name, start, rules in openings(longest_terms):
        explorer = explorer or _Explorer(rules, reopening=reopening)
        roots.append((name, explorer.explore(start)))
        if explorer.gave_up:
            break
    if explorer is None:
        raise ValueError("no case can be opened under these terms")
    worst = max((root for _, root in roots), key=lambda root: explorer.longest[root].days)
    silent = {root: explorer.way(root, explorer.silent) for _, root in roots}
    for key, case in explorer.samples.items():
        ended = explorer.way(key, explorer.silent)
        if explorer.gave_up and not ended:
            continue  # not looked at any more
        if case.live and (not ended or ended[-1].to != State.CLOSED.value):
            explorer.flaws.append(f"{case.state.value}: silence does not end it")
    slowest = max(silent.values(), key=lambda way: way[-1].days if way else 0.0)
    reached = {case.state for case in explorer.samples.values()}
    return Proof(
        situations=len(explorer.samples),
        commands=explorer.commands,
        refused=explorer.refused,
        states=tuple(
            _facts(explorer, state) for state in State if state in reached and state is not State.CLOSED
        ),
        never_reached=tuple(state.value for state in State if state not in reached),
        worst_days=explorer.longest[worst].days,
        worst=explorer.way(worst, explorer.longest),
        silent_worst_days=slowest[-1].days if slowest else 0.0,
        silent_worst=slowest,
        flaws=tuple(dict.fromkeys(explorer.flaws)),
    )


def _facts(explorer: _Explorer, state: State) -> StateFacts:
    seen = [(key, case) for key, case in explorer.samples.items() if case.state is state]
    waits = [case.waiting for _, case in seen if case.waiting is not None]
    return StateFacts(
        state=state.value,
        owners=tuple(sorted({w.on.value for w in waits})),
        defaults=tuple(sorted({w.default for w in waits})),
        clauses=tuple(sorted({w.clause for w in waits})),
        situations=len(seen),
        worst_days_left=max(explorer.longest[key].days for key, _ in seen),
    )


__all__ = ["Conducted", "Proof", "StateFacts", "Step", "prove"]
