"""`amends prove`: show that every case ends, and how long it can take."""

import asyncio
from typing import Protocol

import click
from rich.console import Console
from rich.table import Table

from amends.domain.cases.prove import Proof, Step
from amends.domain.policy.stack import NoSuchPack, PackError


class Doors(Protocol):
    """What this command finds in click's context object."""

    async def proof(self, packs: tuple[str, ...], *, reopening: bool) -> Proof:
        """Explore every case under the packs' terms."""


@click.command("prove")
@click.option("--pack", "packs", multiple=True, help="A pack to put on top of the platform's and the laws.")
@click.option("--reopening", is_flag=True, help="Let support reopen closed cases as well.")
@click.pass_obj
def prove_command(doors: Doors, packs: tuple[str, ...], reopening: bool) -> None:
    """Explore every state, clock and actor: each live state has an owner, a deadline and a default."""
    console = Console()
    with console.status("Exploring every way a case can go"):
        try:
            proof = asyncio.run(doors.proof(packs, reopening=reopening))
        except (PackError, NoSuchPack) as error:
            raise click.BadParameter(str(error), param_hint="'--pack'") from error
    console.print(_states(proof))
    console.print(
        f"{proof.situations} situations, {proof.commands} commands tried, {proof.refused} of them refused."
    )
    console.print(_way(f"Longest way to the end: {proof.worst_days:.1f} days", proof.worst))
    console.print(_way(f"If everybody stays silent: {proof.silent_worst_days:.1f} days", proof.silent_worst))
    if proof.never_reached:
        console.print(f"Never reached: {', '.join(proof.never_reached)}")
    for flaw in proof.flaws:
        console.print(f"[red]flaw[/red] {flaw}")
    if proof.flaws:
        raise click.exceptions.Exit(1)
    console.print("[green]Every case ends, even if every person stays silent.[/green]")


def _states(proof: Proof) -> Table:
    table = Table()
    for heading in ("state", "waits on", "default", "clause", "situations", "days left at most"):
        # A name that is cut off is of no use to anybody.
        table.add_column(heading, overflow="fold")
    for state in proof.states:
        table.add_row(
            state.state,
            ", ".join(state.owners),
            ", ".join(state.defaults),
            ", ".join(state.clauses),
            str(state.situations),
            f"{state.worst_days_left:.1f}",
        )
    return table


def _way(title: str, steps: tuple[Step, ...]) -> Table:
    table = Table("day", "who", "what", "leads to", title=title)
    for step in steps:
        table.add_row(f"{step.days:.1f}", step.who, step.what, step.to)
    return table
