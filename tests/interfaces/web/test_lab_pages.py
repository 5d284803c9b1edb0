"""Operators try a draft of the policy on past cases."""

import asyncio

import pytest
from tests.application.test_lab import HASTY, HEAD
from tests.interfaces.web import gallery
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import KAYA, LUMEN, Town

pytestmark = pytest.mark.row("X2")


async def test_a_draft_with_mistakes_comes_back_with_their_lines(hand: Hand) -> None:
    await hand.sign_in(KAYA)
    await hand.look("/lab")
    await hand.send("/lab", 422, draft=HEAD + HASTY.replace('"1 h"', '"soon"'), sample="")
    assert hand.page.says("draft.toml:11")


async def test_a_run_is_shown_with_tables_csv_and_single_cases(hand: Hand, town: Town) -> None:
    await gallery.hang(town)
    run, runner = await town.lab.start(HEAD + HASTY, "draft.toml", by="operator:kaya")
    async for standing in town.lab.work(run, runner):
        run = standing
    await hand.sign_in(KAYA)
    await hand.look(f"/lab/{run.run_id}")
    assert hand.page.says("Who gains and who bears it")
    assert hand.page.says("Done")
    await hand.look(f"/lab/{run.run_id}?by=category")
    page = await town.lab.changes(run.run_id)
    answer = await hand.client.get(f"/lab/{run.run_id}/changes.csv")
    assert len(answer.text.splitlines()) == 1 + run.tally.changed
    for pair in page.pairs[:2]:
        await hand.look(f"/lab/{run.run_id}/cases/{pair.either.case_id}")
        assert hand.page.says("Under the draft")
    await hand.look("/lab/000000000000", 404)
    await asyncio.sleep(0)


async def test_sellers_have_no_lab(hand: Hand) -> None:
    await hand.sign_in(LUMEN)
    await hand.look("/lab", 404)
