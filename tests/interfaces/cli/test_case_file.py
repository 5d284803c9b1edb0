"""`amends case ID --export FILE.zip`."""

import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.application.case_files import story, verified
from tests.interfaces.web.town import Town

from amends.interfaces.cli.app import cli


class Doors:
    """Behind the command line: a town in memory."""

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[Town]:
        town = Town()
        await story(town)
        yield town


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["case", *words], obj=Doors())
    return result.exit_code, result.output


@pytest.mark.row("K1", "X4")
def test_the_whole_file_is_written_once(tmp_path: Path) -> None:
    target = tmp_path / "case.zip"
    code, said = run("10-7.1", "--export", str(target))
    assert code == 0, said
    with zipfile.ZipFile(target) as opened:
        opened.extractall(tmp_path / "case")
    checked, told = verified(tmp_path / "case")
    assert (checked, told.splitlines()[-1]) == (0, "intact")
    assert said.split("Hash of its last event: ")[1].split()[0] in told
    before = target.read_bytes()
    code, said = run("10-7.1", "--export", str(target))
    assert (code, target.read_bytes()) == (1, before)
    assert "is there already" in said


def test_what_is_not_there_or_cannot_be_written_is_said(tmp_path: Path) -> None:
    code, said = run("10-9.9", "--export", str(tmp_path / "case.zip"))
    assert (code, "There is no case 10-9.9" in said, list(tmp_path.iterdir())) == (1, True, [])
    code, said = run("10-7.1", "--export", str(tmp_path / "nowhere" / "case.zip"))
    assert (code, "cannot be written" in said) == (1, True)
