"""`amends policy`: what is wrong with a pack by file and line, and what holds."""

from collections.abc import Sequence
from pathlib import Path

from click.testing import CliRunner

from amends.adapters.packs import LAWS, load, texts
from amends.domain.policy.drafts import check_text
from amends.interfaces.cli.app import cli
from amends.interfaces.cli.policy import PolicyVersion


class Doors:
    """Behind the command line: the packs that come along."""

    async def check_policy(self, text: str, *, live: bool) -> str:
        return check_text(text, load(("default", *LAWS)) if not live else load())

    async def policies(self) -> Sequence[PolicyVersion]:
        return [PolicyVersion("default", 1, "in_force", "2015-01-01"), PolicyVersion("toys", 1, "draft", "")]


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["policy", *words], obj=Doors())
    return result.exit_code, result.output


def test_each_mistake_is_told_by_file_and_line(tmp_path: Path) -> None:
    text = texts(["eu"])["eu"]
    good, bad, other = tmp_path / "good.toml", tmp_path / "bad.toml", tmp_path / "other.toml"
    good.write_text(text)
    bad.write_text(text.replace("14 calendar days", "14 moons", 1))
    other.write_bytes(b"\xff\xfe")
    assert run("check", str(good)) == (0, f"{good}: eu version 1, 10 clauses: it can stand\n")
    code, said = run("check", str(good), str(bad), str(other))
    line = next(n for n, row in enumerate(bad.read_text().splitlines(), 1) if "14 moons" in row)
    assert code == 1
    assert f"{bad}:{line}: clause eu.withdrawal sets withdrawal.window to '14 moons'" in said
    assert f"{other}: not UTF-8" in said


def test_versions_are_listed_with_how_they_stand() -> None:
    assert run("list") == (0, "default@1  in_force from 2015-01-01\ntoys@1  draft\n")
