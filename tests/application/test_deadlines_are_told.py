"""Nobody misses a deadline for lack of being told: each state is reached, and time passes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from tests.contract.stores import DELIVERED, RULES, delivered, done, placing, to
from tests.domain.marketplace import BUYER, OPERATOR, PLACED, SELLER, an_order
from tests.interfaces.web.letters import Letters
from tests.reliability.test_deadlines import BEFORE_SHIPPING, WAYS

from amends.adapters.memory.clock_face import MemoryClockFace
from amends.adapters.memory.store import MemoryStore
from amends.application.clock import SandboxClock, TimeMachine
from amends.application.errands import Errands
from amends.application.execute import execute
from amends.application.lapses import Lapses
from amends.application.permissions import Caller
from amends.application.ports import Envelope, KeyRole, Letter, PaymentAnswer, Result
from amends.domain.cases import commands as c
from amends.domain.cases.lifecycle import LIFECYCLE, ORDERS
from amends.domain.cases.model import State
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Stage
from amends.domain.orders import Method, Parcel, Tender
from amends.domain.parties import Actor, Role, Waiting

MOMENT = timedelta(milliseconds=1)
DAY = timedelta(days=1)
PEOPLE = {Role.BUYER: BUYER, Role.SELLER: SELLER, Role.OPERATOR: OPERATOR}

# Whose deadline each state is. Where no mediator has taken the case, those who run the house see to it.
DUE: dict[State, set[Role]] = {
    State.CANCEL_REQUESTED: {Role.SELLER},
    State.DRAFTING: {Role.BUYER},
    State.AWAITING_SELLER: {Role.SELLER},
    State.AWAITING_BUYER: {Role.BUYER},
    State.MEDIATING: {Role.OPERATOR},
    State.MEDIATING_LATE: {Role.OPERATOR},
    State.AWAITING_EVIDENCE: {Role.BUYER},
    State.RULED: {Role.BUYER, Role.SELLER},
    State.APPEALED: {Role.OPERATOR},
    State.AWAITING_INSTRUCTIONS: {Role.SELLER},
    State.AWAITING_SHIPMENT: {Role.BUYER},
    State.RETURN_IN_TRANSIT: set(),
    State.INSPECTING: {Role.SELLER},
    State.REJECTED: {Role.BUYER},
    State.AWAITING_PAYMENT: {Role.BUYER},
    State.AWAITING_REPLACEMENT: {Role.SELLER},
    State.REPLACEMENT_IN_TRANSIT: set(),
    State.REFUND_APPROVED: set(),
    State.REFUND_INITIATED: set(),
    State.REFUND_OVERDUE: {Role.OPERATOR},
    State.REFUND_METHOD_NEEDED: {Role.BUYER},
}
ORDERS_DUE: dict[Stage, set[Role]] = {
    Stage.AWAITING_SHIPMENT: {Role.SELLER},
    Stage.AWAITING_DELIVERY: {Role.BUYER},
    Stage.PROTECTED: {Role.BUYER},
    Stage.HELD: set(),
    Stage.RELEASED: set(),
    Stage.PAID_OUT: set(),
    Stage.CANCELLED: set(),
}


class Silent:
    """A provider that takes every request and says nothing."""

    async def refund(self, *_: object) -> PaymentAnswer:
        return PaymentAnswer("pending")

    pay_out = look_up = recall = refund


class Watch:
    """One order, its clock, and what people are told. What the provider says is said by tests."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = SandboxClock(MemoryClockFace(), system=lambda: PLACED)
        self.letters = Letters(self.store, self.clock, operators=self._operators)
        chores = self.letters.correspondence.chores
        lapses = Lapses(self.store, self._submit, self.clock)
        errands = Errands(
            self.store,
            self._submit,
            {"sandbox": Silent()},
            self.letters.correspondence.delivery,
            self.clock,
            chores=chores,
        )
        foresee = self.letters.correspondence.reminders.foresee
        self._machine = TimeMachine(self.clock, self.store, lapses, errands, foresee=foresee)

    async def _operators(self) -> Sequence[Actor]:
        return (OPERATOR,)

    async def _submit(self, envelopes: Sequence[Envelope]) -> Sequence[Result]:
        return await execute(self.store, envelopes, rules=RULES, now=self.clock.now())

    async def to(self, at: datetime) -> None:
        """Let time pass."""
        await self._machine.advance(max(at, self.clock.now()))

    async def bring(self, state: State) -> Waiting:
        """Lead a case into a state; the clock it has there."""
        hours = BEFORE_SHIPPING.get(state)
        if hours is None:
            await delivered(self.store, ["o1"])
            await self.to(DELIVERED)
        else:
            await done(self.store, placing(an_order(tenders=(Tender("t1", Method.CARD, 9000),))), now=PLACED)
            await self.to(PLACED + timedelta(hours=hours))
            asked = c.OpenCancellation(reason="cancel.changed_mind")
            await done(self.store, to("o1", asked, BUYER), now=self.clock.now())
        for step in WAYS[state][0]:
            if isinstance(step, str):
                await self.to((await self.waits()).until)
            else:
                case_id = "" if isinstance(step[0], c.OpenClaim) else "o1.1"
                await done(self.store, to("o1", *step, case_id), now=self.clock.now())
        file = await self.store.case_file("o1.1")
        assert file is not None
        assert file.case.state is state
        return await self.waits()

    async def waits(self, case_id: str = "o1.1") -> Waiting:
        scene = await self.store.scene("o1")
        assert scene is not None
        found = scene.cases[case_id].waiting if case_id else scene.custody and scene.custody.waiting
        assert found is not None
        return found

    async def reminders(self, case_id: str = "o1.1") -> list[Letter]:
        """What people were reminded of about the case, or about the order."""
        found = []
        for person in (*PEOPLE.values(), Actor(Role.MEDIATOR, "mona")):
            page = await self.letters.correspondence.notices.page(person, "", 100)
            found += [one.letter for one in page.entries]
        return [one for one in found if one.event == "deadline_near" and one.case_id == case_id]


