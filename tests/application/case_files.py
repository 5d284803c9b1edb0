"""A case with a bit of everything, its file for each reader, and verify.py run on it without Amends."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from tests.interfaces.web.gallery import UNIT, countered
from tests.interfaces.web.town import INES, KAYA, LUMEN, NORA, START, Town

from amends.application.case_archive import archive
from amends.application.case_file import Dossier
from amends.application.message_drafts import Draft
from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.application.ports.files import StoredFile
from amends.application.ports.messages import Message
from amends.application.words import Words
from amends.domain.cases import commands as c
from amends.domain.cases.model import EvidenceItem, Finding, Goods, Remedy
from amends.domain.evidence import FileRef
from amends.domain.parties import Actor, Role

CASE = "10-7.1"
BUYER, SELLER = Caller(KeyRole.BUYER, NORA.id), Caller(KeyRole.SELLER, LUMEN.id)
MEDIATOR, OPERATOR = Caller(KeyRole.MEDIATOR, INES.id), Caller(KeyRole.OPERATOR, KAYA.id)
ACCOUNT = "PT50 0002 0123 1234 5678 9015 4"
FIRST_THOUGHTS = "First I wanted to write something else."
NOTE = "She has been fair in the past."
FULL = Remedy(amount=7080, goods=Goods.RETURN, freight_payer=Role.SELLER)


async def hung(town: Town, order_id: str, by: Actor, number: int) -> FileRef:
    """A picture that was sent, whose copy differs from the original."""
    original = b"\xff\xd8\xff original with a place in it " + bytes([number])
    digest = sha256(original).hexdigest()
    file = StoredFile(
        file_id=f"{number:032x}", order_id=order_id, by=by, name="crack.jpg", media_type="image/jpeg",
        served_type="image/jpeg", size=len(original), sha256=digest, at=START, width=8, height=8,
    )  # fmt: skip
    await town.evidence.hang(file, original, PICTURE)
    await town.blobs.put(f"{file.file_id}/served", io.BytesIO(PICTURE))
    return FileRef(file.file_id)


async def story(town: Town, order_id: str = "10-7") -> None:
    """Claim, pictures of both sides, messages, a note for staff, a decision."""
    await town.place(order_id)
    await town.deliver(order_id)
    await countered(town, order_id)
    case_id = f"{order_id}.1"
    for actor, number in ((NORA, 1), (LUMEN, 2)):
        picture = await hung(town, order_id, actor, number)
        item = EvidenceItem(actor.role, "photo", f"The base, by {actor.id}", START, file=picture)
        await town.do(c.AddEvidence(items=(item,)), actor, order_id, case_id)
    await town.do(c.Escalate(), NORA, order_id, case_id)
    found = (Finding("The base was cracked on arrival.", "return.window.default", "Photo"),)
    ruling = c.Rule(remedy=Remedy(amount=4000), reasons="It can still be used.", findings=found)
    await town.do(ruling, INES, order_id, case_id)
    await say(town, order_id, BUYER, "Is anybody there?")
    await say(town, order_id, MEDIATOR, NOTE, internal=True)


async def say(town: Town, order_id: str, who: Caller, text: str, *, internal: bool = False) -> None:
    draft = Draft(text=text, case_id=f"{order_id}.1", internal=internal)
    written = await town.correspondence.messages.post(who, order_id, draft, Words())
    assert isinstance(written, Message), written


async def drafted(town: Town, order_id: str) -> None:
    """A claim that was changed before it was sent."""
    await town.place(order_id)
    await town.deliver(order_id)
    case_id, reason = f"{order_id}.1", "quality.defective"
    opened = c.OpenClaim(reason=reason, units=(UNIT,), wanted=FULL, story=FIRST_THOUGHTS, draft=True)
    await town.do(opened, NORA, order_id)
    await town.do(
        c.EditDraft(reason=reason, units=(UNIT,), wanted=FULL, story="It is broken."), NORA, order_id, case_id
    )
    await town.do(c.SubmitDraft(), NORA, order_id, case_id)


async def dossier(town: Town, who: Caller, case_id: str = CASE) -> Dossier:
    found = await town.case_files.read(who, case_id)
    assert found is not None
    return found


async def zipped(town: Town, who: Caller, case_id: str = CASE) -> bytes:
    """A reader's case file."""
    return b"".join([piece async for piece in archive(await dossier(town, who, case_id), town.evidence)])


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def laid_out(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, data in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder


def verified(folder: Path, *arguments: str) -> tuple[int, str]:
    """What the case file's own program says of it, with plain Python and nothing installed."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", folder / "verify.py", *arguments],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


def resealed(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with a manifest that fits them, as somebody would write who covers up a change."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"sha256": sha256(data).hexdigest(), "size": len(data)}
        for name, data in files.items()
        if name != "manifest.json"
    }
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def _picture() -> bytes:
    from PIL import Image  # noqa: PLC0415

    out = io.BytesIO()
    Image.new("RGB", (48, 36), "seagreen").save(out, "JPEG")
    return out.getvalue()


PICTURE = _picture()
