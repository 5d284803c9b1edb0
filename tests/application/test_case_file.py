"""The case file: what belongs in it for whom, and that verify.py says where anybody changed it."""

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.application.case_files import (
    ACCOUNT,
    BUYER,
    CASE,
    FIRST_THOUGHTS,
    FULL,
    MEDIATOR,
    NOTE,
    OPERATOR,
    PICTURE,
    SELLER,
    dossier,
    drafted,
    laid_out,
    resealed,
    say,
    story,
    unzipped,
    verified,
    zipped,
)
from tests.interfaces.web.gallery import stuck
from tests.interfaces.web.town import FERN, NORA, YUKI, Town

from amends.application import verifier
from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.domain.cases import commands as c
from amends.domain.orders import Unit

Files = dict[str, bytes]


@pytest.fixture(scope="module")
async def town() -> Town:
    town = Town()
    await story(town)
    return town


@pytest.fixture(scope="module")
async def files(town: Town) -> Files:
    """The operator's, which is whole."""
    return unzipped(await zipped(town, OPERATOR))


@pytest.mark.row("K1", "X4")
@pytest.mark.parametrize("who", [BUYER, SELLER, MEDIATOR, OPERATOR], ids=lambda who: who.role)
async def test_the_file_of_every_reader_is_intact(town: Town, tmp_path: Path, who: Caller) -> None:
    data = await zipped(town, who)
    (tmp_path / "case.zip").write_bytes(data)
    folder = laid_out(unzipped(data), tmp_path / "case")
    code, said = verified(folder)
    assert (code, said.splitlines()[-1]) == (0, "intact"), said
    head = (await dossier(town, who)).heads[CASE]
    assert head in said
    assert verified(folder, str(tmp_path / "case.zip"), head)[0] == 0
    code, said = verified(folder, str(tmp_path / "case.zip"), "0" * 64)
    assert (code, said.split(":")[0]) == (1, "broken")


def _line(files: Files, n: int, change: Callable[[str], str]) -> Files:
    lines = files["events.jsonl"].decode().splitlines(keepends=True)
    lines[n] = change(lines[n])
    return {**files, "events.jsonl": "".join(lines).encode()}


def _without(files: Files, n: int) -> Files:
    return _line(files, n, lambda _: "")


def _swapped(files: Files) -> Files:
    lines = files["events.jsonl"].decode().splitlines(keepends=True)
    lines[2], lines[3] = lines[3], lines[2]
    return {**files, "events.jsonl": "".join(lines).encode()}


def _manifest(files: Files, change: Callable[[dict[str, object]], object]) -> Files:
    manifest = json.loads(files["manifest.json"])
    change(manifest)
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def _head(manifest: dict[str, object]) -> None:
    manifest["heads"][CASE]["digest"] = "0" * 64  # type: ignore[index]


def _hash(manifest: dict[str, object]) -> None:
    manifest["files"]["case.json"]["sha256"] = "0" * 64  # type: ignore[index]


