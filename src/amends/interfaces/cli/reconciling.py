"""`amends reconcile`: hold a provider's report of a day against the ledger."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import click
import msgspec
from rich.console import Console
from rich.table import Table

from amends.application.ports import Clock, ProviderSilent
from amends.application.ports.settlements import DifferenceFilter, Run
from amends.application.reconciliation import Reconciliation
from amends.domain.money import decimals
from amends.domain.reconciliation import Difference, Movement

_SHOWN = 200


class Reconciling(Protocol):
    """An engine, as far as this command needs it."""

    @property
    def clock(self) -> Clock: ...
    @property
    def reconciliation(self) -> Reconciliation: ...


class Doors(Protocol):
    """What this command finds in click's context object."""

    @property
    def report_shapes(self) -> Mapping[str, Callable[[Sequence[Mapping[str, Any]]], list[Movement]]]:
        """Readers of reports, by the provider's name."""

    def engine(self) -> AbstractAsyncContextManager[Reconciling]:
        """This process's parts."""


@click.command("reconcile")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day, in UTC; yesterday without it.")
@click.option(
    "--provider", default="sandbox", show_default=True, help="Whose report, where no file is named."
)
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A report as JSON: a list of balance transactions (stripe) or transaction_details (paypal).",
)
@click.option("--shape", type=click.Choice(["stripe", "paypal"]), help="Whose report the file is.")
@click.pass_obj
def reconcile_command(doors: Doors, day: Any, provider: str, file: Path | None, shape: str | None) -> None:
    """Hold a provider's report against the ledger, and tell every difference with its explanation.

    Ends with 1 where a difference needs somebody. What people have dealt with stays as it is.
    """
    if (file is None) != (shape is None):
        raise click.UsageError("Name a file together with its shape.")
    lines = _lines(doors, file, shape) if file and shape else None
    console = Console()
    if asyncio.run(_reconcile(doors, console, day.date() if day else None, shape or provider, lines)):
        raise click.exceptions.Exit(1)


def _lines(doors: Doors, file: Path, shape: str) -> list[Movement]:
    try:
        found = msgspec.json.decode(file.read_bytes())
        listed = found.get("data", found.get("transaction_details")) if isinstance(found, dict) else found
        return doors.report_shapes[shape](msgspec.convert(listed, list[dict[str, Any]]))
    except (msgspec.MsgspecError, ValueError) as error:
        raise click.ClickException(f"{file}: {error}") from error


async def _reconcile(
    doors: Doors, console: Console, day: date | None, provider: str, lines: list[Movement] | None
) -> bool:
    async with doors.engine() as engine:
        work = engine.reconciliation
        today = engine.clock.now().date()
        day = day or today - timedelta(days=1)
        if lines is None and provider not in work.reporting and not await work.book.runs(1, provider):
            raise click.ClickException(f"{provider} gives no report by itself: name a file of its report.")
        if lines is None and day >= today:
            raise click.ClickException(f"{day} is not over yet.")
        try:
            runs = [await work.run(provider, day)] if lines is None else await work.take(provider, lines)
        except ProviderSilent as error:
            raise click.ClickException(f"{provider} gives no report at the moment: {error}") from error
        for run in runs:
            wanted = DifferenceFilter(provider=provider, day=run.day)
            _show(console, run, await work.book.differences(wanted, _SHOWN))
    if not runs:
        console.print("The report tells of nothing.")
    return any(run.open for run in runs)


def _show(console: Console, run: Run, differences: Sequence[Difference]) -> None:
    console.print(f"{run.provider}, {run.day}: {run.movements} lines, {run.entries} entries of the ledger")
    for one in run.sums:
        ours, theirs = _money(one.ours, one.currency), _money(one.theirs, one.currency)
        console.print(f"  {one.currency}: ledger {ours}, report {theirs}")
    if not differences:
        console.print("  They say the same.")
        return
    table = Table("why", "state", "ledger", "report", "reference", "order", "event")
    for found in differences:
        event = f"{found.stream} #{found.seq}" if found.stream else ""
        table.add_row(
            found.why.value,
            found.state.value,
            _money(found.ours, found.currency),
            _money(found.theirs, found.currency),
            found.reference,
            found.order_id,
            event,
        )
    console.print(table)


def _money(amount: int, currency: str) -> str:
    return f"{amount / 10 ** decimals(currency):.{decimals(currency)}f} {currency}"
