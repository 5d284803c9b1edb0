"""The only place that knows every part, and puts them together."""

import sys

from amends.bootstrap.doors import Doors
from amends.interfaces.cli.app import cli
from amends.settings import SettingRefused, from_environment


def main() -> None:
    """The `amends` command."""
    try:
        settings = from_environment()
    except SettingRefused as refusal:
        sys.exit(f"amends: {refusal}")
    cli(obj=Doors(settings), prog_name="amends")


__all__ = ["main"]
