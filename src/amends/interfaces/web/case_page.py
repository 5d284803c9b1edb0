"""What a case page shows, in the reader's words: whose turn, until when, what otherwise, where the money is, why."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from amends.application.ports import CaseFile
from amends.domain.cases.actions import Action, actions
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import (
    Case,
    EvidenceItem,
    Goods,
    Inspection,
    Kind,
    Offer,
    Refund,
    RefundStage,
    Remedy,
    Ruling,
    State,
)
from amends.domain.cases.negotiation import latest, standing_request
from amends.domain.chain import Recorded
from amends.domain.custody import events as order_events
from amends.domain.custody.model import Custody
from amends.domain.mediation import recommend
from amends.domain.orders import Line
from amends.domain.parties import Role, Waiting
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.reasons import REASONS
from amends.domain.refunds import attributed, max_refund, worksheet
from amends.domain.refusals import Refused
from amends.domain.scene import Rules
from amends.interfaces.web import forms, vocabulary
from amends.interfaces.web.visits import STAFF, Visit
from amends.interfaces.web.words import N_

PARTIES = (Role.BUYER, Role.SELLER)
_MEDIATION = frozenset(
    {State.MEDIATING, State.MEDIATING_LATE, State.AWAITING_EVIDENCE, State.RULED, State.APPEALED}
)
_RETURN = frozenset(
    {
        State.AWAITING_INSTRUCTIONS,
        State.AWAITING_SHIPMENT,
        State.RETURN_IN_TRANSIT,
        State.INSPECTING,
        State.REJECTED,
    }
)
_EXCHANGE = frozenset({State.AWAITING_REPLACEMENT, State.REPLACEMENT_IN_TRANSIT})
_REFUND = frozenset(
    {State.REFUND_APPROVED, State.REFUND_INITIATED, State.REFUND_OVERDUE, State.REFUND_METHOD_NEEDED}
)
# Kept to the end of the list: what ends a case without a remedy.
_GRAVE = frozenset({"withdraw", "accept_rejection"})
_UNTOLD = (order_events.CaseCounted, order_events.CaseEnded)


class Badge(msgspec.Struct, frozen=True):
    """A status: ``tone`` is turn, them, good, bad or plain."""

    text: str
    tone: str = "plain"


class Countdown(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline: ``left`` relative, ``headline`` absolute, ``part`` of the time that is left in per cent."""

    left: str
    headline: str
    otherwise: str
    at: datetime
    part: int
    mine: bool
    late: bool


class Step(msgspec.Struct, frozen=True):
    """``stand`` is done, now or ahead."""

    title: str
    stand: str


class Pair(msgspec.Struct, frozen=True):
    """A label and its value; ``strong`` for a sum."""

    label: str
    value: str
    strong: bool = False


class OfferCard(msgspec.Struct, frozen=True, kw_only=True):
    badge: Badge
    who: str
    title: str
    amount: str
    note: str
    freight: str
    at: datetime
    open: bool


class Told(msgspec.Struct, frozen=True):
    """One moment of the timeline."""

    at: datetime
    title: str
    detail: str


class EvidenceCard(msgspec.Struct, frozen=True):
    kind: str
    title: str
    note: str
    who: str
    at: datetime
    url: str


