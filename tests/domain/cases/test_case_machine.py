"""Random people give random commands at random times; what must hold, holds after every step.

`Market.check` looks at the books, the folds, the table and the units after each of them; here come the
limits of money, and that what people are offered is what the rules accept.
"""

from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace
from tests.domain.cases.stages import PHOTO
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
    terms_for,
)

from amends.domain.cases import commands as c
from amends.domain.cases.actions import actions
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.lifecycle import moves_of
from amends.domain.cases.model import (
    Finding,
    Goods,
    Inspection,
    Outcome,
    Reception,
    RefundStage,
    Remedy,
    State,
)
from amends.domain.conduct import Conducted, conduct
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Stage
from amends.domain.ledger import Account, balance_of
from amends.domain.orders import (
    Components,
    Line,
    Method,
    Order,
    Parcel,
    Signal,
    Tender,
    Tier,
    TrackingEvent,
    Unit,
)
from amends.domain.parties import Actor, Role
from amends.domain.reasons import REASONS
from amends.domain.refunds import max_refund
from amends.domain.refusals import Refused

PEOPLE = (BUYER, SELLER, MEDIATOR, OTHER_MEDIATOR, OPERATOR, CARRIER, PROVIDER)
NAMES = sorted(command.__struct_config__.tag for command in c.CaseCommand.__args__)
ORDER_NAMES = ("confirm_receipt", "cancel_by_seller", "confirm_payout", "capture", "parcel", "scan")
REFUSED_BY_THE_CASE = frozenset({"not_possible_now", "not_found", "conflict_of_interest"})


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """An order of one to three lines with one to three tenders that cover it, or a part of it."""
    tier = draw(st.sampled_from(list(Tier)))
    terms = terms_for(tier=tier)
    lines = []
    for n in range(draw(st.integers(1, 3))):
        item = draw(st.integers(1, 9000))
        unit = Components(
            item=item,
            discount=draw(st.integers(0, item // 2)),
            shipping=draw(st.integers(0, 900)),
            tax=draw(st.integers(0, 700)),
            fee=draw(st.integers(0, 300)),
        )
        lines.append(Line(f"l{n}", "Lamp", "home", (unit,) * draw(st.integers(1, 3)), terms.terms_id))
    left = sum(unit.paid for line in lines for unit in line.units)
    tenders = []
    for n in range(draw(st.integers(1, 3))):
        part = draw(st.integers(0, left))
        tenders.append(Tender(f"t{n}", draw(st.sampled_from(list(Method))), part))
        left -= part
    if draw(st.booleans()):
        tenders.append(Tender("rest", Method.CARD, left))
    return Order(
        order_id="o1",
        buyer_id=BUYER.id,
        seller_id=SELLER.id,
        currency="EUR",
        placed_at=PLACED,
        lines=tuple(lines),
        tenders=tuple(tenders),
        buyer_tier=tier,
        buyer_postcode="10115",
        promised_by=draw(st.sampled_from([None, PLACED + timedelta(days=12)])),
    )


class Marketplace(RuleBasedStateMachine):
    """One order and whoever does what with it."""

    market: Market

    @initialize(order=orders(), head_start=st.integers(0, 10), data=st.data())
    def place(self, order: Order, head_start: int, data: st.DataObject) -> None:
        self.market = Market(order)
        if head_start >= 1:
            self.market.ship()
        if head_start >= 2:
            self.market.wait(days=3)
            self.market.deliver()
        if head_start >= 3:
            self.likely_claim(data, data.draw(st.sampled_from(["return", "exchange", "partial"])))
        # What lies deep in the lifecycle is not reached by chance alone.
        for _ in range(head_start - 3):
            self.go_on(data)

    # ---- the world

    @rule(
        hours=st.one_of(
            st.integers(0, 48), st.integers(48, 24 * 25), st.sampled_from([24, 72, 120, 168, 240])
        )
    )
    def time_passes(self, hours: int) -> None:
        self.market.wait(hours=hours)

    @rule(early=st.booleans())
    def until_the_next_deadline(self, early: bool) -> None:
        due = [
            w.until for w in (self.market.custody.waiting, *(x.waiting for x in self.live())) if w is not None
        ]
        if due:
            self.market.now = max(self.market.now, min(due) - timedelta(milliseconds=1) * early)

    @rule()
    def the_clock_comes_round(self) -> None:
        self.market.lapse()

    @rule(data=st.data(), name=st.sampled_from(ORDER_NAMES), actor=st.sampled_from(PEOPLE))
    def somebody_tells_of_the_order(self, data: st.DataObject, name: str, actor: Actor) -> None:
        command = self.order_command(data, name)
        self.market.do(command, actor, on_order=True)

    # ---- the people

    @rule(data=st.data())
    def open_claim(self, data: st.DataObject) -> None:
        units = self.some_units(data)
        wanted = self.some_remedy(data, units)
        reason = data.draw(st.sampled_from([code for code in REASONS if not code.startswith("cancel.")]))
        command = c.OpenClaim(reason=reason, units=units, wanted=wanted, draft=data.draw(st.booleans()))
        self.market.do(command, BUYER, on_order=True)

    @rule(data=st.data(), remedy=st.sampled_from(["return", "exchange", "partial"]))
    def open_a_likely_claim(self, data: st.DataObject, remedy: str) -> None:
        self.likely_claim(data, remedy)

    def likely_claim(self, data: st.DataObject, remedy: str) -> None:
        free = [u for u in self.units() if max_refund(self.market.custody, (u,)) > 1]
        if not free:
            return
        units = tuple(data.draw(st.lists(st.sampled_from(free), min_size=1, unique=True)))
        most = max_refund(self.market.custody, units)
        wanted = {
            "return": Remedy(most, Goods.RETURN),
            "exchange": Remedy(most, Goods.RETURN, "blue"),
            "partial": Remedy(max(1, most // 3)),
        }[remedy]
        command = c.OpenClaim(reason="quality.defective", units=units, wanted=wanted)
        self.market.do(command, BUYER, on_order=True)

    @rule(data=st.data(), all_=st.booleans())
    def open_cancellation(self, data: st.DataObject, all_: bool) -> None:
        units = () if all_ else self.some_units(data)
        command = c.OpenCancellation(reason="cancel.changed_mind", units=units)
        self.market.do(command, BUYER, on_order=True)

    @precondition(lambda self: hasattr(self, "market") and self.market.scene.cases)
    @rule(data=st.data(), name=st.sampled_from(NAMES), actor=st.sampled_from(PEOPLE))
    def somebody_tries_something(self, data: st.DataObject, name: str, actor: Actor) -> None:
        self.pick_case(data)
        self.market.do(self.command(data, name), actor)

    @precondition(lambda self: hasattr(self, "market") and self.live())
    @rule(data=st.data())
    def somebody_does_what_is_offered(self, data: st.DataObject) -> None:
        self.pick_case(data)
        offered = [(actor, name) for actor in PEOPLE for name in self.offered(actor)]
        if offered:
            actor, name = data.draw(st.sampled_from(offered))
            self.market.do(self.command(data, name), actor)

    @precondition(lambda self: hasattr(self, "market") and self.live())
    @rule(data=st.data())
    def somebody_goes_on(self, data: st.DataObject) -> None:
        self.go_on(data)

    def go_on(self, data: st.DataObject) -> None:
        """A step that leads further, taken in time."""
        if not self.live():
            return
        self.market.case_id = data.draw(st.sampled_from([case.case_id for case in self.live()]))
        onward = [
            (actor, name)
            for actor in PEOPLE
            for name in sorted(
                self.offered(actor) - {"withdraw", "add_evidence", "take_case", "assign_case", "edit_draft"}
            )
        ]
        if onward:
            actor, name = data.draw(st.sampled_from(onward))
            self.market.do(self.command(data, name), actor)
            self.market.wait(hours=data.draw(st.integers(0, 30)))

    # ---- what must hold

    @invariant()
    def no_more_goes_back_than_came_in(self) -> None:
        if not hasattr(self, "market"):
            return
        books = self.market.custody.books
        captured = sum(books.captured.values())
        assert sum(books.refunded.values()) + sum(books.refunding.values()) <= captured
        for line in self.market.custody.order.lines:
            for n, unit in enumerate(line.units):
                assert 0 <= books.unit_refunded.get(Unit(line.line_id, n).key, 0) <= unit.paid
        paid = sum(
            r.amount
            for case in self.market.scene.cases.values()
            for r in case.refunds
            if r.stage is not RefundStage.REDIRECTED
        )
        assert paid == sum(books.unit_refunded.values())
        assert paid == sum(books.refunded.values()) + sum(books.refunding.values())
        assert balance_of(books, Account.BANK) >= 0

    @invariant()
    def what_is_closed_says_how_it_ended(self) -> None:
        if not hasattr(self, "market"):
            return
        for case in self.market.scene.cases.values():
            assert (case.outcome is None) == case.live
            if not case.live:
                assert all(r.stage in {RefundStage.CONFIRMED, RefundStage.REDIRECTED} for r in case.refunds)
            if case.outcome in {Outcome.WITHDRAWN, Outcome.DISCARDED} and not case.reopened:
                assert not case.refunds

    @invariant()
    def money_of_a_live_case_is_not_paid_out(self) -> None:
        if not hasattr(self, "market") or self.market.custody.stage is not Stage.PAID_OUT:
            return
        assert self.market.custody.waiting is None

    @invariant()
    def people_are_offered_what_the_rules_accept(self) -> None:
        """Nothing offered is refused because of where the case stands, and nothing possible is hidden."""
        if not hasattr(self, "market"):
            return
        for case in self.live():
            self.market.case_id = case.case_id
            for actor in PEOPLE:
                offered = self.offered(actor)
                for name in moves_of(case.state):
                    answer = self.try_out(self.sensible(name), actor)
                    accepted = isinstance(answer, Conducted)
                    if name in offered and isinstance(answer, Refused):
                        assert answer.kind not in {*REFUSED_BY_THE_CASE, "window_closed"} or (
                            name == "submit_draft"
                        ), (name, actor, answer)
                    assert name in offered or not accepted, (name, actor)

    # ---- arguments

    def live(self) -> list[Any]:
        return [case for case in self.market.scene.cases.values() if case.live]

    def units(self) -> list[Unit]:
        order = self.market.custody.order
        return [Unit(line.line_id, n) for line in order.lines for n in range(line.quantity)]

    def some_units(self, data: st.DataObject) -> tuple[Unit, ...]:
        return tuple(data.draw(st.lists(st.sampled_from(self.units()), min_size=1, unique=True)))

    def some_remedy(self, data: st.DataObject, units: tuple[Unit, ...]) -> Remedy:
        most = max_refund(self.market.custody, units)
        amount = data.draw(st.one_of(st.just(most), st.integers(0, most + 1)))
        goods = data.draw(st.sampled_from(list(Goods)))
        return Remedy(amount, goods, data.draw(st.sampled_from(["", "", "blue"])))

    def pick_case(self, data: st.DataObject) -> None:
        cases = sorted(self.market.scene.cases)
        self.market.case_id = data.draw(st.sampled_from(cases))

    def offered(self, actor: Actor) -> set[str]:
        m = self.market
        h = Hearing(m.custody, m.scene.cases, m.rules, actor, m.now)
        mine = {Role.BUYER: m.case.buyer_id, Role.SELLER: m.case.seller_id}.get(actor.role, actor.id)
        assert mine == actor.id
        return {action.name for action in actions(m.case, actor.role, m.now, hearing=h)}

    def try_out(self, command: Any, actor: Actor) -> Conducted | Refused:
        """What would be answered; nothing happens."""
        m = self.market
        return conduct(
            m.scene,
            command,
            order_id=m.order_id,
            case_id=m.case_id,
            actor=actor,
            rules=m.rules,
            now=m.now,
        )

    def order_command(self, data: st.DataObject, name: str) -> Any:
        m = self.market
        ago = timedelta(hours=data.draw(st.integers(0, 72)))
        at = max(PLACED, m.now - ago)
        match name:
            case "confirm_receipt":
                return oc.ConfirmReceipt()
            case "cancel_by_seller":
                return oc.CancelBySeller()
            case "confirm_payout":
                return oc.ConfirmPayout(transfer_id=f"o1-payout-{data.draw(st.integers(1, 2))}")
            case "capture":
                late = Tender("late", Method.WALLET, 0)
                known = data.draw(st.sampled_from([*m.custody.order.tenders, late]))
                return oc.RecordCapture(tender=replace(known, captured=data.draw(st.integers(0, 9000))))
            case "parcel":
                line_ids = [line.line_id for line in m.custody.order.lines]
                carried = tuple(data.draw(st.lists(st.sampled_from(line_ids), unique=True)))
                parcel_id = data.draw(st.sampled_from(["p1", "p2", "p3"]))
                return oc.RecordParcel(parcel=Parcel(parcel_id, at, "Swift Post", "SW1", carried))
            case _:
                signal = data.draw(st.sampled_from(list(Signal)))
                scan = TrackingEvent(at, signal, "DE", data.draw(st.sampled_from(["", "10115", "20457"])))
                parcel_id = data.draw(st.sampled_from(["p1", "p2"]))
                return oc.RecordTracking(parcel_id=parcel_id, events=(scan,))

    def sensible(self, name: str) -> Any:
        """The command with the arguments of somebody who knows what they are doing."""
        m = self.market
        case, most = m.case, max_refund(m.custody, m.case.units)
        finding = Finding(fact="As shown.", clause="return.window.default")
        flying = [r.refund_id for r in case.refunds if r.stage is RefundStage.INITIATED]
        first = flying[0] if flying else "none"
        all_well = tuple(Inspection(u, Reception.RECEIVED, True) for u in case.units)
        made: dict[str, Any] = {
            "edit_draft": c.EditDraft(reason=case.reason, units=case.units, wanted=case.wanted),
            "make_offer": c.MakeOffer(remedy=Remedy(min(1, most))),
            "settle_blind": c.SettleBlind(buyer=1, seller=1),
            "assign_case": c.AssignCase(mediator_id="" if case.mediator_id else "mona"),
            "request_evidence": c.RequestEvidence(of=Role.BUYER, items=("a photo",)),
            "add_evidence": c.AddEvidence(items=(PHOTO,)),
            "submit_evidence": c.SubmitEvidence(items=(PHOTO,)),
            "rule": c.Rule(remedy=Remedy(min(1, most)), reasons="As shown.", findings=(finding,)),
            "confirm_ruling": c.ConfirmRuling(agreed=True),
            "appeal": c.Appeal(note="No.", evidence=(PHOTO,)),
            "give_instructions": c.GiveInstructions(address="Hafenstrasse 3"),
            "ship_return": c.ShipReturn(carrier="Swift Post", tracking_number="RR123456789"),
            "record_reservation": c.RecordReservation(
                variant=case.settlement.remedy.exchange_variant if case.settlement else "",
                until=m.now + timedelta(days=1),
            ),
            "record_sold_out": c.RecordSoldOut(
                variant=case.settlement.remedy.exchange_variant if case.settlement else ""
            ),
            "issue_label": c.IssueLabel(
                carrier="Swift Post", service="", tracking_number="RP123456785PT", price=0
            ),
            "add_freight_receipt": c.AddFreightReceipt(freight=690, receipt="17"),
            "record_payment": c.RecordPayment(amount=1, method=Method.CARD),
            "record_return_scan": c.RecordReturnScan(signal=Signal.IN_TRANSIT, scanned_at=m.now),
            "inspect_return": c.InspectReturn(inspections=all_well),
            "contest_rejection": c.ContestRejection(note="No."),
            "ship_replacement": c.ShipReplacement(carrier="Swift Post", tracking_number="RP123456789"),
            "record_replacement_scan": c.RecordReplacementScan(signal=Signal.IN_TRANSIT, scanned_at=m.now),
            "confirm_refund": c.ConfirmRefund(refund_id=first),
            "fail_refund": c.FailRefund(refund_id=first, why="account closed"),
            "choose_refund_method": c.ChooseRefundMethod(method="balance"),
            "reopen": c.Reopen(reason="New facts."),
        }
        if name in made:
            return made[name]
        plain = {command.__struct_config__.tag: command for command in c.CaseCommand.__args__}
        return plain[name]()

    def command(  # noqa: C901, PLR0911 - one arm a command
        self, data: st.DataObject, name: str
    ) -> Any:
        """The command with arguments that vary, where they matter."""
        m = self.market
        units = m.case.units
        match name:
            case "make_offer":
                return c.MakeOffer(remedy=self.some_remedy(data, units))
            case "rule":
                finding = Finding(fact="As shown.", clause="return.window.default")
                return c.Rule(remedy=self.some_remedy(data, units), reasons="As shown.", findings=(finding,))
            case "edit_draft":
                chosen = self.some_units(data)
                wanted = self.some_remedy(data, chosen)
                return c.EditDraft(reason="quality.defective", units=chosen, wanted=wanted)
            case "inspect_return":
                fine = data.draw(st.lists(st.booleans(), min_size=len(units), max_size=len(units)))
                found = (
                    Inspection(u, Reception.RECEIVED, ok, "" if ok else "not_original_condition")
                    for u, ok in zip(units, fine, strict=True)
                )
                return c.InspectReturn(inspections=tuple(found))
            case "record_return_scan" | "record_replacement_scan":
                signal = data.draw(st.sampled_from(list(Signal)))
                at = m.now - timedelta(hours=data.draw(st.integers(0, 200)))
                kind = c.RecordReturnScan if name == "record_return_scan" else c.RecordReplacementScan
                return kind(signal=signal, scanned_at=at)
            case "confirm_refund" | "fail_refund":
                flying = [r.refund_id for r in m.case.refunds] or ["none"]
                refund_id = data.draw(st.sampled_from(flying))
                if name == "confirm_refund":
                    return c.ConfirmRefund(refund_id=refund_id)
                return c.FailRefund(refund_id=refund_id, why="account closed")
            case "choose_refund_method" if data.draw(st.booleans()):
                return c.ChooseRefundMethod(method="bank_transfer", destination="DE02")
            case "request_evidence":
                of = data.draw(st.sampled_from([Role.BUYER, Role.SELLER]))
                return c.RequestEvidence(of=of, items=("a photo",))
            case "ship_return":
                receipt = data.draw(st.sampled_from(["", "receipt.jpg"]))
                return replace(self.sensible(name), receipt=receipt)
            case _:
                return self.sensible(name)

    def teardown(self) -> None:
        """Left alone, every case ends and the money reaches somebody."""
        if not hasattr(self, "market"):
            return
        m = self.market
        for _ in range(200):
            due = [x.waiting.until for x in self.live() if x.waiting is not None]
            waiting = m.custody.waiting
            due += [waiting.until] if waiting is not None else []
            if not due:
                break
            m.now = max(m.now, min(due))
            m.lapse()
        assert not self.live()
        for transfer in [t for t in m.custody.books.pending.values() if t.purpose == "payout"]:
            m.must(oc.ConfirmPayout(transfer_id=transfer.transfer_id), PROVIDER, on_order=True)
        assert m.custody.books.pending == {}
        assert m.custody.stage in {Stage.PAID_OUT, Stage.CANCELLED}, m.custody.stage
        assert balance_of(m.custody.books, Account.ESCROW) == 0
        assert not any(x.state is not State.CLOSED for x in m.scene.cases.values())


TestMarketplace = Marketplace.TestCase
TestMarketplace.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
