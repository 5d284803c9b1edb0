"""The documents hold to the code: links, names in backticks, excerpts, commands, routes, examples."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from benchmarks.__main__ import REPORT

from amends.interfaces.api.app import api_of
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.problems import KINDS
from amends.interfaces.cli.app import cli
from tests.serving import free_port

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src" / "amends"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# What a command writes may be linked before it was written.
MADE_LATER = {REPORT}
# Programs, packages and settings of others, and sample ids, that a document may name.
OUTSIDE = {
    "DEMO-1.1", "DEMO-1.2", "curl", "date", "pg_upgrade", "pogo-migrate", "setpriv", "useradd",
    "wal_compression", "yoyo-migrations",
}  # fmt: skip
HOSTS = {"127.0.0.1", "db.example", "files.example", "keepachangelog.com", "semver.org"}

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"", re.DOTALL)
_TICKED = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"[\w./*-]*(?:/|\.(?:py|md|sql|toml|html|css|lock|csv))")
_ROUTE = re.compile(r"(?:(GET|POST|PUT) )?(/(?:v1|problems)[\w/{}.-]*)")
_NAME = re.compile(r"[A-Za-z_][\w.-]*(?:\(\))?")
_WORD = re.compile(r"\w+")


def prose(document: Path) -> str:
    """The text without what stands in fences."""
    return _FENCE.sub("", document.read_text(encoding="utf-8"))


def ticked(pattern: re.Pattern[str]) -> Iterator[tuple[Path, str, re.Match[str]]]:
    """Every text in backticks that is wholly of a form."""
    for document in DOCUMENTS:
        for text in _TICKED.findall(prose(document)):
            if found := pattern.fullmatch(text):
                yield document, text, found


def told(document: Path, what: str) -> str:
    return f"{document.relative_to(ROOT)}: {what}"


@cache
def project_files() -> tuple[str, ...]:
    folders = ("src", "tests", "docs", "benchmarks", "requirements")
    files = [
        one for folder in folders for one in (ROOT / folder).rglob("*") if "__pycache__" not in one.parts
    ]
    return tuple(f"/{one.relative_to(ROOT)}" for one in [*files, *ROOT.iterdir()])


@cache
def words_of_the_code() -> frozenset[str]:
    texts = [one for one in project_files() if one.startswith(("/src", "/benchmarks", "/tests/reliability"))]
    texts += ["/Makefile", "/pyproject.toml", "/tests/capabilities.toml", "/tests/conftest.py"]
    words: set[str] = set()
    for one in texts:
        path = ROOT / one[1:]
        if path.is_file() and path.suffix in {".py", ".sql", ".toml", ".html", ""}:
            words.update(_WORD.findall(path.read_text(encoding="utf-8")))
    return frozenset(words)


@cache
def names_defined() -> frozenset[str]:
    defined = re.compile(
        r"^\s*(?:async )?(?:def|class) (\w+)|^\s*(\w+)(?::[^=\n]+)? = |^\s*(\w+): ", re.MULTILINE
    )
    found: set[str] = set()
    for path in [*SOURCES.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for names in defined.findall(path.read_text(encoding="utf-8")):
            found.update(filter(None, names))
    return frozenset(found)


def anchors(document: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_lead_somewhere() -> None:
    broken = []
    for document in DOCUMENTS:
        for link, source in _LINK.findall(prose(document)):
            target, _, anchor = (link or source).partition("#")
            if "://" in target:
                continue
            path = (document.parent / target).resolve() if target else document
            if path in MADE_LATER:
                continue
            if not path.exists() or (anchor and anchor not in anchors(path)):
                broken.append(told(document, link or source))
    assert not broken


def test_files_named_in_documents_exist() -> None:
    missing = []
    for document, text, _ in ticked(_FILE):
        if text.startswith(("/", "~")) or text in OUTSIDE:
            continue
        wanted = text.rstrip("/")
        # By its own name, or by the end of its path where the document says what it is below.
        if not any(one == f"/{wanted}" or one.endswith(f"/{wanted}") for one in project_files()):
            missing.append(told(document, text))
    assert not missing


def test_names_in_backticks_are_names_of_the_code() -> None:
    unknown = []
    for document, text, _ in ticked(_NAME):
        if text in OUTSIDE or _FILE.fullmatch(text):
            continue
        parts = _WORD.findall(text)
        # A class or function is defined somewhere; other words (states, clauses, columns) stand in the code.
        code = names_defined() if text.endswith("()") or re.fullmatch(r"_?[A-Z][a-z]\w*", text) else None
        code = code or words_of_the_code() | names_defined()
        if not all(part in code for part in parts):
            unknown.append(told(document, text))
    assert not unknown


@pytest.mark.parametrize("document", ["docs/glossary.md", "docs/tour.md"])
def test_a_name_lives_in_the_file_said_beside_it(document: str) -> None:
    elsewhere: list[str] = []
    # Either the path in backticks, or a link with it.
    said = re.findall(r"((?:`\w+`,? ?)+)\s?in\s\[?`([\w/]+\.py)`", prose(ROOT / document))
    assert len(said) > 5
    for names, file in said:
        text = (SOURCES / file).read_text(encoding="utf-8")
        elsewhere += [
            f"{name} in {file}"
            for name in re.findall(r"\w+", names)
            if not re.search(rf"^\s*(?:async def|def|class) {name}\b|^{name}\b.*=", text, re.MULTILINE)
        ]
    assert not elsewhere


def test_excerpts_are_what_the_file_says() -> None:
    tour = ROOT / "docs" / "tour.md"
    text = tour.read_text(encoding="utf-8")
    stale, seen = [], 0
    for fence in _FENCE.finditer(text):
        if fence[1] not in {"python", "toml"}:
            continue
        seen += 1
        links = [link for link, _ in _LINK.findall(text[: fence.start()])]
        file = (tour.parent / links[-1]).resolve()
        if fence[2] not in file.read_text(encoding="utf-8"):
            stale.append(f"{file.relative_to(ROOT)}: {fence[2].splitlines()[0].strip()}")
    assert seen > 5
    assert not stale


def test_commands_named_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    unknown: list[str] = []
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        made = re.findall(r"`make ([a-z-]+)", text)
        unknown += [told(document, f"make {target}") for target in made if target not in targets]
        lines = re.findall(r"(?:`|^ {4}|\(|^)amends ([a-z][\w ./-]*)", text, re.MULTILINE)
        unknown += [told(document, f"amends {line}") for line in lines if not _is_command(line.split())]
    assert not unknown


def _is_command(line: list[str]) -> bool:
    command: click.Command = cli
    for word in line:
        if not isinstance(command, click.Group):
            break
        if word not in command.commands:
            return False
        command = command.commands[word]
    return command is not cli


def test_routes_named_in_documents_exist() -> None:
    parts = SimpleNamespace(
        keys=None, reader=None, clock=None, calendars={}, packs=(), sandbox=True, sellers=None
    )
    routes = api_of(Desk(parts)).routes
    known = {
        re.sub(r"\{[^}]*}", "{}", route.path_format): set(getattr(route, "methods", ())) for route in routes
    }
    unknown = []
    for document, text, found in ticked(_ROUTE):
        method, path = found[1], found[2]
        path = re.sub(r"\{[^}]*}|DEMO-1(\.1)?|MUG-1", "{}", path).rstrip("/")
        if path != "/v1" and (path not in known or (method and method not in known[path])):
            unknown.append(told(document, text))
    assert not unknown


def test_every_problem_is_listed() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (\d{3}) \| (.+) \|$",
        (ROOT / "docs/api.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert rows == [(kind, str(known.status), known.remedy) for kind, known in KINDS.items()]


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(
        r"^\| \[(\d+)]\((\d{4}-[\w-]+\.md)\) \| (.+) \|$", prose(folder / "README.md"), re.MULTILINE
    )
    there = [
        (
            str(int(path.name[:4])),
            path.name,
            path.read_text(encoding="utf-8").splitlines()[0].partition(". ")[2],
        )
        for path in sorted(folder.glob("0*.md"))
    ]
    assert listed == there


def test_no_document_names_this_machine_or_a_host_of_others() -> None:
    named = []
    own = re.compile(
        rf"{re.escape(str(ROOT))}|{re.escape(str(Path.home()))}/|(?<![\w~.])/(?:home|tmp|Users|mnt)/"
    )
    host = re.compile(r"https?://([\w.-]+)|\b((?:[a-z0-9-]+\.)+(?:org|com|io|net|dev))\b")
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        named += [told(document, found[0]) for found in own.finditer(text)]
        named += [
            told(document, found[0]) for found in host.finditer(text) if (found[1] or found[2]) not in HOSTS
        ]
    assert not named


def examples() -> list[tuple[str, str]]:
    """The shell of the README and of the guide to the API, each with the answer shown below it, if any."""
    found = []
    for name in ("README.md", "docs/api.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        fences = [(fence[1], fence[2], fence.start(), fence.end()) for fence in _FENCE.finditer(text)]
        for (kind, body, _, end), following in zip(
            fences, [*fences[1:], ("", "", len(text), 0)], strict=True
        ):
            if kind == "sh":
                answer = (
                    following[1] if following[0] == "text" and not text[end : following[2]].strip() else ""
                )
                found.append((body, answer))
    return found


@pytest.fixture
def sandbox(blank_database: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A sandbox that serves, on a database of its own; the environment to call it in."""
    port = free_port()
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AMENDS_DATABASE_URL": blank_database,
        "AMENDS_HOME": str(tmp_path / "home"),
        "AMENDS_PORT": str(port),
        "AMENDS_SANDBOX": "1",
    }
    with (tmp_path / "log").open("wb") as log:
        command = ["amends", "serve", "--with-worker"]
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _await(f"http://127.0.0.1:{port}/v1/ready", server, tmp_path / "log")
        yield environment
    finally:
        server.terminate()
        server.wait(30)


def _await(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text())


def gnu_date() -> bool:
    tried = subprocess.run(["date", "-u", "-d", "2026-01-01 +1 day"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")), reason="bash and curl run the examples"
)
@pytest.mark.skipif(not gnu_date(), reason="the examples reckon with GNU date")
def test_the_examples_of_the_documents_work_as_written(sandbox: dict[str, str]) -> None:
    mark = "=== example"
    script = "".join(f"echo; echo '{mark}'\n{body}" for body, _ in examples())
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{sandbox['AMENDS_PORT']}")
    run = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        env=sandbox, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr + run.stdout
    outputs = run.stdout.replace("\r", "").split(f"{mark}\n")[1:]
    for (body, answer), output in zip(examples(), outputs, strict=True):
        for line in answer.splitlines():
            assert line in output, f"{body}\nanswered\n{output}"
    told_by_the_case = next(out for (body, _), out in zip(examples(), outputs) if "amends case " in body)
    assert "partly_refunded" in told_by_the_case
    assert "€10.00 to card, confirmed" in told_by_the_case
    assert '"stage":"cancelled"' in outputs[-1]