PHOTO = f"originals/{1:032x}.jpg"
TAMPERED: dict[str, tuple[Callable[[Files], Files], str]] = {
    "an edited body": (
        lambda f: _line(f, 1, lambda t: t.replace("2500", "9500").replace("packed", "broken")),
        f"event 2 of {CASE} is not as",
    ),
    "an edited first body": (
        lambda f: _line(f, 0, lambda t: t.replace("cracked", "scratch")),
        f"event 1 of {CASE} is not as",
    ),
    "another author": (
        lambda f: _line(f, 2, lambda t: t.replace("seller:lumen", "seller:fern")),
        f"event 3 of {CASE} is not as",
    ),
    "another time": (
        lambda f: _line(f, 0, lambda t: t.replace('"at":"2026', '"at":"2025')),
        f"event 1 of {CASE} is not as",
    ),
    "a removed event": (lambda f: _without(f, 2), f"event 3 of {CASE} is missing"),
    "a removed last event": (lambda f: _without(f, -1), "of 10-7 is missing"),
    "events swapped": (_swapped, f"event 3 of {CASE} is missing or not in its place"),
    "an event that is no JSON": (
        lambda f: _line(f, 4, lambda t: t[:40] + "\n"),
        "line 5 of events.jsonl cannot be read",
    ),
    "another digest": (
        lambda f: _line(f, 1, lambda t: t[:-6] + 'abc"}\n' if not t.endswith('abc"}\n') else t),
        f"event 2 of {CASE} is not as",
    ),
    "a body called withheld": (
        lambda f: _line(f, 0, lambda t: json.dumps({**json.loads(t), "digest": "11" * 32}) + "\n"),
        f"event 1 of {CASE} is not as",
    ),
    "a changed picture": (
        lambda f: {**f, PHOTO: f[PHOTO] + b"x"},
        f"file {PHOTO} is not the one that was sent",
    ),
    "a removed picture": (lambda f: {n: d for n, d in f.items() if n != PHOTO}, f"file {PHOTO} is missing"),
    "an added file": (
        lambda f: {**f, "originals/more.jpg": b"x"},
        "file originals/more.jpg is not in manifest.json",
    ),
    "a changed message": (
        lambda f: {**f, "messages.json": f["messages.json"].replace(b"anybody", b"nobody!")},
        "file messages.json is not as it was written",
    ),
    "a changed ledger": (
        lambda f: {**f, "ledger.json": f["ledger.json"].replace(b"7080", b"7090")},
        "file ledger.json is not as it was written",
    ),
    "a changed hash in the manifest": (
        lambda f: _manifest(f, _hash),
        "file case.json is not as it was written",
    ),
    "a changed head in the manifest": (
        lambda f: _manifest(f, _head),
        f"manifest.json: the last hash of {CASE}",
    ),
    "no manifest": (lambda f: {n: d for n, d in f.items() if n != "manifest.json"}, "is no whole case file"),
    # Whoever covers up a change with a new manifest is told by the chain.
    "a changed picture, covered up": (
        lambda f: resealed({**f, PHOTO: f[PHOTO] + b"x"}),
        f"file {PHOTO} is not the one that was sent",
    ),
    "changed terms, covered up": (
        lambda f: resealed(
            {n: d.replace(b"day", b"eon") if n.startswith("terms/") else d for n, d in f.items()}
        ),
        "is not the terms that were frozen",
    ),
    "an edited body, covered up": (
        lambda f: resealed(_line(f, 0, lambda t: t.replace("cracked", "scratch"))),
        f"event 1 of {CASE} is not as",
    ),
}


@pytest.mark.row("X4")
@pytest.mark.parametrize("name", TAMPERED)
def test_whatever_is_changed_is_named(files: Files, tmp_path: Path, name: str) -> None:
    tamper, told = TAMPERED[name]
    changed = tamper(files)
    assert changed != files
    code, said = verified(laid_out(changed, tmp_path))
    assert code == 1
    assert said.startswith("broken: ")
    assert told in said


@pytest.mark.row("X4")
def test_what_systems_leave_in_folders_breaks_nothing(files: Files, tmp_path: Path) -> None:
    litter = {".DS_Store": b"x", "originals/.DS_Store": b"x", "__pycache__/verify.cpython-311.pyc": b"x"}
    assert verified(laid_out({**files, **litter}, tmp_path))[0] == 0


def test_the_program_needs_nothing_but_an_old_python() -> None:
    source = Path(verifier.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names)
    assert len(source.splitlines()) < 150


# What belongs in it


@pytest.mark.row("K1")
async def test_it_holds_messages_tracking_money_terms_and_files(files: Files, town: Town) -> None:
    case = await town.case(CASE)
    assert json.loads(files["case.json"])["seq"] == case.seq
    assert [one["text"] for one in json.loads(files["messages.json"])] == ["Is anybody there?", NOTE]
    scans = json.loads(files["tracking.json"])["parcels"][0]["events"]
    assert [scan["signal"] for scan in scans] == ["in_transit", "delivered"]
    (paid,) = json.loads(files["ledger.json"])["transfers"]
    assert (paid["purpose"], paid["amount"]) == ("capture", 7080)
    (terms,) = (data for name, data in files.items() if name.startswith("terms/"))
    assert b"return.window.default" in terms
    assert files[PHOTO].startswith(b"\xff\xd8\xff original")
    events = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    assert [one["stream"] for one in events].count(CASE) == case.seq
    assert "10-7" in {one["stream"] for one in events}
    assert b"verify.py" in files["README.txt"]


@pytest.mark.row("K1")
async def test_the_same_case_is_the_same_bytes_until_something_happens() -> None:
    town = Town()
    await story(town)
    first, version = await zipped(town, BUYER), (await dossier(town, BUYER)).version
    assert await zipped(town, BUYER) == first
    assert (await dossier(town, SELLER)).version != version
    await say(town, "10-7", SELLER, "We are here.")
    assert (await dossier(town, BUYER)).version != version
    assert await zipped(town, BUYER) != first


