"""A case in each state of the lifecycle, reached by the shortest way, and arguments for each command."""

from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace
from tests.domain.marketplace import (
    BUYER,
    CARRIER,
    MEDIATOR,
    OPERATOR,
    OTHER_MEDIATOR,
    PLACED,
    PROVIDER,
    SELLER,
    Market,
    an_order,
)

from amends.domain.cases import commands as c
from amends.domain.cases.dues import wanted_of_stock
from amends.domain.cases.model import (
    EvidenceItem,
    Finding,
    Goods,
    Inspection,
    Reception,
    RefundStage,
    Remedy,
    State,
)
from amends.domain.orders import Method, Signal, Tender, Unit
from amends.domain.parties import CLOCK, Actor, Role
from amends.domain.policy.terms import Terms

S = State
FIRST, SECOND = Unit("l1", 0), Unit("l1", 1)
BOTH = (FIRST, SECOND)
PHOTO = EvidenceItem(by=Role.BUYER, kind="photo", note="the crack", at=PLACED)
RETURN = Remedy(9000, Goods.RETURN)
EXCHANGE = Remedy(9000, Goods.KEEP, "blue")
DAMAGED = c.OpenClaim(reason="quality.damaged_in_transit", units=BOTH, wanted=RETURN, story="Cracked.")
CHANGED_MIND = c.OpenCancellation(reason="cancel.changed_mind")
# Two tenders, so that one refund can still be under way when the other has failed.
TENDERS = (Tender("t1", Method.CARD, 6000), Tender("t2", Method.WALLET, 3000))


def offer(amount: int, goods: Goods = Goods.KEEP, variant: str = "") -> c.MakeOffer:
    """An offer of a remedy."""
    return c.MakeOffer(remedy=Remedy(amount, goods, variant))


def ruling(amount: int, goods: Goods = Goods.KEEP, variant: str = "") -> c.Rule:
    """A ruling on one finding, under a clause that every order's terms have."""
    finding = Finding(fact="The lamp is cracked.", clause="return.window.default")
    return c.Rule(remedy=Remedy(amount, goods, variant), reasons="The pictures show it.", findings=(finding,))


def verdicts(*accepted: bool) -> c.InspectReturn:
    """The seller's verdict on the units of line l1, in their order."""
    return c.InspectReturn(
        inspections=tuple(
            Inspection(Unit("l1", n), Reception.RECEIVED, ok, "" if ok else "not_original_condition")
            for n, ok in enumerate(accepted)
        )
    )


def arrived(market: Market, signal: Signal = Signal.DELIVERED) -> c.RecordReturnScan:
    """A scan of the return, made now."""
    return c.RecordReturnScan(signal=signal, scanned_at=market.now)


SHIP_RETURN = c.ShipReturn(carrier="Swift Post", tracking_number="RR 123-456-789")
SHIP_REPLACEMENT = c.ShipReplacement(carrier="Swift Post", tracking_number="RP123456789")
INSTRUCT = c.GiveInstructions(address="Lumen, Hafenstrasse 3, 20457 Hamburg")
APPEAL = c.Appeal(note="The pictures are of another lamp.", evidence=(PHOTO,))

