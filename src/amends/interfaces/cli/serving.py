"""`amends run`, `serve`, `worker`, `stop` and `keys`: start Amends, stop it, let programs in."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from amends.application.ports import KeyRole


class Address(Protocol):
    """Where the pages are."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...


class Filled(Protocol):
    """What was played into the sandbox: how many orders, none if it was not empty."""

    @property
    def orders(self) -> int: ...


class Doors(Protocol):
    """What these commands find in click's context object."""

    @property
    def settings(self) -> Address: ...
    def in_sandbox(self) -> "Doors":
        """The same, with play money and a clock that can be moved."""

    async def populate(self, progress: Callable[[int, int], None]) -> Filled:
        """Fill an empty sandbox with the simulated marketplace."""

    async def mint(self, role: KeyRole, party: str, name: str) -> str:
        """Make an API key."""

    async def work(self) -> None:
        """Run a worker until a signal stops it."""

    def require_address(self) -> None:
        """See that nobody else listens where we are to."""

    def serve(self, *, workers: int, with_worker: bool) -> None:
        """Serve until a signal stops it."""

    def stop_database(self) -> None:
        """Stop the embedded PostgreSQL."""


@click.command()
@click.pass_obj
def run(doors: Doors) -> None:
    """Try Amends: a simulated marketplace on embedded PostgreSQL, with a sign-in for each role."""
    doors = doors.in_sandbox()
    doors.require_address()
    console = Console()
    with _bar(console, "Filling the marketplace") as progress:
        task = progress.add_task("", total=None)
        filled = asyncio.run(
            doors.populate(lambda done, total: progress.update(task, completed=done, total=total))
        )
    if filled.orders:
        console.print(f"{filled.orders} orders and their cases are in the marketplace.")
    address = f"http://{doors.settings.host}:{doors.settings.port}"
    console.print(
        f"Amends is at [bold]{address}[/bold] (sandbox: play money, movable clock). Ctrl-C stops it."
    )
    doors.serve(workers=1, with_worker=True)


@click.command()
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Web processes.")
@click.option("--with-worker", is_flag=True, help="Also keep the deadlines in this process.")
@click.pass_obj
def serve(doors: Doors, workers: int, with_worker: bool) -> None:
    """Serve the API and the pages."""
    doors.serve(workers=workers, with_worker=with_worker)


@click.command()
@click.pass_obj
def worker(doors: Doors) -> None:
    """Keep the deadlines and run the errands; any number of workers may run."""
    asyncio.run(doors.work())


@click.command()
@click.pass_obj
def stop(doors: Doors) -> None:
    """Stop the embedded PostgreSQL for everybody who uses it."""
    doors.stop_database()


@click.command()
@click.argument("role", type=click.Choice([role.value for role in KeyRole]))
@click.argument("party", default="")
@click.option("--name", default="", help="What the key is for.")
@click.pass_obj
def keys(doors: Doors, role: str, party: str, name: str) -> None:
    """Make an API key for ROLE, acting as PARTY (a buyer's, seller's or staff member's id).

    Only the marketplace itself needs no PARTY.
    """
    if not party and role != KeyRole.MARKETPLACE:
        raise click.BadArgumentUsage(f"Say which {role} the key is for: amends keys {role} ID")
    click.echo(asyncio.run(doors.mint(KeyRole(role), party or role, name)))


def _bar(console: Console, title: str) -> Progress:
    return Progress(TextColumn(title), BarColumn(), MofNCompleteColumn(), console=console, transient=True)
