"""The only place that knows every part, and puts them together."""


def main() -> None:
    """The `amends` command."""
    # Processes of the policy lab need a few parts of this package only, and are waited for.
    from amends.bootstrap.command import main as command  # noqa: PLC0415

    command()