# What somebody sensible would send, by the command's tag.
SENSIBLE: dict[str, Callable[[Market], c.CaseCommand]] = {
    "edit_draft": lambda m: c.EditDraft(reason="quality.defective", units=(FIRST,), wanted=Remedy(1000)),
    "submit_draft": lambda m: c.SubmitDraft(),
    "add_evidence": lambda m: c.AddEvidence(items=(PHOTO,)),
    "make_offer": lambda m: offer(2500),
    "accept_offer": lambda m: c.AcceptOffer(),
    "decline_offer": lambda m: c.DeclineOffer(note="No."),
    "settle_blind": lambda m: c.SettleBlind(buyer=2000, seller=2500),
    "escalate": lambda m: c.Escalate(),
    "take_case": lambda m: c.TakeCase(),
    "assign_case": lambda m: c.AssignCase(mediator_id="" if m.case.mediator_id else "mona"),
    "request_evidence": lambda m: c.RequestEvidence(of=Role.BUYER, items=("a photo of the crack",)),
    "submit_evidence": lambda m: c.SubmitEvidence(items=(PHOTO,)),
    "rule": lambda m: ruling(4500),
    "confirm_ruling": lambda m: c.ConfirmRuling(agreed=True),
    "accept_ruling": lambda m: c.AcceptRuling(),
    "appeal": lambda m: APPEAL,
    "give_instructions": lambda m: INSTRUCT,
    "ship_return": lambda m: SHIP_RETURN,
    "issue_label": lambda m: c.IssueLabel(
        carrier="Swift Post", service="parcel", tracking_number="RP123456785PT", price=590, code="K7-42"
    ),
    "add_freight_receipt": lambda m: c.AddFreightReceipt(freight=690, receipt="counter receipt 17"),
    "record_return_scan": arrived,
    "inspect_return": lambda m: verdicts(True, False),
    "accept_rejection": lambda m: c.AcceptRejection(),
    "contest_rejection": lambda m: c.ContestRejection(note="It came back as it was.", evidence=(PHOTO,)),
    "record_payment": lambda m: c.RecordPayment(amount=500, method=Method.CARD, reference="pay-x"),
    "decline_exchange": lambda m: c.DeclineExchange(),
    "decline_replacement": lambda m: c.DeclineReplacement(note="Sold out."),
    "record_reservation": lambda m: c.RecordReservation(
        variant=wanted_of_stock(m.case) or "blue", until=m.now + timedelta(days=3)
    ),
    "record_sold_out": lambda m: c.RecordSoldOut(variant=wanted_of_stock(m.case) or "blue"),
    "ship_replacement": lambda m: SHIP_REPLACEMENT,
    "record_replacement_scan": lambda m: c.RecordReplacementScan(signal=Signal.DELIVERED, scanned_at=m.now),
    "confirm_replacement": lambda m: c.ConfirmReplacement(),
    "confirm_refund": lambda m: c.ConfirmRefund(refund_id=under_way(m)),
    "fail_refund": lambda m: c.FailRefund(refund_id=under_way(m), why="account closed"),
    "choose_refund_method": lambda m: c.ChooseRefundMethod(method="balance"),
    "withdraw": lambda m: c.Withdraw(),
    "reopen": lambda m: c.Reopen(reason="The carrier found the parcel."),
    "lapse": lambda m: c.Lapse(),
}


def under_way(market: Market) -> str:
    """The first refund a provider has; any id where there is none."""
    flying = [r.refund_id for r in market.case.refunds if r.stage is RefundStage.INITIATED]
    return flying[0] if flying else f"{market.case_id}-r1"


def actor_for(state: State, role: Role) -> Actor:
    """Who acts in a role; on appeal, a mediator who has not ruled before."""
    mediator = OTHER_MEDIATOR if state is S.APPEALED else MEDIATOR
    return {
        Role.BUYER: BUYER,
        Role.SELLER: SELLER,
        Role.MEDIATOR: mediator,
        Role.OPERATOR: OPERATOR,
        Role.CARRIER: CARRIER,
        Role.PROVIDER: PROVIDER,
        Role.CLOCK: CLOCK,
    }[role]


def reach(state: State, *, terms: Terms | None = None) -> Market:
    """A market whose only case is in ``state``, one hour after the last thing happened."""
    market = _WAYS[state](terms)
    assert market.case.state is state, market.case.state
    if state is not S.REFUND_OVERDUE:
        market.wait(hours=1)
    return market


def _placed(terms: Terms | None) -> Market:
    return Market(an_order(tenders=TENDERS), terms=terms)


def _delivered(terms: Terms | None) -> Market:
    return Market.delivered(an_order(tenders=TENDERS), terms=terms)


def _free_cancellation(terms: Terms | None) -> Market:
    market = _placed(terms)
    market.wait(hours=1)
    market.open(CHANGED_MIND)
    return market


