"""Whatever is done to an order, in whatever sequence: what is kept of it fits together after every step.

The steps are chosen by Hypothesis, and everything runs on the real store. A run of a night:
`pytest tests/reliability/test_every_sequence.py --hypothesis-profile=nightly`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from amends.adapters.postgres.pool import Pool, open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.audit import audit
from amends.application.execute import execute
from amends.application.ports import AnyCommand, Done, Envelope, Result
from amends.domain.cases import commands as c
from amends.domain.cases.lifecycle import moves_of
from amends.domain.cases.model import Case, EvidenceItem, Finding, Goods, Inspection, Reception, Remedy
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Custody
from amends.domain.orders import Method, Parcel, Signal, Tender, TrackingEvent, Unit
from amends.domain.parties import CLOCK, Actor, Role
from amends.domain.refunds import max_refund
from amends.domain.refusals import Refused
from amends.domain.scene import Scene
from tests.contract.stores import DELIVERED, RULES, placing, to
from tests.domain.marketplace import (
    BUYER,
    CARRIER,
    MEDIATOR,
    OPERATOR,
    OTHER_MEDIATOR,
    PLACED,
    PROVIDER,
    SELLER,
    an_order,
)
from tests.reliability.oracle import kept, wrongs
from tests.reliability.rivals import fingerprint

PEOPLE = {
    Role.BUYER: [BUYER],
    Role.SELLER: [SELLER],
    Role.MEDIATOR: [MEDIATOR, OTHER_MEDIATOR],
    Role.OPERATOR: [OPERATOR],
    Role.CARRIER: [CARRIER],
    Role.PROVIDER: [PROVIDER],
    Role.CLOCK: [CLOCK],
}
REASONS = (
    "not_as_described.size",
    "quality.defective",
    "quality.not_working",
    "fake.counterfeit",
    "not_received.overdue",
    "no_reason.changed_mind",
    "late.after_promise",
    "return.lost",
    "return.refund_missing",
    "return.freight",
)
# An order that ends early leaves little to do: mostly, nobody ends it.
ENDINGS = ("seller cancels", "buyer cancels", "buyer is content", *("nobody",) * 4)
CLAUSE = "negotiation.limit"
SPANS = (timedelta(minutes=7), timedelta(hours=5), timedelta(hours=25), timedelta(days=4))


class World:
    """The store that all examples share; each example has orders of its own in it."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self._pool: Pool = self.runner.run(open_pool(url, 2))
        self.store = PostgresStore(self._pool)
        self.orders = 0
        self.steps = 0
        self.tally: Counter[str] = Counter()

    def close(self) -> None:
        self.runner.run(self._pool.close())
        self.runner.close()


