"""What simulated people do when a case waits for them: one next step for each state."""

from collections.abc import Callable
from datetime import datetime, timedelta

from amends.application.findings import written
from amends.application.ports import Done, Envelope
from amends.application.replay import Happening, View
from amends.domain.cases import commands as c
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import (
    Case,
    EvidenceItem,
    Goods,
    Inspection,
    Offer,
    Reception,
    Remedy,
    State,
)
from amends.domain.cases.parcels import awaited, to_inspect
from amends.domain.mediation import recommend
from amends.domain.orders import Signal
from amends.domain.parties import Actor, Role
from amends.domain.scene import Rules
from amends.domain.time import Calendars
from amends.simulation.habits import Habits, Temper, hours, percent

CARRIER = "sandbox-carrier"
_MEDIATORS = ("mediator-1", "mediator-2")
_HALF = 2

Plan = tuple[timedelta, Callable[[View, Case], Envelope | None]]


class Answers:
    """The next step of whoever a case waits for; nothing when they are silent."""

    def __init__(self, habits: Habits, calendars: Calendars) -> None:
        self._habits = habits
        self._calendars = calendars
        self._plans: dict[State, Callable[[Case], Plan | None]] = {
            State.CANCEL_REQUESTED: self._on_cancellation,
            State.AWAITING_SELLER: self._on_claim,
            State.AWAITING_BUYER: self._on_offer,
            State.MEDIATING: self._on_mediation,
            State.RULED: self._on_ruling,
            State.APPEALED: self._on_mediation,
            State.AWAITING_INSTRUCTIONS: self._on_settlement,
            State.AWAITING_SHIPMENT: self._on_instructions,
            State.RETURN_IN_TRANSIT: self._on_shipment,
            State.INSPECTING: self._on_return,
            State.REJECTED: self._on_rejection,
            State.REFUND_METHOD_NEEDED: self._on_failure,
        }

    def after(self, done: Done, now: datetime) -> list[Happening]:
        """What follows from a result, if its case waits for somebody who will move."""
        case = done.case
        if case is None or not done.recorded or case.state not in self._plans:
            return []
        plan = self._plans[case.state](case)
        if plan is None:
            return []
        delay, move = plan
        act = _if_unchanged(case, move)
        return [Happening(at=now + delay, order_id=case.order_id, act=act)]

    # The seller

    def _on_cancellation(self, case: Case) -> Plan | None:
        temper = self._habits.temper(case.seller_id)
        delay = hours(6, 48, case.case_id)
        if temper in {Temper.AGREES, Temper.HAGGLES}:
            return delay, _say(Role.SELLER, c.AcceptOffer())
        if temper is Temper.REFUSES:
            return delay, _say(Role.SELLER, c.DeclineOffer(note="The parcel is being packed."))
        return None

    def _on_claim(self, case: Case) -> Plan | None:
        temper = self._habits.temper(case.seller_id)
        delay = hours(4, 96, case.case_id, str(case.seq))
        match temper:
            case Temper.AGREES:
                return delay, _say(Role.SELLER, c.AcceptOffer())
            case Temper.HAGGLES:
                half = Remedy(amount=case.wanted.amount // _HALF, goods=Goods.KEEP, freight_payer=Role.SELLER)
                return delay, _say(Role.SELLER, c.MakeOffer(remedy=half, note="Half, and keep it."))
            case Temper.REFUSES:
                return delay, _say(Role.SELLER, c.DeclineOffer(note="It left in good order."))
            case Temper.SILENT:
                return None

    def _on_settlement(self, case: Case) -> Plan | None:
        if self._habits.temper(case.seller_id) is Temper.SILENT:
            return None
        command = c.GiveInstructions(address="1 Warehouse Road, Sampletown")
        return hours(4, 60, case.case_id), _say(Role.SELLER, command)

    def _on_return(self, case: Case) -> Plan | None:
        temper = self._habits.temper(case.seller_id)
        if temper is Temper.SILENT:
            return None
        rejected = temper is Temper.REFUSES and percent("rejects", case.case_id) < self._habits.rejects
        ground = "not_original_condition" if rejected else ""
        verdicts = tuple(
            Inspection(unit=unit, reception=Reception.RECEIVED, accepted=not rejected, ground=ground)
            for unit in to_inspect(case)
        )
        return hours(4, 40, case.case_id), _say(Role.SELLER, c.InspectReturn(inspections=verdicts))

    # The buyer

    def _on_offer(self, case: Case) -> Plan | None:
        drawn = percent("offer", case.case_id)
        delay = hours(6, 90, case.case_id, str(case.seq))
        if drawn < self._habits.takes and _offered(case) is not None:
            return delay, _say(Role.BUYER, c.AcceptOffer())
        if drawn < self._habits.takes + self._habits.escalates:
            return delay, _say(Role.BUYER, c.Escalate())
        return None

    def _on_instructions(self, case: Case) -> Plan | None:
        if percent("ships", case.case_id) >= self._habits.ships:
            return None
        command = c.ShipReturn(
            carrier=CARRIER, tracking_number=_tracking_number(case), receipt="counter receipt"
        )
        return hours(12, 120, case.case_id), _say(Role.BUYER, command)

    def _on_rejection(self, case: Case) -> Plan | None:
        if percent("contests", case.case_id) >= self._habits.contests:
            return None
        photo = EvidenceItem(by=Role.BUYER, kind="photo", note="As it was sent.", at=case.opened_at)
        command = c.ContestRejection(note="It was unused when it was sent.", evidence=(photo,))
        return hours(6, 90, case.case_id), _say(Role.BUYER, command)

    def _on_failure(self, case: Case) -> Plan | None:
        return hours(6, 60, case.case_id), _say(Role.BUYER, c.ChooseRefundMethod(method="balance"))

    # The others

    def _on_mediation(self, case: Case) -> Plan | None:
        if percent("rules", case.case_id, str(len(case.rulings))) >= self._habits.rules:
            return None
        return hours(24, 110, case.case_id, str(len(case.rulings))), self._rule

    def _rule(self, view: View, case: Case) -> Envelope | None:
        """A mediator who finds what the facts recommend."""
        if view.scene.custody is None:
            return None
        # Whoever ruled first may not hear the appeal.
        actor = Actor(Role.MEDIATOR, _MEDIATORS[min(len(case.rulings), 1)])
        rules = Rules(view.terms, self._calendars)
        hearing = Hearing(view.scene.custody, view.scene.cases, rules, actor, view.now)
        found = written(recommend(hearing, case, final=bool(case.rulings)))
        command = c.Rule(remedy=found.remedy, reasons=found.reasons, findings=found.findings)
        return Envelope(command=command, actor=actor, order_id=case.order_id, case_id=case.case_id)

    def _on_ruling(self, case: Case) -> Plan | None:
        ruling = case.rulings[-1]
        won = Role.BUYER if ruling.remedy.amount else Role.SELLER
        lost = Role.SELLER if won is Role.BUYER else Role.BUYER
        delay = hours(12, 150, case.case_id)
        if lost in ruling.accepted_by:
            return None
        if percent("appeals", case.case_id) < self._habits.appeals and case.appealed_by is None:
            paper = EvidenceItem(by=lost, kind="document", note="A statement.", at=ruling.at)
            return delay, _say(lost, c.Appeal(note="The facts were different.", evidence=(paper,)))
        if percent("accepts", case.case_id) < 50:
            return delay, _say(lost, c.AcceptRuling())
        return None

    def _on_shipment(self, case: Case) -> Plan | None:
        moving = awaited(case)
        if not moving or percent("lost", case.case_id) < self._habits.lost:
            return None
        seen = Signal.DELIVERED if moving[0].scans > 0 else Signal.IN_TRANSIT
        return hours(48, 144, case.case_id, str(case.seq)), _scan(seen, moving[0].tracking_number)


def _offered(case: Case) -> Offer | None:
    return next((offer for offer in reversed(case.offers) if offer.by is Role.SELLER), None)


def _say(role: Role, command: c.CaseCommand) -> Callable[[View, Case], Envelope | None]:
    def say(_: View, case: Case) -> Envelope:
        actor = Actor(role, case.buyer_id if role is Role.BUYER else case.seller_id)
        return Envelope(command=command, actor=actor, order_id=case.order_id, case_id=case.case_id)

    return say


def _scan(signal: Signal, number: str) -> Callable[[View, Case], Envelope | None]:
    def scan(view: View, case: Case) -> Envelope:
        command = c.RecordReturnScan(tracking_number=number, signal=signal, scanned_at=view.now)
        actor = Actor(Role.CARRIER, CARRIER)
        return Envelope(command=command, actor=actor, order_id=case.order_id, case_id=case.case_id)

    return scan


def _if_unchanged(
    planned: Case, move: Callable[[View, Case], Envelope | None]
) -> Callable[[View], Envelope | None]:
    """People think again when something happened meanwhile; then another plan has been made."""

    def act(view: View) -> Envelope | None:
        case = view.scene.cases.get(planned.case_id)
        return move(view, case) if case is not None and case.seq == planned.seq else None

    return act


def _tracking_number(case: Case) -> str:
    digits = percent("tracking", case.case_id), percent("number", case.case_id)
    return f"RR{case.case_id.replace('.', '').upper()[-10:]:0>10}{digits[0]:02}{digits[1]:02}BR"
