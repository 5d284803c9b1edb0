"""The policy lab: a past under its own terms is the past; under a draft it is what the draft makes of it."""

import pytest
from msgspec.structs import replace
from tests.interfaces.labs import lab_in_memory
from tests.simulation.markets import NOW, SEED, market_world

from amends.adapters.memory.seller_policies import MemorySellerPolicies
from amends.adapters.memory.store import MemoryStore
from amends.adapters.packs import load
from amends.application.lab.runs import Lab
from amends.application.policies import PolicyBook
from amends.application.ports.lab import BenchUnavailable, LabRun
from amends.application.replay import ReplayClock
from amends.domain.lab.tally import Moments, Tally, interval
from amends.domain.policy.stack import PackError
from amends.simulation.marketplace import SPAN, populate

PACKS = load(("default",))
HEAD = """
[pack]
id = "draft"
version = 1
layer = "platform"
extends = "default"
title = "A draft"
"""
SAME = """
[[clause]]
id = "reopen.window.draft"
sets = { "reopen.window" = "31 d" }
sentence = "Support can reopen a case for 31 days."
citation = "a draft"
"""
HASTY = """
[[clause]]
id = "negotiation.seller_response.draft"
sets = { "negotiation.seller_response" = "1 h" }
default = "grant_request"
sentence = "The seller answers within an hour."
citation = "a draft"
"""


@pytest.fixture(scope="module")
async def store() -> MemoryStore:
    """Ninety days of the simulated marketplace."""
    store = MemoryStore()
    await populate(market_world(store, store, NOW - SPAN), PACKS, seed=SEED, now=NOW)
    return store


@pytest.fixture
def lab(store: MemoryStore) -> Lab:
    """The lab over it."""
    return lab_in_memory(store, MemorySellerPolicies(), PolicyBook(PACKS), ReplayClock(NOW))


async def ran(lab: Lab, text: str, sample: int = 0) -> LabRun:
    run, runner = await lab.start(text, "draft.toml", by="operator:kaya", sample=sample)
    async for standing in lab.work(run, runner):
        run = standing
    return run


@pytest.mark.row("X2")
async def test_a_draft_that_bears_on_nothing_gives_back_the_past(lab: Lab) -> None:
    run = await ran(lab, HEAD + SAME)
    assert run.state == "done"
    assert run.done == run.orders
    assert not run.broken
    assert run.tally.cases > 15
    assert run.tally.changed == 0
    for group in run.tally.all.values():
        assert group.days.was == pytest.approx(group.days.now, abs=0.01)
        assert group.silent == 0


@pytest.mark.row("X2", "P13")
async def test_a_draft_changes_cases_and_says_why(lab: Lab) -> None:
    run = await ran(lab, HEAD + HASTY)
    page = await lab.changes(run.run_id, limit=200)
    assert 0 < len(page.pairs) == run.tally.changed
    assert all(pair.why for pair in page.pairs)
    clauses = {one.now_clause for pair in page.pairs for one in pair.why}
    assert "negotiation.seller_response.draft" in clauses
    granted = [pair for pair in page.pairs if pair.now is not None and pair.now.by_silence]
    assert granted
    for group in run.tally.all.values():
        sums = (group.buyer.now, group.seller.now + group.platform.now)
        # What reaches buyers is borne by somebody; sellers may bear a label beside it.
        assert sums[1] >= sums[0]
    pair = page.pairs[0]
    shown = await lab.side_by_side(run, pair.either.case_id)
    assert shown is not None
    assert shown.was is not None
    assert shown.now is not None
    assert shown.was.steps[0].what == "case_opened"
    assert replace(shown.now, steps=()) == pair.now


@pytest.mark.row("X2")
async def test_a_run_is_stopped_and_goes_on_where_it_stood(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amends.application.lab.runs.CHUNK", 5)
    whole = await ran(lab, HEAD + HASTY)
    run, runner = await lab.start(HEAD + HASTY, "draft.toml", by="operator:kaya")
    assert await lab.resume(run.run_id) is None
    async for standing in lab.work(run, runner):
        if standing.done:
            assert await lab.cancel(run.run_id)
    stopped = await lab.runs.get(run.run_id)
    assert stopped is not None
    assert stopped.state == "cancelled"
    assert stopped.done == 5
    taken = await lab.resume(run.run_id)
    assert taken is not None
    async for standing in lab.work(*taken):
        run = standing
    assert (run.state, run.done) == ("done", whole.done)
    assert run.tally == whole.tally
    assert not await lab.cancel(run.run_id)


async def test_a_sample_is_drawn_as_large_as_asked(lab: Lab) -> None:
    run = await ran(lab, HEAD + SAME, sample=7)
    assert run.orders == run.done == 7


async def test_a_wrong_draft_names_its_lines(lab: Lab) -> None:
    with pytest.raises(PackError) as refused:
        await lab.start(HEAD + HASTY.replace('"1 h"', '"one hour"'), "draft.toml", by="operator:kaya")
    assert "draft.toml:" in str(refused.value)
    with pytest.raises(BenchUnavailable):
        await lab.start(HEAD + SAME, "draft.toml", by="operator:kaya", engine="abacus")


def test_intervals_are_those_of_the_normal_distribution() -> None:
    moments = Moments()
    for difference in (0, 0, 10, 30):
        moments.add(5, 5 + difference)
    found = interval(moments, 4)
    # s of 0, 0, 10, 30 is 14.142; 1.96 * 14.142 / 2 = 13.859
    assert found.mean == 10
    assert found.low == pytest.approx(10 - 13.859, abs=0.001)
    assert found.high == pytest.approx(10 + 13.859, abs=0.001)


def test_tallies_add_up_in_any_order() -> None:
    one, other = Tally(moved={"a>b": 1}, unended=2), Tally(moved={"a>b": 2}, outcomes_was={"a": 2})
    one.merge(other)
    assert (one.moved, one.outcomes_was, one.unended) == ({"a>b": 3}, {"a": 2}, 2)
