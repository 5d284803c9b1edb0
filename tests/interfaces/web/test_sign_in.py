"""Signing in by card, out again, and the colours of the pages."""

import pytest
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import INES, KAYA, LUMEN, NORA, PEOPLE, Town


async def test_the_first_page_shows_a_card_for_everybody(hand: Hand) -> None:
    await hand.look("/")
    for person in PEOPLE:
        assert hand.page.says(person.name)


@pytest.mark.parametrize(
    ("actor", "path"), [(NORA, "/orders"), (LUMEN, "/inbox"), (INES, "/cases"), (KAYA, "/overview")]
)
async def test_a_card_signs_in_and_leads_to_the_persons_work(hand: Hand, actor, path) -> None:  # type: ignore[no-untyped-def]
    await hand.sign_in(actor)
    assert hand.at == path


async def test_an_unknown_card_signs_nobody_in(hand: Hand) -> None:
    await hand.look("/")
    await hand.send("/sign-in", 422, person="operator:somebody")
    assert hand.page.says("There is a problem")
    assert "amends_session" not in hand.client.cookies


async def test_outside_the_sandbox_there_are_no_cards_and_no_clock(hand: Hand, town: Town) -> None:
    await hand.look("/")
    form = hand.page.form("/sign-in")
    town.sandbox = False
    answer = await hand.client.post("/sign-in", data={**form.fields, "person": "operator:kaya"})
    assert answer.status_code == 404
    await hand.look("/")
    assert not hand.page.says("Kaya Berg")


async def test_signing_out_forgets_the_person(hand: Hand) -> None:
    await hand.sign_in(NORA)
    await hand.send("/sign-out")
    assert hand.at == "/"
    await hand.look("/orders")
    assert hand.at == "/"


async def test_the_colours_are_kept_without_a_script(hand: Hand) -> None:
    await hand.look("/")
    await hand.send("/theme", theme="dark")
    assert hand.page.tags[0] == ("html", {"lang": "en-GB", "dir": "ltr", "data-theme": "amends-dark"})
    await hand.send("/theme", theme="")
    assert "data-theme" not in hand.page.tags[0][1]


@pytest.mark.parametrize(
    "back", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", ""]
)
async def test_the_way_back_never_leads_to_another_site(hand: Hand, back: str) -> None:
    await hand.look("/")
    form = hand.page.form("/theme")
    answer = await hand.client.post("/theme", data={**form.fields, "theme": "dark", "back": back})
    assert answer.headers["location"] == "/"