class RulingCard(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    remedy: str
    reasons: str
    findings: tuple[tuple[str, str, str], ...]
    at: datetime
    final: bool
    accepted: str


class SheetRow(msgspec.Struct, frozen=True):
    """What one component of one unit contributes, and who bears it."""

    component: str
    amount: str
    payer: str


class Sheet(msgspec.Struct, frozen=True):
    """A refund to the cent: rows by component, and its sum."""

    rows: tuple[SheetRow, ...]
    total: str


class ActionView(msgspec.Struct, frozen=True, kw_only=True):
    """A form the reader may send. ``typed`` are the values in its fields, ``errors`` what is wrong with them."""

    name: str
    label: str
    button: str
    hint: str
    mandatory: bool
    main: bool
    open: bool
    typed: Mapping[str, str]
    errors: Mapping[str, str]


Choices = tuple[tuple[str, str], ...]


class Lists(msgspec.Struct, frozen=True, kw_only=True):
    """What the fields of the forms offer: (value, words)."""

    remedies: Choices
    rulings: Choices
    kinds: Choices
    clauses: Choices
    labels: Choices
    signals: Choices
    receptions: Choices
    grounds: Choices
    refunds: Choices
    findings: int
    symbol: str


class CasePageView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the page of one case."""

    case: Case
    title: str
    reason: str
    line: Line
    quantity: int
    badge: Badge
    countdown: Countdown | None
    steps: tuple[Step, ...]
    actions: tuple[ActionView, ...]
    my_turn: bool
    offers: tuple[OfferCard, ...]
    evidence: tuple[EvidenceCard, ...]
    burden: tuple[str, ...]
    rulings: tuple[RulingCard, ...]
    recommended: RulingCard | None
    returning: tuple[Pair, ...]
    inspections: tuple[tuple[Badge, str], ...]
    replacement: tuple[Pair, ...]
    money: tuple[Pair, ...]
    sheet: Sheet | None
    refunds: tuple[Pair, ...]
    clause: ClauseText | None
    timeline: tuple[Told, ...]
    lists: Lists
    most: str
    parties: tuple[Pair, ...]
    unit_names: tuple[str, ...]


def badge_of(case: Case, visit: Visit) -> Badge:
    """The case's status as a badge; yellow when it is the reader's turn."""
    say = visit.words.say
    if case.outcome is not None:
        tone = "good" if case.outcome.value in {"refunded", "partly_refunded", "exchanged"} else "plain"
        return Badge(say(vocabulary.OUTCOMES[case.outcome]), tone)
    if waits_on(case.waiting, visit.role):
        return Badge(say(N_("Your turn")), "turn")
    return Badge(say(vocabulary.STATES[case.state]), "them")


def waits_on(waiting: Waiting | None, role: Role) -> bool:
    """Whether it is that role's turn; what waits on support waits on any of the staff's operators."""
    return waiting is not None and waiting.on is role


def countdown(case: Case, visit: Visit, timeline: Sequence[Recorded]) -> Countdown | None:
    """The deadline of a live case, or None."""
    waiting = case.waiting
    if waiting is None:
        return None
    mine = waits_on(waiting, visit.role)
    since = _since(timeline, waiting) or case.opened_at
    whole = (waiting.until - since).total_seconds()
    rest = (waiting.until - visit.now).total_seconds()
    words = visit.words
    return Countdown(
        left=words.left(waiting.until, visit.now),
        headline=words.say(_turn(case, waiting, visit.role), until=words.moment(waiting.until)),
        otherwise=otherwise(case, waiting, visit),
        at=waiting.until,
        part=max(0, min(100, round(100 * rest / whole))) if whole > 0 else 0,
        mine=mine,
        late=rest < 24 * 3600,
    )


def otherwise(case: Case, waiting: Waiting, visit: Visit) -> str:
    """What happens at the deadline if nothing does, told to the reader."""
    triple = vocabulary.DEFAULTS[waiting.default]
    which = {Role.BUYER: 0, Role.SELLER: 1}.get(visit.role, 2)
    remedy = visit.teller(case).remedy(standing_request(case))
    return visit.words.say(triple[which], remedy=remedy)


def _turn(case: Case, waiting: Waiting, role: Role) -> str:
    asked = vocabulary.ASKED_TURNS.get(case.state)
    if asked is not None:
        return asked[0] if waiting.on is role else asked[1 if waiting.on is Role.BUYER else 2]
    return vocabulary.TURNS[case.state][{Role.BUYER: 0, Role.SELLER: 1}.get(role, 2)]


def _since(timeline: Sequence[Recorded], waiting: Waiting) -> datetime | None:
    """When the clock that runs now was started: the first event of the last run that carries it."""
    since = None
    for recorded in reversed(timeline):
        if recorded.event.waiting != waiting:
            break
        since = recorded.at
    return since


def line_of(case: Case, custody: Custody) -> Line:
    """The line a case is about."""
    found = custody.order.line(case.units[0].line_id) if case.units else None
    return found or custody.order.lines[0]


def title_of(case: Case, custody: Custody, visit: Visit) -> str:
    """``Ceramic lamp – It arrived damaged``."""
    reason = visit.teller(case).reason(case.reason)
    return visit.words.say(N_("%(item)s – %(reason)s"), item=line_of(case, custody).title, reason=reason)


def case_page(
    visit: Visit,
    file: CaseFile,
    order_timeline: Sequence[Recorded],
    *,
    tried: str = "",
    form: forms.Form | None = None,
) -> CasePageView:
    """The page of one case; ``form`` is the one that was refused under the name ``tried``."""
    case, custody = file.case, file.custody
    events = [link.recorded for link in file.timeline]
    line = line_of(case, custody)
    terms = file.terms[line.terms_id]
    most = max_refund(custody, case.units)
    view = _View(visit, case, custody, terms, most)
    waiting = case.waiting
    recommended = view.recommended(file.terms)
    return CasePageView(
        case=case,
        title=title_of(case, custody, visit),
        reason=visit.teller(case).reason(case.reason),
        line=line,
        quantity=len(case.units),
        badge=badge_of(case, visit),
        countdown=countdown(case, visit, events),
        steps=view.steps(),
        actions=view.actions(tried, form, recommended),
        my_turn=waits_on(waiting, visit.role),
        offers=tuple(view.offer(o) for o in reversed(case.offers)),
        evidence=tuple(view.evidence(item) for item in case.evidence),
        burden=view.burden(),
        rulings=tuple(view.ruling(r) for r in reversed(case.rulings)),
        recommended=view.ruling(recommended) if recommended else None,
        returning=view.returning(),
        inspections=tuple(view.inspection(i) for i in case.inspections),
        replacement=view.replacement(),
        money=view.money(),
        sheet=view.sheet(),
        refunds=tuple(view.refund(r) for r in case.refunds),
        clause=view.clause(waiting.clause) if waiting else None,
        timeline=view.timeline([*order_timeline, *events]),
        lists=view.lists(),
        most=visit.words.money(most, case.currency),
        parties=view.parties(),
        unit_names=tuple(view.unit_name(n) for n in range(len(case.units))),
    )


class _View:
    """One case as one reader sees it."""

    def __init__(self, visit: Visit, case: Case, custody: Custody, terms: Terms, most: int) -> None:
        self.visit = visit
        self.say = visit.words.say
        self.case = case
        self.custody = custody
        self.terms = terms
        self.most = most
        self.teller = visit.teller(case)

    def cash(self, amount: int) -> str:
        return self.visit.words.money(amount, self.case.currency)

    def clause(self, clause_id: str) -> ClauseText | None:
        return self.terms.clauses.get(clause_id)

    # Where it stands

    def steps(self) -> tuple[Step, ...]:
        """The way of this case from its opening to its end; what it will not need is left out."""
        stations = self._stations()
        if self.case.state is State.CLOSED:
            return tuple(Step(self.say(title), "done") for title, _ in stations)
        at = next(n for n, (_, states) in enumerate(stations) if self.case.state in states)
        return tuple(
            Step(self.say(title), "done" if n < at else "now" if n == at else "ahead")
            for n, (title, _) in enumerate(stations)
        )

    def _stations(self) -> list[tuple[str, frozenset[State]]]:
        case = self.case
        if case.kind is Kind.CANCELLATION:
            return [
                (N_("Cancellation asked for"), frozenset()),
                (N_("Seller answers"), frozenset({State.CANCEL_REQUESTED})),
                (N_("Refund"), _REFUND),
                (N_("Closed"), frozenset()),
            ]
        remedy = case.settlement.remedy if case.settlement else standing_request(case)
        mediated = case.mediation_since is not None or case.state in _MEDIATION
        returned = remedy.goods is Goods.RETURN or case.state in _RETURN or case.shipment is not None
        exchanged = bool(remedy.exchange_variant) or case.state in _EXCHANGE
        stations = [
            (N_("Request written"), frozenset({State.DRAFTING})),
            (N_("Buyer and seller talk"), frozenset({State.AWAITING_SELLER, State.AWAITING_BUYER})),
        ]
        mediation = (N_("Mediator decides"), _MEDIATION)
        sent_back = (N_("Item goes back"), _RETURN)
        # A contested return comes before the mediator, any other dispute after the talks.
        order = [sent_back, mediation] if case.contested else [mediation, sent_back]
        stations += [s for s in order if (s is mediation and mediated) or (s is sent_back and returned)]
        if exchanged:
            stations.append((N_("Replacement"), _EXCHANGE))
        if not exchanged or case.state in _REFUND:
            stations.append((N_("Refund"), _REFUND))
        return [*stations, (N_("Closed"), frozenset())]

    # What can be done

    def actions(
        self, tried: str, form: forms.Form | None, recommended: Ruling | None
    ) -> tuple[ActionView, ...]:
        case = self.case
        possible = [a for a in actions(case, self.visit.role, self.visit.now) if a.name in forms.OFFERED]
        possible.sort(key=lambda a: (not a.mandatory, a.name in _GRAVE))
        known = {a.name for a in possible}
        if tried and tried not in known:
            tried = ""
        views = []
        for n, action in enumerate(possible):
            label, hint, _ = vocabulary.ACTIONS[action.name]
            chosen = form if action.name == tried else None
            views.append(
                ActionView(
                    name=action.name,
                    label=self._label(action, label),
                    button=self.say(_BUTTONS.get(action.name, label)),
                    hint=self.say(hint) if hint else "",
                    mandatory=action.mandatory,
                    main=n == 0 and (action.mandatory or action.name == "take_case"),
                    open=chosen is not None,
                    typed={k: v[-1] for k, v in chosen.values.items()}
                    if chosen
                    else self._typed(action, recommended),
                    errors=chosen.errors if chosen else {},
                )
            )
        return tuple(views)

    def _label(self, action: Action, label: str) -> str:
        if action.name == "accept_offer":
            offer = latest(self.case, self._other())
            remedy = offer.remedy if offer else self.case.wanted
            return self.say(N_("Accept: %(remedy)s"), remedy=self.teller.remedy(remedy))
        if action.name == "make_offer" and latest(self.case, self._other()) is not None:
            return self.say(N_("Make a counter-offer"))
        return self.say(label)

    def _other(self) -> Role:
        return Role.SELLER if self.visit.role is Role.BUYER else Role.BUYER

    def _typed(self, action: Action, recommended: Ruling | None) -> dict[str, str]:
        """What stands in a form before anybody typed: the last offer, or the recommended ruling."""
        if action.name == "rule" and recommended is not None:
            typed = {"reasons": recommended.reasons, **self._remedy_fields(recommended.remedy)}
            for n, finding in enumerate(recommended.findings[: forms.FINDINGS], 1):
                typed |= {
                    f"fact_{n}": finding.fact,
                    f"clause_{n}": finding.clause,
                    f"evidence_{n}": finding.evidence,
                }
            return typed
        if action.name == "make_offer":
            own = latest(self.case, self.visit.role)
            return self._remedy_fields(own.remedy) if own else {"freight": "seller"}
        offer = latest(self.case, self._other())
        return {"offer_id": str(offer.offer_id)} if action.name == "accept_offer" and offer else {}

    def _remedy_fields(self, remedy: Remedy) -> dict[str, str]:
        goods = "return" if remedy.goods is Goods.RETURN else "keep"
        what = f"exchange_{goods}" if remedy.exchange_variant else goods if remedy.amount else "nothing"
        amount = self.visit.words.amount_field(remedy.amount, self.case.currency) if remedy.amount else ""
        freight = "buyer" if remedy.freight_payer is Role.BUYER else "seller"
        return {"what": what, "amount": amount, "variant": remedy.exchange_variant, "freight": freight}

    # What both sides said

    def offer(self, offer: Offer) -> OfferCard:
        open_ = offer.state == "open" and self.case.live and self.case.settlement is None
        mine = offer.by is self.visit.role
        if open_ and not mine and self.visit.role in PARTIES:
            badge = Badge(self.say(N_("You can accept")), "turn")
        elif open_:
            badge = Badge(self.say(N_("Open")), "them")
        else:
            badge = Badge(
                self.say(_OFFER_STATES.get(offer.state, N_("Past"))), _OFFER_TONES.get(offer.state, "plain")
            )
        exchange = bool(offer.remedy.exchange_variant)
        return OfferCard(
            badge=badge,
            who=self.visit.party(self.case, offer.by),
            title=self.remedy_title(offer.remedy),
            amount="" if exchange or not offer.remedy.amount else self.cash(offer.remedy.amount),
            note=offer.note,
            freight=self.freight(offer.remedy),
            at=offer.at,
            open=open_,
        )

    def remedy_title(self, remedy: Remedy) -> str:
        returned = remedy.goods is Goods.RETURN
        if remedy.exchange_variant:
            what = N_("Exchange for “%(variant)s”")
            return self.say(what, variant=remedy.exchange_variant)
        if not remedy.amount:
            return self.say(N_("No refund"))
        full = remedy.amount >= self.most
        if returned:
            return self.say(N_("Send it back for a full refund") if full else N_("Send it back for a refund"))
        return self.say(N_("Full refund, keep the item") if full else N_("Partial refund, keep the item"))

    def freight(self, remedy: Remedy) -> str:
        if remedy.goods is not Goods.RETURN:
            return ""
        by_buyer = remedy.freight_payer is Role.BUYER
        return self.say(
            N_("The buyer pays the return postage.")
            if by_buyer
            else N_("The seller pays the return postage.")
        )

    def evidence(self, item: EvidenceItem) -> EvidenceCard:
        return EvidenceCard(
            kind=item.kind,
            title=self.say(vocabulary.EVIDENCE_KINDS.get(item.kind, N_("Evidence"))),
            note=item.note,
            who=self.visit.party(self.case, item.by),
            at=item.at,
            # Anything else than https could run or lead astray.
            url=item.url if item.url.startswith("https://") else "",
        )

    def burden(self) -> tuple[str, ...]:
        """Who has to prove the point, with what, and whether it is there."""
        reason = REASONS.get(self.case.reason)
        if reason is None or self.case.kind is Kind.CANCELLATION:
            return ()
        words = self.visit.words
        kinds = words.listing([self.say(vocabulary.EVIDENCE_KINDS[k]).lower() for k in reason.evidence], "or")
        mine = reason.who_proves is self.visit.role
        who = (
            self.say(N_("You have to prove your point. One of these will do: %(kinds)s."), kinds=kinds)
            if mine
            else self.say(
                N_("The %(who)s has to prove the point. One of these will do: %(kinds)s."),
                who=self.say(vocabulary.ROLES[reason.who_proves]).lower(),
                kinds=kinds,
            )
        )
        there = any(
            item.by is reason.who_proves and item.kind in reason.evidence for item in self.case.evidence
        )
        return who, self.say(N_("It is there.")) if there else self.say(N_("It is still missing."))

    # What a mediator decided

    def ruling(self, ruling: Ruling) -> RulingCard:
        by = N_("Decided by a mediator") if ruling.mediator_id else N_("Recommended by the rules")
        accepted = [self.visit.party(self.case, role) for role in ruling.accepted_by]
        return RulingCard(
            title=self.say(by),
            remedy=self.teller.remedy(ruling.remedy),
            reasons=ruling.reasons,
            findings=tuple(self._finding(f.fact, f.clause, f.evidence) for f in ruling.findings),
            at=ruling.at,
            final=ruling.final,
            accepted=self.say(N_("Accepted by: %(who)s"), who=self.visit.words.listing(accepted))
            if accepted
            else "",
        )

    def _finding(self, fact: str, clause_id: str, evidence: str) -> tuple[str, str, str]:
        text = self.clause(clause_id)
        clause = (
            self.say(N_("%(sentence)s (%(id)s)"), sentence=text.sentence, id=text.id) if text else clause_id
        )
        return fact, clause, evidence

    def recommended(self, terms: Mapping[str, Terms]) -> Ruling | None:
        """What the rules recommend, shown to those who decide."""
        if self.visit.role not in STAFF or self.case.state not in _MEDIATION - {State.RULED}:
            return None
        rules = Rules(terms=terms, calendars=self.visit.parts.calendars)
        hearing = Hearing(self.custody, {}, rules, self.visit.actor, self.visit.now)
        return recommend(hearing, self.case, final=self.case.state is State.APPEALED)

    # The goods

    def returning(self) -> tuple[Pair, ...]:
        case, pairs = self.case, []
        if case.instructions is not None:
            pairs.append(Pair(self.say(N_("Return number")), case.instructions.authorisation))
            pairs.append(Pair(self.say(N_("Send it to")), case.instructions.address))
            if case.instructions.note:
                pairs.append(Pair(self.say(N_("Note")), case.instructions.note))
        if case.shipment is not None:
            sent = f"{case.shipment.carrier} {case.shipment.tracking_number}"
            pairs.append(Pair(self.say(N_("Sent with")), sent))
            if case.shipment.freight:
                pairs.append(Pair(self.say(N_("Return postage paid")), self.cash(case.shipment.freight)))
            if case.shipment.delivered_at:
                at = self.visit.words.stamp(case.shipment.delivered_at)
                pairs.append(Pair(self.say(N_("Delivered")), at))
        return tuple(pairs)

    def inspection(self, inspection: Inspection) -> tuple[Badge, str]:
        reception = self.say(vocabulary.RECEPTIONS[inspection.reception.value])
        if inspection.accepted:
            return Badge(self.say(N_("Accepted")), "good"), reception
        ground = self.say(vocabulary.REJECT_GROUNDS.get(inspection.ground, inspection.ground))
        told = [reception, ground, inspection.note]
        return Badge(self.say(N_("Rejected")), "bad"), ". ".join(part for part in told if part)

    def replacement(self) -> tuple[Pair, ...]:
        sent = self.case.replacement
        if sent is None:
            return ()
        pairs = [Pair(self.say(N_("Sent with")), f"{sent.carrier} {sent.tracking_number}")]
        if sent.delivered_at:
            pairs.append(Pair(self.say(N_("Delivered")), self.visit.words.stamp(sent.delivered_at)))
        return tuple(pairs)

    def unit_name(self, n: int) -> str:
        line = line_of(self.case, self.custody)
        if len(self.case.units) == 1:
            return line.title
        return self.say(
            N_("%(item)s, piece %(number)s"), item=line.title, number=self.visit.words.number(n + 1)
        )

    # The money

    def money(self) -> tuple[Pair, ...]:
        case, books = self.case, self.custody.books
        paid = sum(
            line.units[unit.index].paid
            for unit in case.units
            if (line := self.custody.order.line(unit.line_id)) is not None
        )
        settled = case.settlement.remedy if case.settlement else None
        asked = settled or standing_request(case)
        pairs = [
            Pair(self.say(N_("Paid for what this is about")), self.cash(paid)),
            Pair(self.say(N_("Agreed or decided") if settled else N_("Asked for")), self.cash(asked.amount)),
        ]
        moved = [
            (N_("Refund on its way"), sum(books.refunding.values())),
            (N_("Refunded so far"), sum(books.refunded.values())),
            (N_("Released to the seller"), books.seller + books.bank),
        ]
        pairs += [Pair(self.say(label), self.cash(amount)) for label, amount in moved if amount]
        pairs.append(Pair(self.say(N_("Held safely for this order")), self.cash(books.escrow), strong=True))
        return tuple(pairs)

    def sheet(self) -> Sheet | None:
        """The refund by component: as paid once there is one, as it would be before."""
        refunded = self.custody.books.unit_refunded
        if self.case.refunds and any(unit.key in refunded for unit in self.case.units):
            sums: dict[str, int] = {}
            for unit in self.case.units:
                line = self.custody.order.line(unit.line_id)
                if line is None:
                    continue
                share = attributed(line.units[unit.index], refunded.get(unit.key, 0))
                for name in vocabulary.COMPONENTS:
                    sign = -1 if name == "discount" else 1
                    sums[name] = sums.get(name, 0) + sign * getattr(share, name)
            rows = tuple(self._row(name, amount, "") for name, amount in sums.items() if amount)
            return Sheet(rows, self.cash(sum(sums.values())))
        remedy = self.case.settlement.remedy if self.case.settlement else standing_request(self.case)
        if not remedy.amount or not self.case.live:
            return None
        worked = worksheet(self.custody, self.case.units, min(remedy.amount, self.most), "amount")
        if isinstance(worked, Refused):
            return None
        by: dict[tuple[str, str], int] = {}
        for row in worked.rows:
            by[row.component, row.payer.value] = by.get((row.component, row.payer.value), 0) + row.amount
        rows = tuple(self._row(name, amount, payer) for (name, payer), amount in by.items() if amount)
        return Sheet(rows, self.cash(worked.total))

    def _row(self, component: str, amount: int, payer: str) -> SheetRow:
        paid_by = (
            self.say(N_("borne by %(payer)s"), payer=self.say(vocabulary.PAYERS[payer])) if payer else ""
        )
        return SheetRow(self.say(vocabulary.COMPONENTS[component]), self.cash(amount), paid_by)

    def refund(self, refund: Refund) -> Pair:
        method = self.say(vocabulary.METHODS.get(refund.method, refund.method))
        stage = self.say(vocabulary.REFUND_STAGES[refund.stage])
        label = self.say(N_("%(amount)s to %(method)s"), amount=self.cash(refund.amount), method=method)
        if refund.eta_by is not None and refund.stage.value == "initiated":
            stage = self.say(
                N_("%(stage)s, by %(day)s"), stage=stage, day=self.visit.words.day(refund.eta_by)
            )
        return Pair(label, stage)

    # The rest

    def lists(self) -> Lists:
        """The choices of the forms, in words."""
        case = self.case
        offered = {kind: title for kind, title in forms.REMEDY_KINDS.items() if kind != "nothing"}
        flying = [r for r in case.refunds if r.stage is RefundStage.INITIATED]
        texts = sorted(self.terms.clauses.values(), key=lambda text: text.id)
        return Lists(
            remedies=self._choices(offered),
            rulings=self._choices(forms.REMEDY_KINDS),
            kinds=self._choices(vocabulary.EVIDENCE_KINDS),
            clauses=tuple(
                (text.id, self.say(N_("%(id)s: %(sentence)s"), id=text.id, sentence=text.sentence))
                for text in texts
            ),
            labels=self._choices(vocabulary.LABELS),
            signals=tuple((signal.value, self.say(title)) for signal, title in vocabulary.SIGNALS.items()),
            receptions=self._choices(vocabulary.RECEPTIONS),
            grounds=self._choices(vocabulary.REJECT_GROUNDS),
            refunds=tuple((r.refund_id, self.refund(r).label) for r in flying),
            findings=forms.FINDINGS,
            symbol=self.visit.words.symbol(case.currency),
        )

    def _choices(self, messages: Mapping[str, str]) -> Choices:
        return tuple((code, self.say(message)) for code, message in messages.items())

    def timeline(self, events: Sequence[Recorded]) -> tuple[Told, ...]:
        """Newest first; of events of one instant the later one first."""
        told = [
            Told(recorded.at, *self.teller.tell(recorded))
            for recorded in events
            if not isinstance(recorded.event, _UNTOLD)
        ]
        return tuple(sorted(told[::-1], key=lambda moment: moment.at, reverse=True))

    def parties(self) -> tuple[Pair, ...]:
        pairs = [Pair(self.say(vocabulary.ROLES[role]), self._party(role)) for role in PARTIES]
        if self.case.mediator_id:
            name = self.visit.name_of(Role.MEDIATOR, self.case.mediator_id)
            shown = name if self.visit.role in STAFF else self.say(N_("assigned"))
            pairs.append(Pair(self.say(vocabulary.ROLES[Role.MEDIATOR]), shown))
        return tuple(pairs)

    def _party(self, role: Role) -> str:
        if role is self.visit.role:
            return self.say(N_("You"))
        person_id = self.case.buyer_id if role is Role.BUYER else self.case.seller_id
        return self.visit.name_of(role, person_id)


# What a button says where the name of the action does not say all.
_BUTTONS = {
    "accept_offer": N_("Accept, this is final"),
    "make_offer": N_("Send the offer"),
    "decline_offer": N_("Decline"),
    "rule": N_("Record the decision"),
    "appeal": N_("Send the appeal"),
    "give_instructions": N_("Send to the buyer"),
    "ship_return": N_("Record the parcel"),
    "ship_replacement": N_("Record the parcel"),
    "inspect_return": N_("Record the inspection"),
    "choose_refund_method": N_("Send my money there"),
}
_OFFER_STATES = {
    "countered": N_("Countered"),
    "declined": N_("Declined"),
    "accepted": N_("Accepted"),
    "lapsed": N_("Lapsed"),
}
_OFFER_TONES = {"accepted": "good", "declined": "bad"}
