"""`amends lab`: try a draft of the policy on past cases."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing
from pathlib import Path
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from amends.application.lab.runs import Lab
from amends.application.ports.lab import BenchUnavailable, LabRun
from amends.domain.lab.tally import Group, Interval
from amends.domain.money import decimals
from amends.domain.policy.stack import PackError

_SHOWN = 10


class Doors(Protocol):
    """What this command finds in click's context object."""

    def lab(self) -> AbstractAsyncContextManager[Lab]:
        """The lab over this installation's past."""


@click.command("lab")
@click.argument("draft", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--sample", type=click.IntRange(min=1), help="Draw so many past orders instead of all.")
@click.option("--engine", type=click.Choice(["processes", "ray"]), default="processes", show_default=True)
@click.option("--resume", "run_id", help="Take up a run that was stopped, by its id, instead of a DRAFT.")
@click.pass_obj
def lab_command(
    doors: Doors, draft: Path | None, sample: int | None, engine: str, run_id: str | None
) -> None:
    """Decide past cases again under the draft pack DRAFT.toml, and tell what would be different.

    Ctrl-C stops the run; what was computed stays, and --resume goes on from there.
    """
    if (draft is None) == (run_id is None):
        raise click.UsageError("Name a draft, or a run to take up with --resume.")
    console = Console()
    try:
        text = draft.read_text(encoding="utf-8") if draft else ""
        name = draft.name if draft else ""
        asyncio.run(_try(doors, console, (text, name), sample or 0, engine, run_id))
    except PackError as error:
        raise click.ClickException(str(error)) from error
    except BenchUnavailable as error:
        raise click.ClickException(str(error)) from error


async def _try(
    doors: Doors, console: Console, draft: tuple[str, str], sample: int, engine: str, run_id: str | None
) -> None:
    async with doors.lab() as lab:
        if run_id is None:
            run, runner = await lab.start(*draft, by="operator:cli", sample=sample, engine=engine)
        else:
            taken = await lab.resume(run_id)
            if taken is None:
                raise click.ClickException(f"There is no run {run_id} that could be taken up.")
            run, runner = taken
        try:
            run = await _followed(lab.work(run, runner), run, console)
        except (KeyboardInterrupt, asyncio.CancelledError):
            await lab.cancel(run.run_id)
            console.print(f"Stopped. Go on with: amends lab --resume {run.run_id}")
            raise
        kept = await lab.runs.get(run.run_id) or run
        console.print(report(kept))
        by, sellers = await lab.runs.people(run.run_id)
        console.print(f"{by} buyers and {sellers} sellers have a case that would end otherwise.")
        page = await lab.changes(run.run_id, limit=_SHOWN)
        for pair in page.pairs:
            was, now = (side.outcome if side else "none" for side in (pair.was, pair.now))
            why = "; ".join(f"{one.parameter}: {one.was or '–'} → {one.now or '–'}" for one in pair.why[:3])
            console.print(f"  {pair.either.case_id}: {was} → {now} ({why})", highlight=False)
        if page.next:
            console.print("  … the page /lab shows all of them.")


async def _followed(standings: AsyncGenerator[LabRun, None], run: LabRun, console: Console) -> LabRun:
    bar = Progress(
        TextColumn("Deciding again"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    task = bar.add_task("", total=None)
    with bar:
        async with aclosing(standings) as following:
            async for standing in following:
                run = standing
                bar.update(task, completed=run.done, total=run.orders)
    return run


def report(run: LabRun) -> Table:
    """What came of a run, a row for each currency."""
    tally = run.tally
    title = (
        f"{run.title} ({run.run_id}, {run.state}): {tally.changed} of {tally.cases} cases end otherwise,"
        f" {run.orders} orders, {run.seconds:.1f} s"
    )
    table = Table("", "cases", "changed", "buyers", "sellers", "platform", "days", title=title)
    for currency, group in sorted(tally.all.items()):
        table.add_row(currency, str(group.cases), str(group.changed), *(_sums(group, currency)))
        table.add_row(*_means(group, currency))
    if run.broken:
        table.caption = f"{len(run.broken)} orders could not be replayed, the first: {run.broken[0][0]}"
    return table


def _sums(group: Group, currency: str) -> tuple[str, str, str, str]:
    places = decimals(currency)

    def money(side: object) -> str:
        moments = getattr(group, str(side))
        return f"{(moments.now - moments.was) / 10**places:+,.{places}f}"

    lasting = max(1, group.lasting)
    days = f"{group.days.was / lasting:.1f} → {group.days.now / lasting:.1f}"
    return money("buyer"), money("seller"), money("platform"), days


def _means(group: Group, currency: str) -> tuple[str, ...]:
    places = decimals(currency)

    def told(found: Interval, unit: float, digits: int) -> str:
        low, high = found.low / unit, found.high / unit
        return f"{found.mean / unit:+.{digits}f} ({low:+.{digits}f} … {high:+.{digits}f})"

    return (
        "  each, 95 %",
        "",
        "",
        told(group.difference("buyer"), 10**places, places),
        told(group.difference("seller"), 10**places, places),
        told(group.difference("platform"), 10**places, places),
        told(group.difference("days"), 1, 2),
    )
