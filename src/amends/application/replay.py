"""Plays a past again: what happened is told in the order it happened, and between the happenings deadlines
fire, errands run, and people answer, until nothing is due any more.

The clock stands still at the end of each step. A step is cut short where a happening and a deadline of the
same order lie in it, so that neither can overtake the other; apart from that everything of a step happens
at its end, and people act up to one step later than they meant to.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from statistics import median
from typing import Protocol

import msgspec

from amends.application.errands import Errands
from amends.application.intake import BATCH, Submit
from amends.application.lapses import Lapses
from amends.application.ports import CaseFilter, Done, Envelope, OrderFilter, Reader, Result, Store
from amends.domain.cases.model import Case, State
from amends.domain.custody.model import Custody
from amends.domain.imports import Summary
from amends.domain.ledger import Account, balance_of, check
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused
from amends.domain.scene import Scene

STEP = timedelta(hours=6)
_PAGE = 500


class StandingClock(Protocol):
    """A clock that stands where it is put; it only moves forward."""

    def now(self) -> datetime:
        """An aware UTC instant."""

    async def hold(self, at: datetime) -> None:
        """Stand still at ``at``. Raises when that is in the past."""


class ReplayClock:
    """A clock of the replay's own, which may stand in another year than the machine's."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Where the clock stands, in UTC."""
        return self._at

    async def hold(self, at: datetime) -> None:
        """Stand still at ``at``. Raises `ValueError` when that is in the past."""
        if at < self._at:
            raise ValueError(
                f"the clock stands at {self._at.isoformat()} and cannot go back to {at.isoformat()}"
            )
        self._at = at


