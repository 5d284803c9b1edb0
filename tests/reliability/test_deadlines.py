"""Every deadline of every state fires at its exact instant, once, whoever looks, and nobody acts after it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest

from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.execute import execute
from amends.application.lapses import Fired, Lapses
from amends.application.ports import AnyCommand, Done, Envelope, Result
from amends.domain.cases import commands as c
from amends.domain.cases.lifecycle import LIFECYCLE
from amends.domain.cases.model import Case, EvidenceItem, Finding, Goods, Inspection, Reception, Remedy, State
from amends.domain.orders import Method, Signal, Tender, Unit
from amends.domain.parties import Actor, Role
from amends.domain.refusals import Refused
from tests.contract.stores import DELIVERED, RULES, claim, delivered, done, offer, placing, run, to
from tests.domain.marketplace import BUYER, CARRIER, MEDIATOR, PLACED, PROVIDER, SELLER, an_order
from tests.reliability.oracle import kept, wrongs

MILLISECOND = timedelta(milliseconds=1)
PHOTO = EvidenceItem(Role.BUYER, "photo", "See the photo", DELIVERED)
RETURN = Remedy(4000, Goods.RETURN)
EXCHANGE = Remedy(4000, Goods.RETURN, "blue")
SWAP = Remedy(4000, Goods.KEEP, "blue")
DEARER = Remedy(4000, Goods.KEEP, "large", difference=500)
RULING = c.Rule(
    remedy=Remedy(1000), reasons="Seen.", findings=(Finding("Broken.", "negotiation.limit.default"),)
)
SHIPPED = c.ShipReturn(carrier="Swift Post", tracking_number="RR123456785DE")
ARRIVED = c.RecordReturnScan(signal=Signal.DELIVERED, scanned_at=DELIVERED)
REJECTED = c.InspectReturn(
    inspections=(Inspection(Unit("l1", 0), Reception.RECEIVED, False, "not_original_condition"),)
)

Step = tuple[AnyCommand, Actor] | str
CLAIM: Step = (claim(), BUYER)
ESCALATED: tuple[Step, ...] = (CLAIM, (c.Escalate(), BUYER))
RULED: tuple[Step, ...] = (*ESCALATED, (RULING, MEDIATOR))
SENDING: tuple[Step, ...] = (CLAIM, (c.MakeOffer(remedy=RETURN), SELLER), (c.AcceptOffer(), BUYER))
TOLD: tuple[Step, ...] = (*SENDING, (c.GiveInstructions(address="Sample Street 1"), SELLER))
INSPECTED: tuple[Step, ...] = (*TOLD, (SHIPPED, BUYER), (ARRIVED, CARRIER))
SWAPPING: tuple[Step, ...] = (CLAIM, (c.MakeOffer(remedy=SWAP), SELLER), (c.AcceptOffer(), BUYER))
UPGRADING: tuple[Step, ...] = (CLAIM, (c.MakeOffer(remedy=DEARER), SELLER), (c.AcceptOffer(), BUYER))
PAYING: tuple[Step, ...] = (CLAIM, (offer(2500), SELLER), (c.AcceptOffer(), BUYER))
REPLACED = c.ShipReplacement(carrier="Swift Post", tracking_number="RR123456785DE")
FAILED = c.FailRefund(refund_id="o1.1-r1", why="account closed")

# The way into each state that waits ("lapse": through the deadline of the state before), and somebody who
# may act there until the deadline.
WAYS: dict[State, tuple[Sequence[Step], tuple[AnyCommand, Actor] | None]] = {
    State.CANCEL_REQUESTED: ((), (c.AcceptOffer(), SELLER)),
    State.DRAFTING: (((c.OpenClaim(reason="not_as_described.size", units=(Unit("l1", 0),),
        wanted=Remedy(100), evidence=(PHOTO,), draft=True), BUYER),), (c.Withdraw(), BUYER)),
    State.AWAITING_SELLER: ((CLAIM,), (offer(10), SELLER)),
    State.AWAITING_BUYER: ((CLAIM, (offer(10), SELLER)), (c.AcceptOffer(), BUYER)),
    State.MEDIATING: (ESCALATED, (c.Withdraw(), BUYER)),
    State.MEDIATING_LATE: ((*ESCALATED, "lapse"), (c.Withdraw(), BUYER)),
    State.AWAITING_EVIDENCE: (
        (*ESCALATED, (c.RequestEvidence(of=Role.BUYER, items=("photo",)), MEDIATOR)),
        (c.SubmitEvidence(items=(PHOTO,)), BUYER),
    ),
    State.RULED: (RULED, (c.AcceptRuling(), BUYER)),
    State.APPEALED: (
        (*RULED, (c.Appeal(note="No.", evidence=(PHOTO,)), BUYER)), (c.AddEvidence(items=(PHOTO,)), SELLER)
    ),
    State.AWAITING_INSTRUCTIONS: (SENDING, (c.GiveInstructions(address="Sample Street 1"), SELLER)),
    State.AWAITING_SHIPMENT: (TOLD, (SHIPPED, BUYER)),
    State.RETURN_IN_TRANSIT: ((*TOLD, (SHIPPED, BUYER)), (REJECTED, SELLER)),
    State.INSPECTING: (INSPECTED, (REJECTED, SELLER)),
    State.REJECTED: ((*INSPECTED, (REJECTED, SELLER)), (c.ContestRejection(note="New."), BUYER)),
    State.AWAITING_PAYMENT: (UPGRADING, (c.DeclineExchange(), BUYER)),
    State.AWAITING_REPLACEMENT: (SWAPPING, (REPLACED, SELLER)),
    State.REPLACEMENT_IN_TRANSIT: ((*SWAPPING, (REPLACED, SELLER)), (c.ConfirmReplacement(), BUYER)),
    State.REFUND_APPROVED: ((), None),
    State.REFUND_INITIATED: (PAYING, None),
    State.REFUND_OVERDUE: ((*PAYING, "lapse"), None),
    State.REFUND_METHOD_NEEDED: (
        (*PAYING, (FAILED, PROVIDER)), (c.ChooseRefundMethod(method="balance"), BUYER)
    ),
}  # fmt: skip
BEFORE_SHIPPING = {State.CANCEL_REQUESTED: 30, State.REFUND_APPROVED: 1}


class StandingClock:
    """The same instant until it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


