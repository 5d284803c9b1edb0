"""The `amends` command and its sub-commands."""

import click

from amends.interfaces.cli.accounts import accounts
from amends.interfaces.cli.cases import case, cases
from amends.interfaces.cli.clock import clock
from amends.interfaces.cli.imports import import_group, replay_group
from amends.interfaces.cli.lab import lab_command
from amends.interfaces.cli.policy import policy_group
from amends.interfaces.cli.proving import prove_command
from amends.interfaces.cli.reconciling import reconcile_command
from amends.interfaces.cli.serving import keys, run, serve, stop, worker
from amends.interfaces.cli.storage import audit_command, migrate


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="amends")
def cli() -> None:
    """Amends: open-source buyer protection for marketplaces."""


for command in (
    run,
    serve,
    worker,
    stop,
    migrate,
    audit_command,
    reconcile_command,
    keys,
    accounts,
    import_group,
    replay_group,
    cases,
    case,
    clock,
    prove_command,
    lab_command,
    policy_group,
):
    cli.add_command(command)
