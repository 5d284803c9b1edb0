"""The policy studio: two operators bring a change into force, and mistakes are told where they are."""

from datetime import timedelta

import pytest
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import KAYA, NORA, START, Town

from amends.domain.parties import Actor, Role
from amends.domain.policy.clauses import Facts
from amends.interfaces.web.sessions import COOKIE

OLGA = Actor(Role.OPERATOR, "olga")
HERE = "/studio/default/2"
WINDOW = f"{HERE}/clauses/return.window.default"


async def days(town: Town, **later: float) -> int:
    """The days to return of an order placed later."""
    facts = Facts(placed_at=town.clock.now() + timedelta(**later), currency="EUR")
    return int((await town.sellers.terms_for(facts)).get("return.window").value.amount)


async def begun(hand: Hand) -> Hand:
    await hand.sign_in(KAYA)
    await hand.look("/studio")
    # The first of the forms begins a version of the first pack.
    await hand.send("/studio", copy_of="1")
    assert hand.page.says("A new version is begun")
    return hand


@pytest.mark.row("P2")
async def test_two_operators_bring_a_change_into_force(hand: Hand, town: Town) -> None:
    await begun(hand)
    await hand.look(WINDOW)
    assert hand.page.form("/return.window.default").fields["value_1"] == "15"
    await hand.send("/return.window.default", value_1="20", note="Five days more.")
    assert hand.page.says("15 d → 20 d")
    assert hand.page.says("What it sets is new, its sentence is not.")
    await hand.send("/comment", comment="Is twenty enough?")
    await hand.send("/review", note="Buyers ask for it.")
    assert hand.page.says("You wrote a part of this version, so somebody else has to approve it.")
    refused = await hand.client.post(
        f"{HERE}/approval", data={"_csrf_token": hand.page.form("/comment").fields["_csrf_token"], "note": ""}
    )
    assert refused.status_code == 422
    assert "You wrote a part of this version" in refused.text
    assert await days(town) == 15
    hand.client.cookies.clear()
    hand.client.cookies.set(COOKIE, await town.token_of(OLGA))
    await hand.look(HERE)
    await hand.send("/approval", note="Read.")
    await hand.send("/publication", day=START.date().isoformat(), time="00:00", expect=422)
    assert hand.page.says("Choose an instant to come")
    await hand.send("/publication", day=(START + timedelta(days=2)).date().isoformat(), time="00:00")
    assert hand.page.says("Scheduled")
    assert (await days(town), await days(town, days=3)) == (15, 20)
    await hand.send("/withdrawal", note="A holiday is in between.")
    assert await days(town, days=3) == 15
    assert all(
        hand.page.says(words) for words in ("Withdrew it", "A holiday is in between.", "Is twenty enough?")
    )


async def test_a_mistake_stands_at_its_field_and_at_its_line_and_nothing_is_saved(
    hand: Hand, town: Town
) -> None:
    await begun(hand)
    await hand.look(WINDOW)
    await hand.send("/return.window.default", value_1="twenty", expect=422)
    assert "f-value_1-error" in {given.get("id") for _, given in hand.page.tags}
    assert hand.page.form("/return.window.default").fields["value_1"] == "twenty"
    await hand.look(f"{HERE}/text")
    text = hand.page.form("/text").fields["text"]
    broken = text.replace('"15 d"', '"fifteen"', 1).replace("[[clause]]", "[[clause", 1)
    await hand.send("/text", text=broken, expect=422)
    assert hand.page.says("not TOML")
    await hand.send("/text", text=text.replace('"60 d"', '"sixty"', 1), expect=422)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if '"60 d"' in row)
    assert hand.page.says(f"default.toml:{line}")
    await hand.look(HERE)
    assert hand.page.says("The draft changes nothing yet.")
    shelf = await town.studio.book.shelf()
    kept = shelf.find("default", 2)
    assert kept is not None
    assert kept.number == 1


async def test_clauses_are_added_and_taken_out(hand: Hand) -> None:
    await begun(hand)
    await hand.look(f"{HERE}/clauses/new")
    new = {
        "clause": "return.window.toys",
        "parameter_1": "return.window",
        "value_1": "30",
        "unit_1": "d",
        "sentence": "Toys may come back for 30 days.",
        "citation": "ours",
        "when_category": "toys",
    }
    await hand.send("/clauses/new", expect=422)
    await hand.send("/clauses/new", **new)
    assert hand.page.says("category: toys")
    await hand.look(f"{HERE}/clauses/return.window.toys")
    await hand.send("/return.window.toys", do="remove")
    assert hand.page.says("The draft changes nothing yet.")
    await hand.look(f"{HERE}/clauses/negotiation.limit.default")
    await hand.send("/negotiation.limit.default", do="remove", expect=422)
    assert hand.page.says("no clause sets negotiation.limit for every order any more")


async def test_a_version_is_tried_on_a_product_and_in_the_lab(hand: Hand) -> None:
    await begun(hand)
    await hand.look(WINDOW)
    await hand.send("/return.window.default", value_1="20")
    await hand.look(f"{HERE}/preview?price=40&currency=EUR&country=DE")
    assert hand.page.says("1 rule would be different")
    assert hand.page.says("return.window different 15 d 20 d")
    await hand.look("/lab?draft=default@2")
    assert '"20 d"' in hand.page.form("/lab").fields["draft"]
    answer = await hand.client.get(f"{HERE}/file.toml")
    assert answer.headers["content-disposition"] == 'attachment; filename="default-2.toml"'


@pytest.mark.row("C3")
async def test_the_next_season_is_set_by_a_short_form(hand: Hand) -> None:
    await hand.sign_in(KAYA)
    await hand.look("/seasons")
    season = {"name": "Winter holidays", "first": "2026-11-25", "last": "2026-12-31", "until": "2027-01-31"}
    await hand.send("/seasons", **{**season, "first": "2026-11-10", "last": "2026-11-18"}, expect=422)
    assert hand.page.says("The last day of buying lies ahead")
    await hand.send("/seasons", **season)
    assert hand.page.says("season.winter-holidays")
    assert hand.page.says("return.extension_until: nothing → 2027-01-31")
    await hand.look("/seasons")
    await hand.send("/seasons", name="Winter holidays", first="2026-12-01", last="2026-12-08", days="45")
    await hand.look("/seasons")
    assert hand.page.says("season.winter-holidays-2")
    assert hand.page.says("45 days after receipt")


@pytest.mark.parametrize("path", ["/studio", HERE, "/seasons", "/cover", "/cover.csv"])
async def test_the_policy_is_the_operators_alone(hand: Hand, path: str) -> None:
    await hand.sign_in(NORA)
    await hand.look(path, expect=404)


@pytest.mark.row("L1")
async def test_guarantees_say_how_they_are_kept_and_who_is_refunded_at_once(hand: Hand, town: Town) -> None:
    await hand.sign_in(NORA)
    await hand.look("/guarantees")
    assert hand.page.says("Refunded at once")
    assert hand.page.says("up to €22.38")
    assert not hand.page.says("claims were closed")
    await hand.sign_in(KAYA)
    await hand.look("/cover")
    assert hand.page.says("€0.00 of €5,000.00")
    assert (await hand.client.get("/cover.csv")).text.splitlines()[0].endswith('"amount","payments"')