def _cancel_requested(terms: Terms | None) -> Market:
    market = _placed(terms)
    market.wait(hours=30)
    market.open(CHANGED_MIND)
    return market


def _drafting(terms: Terms | None) -> Market:
    market = _delivered(terms)
    market.open(c.OpenClaim(reason=DAMAGED.reason, units=BOTH, wanted=RETURN, story="Cracked.", draft=True))
    return market


def _claim(terms: Terms | None) -> Market:
    market = _delivered(terms)
    market.open(DAMAGED)
    return market


def _after(state: State, command: c.CaseCommand, actor: Actor) -> Callable[[Terms | None], Market]:
    def way(terms: Terms | None) -> Market:
        market = reach(state, terms=terms)
        market.must(command, actor)
        return market

    return way


def _in_transit_to_inspecting(terms: Terms | None) -> Market:
    market = reach(S.RETURN_IN_TRANSIT, terms=terms)
    market.must(arrived(market), CARRIER)
    return market


def _lapsed(state: State) -> Callable[[Terms | None], Market]:
    def way(terms: Terms | None) -> Market:
        market = reach(state, terms=terms)
        market.to_deadline()
        return market

    return way


def _replacement_due(terms: Terms | None) -> Market:
    market = _claim(terms)
    market.must(c.MakeOffer(remedy=EXCHANGE), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    return market


def _payment_due(terms: Terms | None) -> Market:
    market = _claim(terms)
    market.must(c.MakeOffer(remedy=replace(EXCHANGE, difference=500)), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    return market


def _failed(terms: Terms | None) -> Market:
    market = reach(S.REFUND_INITIATED, terms=terms)
    market.must(c.FailRefund(refund_id=under_way(market), why="account closed"), PROVIDER)
    return market


def _closed(terms: Terms | None) -> Market:
    market = reach(S.REFUND_INITIATED, terms=terms)
    market.confirm_refunds()
    return market


_WAYS: dict[State, Callable[[Terms | None], Market]] = {
    S.CANCEL_REQUESTED: _cancel_requested,
    S.DRAFTING: _drafting,
    S.AWAITING_SELLER: _claim,
    S.AWAITING_BUYER: _after(S.AWAITING_SELLER, offer(3000), SELLER),
    S.MEDIATING: _after(S.AWAITING_BUYER, c.Escalate(), BUYER),
    S.MEDIATING_LATE: _lapsed(S.MEDIATING),
    S.AWAITING_EVIDENCE: _after(
        S.MEDIATING, c.RequestEvidence(of=Role.BUYER, items=("a photo of the crack",)), MEDIATOR
    ),
    S.RULED: _after(S.MEDIATING, ruling(4500), MEDIATOR),
    S.APPEALED: _after(S.RULED, APPEAL, BUYER),
    S.AWAITING_INSTRUCTIONS: _after(S.AWAITING_SELLER, c.AcceptOffer(), SELLER),
    S.AWAITING_SHIPMENT: _after(S.AWAITING_INSTRUCTIONS, INSTRUCT, SELLER),
    S.RETURN_IN_TRANSIT: _after(S.AWAITING_SHIPMENT, SHIP_RETURN, BUYER),
    S.INSPECTING: _in_transit_to_inspecting,
    S.REJECTED: _after(S.INSPECTING, verdicts(True, False), SELLER),
    S.AWAITING_PAYMENT: _payment_due,
    S.AWAITING_REPLACEMENT: _replacement_due,
    S.REPLACEMENT_IN_TRANSIT: _after(S.AWAITING_REPLACEMENT, SHIP_REPLACEMENT, SELLER),
    S.REFUND_APPROVED: _free_cancellation,
    S.REFUND_INITIATED: _after(S.AWAITING_BUYER, c.AcceptOffer(), BUYER),
    S.REFUND_OVERDUE: _lapsed(S.REFUND_INITIATED),
    S.REFUND_METHOD_NEEDED: _failed,
    S.CLOSED: _closed,
}
