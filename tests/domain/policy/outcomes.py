"""What comes of a rule where people see it: small scenes played under given terms, told without clauses.

`PROBES` has for every parameter the scenes that turn on it; `AROUND` what else has to be so that it matters.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace
from tests.domain.cases import stages
from tests.domain.cases.stages import BOTH, EXCHANGE, INSTRUCT, RETURN, SHIP_RETURN
from tests.domain.marketplace import (
    BUYER,
    CALENDARS,
    CARRIER,
    MEDIATOR,
    OPERATOR,
    OTHER_MEDIATOR,
    PROVIDER,
    SELLER,
    Market,
    an_order,
)
from tests.interfaces.treasuries import rebuttals_in_memory
from tests.interfaces.web.letters import Letters

from amends.adapters.memory.blind_limits import MemoryBlindLimits
from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.store import MemoryStore
from amends.adapters.payments.sandbox_disputes import SandboxDisputes
from amends.application.blind_settlement import BlindSettlement
from amends.application.closing_reminders import ClosingReminders
from amends.application.cover import cover_report
from amends.application.message_drafts import Draft
from amends.application.permissions import Caller
from amends.application.ports import Envelope, Errand, KeyRole, Result
from amends.application.withdrawals import rights
from amends.application.words import Words
from amends.domain.cases import commands as c
from amends.domain.cases.model import Goods, Inspection, Reception, Remedy
from amends.domain.conduct import AnyCommand
from amends.domain.cover import Paid
from amends.domain.custody import commands as oc
from amends.domain.money import Money
from amends.domain.orders import (
    Bundle,
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
from amends.domain.parties import CLOCK, Actor
from amends.domain.policy.clauses import Facts
from amends.domain.policy.options import options, windows
from amends.domain.policy.parameters import REJECT_GROUNDS, SEVERITIES, TRAITS
from amends.domain.policy.stack import Pack
from amends.domain.policy.terms import Terms
from amends.domain.policy.uploads import limits_of
from amends.domain.records import CaseTrace, record_of
from amends.domain.records import period_of as record_period
from amends.domain.refunds import eta
from amends.domain.refusals import Refused
from amends.domain.signals import BuyerTrace, History, Neighbour, Peers, period_of, signals_of
from amends.domain.time import Period
from amends.domain.tracking.analysis import analyse

ASKED = (
    "no_reason.changed_mind", "no_reason.free_return", "no_reason.withdrawal", "quality.defective",
    "not_as_described.color", "not_received.overdue", "fake.counterfeit", "late.after_promise",
)  # fmt: skip


class World(NamedTuple):
    """Where a clause is tried: the terms it is part of, what they are resolved for, the packs themselves."""

    terms: Terms
    facts: Facts
    reason: str
    method: str
    packs: tuple[Pack, ...]


Step = Callable[[Market], object]
Told = list[object]
Probe = Callable[[World], object]


def plain(thing: object) -> Any:
    """The thing as JSON would have it, without the names of clauses and terms: what they lead to counts."""
    return _bare(msgspec.to_builtins(thing, str_keys=True))


def _bare(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {
            key: _bare(value)
            for key, value in thing.items()
            if not key.endswith("clause") and not key.startswith("terms")
        }
    if isinstance(thing, (list, tuple)):
        return [_bare(one) for one in thing]
    return thing


def order_of(world: World, *, item: int = 4000, lines: tuple[Line, ...] = ()) -> Order:
    """Two lamps, paid by card, for the buyer and the day the clause is about."""
    facts = world.facts
    order = an_order(item=item, tier=Tier(facts.buyer_tier), placed_at=facts.placed_at)
    seller = facts.seller_country or ("PT" if facts.buyer_country != "PT" else "DE")
    order = replace(
        order, buyer_country=facts.buyer_country or "DE", seller_country=seller,
        lines=(*order.lines, *lines), tenders=(),
    )  # fmt: skip
    paid = sum(unit.paid for line in order.lines for unit in line.units)
    return replace(order, tenders=(Tender("t1", Method.CARD, paid),))


def played(world: World, *steps: Step, item: int = 4000, **more: Any) -> Told:
    """What happens when these steps are tried one after the other; ``more`` is said of the order."""
    market = Market(replace(order_of(world, item=item), **more), terms=world.terms)
    answers = []
    for step in steps:
        answer = step(market)
        answers.append(answer.kind if isinstance(answer, Refused) else "")
    happened = [
        (one.at, one.stream.partition(".")[2], type(one.event).__name__, plain(one.event))
        for one in market.log[1:]
    ]
    return [answers, market.custody.stage, happened]


# Steps


def do(command: AnyCommand | Callable[[Market], AnyCommand], actor: Actor) -> Step:
    """A command, carried out or refused."""

    def step(market: Market) -> object:
        wish = command(market) if callable(command) else command
        on_order = type(wish).__module__ == oc.__name__
        return market.do(wish, actor, on_order=on_order) if on_order or market.case_id else None

    return step


def after(**delta: float) -> Step:
    """Time passes, and what falls due meanwhile happens."""

    def step(market: Market) -> None:
        market.wait(**delta)
        market.lapse()

    return step


def silent(times: int) -> Step:
    """Nobody does anything until so many deadlines have passed."""

    def step(market: Market) -> None:
        for _ in range(times):
            live = [market.custody.waiting, *(case.waiting for case in market.scene.cases.values())]
            ends = [one.until for one in live if one is not None]
            if not ends:
                return
            market.now = max(market.now, min(ends))
            market.lapse()

    return step


def arrived(market: Market) -> None:
    """Shipped after a day, there after four."""
    market.wait(days=1)
    market.ship()
    market.wait(days=3)
    market.deliver()


def claimed(world: World, wanted: Remedy = RETURN, **more: Any) -> tuple[Step, ...]:
    """A claim about both lamps an hour after they came."""
    claim = c.OpenClaim(
        reason=world.reason or "quality.damaged_in_transit", units=BOTH, wanted=wanted, story="Cracked.",
        **more,
    )  # fmt: skip
    return arrived, after(hours=1), lambda market: market.do(claim, BUYER, on_order=True)


def on_its_way(world: World, ship: c.ShipReturn = SHIP_RETURN) -> tuple[Step, ...]:
    """The goods have left the buyer."""
    return *claimed(world), do(c.AcceptOffer(), SELLER), do(INSTRUCT, SELLER), do(ship, BUYER)


def scanned(signal: Signal = Signal.DELIVERED) -> Step:
    return do(lambda market: c.RecordReturnScan(signal=signal, scanned_at=market.now), CARRIER)


def mediated(world: World) -> tuple[Step, ...]:
    return *claimed(world), do(stages.offer(3000), SELLER), do(c.Escalate(), BUYER)


# Scenes of a case


def drafted(world: World) -> Told:
    return played(world, *claimed(world, draft=True), silent(1))


def unanswered(world: World) -> Told:
    return played(world, *claimed(world), silent(12))


def countered(world: World) -> Told:
    return played(world, *claimed(world), do(stages.offer(3000), SELLER), silent(12))


def haggled(world: World) -> Told:
    steps = [
        step
        for n in range(6)
        for step in (do(stages.offer(1000 + n), SELLER), after(days=2), do(stages.offer(4000 - n), BUYER),
                     after(days=2))
    ]  # fmt: skip
    return played(world, *claimed(world), *steps)


def decided(world: World) -> Told:
    ask = c.RequestEvidence(of=BUYER.role, items=("a photo of the crack",))
    rounds = [step for _ in range(4) for step in (do(ask, MEDIATOR), silent(1))]
    return played(
        world, *mediated(world), do(c.TakeCase(), MEDIATOR), *rounds, do(stages.ruling(4500), MEDIATOR),
        do(stages.APPEAL, BUYER), do(stages.ruling(4500), OTHER_MEDIATOR), silent(4),
    )  # fmt: skip


def late_for_proof(world: World) -> Told:
    """Two rounds of evidence have used up the time to decide when a senior is told."""
    ask = do(c.RequestEvidence(of=BUYER.role, items=("a photo of the crack",)), MEDIATOR)
    rounds = (after(days=4), ask, silent(1), after(days=1), ask, silent(6))
    return played(world, *mediated(world), do(c.TakeCase(), MEDIATOR), *rounds)


def left_undecided(world: World) -> Told:
    return played(world, *mediated(world), after(days=4), do(stages.ruling(4500), MEDIATOR), silent(2))


def appealed(world: World) -> Told:
    return played(
        world, *mediated(world), do(stages.ruling(4500), MEDIATOR), do(stages.APPEAL, BUYER), silent(3)
    )


def large(world: World) -> Told:
    """Five hundred euros, and what nobody decides alone."""
    return [
        played(world, *mediated(world), do(stages.ruling(amount), MEDIATOR), silent(5), item=100_000)
        for amount in (50_000, 150_000)
    ]


def no_address(world: World) -> Told:
    return played(world, *claimed(world), do(c.AcceptOffer(), SELLER), silent(2))


def not_sent(world: World) -> Told:
    return played(world, *claimed(world), do(c.AcceptOffer(), SELLER), do(INSTRUCT, SELLER), silent(2))


def gone_silent(world: World) -> Told:
    return played(world, *on_its_way(world), after(hours=5), scanned(Signal.ACCEPTED), silent(3))


def travelling(world: World) -> Told:
    scans = [step for _ in range(12) for step in (after(days=9), scanned(Signal.IN_TRANSIT))]
    return played(world, *on_its_way(world), *scans)


def come_back(world: World) -> Told:
    return played(world, *on_its_way(world), scanned(), silent(3))


def with_receipt(world: World) -> Told:
    posted = replace(SHIP_RETURN, receipt="counter receipt 17", freight=6000)
    kept = replace(RETURN, freight_payer=SELLER.role)
    return played(
        world, *claimed(world, kept), do(c.AcceptOffer(), SELLER), do(INSTRUCT, SELLER), do(posted, BUYER),
        scanned(), silent(1),
    )  # fmt: skip


def turned_down(world: World) -> Told:
    told: Told = []
    for ground in REJECT_GROUNDS:
        verdict = c.InspectReturn(
            inspections=tuple(
                Inspection(unit, Reception.RECEIVED, accepted=False, ground=ground) for unit in BOTH
            )
        )
        told += played(world, *on_its_way(world), scanned(), do(verdict, SELLER), silent(1))
    return told


def exchanged(world: World) -> Told:
    wait = [step for _ in range(9) for step in (after(days=9), do(_replacement_seen, CARRIER))]
    swap = (*claimed(world), do(c.MakeOffer(remedy=EXCHANGE), SELLER), do(c.AcceptOffer(), BUYER))
    keep = do(lambda m: c.RecordReservation(variant="blue", until=m.now + timedelta(days=25)), OPERATOR)
    return [
        played(world, *swap, keep, silent(2)),
        played(world, *swap, do(stages.SHIP_REPLACEMENT, SELLER), silent(2)),
        played(world, *swap, do(stages.SHIP_REPLACEMENT, SELLER), *wait),
    ]


def _replacement_seen(market: Market) -> c.RecordReplacementScan:
    return c.RecordReplacementScan(signal=Signal.IN_TRANSIT, scanned_at=market.now)


def exchanged_first(world: World) -> Told:
    """The replacement before the goods are back, or after; and one that costs more."""
    back = replace(EXCHANGE, goods=Goods.RETURN)
    return [
        played(
            world, *claimed(world), do(c.MakeOffer(remedy=remedy), SELLER), do(c.AcceptOffer(), BUYER),
            silent(1),
        )
        for remedy in (back, replace(EXCHANGE, difference=500))
    ]  # fmt: skip


def refunded(world: World) -> Told:
    agreed = (*claimed(world), do(stages.offer(3000), SELLER), do(c.AcceptOffer(), BUYER))
    fail = do(lambda m: c.FailRefund(refund_id=stages.under_way(m), why="account closed"), PROVIDER)
    paid = do(lambda m: c.ConfirmRefund(refund_id=stages.under_way(m)), PROVIDER)
    again = do(c.Reopen(reason="The carrier found the parcel."), OPERATOR)
    close = (do(c.Withdraw(), BUYER), do(c.AcceptOffer(), BUYER), paid)
    return [
        played(world, *agreed, silent(3)),
        played(world, *agreed, fail, silent(1)),
        played(world, *agreed, paid, after(days=20), again, *close, after(hours=1), again),
        played(world, *agreed, paid, after(days=40), again),
    ]


def cancelled(world: World) -> Told:
    wish = c.OpenCancellation(reason=world.reason or "cancel.changed_mind")
    patient = {"ship_by": world.facts.placed_at + timedelta(days=90)}

    def cancel(market: Market) -> object:
        return market.do(wish, BUYER, on_order=True)

    return [
        played(world, after(hours=hours), cancel, silent(3), item=item, **more)
        for hours, item, more in ((1, 4000, {}), (1, 500, {}), (30, 4000, {}), (40 * 24, 4000, patient))
    ]  # fmt: skip


def protected(world: World) -> Told:
    """An order nobody claims anything about, as far as it gets."""
    return [
        played(world, silent(3)),
        played(world, after(days=1), Market.ship, silent(4)),
        played(world, arrived, silent(4)),
    ]


def held(world: World) -> Told:
    hold = do(oc.HoldPayout(hold_id="h", claim="x9.1", reason="fake.counterfeit"), CLOCK)
    keep = do(oc.AnswerHold(hold_id="h", kept=True, reason="The maker answered."), OPERATOR)
    return [played(world, arrived, hold, *more, silent(6)) for more in ((), (keep,))]


def goodwill(world: World) -> Told:
    gift = [do(oc.GiveGoodwill(goodwill_id=f"g{n}", amount=500, reason="Sorry."), OPERATOR) for n in range(5)]
    return played(world, arrived, *gift)


# Before filing


def asking(world: World) -> Told:
    """Every remedy for every reason, by and by, and the dates an order page shows."""
    special = [Line(f"s{n}", "A thing", "home", (), "", traits=(trait,)) for n, trait in enumerate(TRAITS)]
    special += [Line("u", "A thing", "apparel/underwear", (), ""), Line("c", "A cheap thing", "home", (), "")]
    unit = order_of(world).lines[0].units[0]
    lines = tuple(
        replace(line, units=(replace(unit, item=700) if line.line_id == "c" else unit,)) for line in special
    )
    market = Market(order_of(world, lines=lines), terms=world.terms)
    told: Told = []
    market.wait(hours=1)
    told += asked_for(world, market, (world.reason or "cancel.changed_mind",))
    market.wait(hours=30)
    told += asked_for(world, market, (world.reason or "cancel.changed_mind",))
    market.ship()
    away = (world.reason or "not_received.overdue",)
    for days in (2, 10, 12, 34, 40):
        market.wait(days=days)
        told += asked_for(world, market, away)
    market.deliver()
    reasons = (world.reason,) if world.reason else ASKED
    for days in (1, 7, 9, 14, 60, 30):
        market.wait(days=days)
        told += asked_for(world, market, reasons)
        if days == 1:
            told += [
                told_of(world, market, Unit(line.line_id, 0), reason)
                for line in lines
                for reason in reasons
            ]  # fmt: skip
    return told


def asked_for(world: World, market: Market, reasons: Iterable[str]) -> Iterator[object]:
    """Options and dates for the first lamp at this moment."""
    order = market.custody.order
    yield plain(windows(market.custody, order.lines[0], world.terms, CALENDARS))
    for reason in reasons:
        yield told_of(world, market, Unit("l1", 0), reason)


def told_of(world: World, market: Market, unit: Unit, reason: str) -> object:
    # Postage of 45 % lies between what the shares of the packs, and other ones, allow.
    found = options(
        market.custody, {}, (unit,), reason, terms=world.terms, now=market.now, calendars=CALENDARS,
        severity="flaw", return_freight=1800,
    )  # fmt: skip
    return [plain(one) for one in found]


def by_severity(world: World) -> Told:
    market = Market(order_of(world), terms=world.terms)
    arrived(market)
    reason = world.reason or "quality.defective"
    return [
        plain(options(market.custody, {}, BOTH, reason, terms=world.terms, now=market.now,
                      calendars=CALENDARS, severity=severity))
        for severity in SEVERITIES
    ]  # fmt: skip


def stuck_at_origin(world: World) -> Told:
    """A parcel that is seen in the seller's country only."""
    market = Market(order_of(world), terms=world.terms)
    market.wait(days=1)
    market.ship()
    scan = TrackingEvent(market.now, Signal.IN_TRANSIT, market.custody.order.seller_country)
    market.must(oc.RecordTracking(parcel_id="p1", events=(scan,)), CARRIER, on_order=True)
    told: Told = []
    for days in (5, 10, 10, 10):
        market.wait(days=days)
        told += asked_for(world, market, (world.reason or "not_received.overdue",))
    return told


