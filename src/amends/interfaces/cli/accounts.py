"""`amends accounts`: who can sign in."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import click
from rich.console import Console
from rich.table import Table

from amends.application.ports.accounts import Account
from amends.application.roster import PEOPLE, AccountRefused
from amends.domain.parties import Role


class Doors(Protocol):
    """What these commands find in click's context object."""

    async def add_account(self, role: Role, email: str, name: str, party: str) -> str | None:
        """Make an account; the link by which its owner sets a password, None where there is one."""

    async def find_accounts(self, text: str) -> Sequence[Account]:
        """Accounts by a part of name, address or id."""

    async def suspend_account(self, email: str, why: str) -> bool:
        """Shut somebody out; false where nobody has the address."""

    async def restore_account(self, email: str) -> bool:
        """Let somebody in again; false where nobody has the address."""


@click.group()
def accounts() -> None:
    """Who can sign in: add, list, suspend and restore."""


@accounts.command()
@click.argument("role", type=click.Choice([role.value for role in PEOPLE]))
@click.argument("email")
@click.option("--name", default="", help="What people call them.")
@click.option("--party", default="", help="Their id in orders and cases; made up without.")
@click.pass_obj
def add(doors: Doors, role: str, email: str, name: str, party: str) -> None:
    """Make an account of ROLE under EMAIL, and print the link by which its owner sets a password.

    The link works once, within seven days.
    """
    try:
        link = asyncio.run(doors.add_account(Role(role), email, name, party))
    except AccountRefused as refused:
        raise click.ClickException(str(refused)) from refused
    if link is None:
        raise click.ClickException(f"There is an account under {email}, or of that {role}, already.")
    click.echo(link)


@accounts.command("list")
@click.argument("text", default="")
@click.pass_obj
def listed(doors: Doors, text: str) -> None:
    """List accounts whose name, address or id holds TEXT; the first fifty."""
    table = Table("address", "role", "id", "name", "suspended")
    for one in asyncio.run(doors.find_accounts(text)):
        suspended = one.suspended_at.date().isoformat() if one.suspended_at else ""
        table.add_row(one.email, one.role.value, one.party_id, one.name, suspended)
    Console().print(table)


@accounts.command()
@click.argument("email")
@click.option("--why", required=True, help="The reason, for whoever looks at it later.")
@click.pass_obj
def suspend(doors: Doors, email: str, why: str) -> None:
    """Shut out who has EMAIL, at once: no sign-in, no session, no API key they made."""
    _told(email, asyncio.run(doors.suspend_account(email, why)))


@accounts.command()
@click.argument("email")
@click.pass_obj
def restore(doors: Doors, email: str) -> None:
    """Let who has EMAIL in again."""
    _told(email, asyncio.run(doors.restore_account(email)))


def _told(email: str, found: bool) -> None:
    if not found:
        raise click.ClickException(f"There is no account under {email}.")
