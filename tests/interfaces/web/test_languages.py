"""Pages in the reader's language, the rules of the policy included."""

import pytest
from tests.interfaces.web.gallery import asked
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import NORA, Town

from amends.application.words import Words

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
