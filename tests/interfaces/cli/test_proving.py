"""`amends prove`: what it says, and how it ends where something is wrong."""

from click.testing import CliRunner

from amends.domain.cases.prove import Proof, Step
from amends.domain.policy.stack import NoSuchPack, PackError
from amends.interfaces.cli.app import cli

STEP = Step(days=3.5, who="seller", what="silence", to="refund_approved")


def proof(*flaws: str) -> Proof:
    return Proof(
        situations=12,
        commands=34,
        refused=5,
        states=(),
        never_reached=("ruled",),
        worst_days=41.25,
        worst=(STEP,),
        silent_worst_days=9.5,
        silent_worst=(STEP,),
        flaws=flaws,
    )


class Doors:
    """Behind the command line: what was asked for, and what comes of it."""

    def __init__(self, outcome: Proof | Exception) -> None:
        self.outcome = outcome
        self.asked: list[tuple[tuple[str, ...], bool]] = []

    async def proof(self, packs: tuple[str, ...], *, reopening: bool) -> Proof:
        self.asked.append((packs, reopening))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def test_packs_are_put_on_top_of_the_platforms_own() -> None:
    doors = Doors(proof())
    done = CliRunner().invoke(
        cli, ["prove", "--pack", "aliexpress", "--pack", "toys", "--reopening"], obj=doors
    )
    assert doors.asked == [(("aliexpress", "toys"), True)]
    assert done.exit_code == 0
    for said in ("12 situations, 34 commands tried, 5 of them refused", "41.2 days", "9.5 days", "ruled"):
        assert said in done.output
    assert "Every case ends" in done.output


def test_a_flaw_is_told_and_ends_badly() -> None:
    done = CliRunner().invoke(cli, ["prove"], obj=Doors(proof("nobody owns ruled")))
    assert done.exit_code == 1
    assert "nobody owns ruled" in done.output
    assert "Every case ends" not in done.output


def test_a_pack_that_cannot_be_used_is_named_with_the_option() -> None:
    for trouble in (NoSuchPack("there is no pack 'toy'"), PackError(["toys.toml:4: no such parameter"])):
        done = CliRunner().invoke(cli, ["prove", "--pack", "toy"], obj=Doors(trouble))
        assert done.exit_code == 2
        assert "--pack" in done.output
        assert "toy" in done.output
