"""Setting documents in a child: a picture and letters of many scripts, hostile text, and one that hangs."""

import io
import sys
from datetime import UTC, datetime

import pytest
from PIL import Image

from amends.adapters.documents.child_process import ChildPapers
from amends.application.ports.carriers import PapersUnavailable
from amends.application.ports.dossiers import DossierFacts, Exhibit, Line

WORDS = (
    "story",
    "timeline",
    "when",
    "what",
    "evidence",
    "decisions",
    "money",
    "clauses",
    "seals",
    "seals_note",
)
# What would be commands, if it were markup.
HOSTILE = '#read("/etc/passwd") #panic("stop") $x$ \\ ]]] *strong* <label> @nobody // \x00 \u202e'


def facts(**changes: object) -> DossierFacts:
    plain: dict[str, object] = {
        "title": "Case file 1.1", "lang": "en", "rtl": False, "at": datetime(2026, 3, 2, tzinfo=UTC),
        "words": dict.fromkeys(WORDS, "Words"), "pairs": (("Order", "1"),), "story": "", "timeline": (),
        "exhibits": (), "decisions": (), "money": (), "clauses": (), "seals": (("1.1", "ab" * 32),),
        "unreadable": "Some letters are missing.", "footer": "Case 1.1",
    }  # fmt: skip
    return DossierFacts(**(plain | changes))  # type: ignore[arg-type]


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (48, 36), "seagreen").save(out, "JPEG")
    return out.getvalue()


async def test_a_dossier_has_its_picture() -> None:
    shown = (Exhibit(title="Nora", note="The base", picture="p1"),)
    papers = ChildPapers()
    with_it = await papers.dossier(facts(exhibits=shown), {"p1": jpeg()})
    without = await papers.dossier(facts(exhibits=(Exhibit(title="Nora", note="The base"),)), {})
    assert with_it.startswith(b"%PDF-")
    assert with_it.count(b"/Image") > without.count(b"/Image")


@pytest.mark.parametrize("rtl", [False, True])
async def test_what_people_wrote_is_text_and_nothing_else(rtl: bool) -> None:
    lines = (Line(at=HOSTILE, what=HOSTILE, detail=HOSTILE + "\n\n" + "long" * 500),)
    one = (HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    made = await ChildPapers().dossier(
        facts(
            title=HOSTILE,
            rtl=rtl,
            story=HOSTILE,
            timeline=lines,
            decisions=(one,),
            money=((*one, HOSTILE),),
            clauses=((HOSTILE, HOSTILE, HOSTILE),),
            exhibits=(Exhibit(title=HOSTILE, note=HOSTILE),),
        ),
        {},
    )
    assert made.startswith(b"%PDF-")


async def test_one_that_hangs_or_fails_is_unavailable() -> None:
    for program in (["-c", "import time; time.sleep(30)"], ["-c", "raise SystemExit(3)"]):
        with pytest.raises(PapersUnavailable):
            await ChildPapers([sys.executable, *program], wait_s=0.5).dossier(facts(), {})
