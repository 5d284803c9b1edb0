"""The daily reconciliation: a provider's report against the ledger, and what people do about differences.

It runs once a day on the application's clock, catches up on days it missed, and looks again at days whose
differences were only explained until tomorrow. Any number of processes may run it: the result is the same.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta

import structlog
from msgspec.structs import replace

from amends.application.delivery import RECONCILED
from amends.application.notices import announcement
from amends.application.ports import Clock, ProviderSilent
from amends.application.ports.outbox import Outbox
from amends.application.ports.settlements import (
    EVERYTHING,
    MoneyReads,
    Run,
    SettlementBook,
    Settlements,
)
from amends.domain.parties import Actor
from amends.domain.reconciliation import (
    Difference,
    Entry,
    Movement,
    State,
    order_named,
    reconcile,
    span,
    sums,
)
from amends.domain.refusals import Refused

_log = structlog.get_logger()

HOWS = ("settled", "written_off")
# A first start looks back this far; longer gaps are for `amends reconcile`.
LOOK_BACK = timedelta(days=14)
_DAYS_AT_ONCE = 31
_TEXT_MAX = 2000

Operators = Callable[[], Awaitable[Sequence[Actor]]]
"""Whom to tell."""


class Reconciliation:
    """Reconciles days and keeps track of differences."""

    def __init__(
        self,
        providers: Mapping[str, object],
        ledger: MoneyReads,
        book: SettlementBook,
        clock: Clock,
        outbox: Outbox,
        operators: Operators,
    ) -> None:
        self.book = book
        self._ledger = ledger
        self._clock = clock
        self._outbox = outbox
        self._operators = operators
        self._reporting = {name: one for name, one in providers.items() if isinstance(one, Settlements)}

    @property
    def reporting(self) -> Sequence[str]:
        """The providers that report by themselves."""
        return tuple(self._reporting)

    async def sweep(self) -> int:
        """Reconcile the days that are due, some at a time; how many were."""
        done = 0
        for provider in self._reporting:
            for day in await self._due(provider):
                try:
                    await self.run(provider, day)
                except ProviderSilent as silence:
                    _log.warning("report_missing", provider=provider, day=day.isoformat(), why=str(silence))
                    break
                done += 1
        return done

    async def _due(self, provider: str) -> Sequence[date]:
        # A report is asked for once its day has been over for a while.
        grace = self._reporting[provider].grace
        last = ((self._clock.now() - grace) - timedelta(days=1)).date()
        latest = await self.book.runs(1, provider)
        begin = latest[0].day + timedelta(days=1) if latest else last - LOOK_BACK
        begin = max(begin, last - timedelta(days=366))
        fresh = [begin + timedelta(days=n) for n in range((last - begin).days + 1)]
        if not fresh:
            return ()
        again = [day for day in await self.book.unsettled(provider) if day < begin]
        return [*again[-_DAYS_AT_ONCE:], *fresh[:_DAYS_AT_ONCE]]

    async def run(self, provider: str, day: date) -> Run:
        """Reconcile one day of a provider. Raises `ProviderSilent`."""
        since, until = span(day)
        source = self._reporting.get(provider)
        if source is not None:
            # What is of the next morning explains what we knew the evening before.
            await self.book.keep(await source.report(since, until))
        covers = source.covers if source is not None else EVERYTHING
        movements, entries, orders = await self._touched(provider, day, covers)
        now = self._clock.now()
        differences = [
            # What has no transfer of ours may still be about an order of ours.
            replace(one, order_id=named)
            if not one.order_id and (named := order_named(one.reference)) in orders
            else one
            for one in reconcile(provider, day, movements, entries, now)
        ]
        run = Run(
            provider=provider,
            day=day,
            at=now,
            movements=sum(since <= one.at < until for one in movements),
            entries=sum(since <= one.at < until for one in entries),
            sums=sums(day, movements, entries),
            open=sum(one.state is State.OPEN for one in differences),
            waiting=sum(one.state is State.WAITING for one in differences),
        )
        fresh = await self.book.save(run, differences)
        if fresh:
            await self._tell(run)
        return run

    async def take(self, provider: str, movements: Sequence[Movement]) -> list[Run]:
        """Take in a report from outside and reconcile the days it tells of, oldest first."""
        await self.book.keep(movements)
        return [await self.run(provider, day) for day in sorted({one.at.date() for one in movements})]

    async def _touched(
        self, provider: str, day: date, covers: frozenset[str]
    ) -> tuple[list[Movement], list[Entry], frozenset[str]]:
        """Everything there is of the references that the day touches, and the orders they lead to."""
        since, until = span(day)
        today = [one for one in await self._ledger.entries(since, until) if one.provider == provider]
        lines = await self.book.movements(provider, since, until)
        references = {one.reference for one in today} | {one.reference for one in lines}
        foreign = {one.reference for one in lines} | {one.payment for one in lines if one.payment}
        paid = await self._ledger.paid_by(provider, sorted(foreign))
        orders = {one.order_id for one in today} | {order_named(one.reference) for one in lines}
        orders |= {order_id for ids in paid.values() for order_id in ids}
        all_of_them = await self._ledger.entries_of(sorted(orders))
        entries = [
            one
            for one in all_of_them
            if one.provider == provider and one.reference in references and one.purpose in covers
        ]
        lines = await self.book.movements_of(provider, sorted(references))
        return list(lines), entries, frozenset(one.order_id for one in all_of_them)

    async def _tell(self, run: Run) -> None:
        people = tuple(await self._operators())
        if not people:
            return
        stream = f"reconciliation/{run.provider}/{run.day.isoformat()}"
        await self._outbox.put([announcement(RECONCILED, stream, run.open, run.at, people)])

    async def resolve(self, difference_id: str, how: str, reason: str, by: Actor) -> Difference | Refused:
        """Somebody has dealt with a difference. Written off, it waits for a second person to agree."""
        found = await self.book.difference(difference_id)
        if found is None:
            return _unknown(difference_id)
        if how not in HOWS:
            return _invalid("Say whether it is settled or written off.", "/how")
        if not reason.strip() or len(reason) > _TEXT_MAX:
            return _invalid(f"Say why, in 1 to {_TEXT_MAX} characters.", "/reason")
        if found.state not in {State.OPEN, State.WAITING}:
            return _not_now(found)
        changed = replace(found, how=how, reason=reason.strip(), by=by.id)
        if how == "written_off":
            changed = replace(changed, state=State.PROPOSED)
        else:
            changed = replace(changed, state=State.RESOLVED, resolved_at=self._clock.now())
        return changed if await self.book.change(changed, found.state) else _not_now(found)

    async def answer(self, difference_id: str, by: Actor, *, agreed: bool) -> Difference | Refused:
        """A second person agrees that money is written off; declined by anybody, it is open again."""
        found = await self.book.difference(difference_id)
        if found is None:
            return _unknown(difference_id)
        if found.state is not State.PROPOSED:
            return _not_now(found)
        if not agreed:
            changed = replace(found, state=State.OPEN, how="", reason="", by="")
        elif by.id == found.by:
            return Refused(
                kind="conflict_of_interest",
                detail="Somebody else than who proposed it has to agree.",
                facts={"proposed_by": found.by},
            )
        else:
            changed = replace(found, state=State.RESOLVED, agreed_by=by.id, resolved_at=self._clock.now())
        return changed if await self.book.change(changed, State.PROPOSED) else _not_now(found)


def _unknown(difference_id: str) -> Refused:
    return Refused(kind="not_found", detail=f"There is no difference {difference_id}.")


def _invalid(detail: str, pointer: str) -> Refused:
    return Refused(kind="invalid", detail=detail, pointer=pointer)


def _not_now(found: Difference) -> Refused:
    return Refused(
        kind="not_possible_now",
        detail=f"This difference is {found.state.value}: nothing more is to be done about it now.",
        facts={"state": found.state.value},
    )
