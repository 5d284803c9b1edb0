"""The case file on paper: one timeline, in the reader's words, with pictures and clauses."""

from collections.abc import Mapping

import pytest
from tests.application.case_files import (
    BUYER,
    FIRST_THOUGHTS,
    NOTE,
    OPERATOR,
    PICTURE,
    SELLER,
    dossier,
    drafted,
    story,
)
from tests.interfaces.web.town import Town

from amends.application.case_paper import CasePapers
from amends.application.permissions import Caller
from amends.application.ports.dossiers import DossierFacts
from amends.application.words import Words
from amends.interfaces.web.telling import Teller


class Desk:
    """Takes what would be set in type."""

    def __init__(self) -> None:
        self.facts: list[DossierFacts] = []
        self.pictures: dict[str, bytes] = {}

    async def dossier(self, facts: DossierFacts, pictures: Mapping[str, bytes]) -> bytes:
        self.facts.append(facts)
        self.pictures = dict(pictures)
        return b"%PDF"


async def facts_for(
    town: Town, who: Caller, case_id: str = "10-7.1", words: Words | None = None
) -> DossierFacts:
    desk = Desk()
    names = {"nora": "Nora Lindqvist", "lumen": "Lumen & Clay"}
    papers = CasePapers(town.case_files, desk, Teller, lambda _role, one: names[one])
    assert await papers.pdf(await dossier(town, who, case_id), words or Words()) == b"%PDF"
    assert set(desk.pictures.values()) <= {PICTURE}
    assert {one.picture for one in desk.facts[0].exhibits} - {""} == set(desk.pictures)
    return desk.facts[0]


@pytest.fixture(scope="module")
async def town() -> Town:
    town = Town()
    await story(town)
    return town


@pytest.mark.row("K1")
async def test_everything_that_happened_is_one_timeline(town: Town) -> None:
    facts = await facts_for(town, BUYER)
    told = [f"{line.what}: {line.detail}" for line in facts.timeline]
    wanted = [
        "Order placed", "Parcel shipped", "Parcel: On its way", "Parcel: Delivered", "Case opened",
        "Lumen & Clay (seller) made an offer", "The mediator decided",
        "Nora Lindqvist (buyer) wrote: Is anybody",
    ]  # fmt: skip
    places = [next(n for n, line in enumerate(told) if line.startswith(one)) for one in wanted]
    assert places == sorted(places)
    assert len([one for one in facts.exhibits if one.picture]) == 2
    assert {"Nora Lindqvist (buyer)", "Lumen & Clay (seller)"} <= {value for _, value in facts.pairs}
    assert facts.decisions[0][1:3] == ("Refund of €40.00, the item is kept", "It can still be used.")
    assert "return.window.default" in {clause for clause, _, _ in facts.clauses}
    assert [row[-1] for row in facts.money] == ["€70.80"]
    assert dict(facts.seals) == (await dossier(town, BUYER)).heads


async def test_notes_for_staff_are_on_the_staffs_paper_alone(town: Town) -> None:
    for who in (BUYER, SELLER):
        assert NOTE not in str(await facts_for(town, who))
    assert "Mediator wrote a note for staff" in [
        line.what for line in (await facts_for(town, OPERATOR)).timeline
    ]


async def test_what_was_changed_before_it_was_sent_is_left_out() -> None:
    town = Town()
    await drafted(town, "10-8")
    facts = await facts_for(town, SELLER, "10-8.1")
    assert FIRST_THOUGHTS not in str(facts)
    assert "Something that is left out of this copy" in [line.what for line in facts.timeline]


async def test_times_are_the_readers(town: Town) -> None:
    facts = await facts_for(town, BUYER, words=Words("de_DE", "Asia/Tokyo"))
    assert ("Asia/Tokyo" in dict(facts.pairs).values(), facts.lang, facts.rtl) == (True, "de", False)
    assert (await facts_for(town, BUYER, words=Words("ar_EG"))).rtl


@pytest.mark.row("K1")
async def test_a_real_one_is_a_pdf_and_the_same_twice(town: Town) -> None:
    case = await dossier(town, BUYER)
    made = await town.case_papers.pdf(case, Words())
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
    assert made == await town.case_papers.pdf(case, Words())
