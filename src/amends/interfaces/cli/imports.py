"""`amends import` and `amends replay`: orders of other marketplaces, taken in or played through."""

import asyncio
import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import click
import msgspec
from babel.numbers import format_currency
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from amends.application.intake import Intake, Reading, Submit, intake
from amends.application.replay import Play, Replayed
from amends.domain.imports import Imported, ImportRefused, Report, Returned, Severity, Summary
from amends.domain.money import decimals
from amends.domain.orders import Order
from amends.domain.parties import Actor, Role
from amends.domain.policy.stack import Pack

_REPORTS_SHOWN = 20


class Taker(msgspec.Struct, frozen=True):
    """What an import needs: the packs whose terms are frozen, and the way commands are carried out."""

    packs: Sequence[Pack]
    submit: Submit


class Doors(Protocol):
    """What these commands find in click's context object."""

    def olist(self, folder: Path) -> Reading:
        """A reading of an Olist folder. Raises `ImportRefused`."""

    def online_retail(self, file: Path) -> Reading:
        """A reading of the Online Retail table. Raises `ImportRefused`."""

    def taker(self) -> AbstractAsyncContextManager[Taker]:
        """Open the store."""

    def play(self, reading: Reading, step: timedelta) -> AbstractAsyncContextManager[Play]:
        """A world of its own for a replay, put away afterwards. Raises `ImportRefused`."""


class Taken(msgspec.Struct, frozen=True):
    """What came of an import: what was read, what was taken in, and everything that was reported."""

    summary: Summary
    intake: Intake
    reports: tuple[Report, ...]


@click.group("import")
def import_group() -> None:
    """Take in orders of other marketplaces."""


@import_group.command("olist")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--reports", type=click.Path(dir_okay=False, path_type=Path), help="Write all reports to this CSV."
)
@click.pass_obj
def import_olist(doors: Doors, folder: Path, reports: Path | None) -> None:
    """Take in the orders of an Olist FOLDER (eight CSV files)."""
    _import(doors, _opened(doors.olist, folder), reports)


@import_group.command("online-retail")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--reports", type=click.Path(dir_okay=False, path_type=Path), help="Write all reports to this CSV."
)
@click.pass_obj
def import_online_retail(doors: Doors, file: Path, reports: Path | None) -> None:
    """Take in the invoices of the Online Retail FILE (.csv or .csv.gz)."""
    _import(doors, _opened(doors.online_retail, file), reports)


@click.group("replay")
def replay_group() -> None:
    """Play a past again under today's policy."""


@replay_group.command("olist")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--step", type=click.IntRange(0, 48), default=6, help="Hours the clock moves at once; 0 is exact."
)
@click.pass_obj
def replay_olist(doors: Doors, folder: Path, step: int) -> None:
    """Play what the orders of an Olist FOLDER imply, from the first purchase to the last payout."""
    console = Console()
    reading = _opened(doors.olist, folder)
    replayed = asyncio.run(_replay(doors, reading, timedelta(hours=step), console))
    console.print(replay_report(replayed))
    if not replayed.sound:
        raise click.ClickException("Not everything is accounted for; see the last lines above.")


def _opened(door: Callable[[Path], Reading], path: Path) -> Reading:
    try:
        return door(path)
    except ImportRefused as refused:
        raise click.ClickException(str(refused)) from refused


def _import(doors: Doors, reading: Reading, reports: Path | None) -> None:
    console = Console()
    try:
        taken = asyncio.run(_take(doors, reading, console))
    except ImportRefused as refused:
        raise click.ClickException(str(refused)) from refused
    if reports is not None:
        write_reports(reports, taken.reports)
    console.print(import_report(taken))
    if not taken.summary.balanced:
        raise click.ClickException("The money of the file is not all accounted for.")


async def _take(doors: Doors, reading: Reading, console: Console) -> Taken:
    reports: list[Report] = []
    bar = _bar(console)
    # Without a total the bar would jump: a row of the file is not an order.
    task = bar.add_task("Taking in orders", total=None)
    with bar:
        async with doors.taker() as taker:
            found = await intake(
                _orders(reading, reports),
                taker.packs,
                taker.submit,
                actor=Actor(Role.OPERATOR, "import"),
                on_progress=lambda more: bar.advance(task, more),
            )
    return Taken(reading.summary(), found, tuple(reports))


def _orders(reading: Reading, reports: list[Report]) -> Iterator[Order]:
    """The orders of a reading; what it reports is put aside."""
    for entry in reading:
        match entry:
            case Imported():
                reports.extend(entry.reports)
                yield entry.order
            case Report():
                reports.append(entry)
            case Returned():
                pass


async def _replay(doors: Doors, reading: Reading, step: timedelta, console: Console) -> Replayed:
    bar = _bar(console)
    with bar:
        task = bar.add_task("Reading", total=None)
        try:
            async with doors.play(reading, step) as play:
                async for progress in play.run():
                    bar.update(
                        task,
                        description=f"{progress.at:%Y-%m-%d}, {progress.live} cases open",
                        completed=progress.done,
                        total=progress.done + progress.ahead,
                    )
                return await play.outcome()
        except ImportRefused as refused:
            raise click.ClickException(str(refused)) from refused


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)