def test_of_every_state_it_is_known_whose_deadline_it_is() -> None:
    assert set(DUE) == set(LIFECYCLE)
    assert set(ORDERS_DUE) == set(ORDERS)


@pytest.mark.row("K2", "K4")
@pytest.mark.parametrize("state", DUE, ids=str)
async def test_whoever_has_a_deadline_is_reminded_of_it_once_and_in_time(state: State) -> None:
    watch = Watch()
    waiting = await watch.bring(state)
    since = watch.clock.now()
    await watch.to(waiting.until - MOMENT)
    told = [one for one in await watch.reminders() if one.at > since]
    assert {one.to for one in told} == {PEOPLE[role] for role in DUE[state]}
    assert len(told) == len(DUE[state])
    for one in told:
        # A day before, and never before half of the time is over (`deadline.remind_before`).
        lead = min(DAY, (waiting.until - since) / 2)
        assert abs(one.at - (waiting.until - lead)) <= timedelta(seconds=1)
        assert f"{waiting.until:%H:%M}" in one.text
        assert one.notice_id in {mail.message_id for mail in watch.letters.postman.to(one.to)}


@pytest.mark.row("K2")
async def test_who_has_answered_is_not_reminded_and_who_has_not_is() -> None:
    watch = Watch()
    waiting = await watch.bring(State.RULED)
    await done(watch.store, to("o1", c.AcceptRuling(), BUYER, "o1.1"), now=watch.clock.now())
    await watch.to(waiting.until - MOMENT)
    assert [one.to for one in await watch.reminders()] == [SELLER]


@pytest.mark.row("K2")
async def test_the_list_says_to_both_sides_that_a_ruling_waits_for_them() -> None:
    watch = Watch()
    waiting = await watch.bring(State.RULED)
    for role, person in ((KeyRole.BUYER, BUYER), (KeyRole.SELLER, SELLER)):
        found = await watch.letters.correspondence.deadlines.of(Caller(role, person.id))
        assert [(one.at, one.mine) for one in found if one.case_id] == [(waiting.until, True)]


@pytest.mark.row("K2")
async def test_any_number_of_deadlines_at_one_instant_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("amends.application.reminders._SWEEP", 2)
    watch = Watch()
    for number in range(5):
        order = an_order(order_id=f"o{number}", tenders=(Tender("t1", Method.CARD, 9000),))
        await done(watch.store, placing(order), now=PLACED)
    await watch.to(PLACED + 6 * DAY)
    page = await watch.letters.correspondence.notices.page(SELLER, "", 100)
    told = [one.letter.order_id for one in page.entries if one.letter.event == "deadline_near"]
    assert sorted(told) == [f"o{number}" for number in range(5)]


@pytest.mark.row("K2")
@pytest.mark.parametrize("days", [7, 3], ids=["found by a sweep", "told of late"])
async def test_the_seller_is_reminded_to_ship(days: int) -> None:
    watch = Watch()
    placed = an_order(tenders=(Tender("t1", Method.CARD, 9000),))
    await done(watch.store, placing(placed), now=PLACED + timedelta(days=7 - days))
    await watch.to(PLACED + timedelta(days=7 - days))
    waiting = await watch.waits("")
    await watch.to(waiting.until - MOMENT)
    (told,) = await watch.reminders("")
    assert (told.to, told.at) == (SELLER, waiting.until - DAY)
    assert "cancelled and the buyer is refunded" in told.text


@pytest.mark.row("K2")
@pytest.mark.parametrize("arrived", [True, False])
async def test_the_buyer_is_told_twice_before_protection_ends(arrived: bool) -> None:
    watch = Watch()
    if arrived:
        await delivered(watch.store, ["o1"])
    else:
        placed = an_order(tenders=(Tender("t1", Method.CARD, 9000),))
        await done(watch.store, placing(placed), now=PLACED)
        parcel = Parcel("p1", PLACED, "Swift Post", "SW123456789")
        await done(watch.store, to("o1", oc.RecordParcel(parcel=parcel), SELLER), now=PLACED)
    scene = await watch.store.scene("o1")
    assert scene is not None
    assert scene.custody is not None
    ends = scene.custody.protection_ends_at
    assert ends is not None
    await watch.to(ends - MOMENT)
    page = await watch.letters.correspondence.notices.page(BUYER, "", 100)
    told = [one.letter for one in page.entries if "protection ends" in one.letter.subject]
    assert [(one.event, one.at) for one in reversed(told)] == [
        ("protection_reminded", ends - 3 * DAY),
        ("deadline_near", ends - DAY),
    ]
    assert all("the money goes to the seller, unless a case is open" in one.text for one in told)
    assert [one.to for one in await watch.reminders("")] == [BUYER]