class View(msgspec.Struct, frozen=True):
    """What somebody sees before acting: the order with its cases, the terms of its lines, and the time."""

    scene: Scene
    terms: Mapping[str, Terms]
    now: datetime


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that will be done ``at`` an instant to an order.

    Either ``told`` as it is, or decided on the spot by ``act``, which may find that nothing is to be done.
    It falls away when ``wanted`` says so at that time.
    """

    at: datetime
    order_id: str
    told: Envelope | None = None
    act: Callable[[View], Envelope | None] | None = None
    wanted: Callable[[], bool] | None = None


class Cast(Protocol):
    """The people and carriers of the past that is played: they see results and answer by happenings."""

    def beginning(self) -> Iterable[Happening]:
        """Everything that is known to happen from the start."""

    def after(self, envelope: Envelope, result: Result, now: datetime) -> Iterable[Happening]:
        """What follows from a command that was carried out or refused."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """The parts a replay runs on. ``lapses`` and ``errands`` are made over the submit they are given.

    ``next_due`` of the store says when something is due next; nobody else may be moving in this world.
    """

    clock: StandingClock
    store: Store
    reader: Reader
    submit: Submit
    lapses: Callable[[Submit], Lapses]
    errands: Callable[[Submit], Errands]


class Progress(msgspec.Struct, frozen=True):
    """How far a replay is: the instant reached, happenings done and still known, live cases."""

    at: datetime
    done: int
    ahead: int
    live: int


class Replay:
    """One replay; `run` it once, then ask what came of it."""

    def __init__(self, world: World, cast: Cast, step: timedelta = STEP) -> None:
        self._world = world
        self._cast = cast
        self._step = step
        self._ahead: list[tuple[datetime, int, Happening]] = []
        self._number = count()
        self._deadlines: dict[str, dict[str, datetime]] = defaultdict(dict)
        self._live: set[str] = set()
        self.orders: set[str] = set()
        self.commands = 0
        self.refused: Counter[tuple[str, str]] = Counter()
        self.fired: Counter[str] = Counter()

    async def run(self) -> AsyncIterator[Progress]:
        """Play until nothing is known to happen and nothing is due. Raises what the store raises.

        An order whose deadline cannot be acted upon ends the replay too: it is found in the accounts.
        """
        self._add(self._cast.beginning())
        lapses = self._world.lapses(self._observed)
        errands = self._world.errands(self._observed)
        done = 0
        while (reached := await self._next_stop()) is not None:
            await self._world.clock.hold(max(reached, self._world.clock.now()))
            done += await self._play(reached)
            busy = 1
            while busy:
                fired = await lapses.run()
                self.fired.update(one.default for one in fired)
                busy = len(fired) + await errands.run()
            yield Progress(reached, done, len(self._ahead), len(self._live))

    async def _next_stop(self) -> datetime | None:
        """The end of the next step: from the first thing that happens or is due, a step long or shorter.

        What was due before and could not be done is not waited for.
        """
        now = self._world.clock.now()
        due = await self._world.store.next_due(after=now)
        first = min((at for at in (due, self._ahead[0][0] if self._ahead else None) if at), default=None)
        if first is None:
            return None
        stop = max(first, now) + self._step
        for at, order_id in self._within(stop):
            if at <= stop:
                stop = self._cut(stop, at, order_id, now)
        return stop

    def _within(self, stop: datetime) -> Iterator[tuple[datetime, str]]:
        """What happens until ``stop``, in no order: a walk down the heap."""
        places = [0]
        while places:
            place = places.pop()
            if place < len(self._ahead) and self._ahead[place][0] <= stop:
                yield self._ahead[place][0], self._ahead[place][2].order_id
                places += [2 * place + 1, 2 * place + 2]

    def _cut(self, stop: datetime, at: datetime, order_id: str, now: datetime) -> datetime:
        """The step must not hold both a happening and a deadline of its order: it ends with the first."""
        ahead = [until for until in self._deadlines[order_id].values() if now < until <= stop]
        return max(now, min(at, *ahead)) if ahead else stop

    async def _play(self, stop: datetime) -> int:
        """Tell everything that happens until ``stop``."""
        happening: list[Happening] = []
        while self._ahead and self._ahead[0][0] <= stop:
            at, number, one = self._ahead[0]
            if at == stop and stop in self._deadlines[one.order_id].values():
                # Who acts at the exact instant of a deadline is late: the clock goes first.
                heapq.heapreplace(self._ahead, (at + timedelta(microseconds=1), number, one))
                continue
            heapq.heappop(self._ahead)
            happening.append(one)
        for start in range(0, len(happening), BATCH):
            await self._tell(happening[start : start + BATCH])
        return len(happening)

    async def _tell(self, happening: Sequence[Happening]) -> None:
        envelopes: list[Envelope] = []
        for one in happening:
            if one.wanted is not None and not one.wanted():
                continue
            envelope = one.told
            if one.act is not None:
                if any(before.order_id == one.order_id for before in envelopes):
                    # What somebody sees must not lag behind what was told in the same breath.
                    await self._observed(envelopes)
                    envelopes = []
                envelope = await self._decided(one.order_id, one.act)
            if envelope is not None:
                envelopes.append(envelope)
        if envelopes:
            await self._observed(envelopes)

    async def _decided(self, order_id: str, act: Callable[[View], Envelope | None]) -> Envelope | None:
        scene = await self._world.reader.scene(order_id)
        if scene is None or scene.custody is None:
            return None
        wanted = sorted({line.terms_id for line in scene.custody.order.lines})
        terms = await self._world.reader.terms_of(wanted)
        return act(View(scene, terms, self._world.clock.now()))

    async def _observed(self, envelopes: Sequence[Envelope]) -> Sequence[Result]:
        """Submit, and let everybody see what came of it."""
        results = await self._world.submit(envelopes)
        now = self._world.clock.now()
        for envelope, result in zip(envelopes, results, strict=True):
            self.commands += 1
            if isinstance(result, Refused):
                self.refused[str(envelope.command.__struct_config__.tag), result.kind] += 1
            else:
                self._note(result)
            self._add(self._cast.after(envelope, result, now))
        return results

    def _note(self, done: Done) -> None:
        """Keep in mind what an order waits for, so that steps can be cut."""
        self.orders.add(done.order_id)
        deadlines = self._deadlines[done.order_id]
        for recorded in done.recorded:
            waiting, stream = recorded.event.waiting, recorded.stream
            if waiting is None:
                deadlines.pop(stream, None)
            else:
                deadlines[stream] = waiting.until
            if stream != done.order_id:
                ended = recorded.event.state is State.CLOSED
                (self._live.discard if ended else self._live.add)(stream)

    def _add(self, happenings: Iterable[Happening]) -> None:
        for one in happenings:
            heapq.heappush(self._ahead, (one.at, next(self._number), one))


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Cases of one reason that ended one way: how many, what was refunded, how long they took."""

    reason: str
    outcome: str
    cases: int
    refunded: int
    days_median: float
    days_max: float


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """Where the money is, in minor units, over all orders of a replay.

    ``captured`` and ``refunded`` (to the tenders) passed the door; ``held`` is what each account has now.
    ``pending`` is promised to a provider and not confirmed. ``broken`` names invariants that some order's
    books violate.
    """

    currency: str
    captured: int
    refunded: int
    held: dict[str, int]
    pending: int
    broken: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """What cannot be accounted for: 0, or something is wrong."""
        return self.captured - self.refunded - sum(self.held.values())


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a replay. ``cases`` has a line for each reason and outcome; "live" has not ended."""

    began: datetime
    ended: datetime
    orders: int
    stages: dict[str, int]
    cases: tuple[Line, ...]
    live: int
    days_median: float
    days_max: float
    accounts: tuple[Accounts, ...]
    commands: int
    fired: dict[str, int]
    refused: dict[str, int]

    @property
    def closed(self) -> int:
        """How many cases ended."""
        return sum(line.cases for line in self.cases) - self.live

    @property
    def sound(self) -> bool:
        """Whether every case ended and every minor unit is accounted for."""
        ended = not self.live
        return ended and all(not (a.missing or a.pending or a.broken) for a in self.accounts)


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of playing a file of orders.

    ``implied`` counts orders by what their record implies, where it implies anything. ``unheard`` counts
    claims and cancellations the policy closed, by why. ``overtaken`` orders had been cancelled by the time
    their record says they left.
    """

    summary: Summary
    implied: dict[str, int]
    unheard: dict[str, int]
    overtaken: int
    played: Outcome

    @property
    def eligible(self) -> int:
        """Orders whose record implies something."""
        return sum(self.implied.values())

    @property
    def sound(self) -> bool:
        """Whether the file's money all came in, every case ended, and every cent is accounted for."""
        imported = self.summary.money["paid"].imported if "paid" in self.summary.money else 0
        captured = sum(accounts.captured for accounts in self.played.accounts)
        return self.summary.balanced and imported == captured and self.played.sound