Worker = Callable[[], Lapses]


class Due:
    """A case that waits in some state, and workers with connections of their own."""

    def __init__(self, stores: Sequence[PostgresStore], clock: StandingClock) -> None:
        self.stores = stores
        self.clock = clock

    async def case(self) -> Case:
        return (await kept(self.stores[0], "o1")).scene.cases["o1.1"]

    async def bring(self, state: State) -> Case:
        """Lead a case into the state, by what people and the clock do."""
        store = self.stores[0]
        hours = BEFORE_SHIPPING.get(state)
        if hours is None:
            await delivered(store, ["o1"])
            self.clock.at = DELIVERED
        else:
            await done(store, placing(an_order(tenders=(Tender("t1", Method.CARD, 9000),))), now=PLACED)
            self.clock.at = PLACED + timedelta(hours=hours)
            asked = c.OpenCancellation(reason="cancel.changed_mind")
            await done(store, to("o1", asked, BUYER), now=self.clock.at)
        for step in WAYS[state][0]:
            if isinstance(step, str):
                until = (await self.case()).waiting
                assert until is not None
                self.clock.at = until.until
                await self.worker(0).run()
                continue
            command, actor = step
            opening = isinstance(command, c.OpenClaim)
            await done(store, to("o1", command, actor, "" if opening else "o1.1"), now=self.clock.at)
        case = await self.case()
        assert case.state is state, case
        return case

    def worker(self, number: int) -> Lapses:
        store = self.stores[number]

        async def submit(envelopes: Sequence[Envelope]) -> Sequence[Result]:
            return await execute(store, envelopes, rules=RULES, now=self.clock.at)

        return Lapses(store, submit, self.clock)

    async def fire(self, workers: int = 1) -> list[Fired]:
        """Let workers look, all at once; what they did to the case."""
        found = await asyncio.gather(*(self.worker(n).run() for n in range(workers)))
        return [one for fired in found for one in fired if one.stream == "o1.1"]


