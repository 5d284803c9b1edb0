"""`amends cases` and `amends case ID`: what is open, and one case with all that happened."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Protocol

import click
from babel.dates import format_timedelta
from babel.numbers import format_currency
from rich.console import Console
from rich.table import Table

from amends.application.case_archive import archive
from amends.application.case_file import CaseFiles
from amends.application.permissions import Caller
from amends.application.ports import CaseFile, CaseFilter, Clock, KeyRole, Reader
from amends.domain.cases.actions import actions
from amends.domain.cases.model import Case, Refund, State
from amends.domain.ledger import available
from amends.domain.money import decimals
from amends.domain.parties import Role
from amends.domain.refunds import eta_clause

_PAGE = 50
# Arrivals end with a day; the instant after it belongs to the next.
_MOMENT = timedelta(microseconds=1)


class Reading(Protocol):
    """An engine, as far as looking at cases needs it."""

    @property
    def reader(self) -> Reader: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def case_files(self) -> CaseFiles: ...


class Doors(Protocol):
    """What these commands find in click's context object."""

    def engine(self) -> AbstractAsyncContextManager[Reading]:
        """This process's parts."""


@click.command()
@click.option(
    "--state", type=click.Choice([state.value for state in State]), help="Only cases in this state."
)
@click.option("--waiting-on", type=click.Choice([role.value for role in Role]), help="Only whose turn it is.")
@click.option("--order", "order_id", default="", help="Only cases of this order.")
@click.option("--all", "every", is_flag=True, help="Closed cases as well.")
@click.option("--limit", type=click.IntRange(1, 1000), default=_PAGE, show_default=True)
@click.pass_obj
def cases(
    doors: Doors, state: str | None, waiting_on: str | None, order_id: str, every: bool, limit: int
) -> None:
    """List cases, nearest deadline first."""
    wanted = CaseFilter(
        states=(state,) if state else (),
        waiting_on=waiting_on or "",
        order_id=order_id,
        live=None if every or state else True,
    )
    asyncio.run(_list(doors, wanted, limit))


async def _list(doors: Doors, wanted: CaseFilter, limit: int) -> None:
    async with doors.engine() as engine:
        now = engine.clock.now()
        cursor, shown = "", 0
        while shown < limit:
            page = await engine.reader.cases(wanted, cursor, min(_PAGE, limit - shown))
            for found in page.cases:
                click.echo(_lines(found, now))
            shown += len(page.cases)
            cursor = page.next
            if not cursor:
                break
    click.echo(f"{shown} cases{' and more' if cursor else ''}.")


def _lines(case: Case, now: datetime) -> str:
    """Two lines, whatever the width: ids and clauses can be copied, and found by grep."""
    waiting = case.waiting
    head = f"{case.case_id}  {case.state.value}  {case.reason}  {money(case.wanted.amount, case.currency)}"
    if waiting is None:
        return f"{head}\n    {case.outcome.value if case.outcome else 'ended'}"
    return (
        f"{head}\n    {waiting.on.value} until {_until(waiting.until, now)}, "
        f"otherwise {waiting.default} ({waiting.clause})"
    )


def _until(at: datetime, now: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} ({format_timedelta(at - now, add_direction=True, locale='en')})"


def money(amount: int, currency: str) -> str:
    """An amount of minor units in words."""
    return format_currency(amount / 10 ** decimals(currency), currency, locale="en", currency_digits=True)


@click.command()
@click.argument("case_id")
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.zip",
    help="Write the whole case file as a ZIP that can be checked offline.",
)
@click.pass_obj
def case(doors: Doors, case_id: str, export: Path | None) -> None:
    """Show one case: whose turn, until when, what otherwise, the money, and everything that happened."""
    asyncio.run(_show(doors, case_id) if export is None else _export(doors, case_id, export))


async def _export(doors: Doors, case_id: str, target: Path) -> None:
    """Write everything an operator may read; a file that is there already is left alone."""
    async with doors.engine() as engine:
        dossier = await engine.case_files.read(Caller(KeyRole.OPERATOR, ""), case_id)
        if dossier is None:
            raise click.ClickException(f"There is no case {case_id}. `amends cases` lists them.")
        with _fresh(target) as out:
            async for piece in archive(dossier, engine.case_files.room):
                out.write(piece)
    click.echo(f"{target}: the file of case {case_id}. Hash of its last event: {dossier.heads[case_id]}")
    click.echo("To check it, unpack it and run `python3 verify.py` in it.")


@contextmanager
def _fresh(target: Path) -> Iterator[IO[bytes]]:
    """A new file that is there whole or not at all."""
    try:
        with target.open("xb") as out:
            try:
                yield out
            except BaseException:
                target.unlink(missing_ok=True)
                raise
    except FileExistsError as error:
        raise click.ClickException(f"{target} is there already; name another file.") from error
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}.") from error


async def _show(doors: Doors, case_id: str) -> None:
    async with doors.engine() as engine:
        file = await engine.reader.case_file(case_id)
        now = engine.clock.now()
    if file is None:
        raise click.ClickException(f"There is no case {case_id}. `amends cases` lists them.")
    console = Console()
    console.print(_facts(file, now))
    console.print(_timeline(file))


def _facts(file: CaseFile, now: datetime) -> Table:
    case, books = file.case, file.custody.books
    facts = Table(show_header=False, title=f"Case {case.case_id} of order {case.order_id}")
    facts.add_row("state", case.state.value)
    facts.add_row("reason", case.reason)
    facts.add_row("units", ", ".join(unit.key for unit in case.units))
    facts.add_row("asked", money(case.wanted.amount, case.currency))
    if case.waiting:
        facts.add_row("waits on", case.waiting.on.value)
        facts.add_row("until", _until(case.waiting.until, now))
        facts.add_row("otherwise", f"{case.waiting.default} (clause {case.waiting.clause})")
    if case.settlement:
        settled = case.settlement
        facts.add_row(
            "settled", f"{money(settled.remedy.amount, case.currency)} by {settled.by} ({settled.clause})"
        )
    for refund in case.refunds:
        facts.add_row(
            f"refund {refund.refund_id}",
            _refund(refund, case, eta_clause(refund.method, file.case_terms)),
        )
    facts.add_row("held in escrow", money(available(books), case.currency))
    for role in (Role.BUYER, Role.SELLER, Role.MEDIATOR, Role.OPERATOR):
        names = ", ".join(a.name + (" (due)" if a.mandatory else "") for a in actions(case, role, now))
        if names:
            facts.add_row(f"{role} can", names)
    if case.outcome:
        facts.add_row("outcome", case.outcome.value)
    return facts


def _refund(refund: Refund, case: Case, clause: str) -> str:
    said = f"{money(refund.amount, case.currency)} to {refund.method}, {refund.stage}"
    if case.settlement:
        said += f" ({case.settlement.clause})"
    if refund.eta_from and refund.eta_by:
        said += f"\narrives {refund.eta_from:%Y-%m-%d} to {refund.eta_by - _MOMENT:%Y-%m-%d} ({clause})"
    return said


def _timeline(file: CaseFile) -> Table:
    table = Table(title="Timeline")
    for heading in ("at", "who", "what", "state", "hash"):
        # A name that is cut off is of no use to anybody.
        table.add_column(heading, overflow="fold")
    for link in file.timeline:
        one = link.recorded
        table.add_row(
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            f"{one.actor.role} {one.actor.id}",
            str(one.event.__struct_config__.tag),
            one.event.state.value,
            link.digest.hex()[:12],
        )
    return table
