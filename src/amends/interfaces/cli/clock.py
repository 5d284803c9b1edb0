"""`amends clock`: what time the sandbox has, and moving it forward."""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from amends.application.clock import LEAP_MAX
from amends.application.lapses import Fired
from amends.application.ports import Clock, Store

_SPAN = re.compile(r"(\d+)\s*(m|h|d|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Sandbox(Protocol):
    """An engine, as far as its clock goes."""

    @property
    def clock(self) -> Clock: ...
    @property
    def store(self) -> Store: ...
    async def fire(
        self, to: datetime, on_progress: Callable[[datetime, int], None] | None = None
    ) -> Sequence[Fired]:
        """Move the clock; what fired on the way."""


class Doors(Protocol):
    """What these commands find in click's context object."""

    def in_sandbox(self) -> "Doors":
        """The same, with a clock that can be moved."""

    def engine(self) -> AbstractAsyncContextManager[Sandbox]:
        """This process's parts."""


@click.group(invoke_without_command=True)
@click.pass_context
def clock(context: click.Context) -> None:
    """Show the sandbox's clock, or move it forward."""
    if context.invoked_subcommand is None:
        asyncio.run(_show(context.obj.in_sandbox()))


async def _show(doors: Doors) -> None:
    async with doors.engine() as engine:
        click.echo(f"now   {engine.clock.now().isoformat(timespec='seconds')}")
        due = await engine.store.next_due()
        click.echo(f"next  {due.isoformat(timespec='seconds') if due else 'nothing is due'}")


@clock.command()
@click.argument("to")
@click.pass_obj
def advance(doors: Doors, to: str) -> None:
    """Move the clock by a span (90m, 36h, 5d, 2w), to an instant (ISO 8601), or to the `next` deadline."""
    asyncio.run(_advance(doors.in_sandbox(), to))


async def _advance(doors: Doors, to: str) -> None:
    async with doors.engine() as engine:
        target = await _target(engine, to)
        if target < engine.clock.now():
            raise click.BadParameter(
                f"{to} has passed: the clock only moves forward from {engine.clock.now().isoformat()}."
            )
        if target > engine.clock.now() + LEAP_MAX:
            raise click.BadParameter(
                f"{to} is too far: the clock moves at most {LEAP_MAX.days} days at once."
            )
        start = engine.clock.now()
        with Progress(
            TextColumn("Moving the clock"), BarColumn(), TextColumn("{task.fields[at]}"), transient=True
        ) as progress:
            task = progress.add_task("", total=(target - start).total_seconds() or None, at="")
            fired = await engine.fire(
                target,
                lambda at, count: progress.update(
                    task, completed=(at - start).total_seconds(), at=f"{at:%Y-%m-%d}, {count} fired"
                ),
            )
        table = Table("at", "order or case", "what happened")
        for one in fired:
            table.add_row(one.at.isoformat(timespec="seconds"), one.stream, one.default)
        Console().print(table)
        click.echo(
            f"Deadlines fired: {len(fired)}; it is {engine.clock.now().isoformat(timespec='seconds')}."
        )


async def _target(engine: Sandbox, to: str) -> datetime:
    if to == "next":
        due = await engine.store.next_due()
        return max(due, engine.clock.now()) if due else engine.clock.now()
    span = _SPAN.fullmatch(to.strip())
    if span:
        try:
            return engine.clock.now() + timedelta(**{_UNITS[span[2]]: int(span[1])})
        except OverflowError as error:
            raise click.BadParameter(f"{to} is too far: no calendar goes there.") from error
    try:
        at = datetime.fromisoformat(to)
    except ValueError as error:
        raise click.BadParameter(f"{to!r} is neither a span (36h, 5d) nor an instant nor 'next'.") from error
    if at.tzinfo is None:
        raise click.BadParameter(f"{to!r} lacks its offset from UTC, as in 2026-03-01T09:00:00+00:00.")
    return at