def after_a_return(world: World) -> Told:
    market = Market(order_of(world), terms=world.terms)
    for step in (*on_its_way(world), scanned(), silent(1)):
        step(market)
    market.confirm_refunds()
    closed_at, told = market.now, []
    for days in (1, 20, 40):
        found = options(
            market.custody, market.scene.cases, BOTH, "return.refund_missing", terms=world.terms,
            now=closed_at + timedelta(days=days), calendars=CALENDARS,
        )  # fmt: skip
        told.append(plain(found))
    return told


def in_a_bundle(world: World) -> Told:
    """The lamp was sold with a shade, and the buyer wants to send the lamp alone."""
    order = order_of(world)
    lamp = replace(order.lines[0], bundle=Bundle("b", "Lamp with shade"))
    lines = (lamp, replace(lamp, line_id="l2", title="Shade"))
    market = Market(
        replace(order, lines=lines, tenders=(Tender("t1", Method.CARD, 18_000),)), terms=world.terms
    )
    arrived(market)
    return [told_of(world, market, Unit("l1", 0), world.reason or "no_reason.changed_mind")]


def withdrawing(world: World) -> Told:
    market = Market(order_of(world), terms=world.terms)
    arrived(market)
    terms = {world.terms.terms_id: world.terms}
    return [plain(rights(market.custody, {}, terms, market.now, CALENDARS))]