def write_reports(path: Path, reports: Sequence[Report]) -> None:
    """Every report as a row of a CSV file, money in minor units."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("severity", "reason", "file", "row", "amount", "detail"))
        for report in reports:
            row = (
                report.severity.value,
                report.reason,
                report.file,
                report.row_id,
                report.amount,
                report.detail,
            )
            writer.writerow(row)


def import_report(taken: Taken) -> RenderableType:
    """What was read, reported and taken in, as tables."""
    summary, found = taken.summary, taken.intake
    counts = _table("Read", "what", "number")
    for what, number in (
        ("orders in the file", summary.read),
        ("of these imported", summary.imported),
        ("orders made of them, one a seller", summary.orders),
        ("units", summary.units),
        ("parcels", summary.parcels),
        ("returned lines matched", summary.returned),
        ("placed now", found.placed),
        ("known, with something new", found.changed),
        ("known, unchanged", found.unchanged),
        ("refused", len({one.order_id for one in found.not_taken})),
    ):
        counts.add_row(what, f"{number:,}")
    parts: list[RenderableType] = [counts, _reasons(summary), _sums(summary)]
    if found.not_taken:
        refused = Table("order", "step", "why", title="Refused")
        for one in found.not_taken[:_REPORTS_SHOWN]:
            refused.add_row(one.order_id, one.step, one.refused.detail)
        parts.append(refused)
    if summary.fractions != "0":
        parts.append(f"Rounding to whole minor units took off {summary.fractions} {summary.currency} in all.")
    return Group(*parts)


def _sums(summary: Summary) -> Table:
    # A column a kind: they are few, and amounts too wide for a row of five.
    table = _table("Money", "", *summary.money)
    for what in ("read", "imported", "returned", "skipped", "missing"):
        amounts = (getattr(totals, what) for totals in summary.money.values())
        table.add_row(
            "in the file" if what == "read" else what, *(_money(one, summary.currency) for one in amounts)
        )
    return table


def _reasons(summary: Summary) -> Table:
    table = _table("Reported", "reason", "what happened", "rows")
    for severity, counted in ((Severity.SKIPPED, summary.skipped), (Severity.WARNING, summary.warnings)):
        for reason, number in counted.items():
            table.add_row(reason, "skipped" if severity is Severity.SKIPPED else "imported", f"{number:,}")
    return table


def replay_report(replayed: Replayed) -> RenderableType:
    """What came of a replay, as tables; the last line says whether every cent is accounted for."""
    played = replayed.played
    counts = _table(f"Played from {played.began:%Y-%m-%d} to {played.ended:%Y-%m-%d}", "what", "number")
    for what, number in (
        ("orders", played.orders),
        ("eligible", replayed.eligible),
        *((f"  {what.replace('_', ' ')}", number) for what, number in replayed.implied.items()),
        ("cancelled before the day they left", replayed.overtaken),
        *((f"not heard: {why.replace('_', ' ')}", number) for why, number in replayed.unheard.items()),
        ("cases ended", played.closed),
        ("cases not ended", played.live),
        ("commands", played.commands),
    ):
        counts.add_row(what, f"{number:,}")
    counts.add_row("days to resolution, median", f"{played.days_median:.1f}")
    counts.add_row("days to resolution, most", f"{played.days_max:.1f}")
    currency = replayed.summary.currency
    cases = _table("Cases", "reason", "outcome", "cases", "refunded", "days, median", "most")
    for line in played.cases:
        cases.add_row(
            line.reason,
            line.outcome.replace("_", " "),
            f"{line.cases:,}",
            _money(line.refunded, currency),
            f"{line.days_median:.1f}",
            f"{line.days_max:.1f}",
        )
    stages = _table("Orders", "stage", "number")
    for stage, number in played.stages.items():
        stages.add_row(stage.replace("_", " "), f"{number:,}")
    return Group(counts, stages, cases, _accounts(replayed), _verdict(replayed))


def _accounts(replayed: Replayed) -> Table:
    table = Table("account", "amount", title="Where the money is")
    for accounts in replayed.played.accounts:
        rows = (
            ("captured", accounts.captured),
            ("refunded to the tenders", accounts.refunded),
            *((_ACCOUNTS.get(name, name), amount) for name, amount in accounts.held.items() if amount),
            ("on its way", accounts.pending),
            ("missing", accounts.missing),
        )
        for name, amount in rows:
            table.add_row(name, _money(amount, accounts.currency))
    return table


_ACCOUNTS = {
    "escrow": "held in escrow",
    "seller": "owed to sellers (below zero: by sellers)",
    "platform": "earned by the platform",
    "cover": "protection fund",
    "balance": "buyers' balances",
    "bank": "paid out to sellers",
}


def _verdict(replayed: Replayed) -> str:
    if replayed.sound:
        return "Every case ended, and every cent is accounted for."
    broken = [name for accounts in replayed.played.accounts for name in accounts.broken]
    told = [f"{replayed.played.live} cases have not ended; not everything is accounted for."]
    return "\n".join(told + broken[:_REPORTS_SHOWN])


def _table(title: str, *columns: str) -> Table:
    table = Table(*columns, title=title)
    for column in table.columns:
        # An amount that is cut off is worse than one on two lines.
        column.overflow = "fold"
    table.columns[0].no_wrap = True
    table.columns[-1].justify = "right"
    return table


def _money(amount: int, currency: str) -> str:
    value = Decimal(amount).scaleb(-decimals(currency))
    return str(format_currency(value, currency, locale="en"))
