"""`amends migrate` and `amends audit`: the database's form, and whether everything in it fits."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import click

from amends.application.audit import audit
from amends.application.ports import Store
from amends.application.reconciliation import Reconciliation


class Stored(Protocol):
    """An engine, as far as an audit needs it."""

    @property
    def store(self) -> Store: ...
    @property
    def reconciliation(self) -> Reconciliation: ...


class Doors(Protocol):
    """What these commands find in click's context object."""

    async def migrate(self, *, dry_run: bool) -> list[str]:
        """The migrations applied, or that would be."""

    def engine(self) -> AbstractAsyncContextManager[Stored]:
        """This process's parts."""


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be applied; change nothing.")
@click.pass_obj
def migrate(doors: Doors, dry_run: bool) -> None:
    """Bring the database's tables up to date (forward only)."""
    names = asyncio.run(doors.migrate(dry_run=dry_run))
    if not names:
        click.echo("The database is up to date.")
    for name in names:
        click.echo(f"{'would apply' if dry_run else 'applied'} {name}")


@click.command("audit")
@click.pass_obj
def audit_command(doors: Doors) -> None:
    """Replay every event, verify every hash chain, compare snapshots and balances."""

    async def look() -> int:
        async with doors.engine() as engine:
            found = await audit(engine.store, engine.reconciliation.book)
        looked_at = f"{found.orders} orders, {found.cases} cases, {found.events} events"
        click.echo(f"{looked_at}, {found.days} reconciled days looked at.")
        for fault in found.faults:
            click.echo(f"{fault.stream}: {fault.what} {fault.detail}".rstrip(), err=True)
        click.echo("Everything fits." if not found.faults else f"{len(found.faults)} faults.")
        return len(found.faults)

    if asyncio.run(look()):
        raise click.exceptions.Exit(1)