def arriving(world: World) -> Told:
    methods = ("card", "bank_transfer", "wallet", "voucher", "balance")
    # Before Good Friday, when banks are closed and other people are not.
    days = (world.facts.placed_at, datetime(2027, 3, 24, 9, tzinfo=UTC))
    return [eta(method, day, world.terms, CALENDARS) for method in methods for day in days]


# Parcels


def traced(world: World) -> Told:
    order = order_of(world)
    order = replace(order, lines=(replace(order.lines[0], weight_g=1000),))
    placed, home, away = order.placed_at, order.buyer_country, order.seller_country
    ship_by = placed + timedelta(days=7)
    ways: list[tuple[TrackingEvent, ...]] = [
        (TrackingEvent(placed + timedelta(days=2), Signal.INVALID),),
        (TrackingEvent(placed + timedelta(days=2), Signal.SHARED),),
        (TrackingEvent(placed + timedelta(days=2), Signal.IN_TRANSIT, away),),
        (TrackingEvent(ship_by + timedelta(days=3), Signal.IN_TRANSIT, away),),
        (TrackingEvent(placed + timedelta(days=9), Signal.DELIVERED, home, "10115", weight_g=1500),),
        (TrackingEvent(placed + timedelta(days=9), Signal.DELIVERED, home, "99999"),),
    ]
    told: Told = []
    for scans in ways:
        parcel = Parcel("p1", placed + timedelta(days=1), "post", "RR123456785DE", events=scans)
        seen = replace(order, parcels=(parcel,))
        for days in (12, 24, 40):
            found = analyse(
                seen, parcel, terms=world.terms, now=placed + timedelta(days=days), calendars=CALENDARS,
                reason=world.reason or "not_received.overdue",
            )  # fmt: skip
            told.append(plain(found))
    return told


