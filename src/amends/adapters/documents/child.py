"""Sets one document and ends: facts as JSON come in, PDF goes out. Run as a child, so that its memory
goes too.
"""

import sys
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import barcode  # type: ignore[import-untyped]
import msgspec
import typst
from barcode.writer import SVGWriter  # type: ignore[import-untyped]
from PIL import Image

from amends.adapters.documents.scripts import unwritable
from amends.adapters.documents.square import square
from amends.adapters.files.child import confine
from amends.application.ports.carriers import LabelFacts, PaperFacts
from amends.application.ports.dossiers import DossierFacts

_HERE = Path(__file__).parent
_CPU_S = 60


class _Wanted(msgspec.Struct):
    label: LabelFacts | None = None
    paper: PaperFacts | None = None
    dossier: DossierFacts | None = None
    pictures: dict[str, bytes] = {}


def label(facts: LabelFacts) -> bytes:
    """A label as PDF."""
    files = {
        "bars.svg": _bars(facts.tracking_number),
        "code.svg": square(facts.code or facts.link or facts.tracking_number),
    }
    return _set("label.typ", msgspec.to_builtins(facts), files)


def paper(facts: PaperFacts) -> bytes:
    """A document of text as PDF."""
    return _set("paper.typ", msgspec.to_builtins(facts), {})


def dossier(facts: DossierFacts, pictures: dict[str, bytes]) -> bytes:
    """A case file as PDF, dated with its last event, so that the same case makes the same bytes."""
    if not unwritable(msgspec.json.encode(facts).decode(), typst.Fonts().families()):
        facts = msgspec.structs.replace(facts, unreadable="")
    files = {f"{name}.svg": _framed(picture) for name, picture in pictures.items()}
    return _set("dossier.typ", msgspec.to_builtins(facts), files, int(facts.at.timestamp()))


def _set(template: str, facts: object, files: dict[str, bytes], at: int | None = None) -> bytes:
    source = (_HERE / template).read_bytes()
    data = {"main": source, "facts.json": msgspec.json.encode(facts), **files}
    # Its stub knows one file only; several by name are read as well.
    made: object = typst.compile(  # type: ignore[call-overload]
        data, format="pdf", ignore_system_fonts=False, timestamp=at
    )
    if not isinstance(made, bytes):
        raise TypeError("typst set several documents instead of one")
    return made


def _framed(picture: bytes) -> bytes:
    """A JPEG inside an SVG: typst takes nothing but text that does not lie on a disk."""
    with Image.open(BytesIO(picture)) as opened:
        width, height = opened.size
    data = b64encode(picture).decode()
    size = f'width="{width}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size}>'
        f'<image {size} href="data:image/jpeg;base64,{data}"/></svg>'
    ).encode()


def _bars(number: str) -> bytes:
    """Code 128, which every carrier's scanner reads."""
    out = BytesIO()
    options = {"module_height": 14.0, "module_width": 0.33, "write_text": False, "quiet_zone": 3.0}
    barcode.get("code128", number, writer=SVGWriter()).write(out, options)
    return out.getvalue()


def main() -> None:
    """Read, set, write."""
    confine(_CPU_S)
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=_Wanted)
    if wanted.label is not None:
        made = label(wanted.label)
    elif wanted.paper is not None:
        made = paper(wanted.paper)
    elif wanted.dossier is not None:
        made = dossier(wanted.dossier, wanted.pictures)
    else:
        raise SystemExit("nothing was asked for")
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
