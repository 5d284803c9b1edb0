"""The `amends` command: settings, logs, and what is said where it cannot start."""

import sys

import structlog

from amends.adapters.carriers.live import AccountsRefused
from amends.adapters.postgres.migrate import MigrationRefused
from amends.adapters.postgres.unavailable import PostgresUnavailable
from amends.bootstrap.doors import Doors
from amends.bootstrap.listening import AddressUnavailable
from amends.interfaces.cli.app import cli
from amends.settings import SettingRefused, from_environment


def main() -> None:
    """The `amends` command."""
    try:
        settings = from_environment()
    except SettingRefused as refusal:
        sys.exit(f"amends: {refusal}")
    # Locals in a traceback may be a session or a key.
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                exception_formatter=structlog.dev.plain_traceback, colors=sys.stderr.isatty()
            ),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        cli(obj=Doors(settings), prog_name="amends")
    except (AccountsRefused, AddressUnavailable, PostgresUnavailable, MigrationRefused) as trouble:
        sys.exit(f"amends: {trouble}")