# What is known of people


def recorded(world: World) -> Told:
    now = world.facts.placed_at
    asked = now - timedelta(days=3)

    def traces(number: int, lapsed: int, upheld: int, reason: str = "quality.defective") -> list[CaseTrace]:
        return [
            CaseTrace(
                case_id=f"o{n}.1", kind="claim", reason=reason, opened_at=asked, asked_at=asked,
                answered_at=now, lapsed=n < lapsed, ruled="buyer" if n < upheld else "",
            )
            for n in range(number)
        ]  # fmt: skip

    many = [traces(10, n, 0) for n in range(6)] + [traces(10, 0, n) for n in range(4)]
    many += [traces(9, 9, 9), traces(11, 0, 0), traces(1, 0, 1, "fake.counterfeit")]
    told = [record_of("lamps", some, 100, now, world.terms) for some in many]
    return [str(record_period(world.terms)), *((one.standing, one.lapse_share) for one in told)]


def standing_out(world: World) -> Told:
    now = world.facts.placed_at
    told: Told = [str(period_of(world.terms))]

    def look(traces: list[BuyerTrace], orders: int, others: int = 10_000, living: int = 0) -> None:
        history = History(
            buyer_id="ana", since=now, until=now, orders=orders, traces=tuple(traces),
            peers=Peers(500, others + orders, others // 20 + len(traces)),
            neighbours=tuple(Neighbour(f"n{n}", 5, 5) for n in range(living)),
        )  # fmt: skip
        told.append([(one.sign, one.count, one.least) for one in signals_of(history, world.terms)])

    def some(number: int, reason: str = "quality.defective", kept: int = 0, **more: Any) -> list[BuyerTrace]:
        at = now - timedelta(days=20)
        return [
            BuyerTrace(case_id=f"o{n}.1", reason=reason, category="home", opened_at=at + timedelta(days=kept),
                       delivered_at=at, **more)
            for n in range(number)
        ]  # fmt: skip

    for number in range(1, 12):
        look(some(number, sent_back=True), 10)
        look(some(number, sent_back=True), 11)
        look(some(number, sent_back=True), 22)
        look(some(number), 30)
        look(some(number), 20, others=105)
        look(some(number, "no_reason.changed_mind", kept=10, sent_back=True), 100)
        look(some(number, "not_received.shown_delivered", proven=True), 100)
        look(some(2), 100, living=number)
    return told


# What a house does beside the cases


class _Standing:
    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at


def house(market: Market, terms: Terms) -> tuple[MemoryStore, _Standing]:
    """The market's order in a store."""
    store = MemoryStore()
    store.custodies[market.order_id] = market.custody
    store.cases_by_order[market.order_id] = dict(market.scene.cases)
    store.terms[terms.terms_id] = terms
    return store, _Standing(market.now)


async def _written(world: World) -> Told:
    market = Market(order_of(world), terms=world.terms)
    arrived(market)
    store, clock = house(market, world.terms)
    letters = Letters(store, clock).correspondence
    caller = Caller(KeyRole.BUYER, BUYER.id)
    await letters.messages.post(caller, market.order_id, Draft(text="Is it the blue one?"), Words())
    until = market.now + timedelta(days=20)
    nearing = {"order_id": market.order_id, "case_id": "", "until": until.isoformat()}
    errand = Errand(errand_id="e", topic="deadline.plan", order_id=market.order_id, case_id="", body=nearing,
                    due_at=market.now)  # fmt: skip
    await letters.reminders.plan(errand)
    return [(one.topic, one.due_at) for one in store.outbox.values() if one.topic != "notice"]


async def _closing(world: World) -> Told:
    market = Market(order_of(world), terms=world.terms)
    arrived(market)
    # Protected for longer than a return may be asked for: its end is told of by itself.
    store, clock = house(market, world.terms)
    reminders = ClosingReminders(store, MemoryOutbox(store), clock, CALENDARS)
    body = {"order_id": market.order_id}
    await reminders.plan(
        Errand(errand_id="e", topic="closing.plan", order_id=market.order_id, case_id="", body=body,
               due_at=market.now)
    )  # fmt: skip
    return [(one.topic, one.due_at) for one in store.outbox.values()]


async def _disputed(world: World) -> Told:
    told: Told = []
    for amount in (5_000, 15_000, 30_000):
        market = Market(order_of(world, item=40_000), terms=world.terms)
        arrived(market)
        opened = oc.OpenChargeback(dispute_id="dp", tender_id="t1", amount=amount, reason="fraud")
        market.must(opened, PROVIDER, on_order=True)
        store, clock = house(market, world.terms)
        desk = rebuttals_in_memory(store, clock, {"sandbox": SandboxDisputes()})
        told.append(plain(await desk.propose(market.order_id, "dp", "It was delivered.", OPERATOR)))
    return told


async def _hidden(world: World) -> Told:
    market = Market(order_of(world), terms=world.terms)
    for step in claimed(world):
        step(market)
    store, clock = house(market, world.terms)

    async def submit(_envelope: Envelope) -> Result:
        raise AssertionError("nothing met")

    blind = BlindSettlement(
        MemoryBlindLimits(), store, clock, CALENDARS, submit, "a long secret of the house"
    )
    return [plain(await blind.enter(SELLER, market.case_id, 100 + n)) for n in range(6)]


class _Fund:
    """A fund that paid some of its budget, as figures and as a book of packs."""

    def __init__(self, world: World, spent: int) -> None:
        self._world, self._spent = world, spent

    async def cover(self, since: datetime, until: datetime) -> list[Paid]:
        day = self._world.facts.placed_at.date()
        return [
            Paid(
                day=day, purpose="cover", reason="not_received.overdue", currency="EUR", amount=self._spent,
                payments=1,
            )
        ]  # fmt: skip

    async def packs(self) -> tuple[Pack, ...]:
        return self._world.packs

    async def in_force(self, _at: datetime) -> tuple[Pack, ...]:
        return self._world.packs


async def _covered(world: World) -> Told:
    told: Told = []
    for spent in (100_000, 260_000, 410_000):
        fund: Any = _Fund(world, spent)
        report = await cover_report(fund, fund, world.facts.placed_at + timedelta(days=1), 1)
        told += [(one.state, one.left) for one in report.months]
    return told


def _run(scene: Callable[[World], Any]) -> Probe:
    return lambda world: asyncio.run(scene(world))


def uploads(world: World) -> object:
    return plain(limits_of(world.terms))


PROBES: dict[str, tuple[Probe, ...]] = {
    "draft": (drafted,),
    "ship": (protected,),
    "cancel": (asking, cancelled),
    "fast_refund": (cancelled, asking),
    "protection": (protected, asking),
    "payout": (protected,),
    "goodwill": (goodwill,),
    "ruling.alone": (large,),
    "ruling.confirm": (large,),
    "ruling.reply": (left_undecided,),
    "chargeback": (_run(_disputed),),
    "not_received": (asking,),
    "tracking.origin_only_after": (stuck_at_origin, traced),
    "tracking": (traced,),
    "return.window": (asking,),
    "return.bundle_parts": (in_a_bundle,),
    "return.remind_before": (_run(_closing),),
    "return.extension": (asking,),
    "return.claim_window": (after_a_return,),
    "return.seller_instructions": (no_address,),
    "return.ship_by": (not_sent,),
    "return.transit_silence": (gone_silent,),
    "return.transit_max": (travelling,),
    "return.lost": (gone_silent,),
    "return.restocking": (asking,),
    "free_return": (asking,),
    "withdrawal.function": (withdrawing,),
    "withdrawal": (asking,),
    "contact": (_run(_written),),
    "deadline": (_run(_written),),
    "negotiation.seller_response": (unanswered,),
    "negotiation.buyer_response": (countered,),
    "negotiation.limit": (haggled,),
    "blind": (_run(_hidden),),
    "mediation.decision": (late_for_proof,),
    "mediation.evidence": (decided,),
    "mediation": (countered,),
    "evidence": (uploads,),
    "appeal": (appealed,),
    "reopen": (refunded,),
    "freight.payer": (asking,),
    "freight.reimbursed_share": (with_receipt,),
    "returnless": (asking,),
    "unreturnable": (asking,),
    "condition": (asking,),
    "inspect.clock": (come_back,),
    "inspect": (turned_down,),
    "exchange.grounds": (asking,),
    "exchange.return_first": (exchanged_first,),
    "exchange.hold": (exchanged_first,),
    "exchange.pay_by": (exchanged_first,),
    "exchange": (exchanged,),
    "refund.includes_shipping": (asking,),
    "refund.initiate": (asking,),
    "refund.total_max": (cancelled, asking),
    "refund.calendar": (arriving,),
    "refund.eta": (arriving,),
    "refund": (refunded,),
    "partial": (by_severity,),
    "record": (recorded,),
    "signals": (standing_out,),
    "guarantee.counterfeit_marks_seller": (recorded,),
    "guarantee": (asking,),
    "counterfeit": (held,),
    "cover": (_run(_covered),),
}
"""The scenes that turn on a parameter, by its name or the longest beginning of it."""

AROUND: dict[str, dict[str, Any]] = {
    "return.remind_before": {"protection.after_delivery": Period(60, "days")},
    "not_received.open_after_shipping": {"not_received.open_from": ("after_shipping",)},
    "free_return.window": {"free_return.offered": True},
    "withdrawal.window": {"withdrawal.offered": True},
    "withdrawal.function": {"withdrawal.offered": True},
    "exchange.hold": {"exchange.return_first": False},
    "cancel.payout_not_before": {"fast_refund.limit": Money(0, "EUR")},
    "cancel.shipping_charge": {"cancel.request_period": Period(60, "days")},
    "refund.total_max": {
        "cancel.payout_not_before": Period(40, "days"), "refund.initiate": Period(40, "days"),
        "fast_refund.limit": Money(0, "EUR"),
    },
}  # fmt: skip
"""What else the platform has to say for a parameter to matter at all."""


def probes_of(name: str) -> tuple[Probe, ...]:
    """The scenes for a parameter; none where nobody has thought of one."""
    known = [key for key in PROBES if name == key or name.startswith((f"{key}.", f"{key}_"))]
    return PROBES[max(known, key=len)] if known else ()