class Trade(RuleBasedStateMachine):
    """Two orders and everybody who may act on them."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.now = PLACED
        self.order_ids: list[str] = []
        self.sent: list[Envelope] = []

    # --- how things are done and judged

    def scene(self, order_id: str) -> Scene:
        return self.world.runner.run(kept(self.world.store, order_id)).scene

    def send(self, envelope: Envelope) -> Result:
        async def sending() -> tuple[Result, list[str]]:
            (result,) = await execute(self.world.store, [envelope], rules=RULES, now=self.now)
            return result, wrongs(await kept(self.world.store, envelope.order_id))

        result, wrong = self.world.runner.run(sending())
        self.world.steps += 1
        name = str(envelope.command.__struct_config__.tag)
        kind = result.kind if isinstance(result, Refused) else "done"
        note(
            f"{self.now.isoformat()} {envelope.actor.role.value}: {envelope.command} on "
            f"{envelope.case_id or envelope.order_id}: {kind}"
        )
        self.world.tally[f"{name} {'done' if kind == 'done' else 'refused'}"] += 1
        assert wrong == [], wrong
        # Neither the rules nor the database may trip over anything that people can send.
        assert kind != "unavailable", result
        return result

    def do(
        self, order_id: str, command: AnyCommand, actor: Actor, case_id: str = "", *, keyed: bool = True
    ) -> Result:
        envelope = to(order_id, command, actor, case_id)
        if keyed:
            key = f"{order_id}-{len(self.sent)}"
            envelope = to(order_id, command, actor, case_id, key=key, fingerprint=fingerprint(envelope))
            self.sent.append(envelope)
        return self.send(envelope)

    # --- the marketplace tells

    @initialize(data=st.data())
    def two_orders(self, data: st.DataObject) -> None:
        """One that was just placed, and one that was delivered and is claimed already."""
        first, second = self.place(data, PLACED), self.place(data, PLACED)
        self.now = DELIVERED
        parcel = Parcel("p1", PLACED + timedelta(days=1), "Swift Post", "SW123456789")
        assert isinstance(self.do(second, oc.RecordParcel(parcel=parcel), SELLER), Done)
        scan = TrackingEvent(self.now, Signal.DELIVERED, "DE", "10115")
        told = oc.RecordTracking(parcel_id="p1", events=(scan,))
        assert isinstance(self.do(second, told, CARRIER), Done)
        if data.draw(st.booleans(), label="shipped"):
            self.do(first, oc.RecordParcel(parcel=parcel), SELLER)
        custody = self.scene(second).custody
        assert custody is not None
        units = (Unit("l1", 0),)
        goods, variant = data.draw(
            st.sampled_from(((Goods.KEEP, ""), (Goods.RETURN, ""), (Goods.RETURN, "blue"))), label="goods"
        )
        wanted = Remedy(max(max_refund(custody, units) - 1, 0), goods, variant)
        self.do(second, c.OpenClaim(reason=REASONS[0], units=units, wanted=wanted), BUYER)

    def place(self, data: st.DataObject, placed_at: datetime) -> str:
        self.world.orders += 1
        order_id = f"m{self.world.orders:06}"
        quantity = data.draw(st.integers(1, 3), label="quantity")
        item = data.draw(st.sampled_from((4000, 99, 1)), label="item")
        shipping = data.draw(st.sampled_from((500, 1, 0)), label="shipping")
        tenders = data.draw(tenders_of(quantity * (item + shipping)), label="tenders")
        order = an_order(
            order_id=order_id,
            quantity=quantity,
            item=item,
            shipping=shipping,
            tenders=tenders,
            placed_at=placed_at,
        )
        self.order_ids.append(order_id)
        assert isinstance(self.send(placing(order)), Done)
        return order_id

    def an_order_of(self, data: st.DataObject) -> tuple[str, Custody, Scene]:
        order_id = data.draw(st.sampled_from(self.order_ids), label="order")
        scene = self.scene(order_id)
        assert scene.custody is not None
        return order_id, scene.custody, scene

    @rule(data=st.data(), method=st.sampled_from((Method.CARD, Method.WALLET)))
    def money_comes_in(self, data: st.DataObject, method: Method) -> None:
        order_id, custody, _ = self.an_order_of(data)
        due = sum(unit.paid for line in custody.order.lines for unit in line.units)
        amount = data.draw(st.integers(0, max(0, due - custody.order.captured)), label="amount")
        number = data.draw(st.integers(1, 3), label="tender")
        tender = Tender(f"t{number}", method, amount)
        self.do(order_id, oc.RecordCapture(tender=tender), OPERATOR)

    @rule(data=st.data())
    def a_parcel_leaves(self, data: st.DataObject) -> None:
        order_id, custody, _ = self.an_order_of(data)
        if custody.order.parcels:
            return
        parcel = Parcel("p1", self.now, "Swift Post", "SW123456789")
        self.do(order_id, oc.RecordParcel(parcel=parcel), SELLER)

    @rule(data=st.data(), signal=st.sampled_from((Signal.DELIVERED, Signal.DELIVERED, *Signal)))
    def a_parcel_is_scanned(self, data: st.DataObject, signal: Signal) -> None:
        order_id, custody, _ = self.an_order_of(data)
        if not custody.order.parcels:
            return
        scan = TrackingEvent(self.now, signal, "DE", "10115")
        self.do(order_id, oc.RecordTracking(parcel_id="p1", events=(scan,)), CARRIER)

    @rule(data=st.data())
    def an_order_ends(self, data: st.DataObject) -> None:
        order_id, custody, _ = self.an_order_of(data)
        payouts = [one.transfer_id for one in custody.books.pending.values() if one.purpose == "payout"]
        if payouts:
            self.do(order_id, oc.ConfirmPayout(transfer_id=payouts[0]), PROVIDER)
            return
        wish = data.draw(st.sampled_from(ENDINGS), label="ending")
        units = tuple(data.draw(st.lists(st.sampled_from(units_of(custody)), unique=True), label="units"))
        if wish == "seller cancels":
            self.do(order_id, oc.CancelBySeller(), SELLER)
        elif wish == "buyer cancels":
            self.do(order_id, c.OpenCancellation(reason="cancel.changed_mind", units=units), BUYER)
        elif wish == "buyer is content":
            self.do(order_id, oc.ConfirmReceipt(), BUYER)

    # --- people ask and answer

    @rule(data=st.data(), reason=st.sampled_from(REASONS), draft=st.booleans())
    def the_buyer_claims(self, data: st.DataObject, reason: str, draft: bool) -> None:
        order_id, custody, _ = self.an_order_of(data)
        units = tuple(
            data.draw(st.lists(st.sampled_from(units_of(custody)), min_size=1, unique=True), label="units")
        )
        wanted = data.draw(remedies(max_refund(custody, units)), label="wanted")
        command = c.OpenClaim(
            reason=reason, units=units, wanted=wanted, evidence=(shown(self.now),), draft=draft
        )
        self.do(order_id, command, BUYER)

    @rule(data=st.data())
    def somebody_acts(self, data: st.DataObject) -> None:
        self.act(data, keyed=True)

    @rule(data=st.data())
    def several_act(self, data: st.DataObject) -> None:
        for _ in range(5):
            self.act(data, keyed=False)

    @rule(data=st.data())
    def many_act(self, data: st.DataObject) -> None:
        for _ in range(10):
            self.act(data, keyed=True)

    def act(self, data: st.DataObject, *, keyed: bool) -> None:
        """A move of the lifecycle by somebody who may make it, or now and then by somebody who may not."""
        order_id, custody, scene = self.an_order_of(data)
        live = [case for case in scene.cases.values() if case.live] or list(scene.cases.values())
        if not live:
            return
        case = data.draw(st.sampled_from(live), label="case")
        if case.waiting and self.now >= case.waiting.until and data.draw(st.integers(0, 3), label="worker"):
            self.lapse(order_id)
            return
        possible = sorted(moves_of(case.state))
        if not possible:
            self.now = max(self.now, min(deadlines(scene))[0]) if deadlines(scene) else self.now
            self.lapse(order_id)
            return
        if data.draw(st.integers(0, 9), label="sense") == 0:
            name = data.draw(st.sampled_from(sorted(DEEDS)), label="any deed")
            role = data.draw(st.sampled_from(list(PEOPLE)), label="anybody")
        else:
            name = data.draw(st.sampled_from(possible), label="deed")
            role = data.draw(st.sampled_from(moves_of(case.state)[name].by), label="role")
        actor = data.draw(st.sampled_from(PEOPLE[role]), label="who")
        command = DEEDS[name](data, case, custody, self.now)
        self.do(order_id, command, actor, case.case_id, keyed=keyed)

    # --- time passes

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        """Nobody looks at the clock yet: who acts now may be late."""
        self.now += span

    @rule(data=st.data())
    def a_deadline_passes(self, data: st.DataObject) -> None:
        """To the next deadline of an order; everything due by then happens, oldest first."""
        order_id, _, scene = self.an_order_of(data)
        due = deadlines(scene)
        if not due:
            return
        self.now = max(self.now, due[0][0])
        self.lapse(order_id)

    def lapse(self, order_id: str) -> None:
        while (due := deadlines(self.scene(order_id))) and due[0][0] <= self.now:
            _, case_id = due[0]
            command = c.Lapse() if case_id else oc.LapseOrder()
            # What is due can always happen.
            assert isinstance(self.do(order_id, command, CLOCK, case_id, keyed=False), Done)

    @rule(data=st.data())
    def a_deadline_is_tried_too_early(self, data: st.DataObject) -> None:
        order_id, _, scene = self.an_order_of(data)
        early = [one for one in deadlines(scene) if one[0] > self.now]
        if early:
            case_id = data.draw(st.sampled_from(early), label="stream")[1]
            command = c.Lapse() if case_id else oc.LapseOrder()
            assert isinstance(self.do(order_id, command, CLOCK, case_id, keyed=False), Refused)

    # --- and everything is sent again

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def a_command_comes_again(self, data: st.DataObject) -> None:
        envelope = data.draw(st.sampled_from(self.sent), label="again")
        before = self.world.runner.run(kept(self.world.store, envelope.order_id))
        again = self.send(envelope)
        assert not isinstance(again, Done) or again.replayed
        assert self.world.runner.run(kept(self.world.store, envelope.order_id)) == before


def deadlines(scene: Scene) -> list[tuple[datetime, str]]:
    """What is waited for, nearest first: instant and case id (empty for the order itself)."""
    found = [(case.waiting.until, case.case_id) for case in scene.cases.values() if case.waiting]
    if scene.custody is not None and scene.custody.waiting is not None:
        found.append((scene.custody.waiting.until, ""))
    return sorted(found)


def units_of(custody: Custody) -> list[Unit]:
    """Every unit of an order."""
    return [Unit(line.line_id, n) for line in custody.order.lines for n in range(line.quantity)]


def tenders_of(total: int) -> st.SearchStrategy[tuple[Tender, ...]]:
    """How an order may have been paid: nothing yet, by one method, by two."""

    def split(first: int) -> tuple[Tender, ...]:
        return (Tender("t1", Method.CARD, first), Tender("t2", Method.BALANCE, total - first))

    return st.one_of(
        st.just((Tender("t1", Method.CARD, total),)),
        st.integers(0, total).map(split),
        st.just((Tender("t1", Method.VOUCHER, 0),)),
    )


def remedies(most: int) -> st.SearchStrategy[Remedy]:
    """What may be asked for or offered; a cent too much, now and then."""
    amounts = st.one_of(st.just(most), st.integers(0, max(most, 0)), st.just(most + 1))
    wished = st.sampled_from((("", 0), ("", 0), ("blue", 0), ("blue", 500), ("blue", -1), ("", 1)))
    return st.builds(
        lambda amount, goods, payer, variant: Remedy(amount, goods, variant[0], payer, variant[1]),
        amounts,
        st.sampled_from(Goods),
        st.sampled_from((Role.BUYER, Role.SELLER)),
        wished,
    )


def shown(now: datetime) -> EvidenceItem:
    """A photo, which suffices for most."""
    return EvidenceItem(Role.BUYER, "photo", "See the photo", now)


Deed = Callable[[st.DataObject, Case, Custody, datetime], c.CaseCommand]


def _remedy(data: st.DataObject, case: Case, custody: Custody) -> Remedy:
    return data.draw(remedies(max_refund(custody, case.units)), label="remedy")


def _agreed(case: Case) -> str:
    return case.settlement.remedy.exchange_variant if case.settlement else ""


def _owed(data: st.DataObject, case: Case) -> int:
    """The price difference of the exchange, or something else now and then."""
    difference = case.settlement.remedy.difference if case.settlement else 0
    return data.draw(st.sampled_from((difference, difference, difference + 1)), label="payment")


def _refund(data: st.DataObject, case: Case) -> str:
    return data.draw(st.sampled_from([one.refund_id for one in case.refunds] or ["r9"]), label="refund")


def _inspection(data: st.DataObject, case: Case) -> tuple[Inspection, ...]:
    found = []
    for unit in case.units:
        accepted = data.draw(st.booleans(), label="accepted")
        ground = "" if accepted else "not_original_condition"
        reception = data.draw(st.sampled_from(Reception), label="reception")
        found.append(Inspection(unit=unit, reception=reception, accepted=accepted, ground=ground))
    return tuple(found)


def _scan(data: st.DataObject, now: datetime) -> dict[str, Any]:
    signal = data.draw(st.sampled_from((Signal.DELIVERED, Signal.LOST, Signal.IN_TRANSIT)), label="signal")
    return {"signal": signal, "scanned_at": now}


DEEDS: dict[str, Deed] = {
    "edit_draft": lambda d, case, custody, now: c.EditDraft(
        reason=case.reason, units=case.units, wanted=_remedy(d, case, custody), evidence=(shown(now),)
    ),
    "submit_draft": lambda d, case, custody, now: c.SubmitDraft(),
    "add_evidence": lambda d, case, custody, now: c.AddEvidence(items=(shown(now),)),
    "make_offer": lambda d, case, custody, now: c.MakeOffer(remedy=_remedy(d, case, custody)),
    "accept_offer": lambda d, case, custody, now: c.AcceptOffer(),
    "decline_offer": lambda d, case, custody, now: c.DeclineOffer(),
    "settle_blind": lambda d, case, custody, now: c.SettleBlind(buyer=1, seller=2),
    "escalate": lambda d, case, custody, now: c.Escalate(),
    "take_case": lambda d, case, custody, now: c.TakeCase(),
    "assign_case": lambda d, case, custody, now: c.AssignCase(mediator_id="" if case.mediator_id else "mona"),
    "request_evidence": lambda d, case, custody, now: c.RequestEvidence(
        of=d.draw(st.sampled_from((Role.BUYER, Role.SELLER)), label="of"), items=("photo",)
    ),
    "submit_evidence": lambda d, case, custody, now: c.SubmitEvidence(items=(shown(now),)),
    "rule": lambda d, case, custody, now: c.Rule(
        remedy=_remedy(d, case, custody),
        reasons="The photo shows it.",
        findings=(Finding("It is broken.", _clause(case)),),
    ),
    "confirm_ruling": lambda d, case, custody, now: c.ConfirmRuling(agreed=True),
    "accept_ruling": lambda d, case, custody, now: c.AcceptRuling(),
    "appeal": lambda d, case, custody, now: c.Appeal(note="No.", evidence=(shown(now),)),
    "give_instructions": lambda d, case, custody, now: c.GiveInstructions(address="Sample Street 1"),
    "ship_return": lambda d, case, custody, now: c.ShipReturn(
        carrier="Swift Post",
        tracking_number="RR123456785DE",
        receipt=d.draw(st.sampled_from(("", "receipt-1")), label="receipt"),
        freight=d.draw(st.integers(0, 900), label="freight"),
    ),
    "record_reservation": lambda d, case, custody, now: c.RecordReservation(
        variant=_agreed(case), until=now + timedelta(days=d.draw(st.integers(0, 25), label="days"))
    ),
    "record_sold_out": lambda d, case, custody, now: c.RecordSoldOut(variant=_agreed(case)),
    "issue_label": lambda d, case, custody, now: c.IssueLabel(
        carrier="Swift Post",
        service="parcel",
        tracking_number="RP123456785PT",
        price=d.draw(st.sampled_from((0, 1, 590, 9000)), label="price"),
    ),
    "add_freight_receipt": lambda d, case, custody, now: c.AddFreightReceipt(
        freight=d.draw(st.integers(0, 900), label="freight"), receipt="receipt-2"
    ),
    "record_return_scan": lambda d, case, custody, now: c.RecordReturnScan(**_scan(d, now)),
    "inspect_return": lambda d, case, custody, now: c.InspectReturn(inspections=_inspection(d, case)),
    "accept_rejection": lambda d, case, custody, now: c.AcceptRejection(),
    "contest_rejection": lambda d, case, custody, now: c.ContestRejection(note="It was new."),
    "record_payment": lambda d, case, custody, now: c.RecordPayment(
        amount=_owed(d, case), method=Method.CARD, reference="pay-x"
    ),
    "decline_exchange": lambda d, case, custody, now: c.DeclineExchange(),
    "decline_replacement": lambda d, case, custody, now: c.DeclineReplacement(note="Sold out."),
    "ship_replacement": lambda d, case, custody, now: c.ShipReplacement(
        carrier="Swift Post", tracking_number="RR123456785DE"
    ),
    "record_replacement_scan": lambda d, case, custody, now: c.RecordReplacementScan(**_scan(d, now)),
    "confirm_replacement": lambda d, case, custody, now: c.ConfirmReplacement(),
    "confirm_refund": lambda d, case, custody, now: c.ConfirmRefund(refund_id=_refund(d, case)),
    "fail_refund": lambda d, case, custody, now: c.FailRefund(refund_id=_refund(d, case), why="declined"),
    "choose_refund_method": lambda d, case, custody, now: c.ChooseRefundMethod(
        **d.draw(
            st.sampled_from(({"method": "balance"}, {"method": "bank_transfer", "destination": "account-7"})),
            label="method",
        )
    ),
    "withdraw": lambda d, case, custody, now: c.Withdraw(),
    "reopen": lambda d, case, custody, now: c.Reopen(reason="A photo was found."),
}


def _clause(case: Case) -> str:
    return case.waiting.clause if case.waiting else CLAUSE


def _depth() -> settings:
    if settings.get_current_profile_name() == "nightly":
        return settings()
    # Minutes of making a failure smaller are for the night.
    phases = [phase for phase in Phase if phase is not Phase.shrink]
    return settings(
        max_examples=45,
        stateful_step_count=25,
        phases=phases,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.timeout(8 * 60 * 60)
def test_every_sequence_of_commands_leaves_everything_in_order(database_url: str) -> None:
    world = World(database_url)
    try:
        run_state_machine_as_test(lambda: Trade(world), settings=_depth())  # type: ignore[arg-type]  # any maker will do
        whole = world.runner.run(audit(world.store))
    finally:
        world.close()
    print(f"\n{world.steps} steps on {whole.orders} orders with {whole.cases} cases, {whole.events} events")
    print(dict(sorted(world.tally.items())))
    assert whole.faults == []
    assert whole.cases > 0
