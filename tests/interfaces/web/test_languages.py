"""Pages in the reader's language, the rules of the policy included."""

import pytest
from tests.interfaces.web.gallery import asked
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import NORA, Town

from amends.application.words import Words
from amends.domain.parties import Actor, Role
from amends.interfaces.web.sessions import COOKIE

RULE = "The seller answers a claim within 5 days; silence grants what the buyer asks."


@pytest.mark.row("D5")
@pytest.mark.parametrize("language", ["de", "ar"])
async def test_the_rule_behind_a_deadline_is_told_in_the_readers_language(
    hand: Hand, town: Town, language: str
) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    await asked(town, "10-1")
    await hand.sign_in(NORA)
    await hand.look("/orders")
    await hand.send("/language", language=language)
    await hand.look("/cases/10-1.1")
    said = Words(language, "UTC").say(RULE)
    assert said != RULE
    assert hand.page.says(said)
    assert not hand.page.says(RULE)


async def test_the_country_of_an_order_tells_the_time_where_nobody_said_how_they_live(
    hand: Hand, town: Town
) -> None:
    kenta = Actor(Role.BUYER, "kenta")
    await town.place("20-9", buyer=kenta, country="JP")
    hand.client.cookies.set(COOKIE, await town.token_of(kenta))
    await hand.look("/orders")
    assert hand.page.says("Times are in UTC.")
    await hand.look("/orders/20-9")
    assert hand.page.says("Times are in Asia/Tokyo.")
    # What the account says goes before it.
    await hand.look("/account")
    await hand.send("/account/profile", name="Kenta", zone="Europe/Lisbon")
    await hand.look("/orders/20-9")
    assert hand.page.says("Times are in Europe/Lisbon.")