class Play(Protocol):
    """A past ready to be played, once."""

    def run(self) -> AsyncIterator[Progress]:
        """Play to the end, saying how far it is."""

    async def outcome(self) -> Replayed:
        """What came of it, read back from the store."""


async def outcome(world: World, replay: Replay, began: datetime) -> Outcome:
    """Read back what came of a replay from what was stored, not from what was answered."""
    custodies = [one async for one in _custodies(world.reader, replay.orders)]
    cases = [one async for one in _cases(world.reader, replay.orders)]
    days = [_days(case) for case in cases if case.closed_at is not None]
    return Outcome(
        began=began,
        ended=world.clock.now(),
        orders=len(custodies),
        stages=dict(Counter(custody.stage.value for custody in custodies).most_common()),
        cases=_lines(cases),
        live=sum(case.live for case in cases),
        days_median=median(days) if days else 0.0,
        days_max=max(days, default=0.0),
        accounts=_accounts(custodies),
        commands=replay.commands,
        fired=dict(replay.fired.most_common()),
        refused={f"{tag}: {kind}": number for (tag, kind), number in replay.refused.most_common()},
    )


async def _custodies(reader: Reader, wanted: Collection[str]) -> AsyncIterator[Custody]:
    cursor = ""
    while True:
        page = await reader.orders(OrderFilter(), cursor, _PAGE)
        for custody in page.orders:
            if custody.order.order_id in wanted:
                yield custody
        cursor = page.next
        if not cursor:
            return


async def _cases(reader: Reader, wanted: Collection[str]) -> AsyncIterator[Case]:
    cursor = ""
    while True:
        page = await reader.cases(CaseFilter(order="opened"), cursor, _PAGE)
        for case in page.cases:
            if case.order_id in wanted:
                yield case
        cursor = page.next
        if not cursor:
            return


def _days(case: Case) -> float:
    closed = case.closed_at or case.opened_at
    return (closed - case.opened_at) / timedelta(days=1)


def _lines(cases: Iterable[Case]) -> tuple[Line, ...]:
    alike: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        alike[case.reason, case.outcome.value if case.outcome else "live"].append(case)
    return tuple(
        Line(
            reason=reason,
            outcome=ended,
            cases=len(own),
            refunded=sum(
                refund.amount for case in own for refund in case.refunds if refund.stage == "confirmed"
            ),
            days_median=median(_days(case) for case in own),
            days_max=max(_days(case) for case in own),
        )
        for (reason, ended), own in sorted(alike.items())
    )


def _accounts(custodies: Iterable[Custody]) -> tuple[Accounts, ...]:
    alike: dict[str, list[Custody]] = defaultdict(list)
    for custody in custodies:
        alike[custody.order.currency].append(custody)
    inside = [account for account in Account if account is not Account.TENDER]
    found: list[Accounts] = []
    for currency, own in sorted(alike.items()):
        captured = sum(sum(custody.books.captured.values()) for custody in own)
        broken = sorted({f"{c.order.order_id}: {name}" for c in own for name in check(c.books)})
        found.append(
            Accounts(
                currency=currency,
                captured=captured,
                # The tender mirrors the world outside: it fell by what came in and rose by what went back.
                refunded=captured + sum(balance_of(custody.books, Account.TENDER) for custody in own),
                held={a.value: sum(balance_of(c.books, a) for c in own) for a in inside},
                pending=sum(t.amount for c in own for t in c.books.pending.values()),
                broken=tuple(broken),
            )
        )
    return tuple(found)