async def test_notes_for_staff_and_sealed_originals_do_not_leave_the_house(town: Town) -> None:
    theirs = f"copies/{2:032x}.jpg"
    for who, mine, other in ((BUYER, 1, 2), (SELLER, 2, 1)):
        files = unzipped(await zipped(town, who))
        assert NOTE.encode() not in b"".join(files.values())
        assert files[f"copies/{other:032x}.jpg"] == PICTURE
        assert f"originals/{other:032x}.jpg" not in files
        assert f"originals/{mine:032x}.jpg" in files
    mediators = unzipped(await zipped(town, MEDIATOR))
    assert NOTE.encode() in mediators["messages.json"]
    assert theirs in mediators


@pytest.mark.row("X4")
async def test_a_draft_that_was_changed_before_it_was_sent_stays_the_buyers(tmp_path: Path) -> None:
    town = Town()
    await drafted(town, "10-8")
    for who, code in ((BUYER, 0), (SELLER, 2)):
        files = unzipped(await zipped(town, who, "10-8.1"))
        assert (FIRST_THOUGHTS.encode() in b"".join(files.values())) == (who is BUYER)
        assert b"It is broken." in files["events.jsonl"]
        done, said = verified(laid_out(files, tmp_path / who.role))
        assert done == code
        assert ("event 1 of 10-8.1 (draft)" in said) == (who is SELLER)
        assert said.splitlines()[-1] == ("intact" if who is BUYER else "withheld")
        # What comes after is checked all the same.
        changed = {**files, "events.jsonl": files["events.jsonl"].replace(b"It is broken.", b"It is bro.en.")}
        done, said = verified(laid_out(changed, tmp_path / f"{who.role}-changed"))
        assert done == 1
        assert "event 2 of 10-8.1 is not as it was recorded" in said


@pytest.mark.row("X4")
async def test_the_sellers_copy_does_not_say_where_the_buyers_money_goes(tmp_path: Path) -> None:
    town = Town()
    await town.place("10-9")
    await town.deliver("10-9")
    await stuck(town, "10-9")
    await town.do(c.ChooseRefundMethod(method="bank_transfer", destination=ACCOUNT), NORA, "10-9", "10-9.1")
    for who, code in ((BUYER, 0), (OPERATOR, 0), (SELLER, 2), (MEDIATOR, None)):
        if code is None:
            assert await town.case_files.read(who, "10-9.1") is None
            continue
        files = unzipped(await zipped(town, who, "10-9.1"))
        assert (ACCOUNT.encode() in b"".join(files.values())) == (who is not SELLER)
        done, said = verified(laid_out(files, tmp_path / who.role))
        assert done == code, said
        assert ("(account)" in said) == (who is SELLER)


async def test_what_is_not_ones_own_is_not_there(town: Town) -> None:
    for actor in (YUKI, FERN):
        assert await town.case_files.read(Caller(KeyRole(actor.role.value), actor.id), CASE) is None
    assert await town.case_files.read(Caller(KeyRole.CARRIER, "Swift Post"), CASE) is None
    assert await town.case_files.read(OPERATOR, "10-7.2") is None


async def test_another_case_that_is_only_a_draft_is_left_out(tmp_path: Path) -> None:
    town = Town()
    await town.place("10-8", quantity=2)
    await town.deliver("10-8")
    for n in (0, 1):
        claim = c.OpenClaim(reason="quality.defective", units=(Unit("l1", n),), wanted=FULL, draft=n == 1)
        await town.do(claim, NORA, "10-8")
    files = unzipped(await zipped(town, SELLER, "10-8.1"))
    assert b"10-8.2" not in files["events.jsonl"]
    assert verified(laid_out(files, tmp_path))[0] == 2
    assert b"10-8.2" in unzipped(await zipped(town, BUYER, "10-8.1"))["events.jsonl"]


async def test_a_file_that_is_no_longer_kept_is_said_to_be(tmp_path: Path) -> None:
    town = Town()
    await story(town)
    await town.blobs.delete(f"{1:032x}/")
    code, said = verified(laid_out(unzipped(await zipped(town, OPERATOR)), tmp_path))
    assert code == 2
    assert f"file {1:032x} (no longer kept)" in said
