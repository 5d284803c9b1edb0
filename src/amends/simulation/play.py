"""Plays happenings up to an instant: each is told at its time, and what falls due on the way fires first."""

import heapq
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from amends.application.ports import Done, Envelope, Result
from amends.application.replay import Happening, World
from amends.domain.refusals import Refused
from amends.simulation.voices import Aside, Voices

# Errands are looked after this often: a provider's answer may come so much later than it could.
_ROUND = timedelta(hours=3)


class NotDone(msgspec.Struct, frozen=True):
    """A command of a play that was refused: ``command`` is its tag."""

    order_id: str
    command: str
    at: datetime
    refused: Refused


class Play:
    """One play in a world in which nobody else moves; `until` once."""

    def __init__(
        self,
        world: World,
        happenings: Iterable[Happening],
        asides: Iterable[Aside] = (),
        voices: Voices | None = None,
    ) -> None:
        """``asides`` are said by ``voices``; without these nobody says a word."""
        self._world = world
        self._ahead = sorted(happenings, key=lambda one: (one.at, one.order_id))
        self._asides = sorted(asides, key=lambda one: (one.at, one.order_id)) if voices else []
        self._voices = voices
        self._deadlines: dict[str, datetime] = {}
        self._due: list[tuple[datetime, str]] = []
        self._lapses = world.lapses(self._observed)
        self._errands = world.errands(self._observed)
        self._round_at: datetime | None = None
        self.commands = 0
        self.not_done: list[NotDone] = []

    async def until(self, end: datetime, on_progress: Callable[[int, int], None] | None = None) -> None:
        """Play what happens until ``end``, where the clock stays. Raises what the store raises.

        ``on_progress`` hears how many happenings are done, of how many.
        """
        told = 0
        for at, group in _by_instant(one for one in self._ahead if one.at <= end):
            await self._say_until(at)
            await self._fire_until(at)
            await self._hold(at)
            await self._observed(group)
            told += len(group)
            if on_progress is not None:
                on_progress(told, len(self._ahead))
        await self._say_until(end)
        await self._fire_until(end)
        await self._hold(end)
        while await self._errands.run():
            pass

    async def _say_until(self, at: datetime) -> None:
        """Everything said by then, each at its time."""
        while self._voices is not None and self._asides and self._asides[0].at <= at:
            aside = self._asides.pop(0)
            await self._fire_until(aside.at)
            await self._hold(aside.at)
            refused = await aside.say(self._voices)
            if refused is not None:
                self.not_done.append(NotDone(aside.order_id, "message", aside.at, refused))
            self._plan_round(aside.at + _ROUND)

    async def _fire_until(self, at: datetime) -> None:
        """Everything due by then, at the instant it is due: who acts at that very instant is late."""
        while (due := self._next()) is not None and due <= at:
            await self._hold(due)
            if self._round_at is not None and self._round_at <= due:
                await self._look_after_errands()
            await self._lapses.run()
            self._forget(due)

    def _next(self) -> datetime | None:
        while self._due and self._deadlines.get(self._due[0][1]) != self._due[0][0]:
            heapq.heappop(self._due)
        first = self._due[0][0] if self._due else None
        return min((at for at in (first, self._round_at) if at is not None), default=None)

    def _forget(self, due: datetime) -> None:
        """What could not be done when it was due is not tried again: it must not stop the clock."""
        while self._due and self._due[0][0] <= due:
            at, stream = heapq.heappop(self._due)
            if self._deadlines.get(stream) == at:
                del self._deadlines[stream]

    async def _look_after_errands(self) -> None:
        now = self._world.clock.now()
        self._round_at = None
        while await self._errands.run() + await self._errands.hear():
            pass
        later = await self._world.store.next_due(after=now)
        if later is not None:
            # It may be a deadline as well as an errand that was put off; looking costs little.
            self._plan_round(max(later, now + _ROUND))

    def _plan_round(self, at: datetime) -> None:
        self._round_at = at if self._round_at is None else min(at, self._round_at)

    async def _hold(self, at: datetime) -> None:
        await self._world.clock.hold(max(at, self._world.clock.now()))

    async def _observed(self, envelopes: Sequence[Envelope]) -> Sequence[Result]:
        """Submit, and keep in mind what is waited for."""
        results = await self._world.submit(envelopes)
        now = self._world.clock.now()
        for envelope, result in zip(envelopes, results, strict=True):
            self.commands += 1
            if isinstance(result, Refused):
                tag = str(envelope.command.__struct_config__.tag)
                self.not_done.append(NotDone(envelope.order_id, tag, now, result))
            else:
                self._note(result)
        if results:
            self._plan_round(now + _ROUND)
        return results

    def _note(self, done: Done) -> None:
        for recorded in done.recorded:
            waiting = recorded.event.waiting
            if waiting is None:
                self._deadlines.pop(recorded.stream, None)
            else:
                self._deadlines[recorded.stream] = waiting.until
        for stream in {recorded.stream for recorded in done.recorded} & self._deadlines.keys():
            heapq.heappush(self._due, (self._deadlines[stream], stream))


def _by_instant(happenings: Iterable[Happening]) -> Iterable[tuple[datetime, list[Envelope]]]:
    """What is told at one instant is told together."""
    at: datetime | None = None
    group: list[Envelope] = []
    for one in happenings:
        if one.told is None:
            continue
        if at is not None and one.at != at:
            yield at, group
            group = []
        at = one.at
        group.append(one.told)
    if at is not None:
        yield at, group
