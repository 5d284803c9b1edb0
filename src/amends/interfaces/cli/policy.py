"""`amends policy`: packs checked before they are brought, and what holds."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import click

from amends.domain.policy.stack import PackError


class PolicyVersion(NamedTuple):
    """A version of a pack in the list; ``since`` is when it came, or comes, into force, empty for drafts."""

    pack_id: str
    version: int
    state: str
    since: str


class Doors(Protocol):
    """What these commands find in click's context object."""

    async def check_policy(self, text: str, *, live: bool) -> str:
        """What a text is, in a sentence. Raises `PackError` with every mistake by file and line."""

    async def policies(self) -> Sequence[PolicyVersion]:
        """Every version of every pack."""


@click.group("policy")
def policy_group() -> None:
    """Check packs of the policy, and list what holds."""


@policy_group.command("check")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--live", is_flag=True, help="Check against what this installation has published, too.")
@click.pass_obj
def check(doors: Doors, files: tuple[Path, ...], live: bool) -> None:
    """Check packs in TOML FILES: every mistake with file, line and how to mend it. Nothing is written."""
    wrong = 0
    for file in files:
        try:
            said = asyncio.run(doors.check_policy(file.read_text(encoding="utf-8"), live=live))
        except PackError as error:
            wrong += len(error.problems)
            for one in error.problems:
                click.echo(f"{file}:{one.line}: {one.what}. {one.mend}.", err=True)
        except UnicodeDecodeError as error:
            wrong += 1
            click.echo(f"{file}: not UTF-8: {error}", err=True)
        else:
            click.echo(f"{file}: {said}")
    if wrong:
        raise click.exceptions.Exit(1)


@policy_group.command("list")
@click.pass_obj
def list_policies(doors: Doors) -> None:
    """List every version of every pack."""
    for one in asyncio.run(doors.policies()):
        since = f" from {one.since}" if one.since else ""
        click.echo(f"{one.pack_id}@{one.version}  {one.state}{since}")
