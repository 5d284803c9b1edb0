"""Sets one document and ends: facts as JSON come in, PDF goes out. Run as a child, so that its memory
goes too.
"""

import sys
from io import BytesIO
from pathlib import Path

import barcode  # type: ignore[import-untyped]
import msgspec
import segno
import typst
from barcode.writer import SVGWriter  # type: ignore[import-untyped]

from amends.application.ports.carriers import LabelFacts, PaperFacts

_HERE = Path(__file__).parent


class _Wanted(msgspec.Struct):
    label: LabelFacts | None = None
    paper: PaperFacts | None = None


def label(facts: LabelFacts) -> bytes:
    """A label as PDF."""
    files = {
        "bars.svg": _bars(facts.tracking_number),
        "code.svg": _square(facts.link or facts.code or facts.tracking_number),
    }
    return _set("label.typ", msgspec.to_builtins(facts), files)


def paper(facts: PaperFacts) -> bytes:
    """A document of text as PDF."""
    return _set("paper.typ", msgspec.to_builtins(facts), {})


def _set(template: str, facts: object, files: dict[str, bytes]) -> bytes:
    source = (_HERE / template).read_bytes()
    data = {"main": source, "facts.json": msgspec.json.encode(facts), **files}
    # Its stub knows one file only; several by name are read as well.
    made: object = typst.compile(data, format="pdf", ignore_system_fonts=False)  # type: ignore[call-overload]
    if not isinstance(made, bytes):
        raise TypeError("typst set several documents instead of one")
    return made


def _bars(number: str) -> bytes:
    """Code 128, which every carrier's scanner reads."""
    out = BytesIO()
    options = {"module_height": 14.0, "module_width": 0.33, "write_text": False, "quiet_zone": 3.0}
    barcode.get("code128", number, writer=SVGWriter()).write(out, options)
    return out.getvalue()


def _square(text: str) -> bytes:
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=4, border=2)
    return out.getvalue()


def main() -> None:
    """Read, set, write."""
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=_Wanted)
    if wanted.label is not None:
        made = label(wanted.label)
    elif wanted.paper is not None:
        made = paper(wanted.paper)
    else:
        raise SystemExit("nothing was asked for")
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