@pytest.fixture
async def due(database_url: str) -> AsyncIterator[Due]:
    async with AsyncExitStack() as stack:
        stores = []
        for _ in range(2):
            pool = await open_pool(database_url, 2)
            stack.push_async_callback(pool.close)
            stores.append(PostgresStore(pool))
        yield Due(stores, StandingClock(DELIVERED))


def test_every_state_that_waits_is_tried() -> None:
    assert set(WAYS) == set(LIFECYCLE)


@pytest.mark.parametrize("state", WAYS, ids=str)
async def test_a_deadline_fires_at_its_instant_and_not_before(due: Due, state: State) -> None:
    case = await due.bring(state)
    assert case.waiting is not None
    due.clock.at = case.waiting.until - MILLISECOND
    assert await due.fire(2) == []
    assert await due.case() == case
    due.clock.at = case.waiting.until
    first = await due.fire(2)
    # One that meets the other's lock leaves the case to it.
    fired = first or await due.fire()
    assert fired[0] == Fired(case.waiting.until, "o1.1", case.waiting.default)
    after = await kept(due.stores[0], "o1")
    lapses = [link for link in after.streams["o1.1"] if link.recorded.at == due.clock.at]
    assert lapses
    assert after.scene.cases["o1.1"].seq > case.seq
    assert wrongs(after) == []
    # What was due has happened: nobody makes it happen again.
    assert not [one for one in await due.fire(2) if one.at == case.waiting.until]


@pytest.mark.parametrize("state", WAYS, ids=str)
async def test_a_deadline_that_was_overlooked_fires_once(due: Due, state: State) -> None:
    case = await due.bring(state)
    assert case.waiting is not None
    due.clock.at = case.waiting.until + MILLISECOND
    fired = await due.fire(2) or await due.fire()
    assert [one.default for one in fired if one.at == case.waiting.until] == [case.waiting.default]
    # A clock that is set back does not bring it again.
    seen = await due.case()
    due.clock.at = case.waiting.until - timedelta(days=1)
    assert await due.fire(2) == []
    assert await due.case() == seen


PEOPLE = [state for state, (_, deed) in WAYS.items() if deed is not None]


@pytest.mark.parametrize("state", PEOPLE, ids=str)
async def test_who_acts_at_the_deadline_is_late(due: Due, state: State) -> None:
    case = await due.bring(state)
    deed = WAYS[state][1]
    assert case.waiting is not None
    assert deed is not None
    envelope = to("o1", *deed, "o1.1")
    for late in (timedelta(0), MILLISECOND):
        (result,) = await run(due.stores[0], envelope, now=case.waiting.until + late)
        assert isinstance(result, Refused), result
        assert result.kind == "window_closed"
    assert await due.case() == case
    await done(due.stores[0], envelope, now=case.waiting.until - MILLISECOND)
    assert (await due.case()).seq > case.seq


@pytest.mark.parametrize("state", PEOPLE, ids=str)
async def test_a_person_and_the_clock_at_the_same_instant_do_not_both_win(due: Due, state: State) -> None:
    case = await due.bring(state)
    deed = WAYS[state][1]
    assert case.waiting is not None
    assert deed is not None
    due.clock.at = case.waiting.until
    person = to("o1", *deed, "o1.1")
    (results, fired) = await asyncio.gather(run(due.stores[1], person, now=due.clock.at), due.fire())
    # Where the clock went first, a person may do the same in the state that follows; not in this one.
    for result in results:
        if isinstance(result, Done):
            assert state.value not in {one.from_state for one in result.recorded if one.stream == "o1.1"}
    assert [one.default for one in fired or await due.fire()][:1] == [case.waiting.default]
    assert wrongs(await kept(due.stores[0], "o1")) == []
