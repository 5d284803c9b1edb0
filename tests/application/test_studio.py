"""The policy studio at work: what is published holds from its instant, in every process, for new orders."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from amends.adapters.memory.policy_steps import MemoryPolicySteps
from amends.adapters.memory.seller_policies import MemorySellerPolicies
from amends.adapters.memory.seller_reads import MemorySellerReads
from amends.adapters.memory.store import MemoryStore
from amends.adapters.packs import LAWS, load, texts
from amends.application.policies import PolicyBook
from amends.application.replay import ReplayClock
from amends.application.sellers import Sellers
from amends.application.studio import Studio
from amends.domain.policy import steps as deeds
from amends.domain.policy import studio as s
from amends.domain.policy.clauses import Facts
from amends.domain.policy.sellers import SellerPolicy
from amends.domain.policy.stack import PackError
from amends.domain.policy.writing import with_clause
from amends.domain.refusals import Refused

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON = NOW + timedelta(days=3)
NAMES = ("default", *LAWS)
KAYA, OLGA = "operator:kaya", "operator:olga"
WINDOW = {
    "id": "return.window.default",
    "sets": {"return.window": "20 d"},
    "bounds": ["20 d", "30 d"],
    "sentence": "Twenty days.",
    "citation": "ours",
}


class House:
    """Two processes over one list of steps."""

    def __init__(self) -> None:
        self.steps, self.clock, self.policies = MemoryPolicySteps(), ReplayClock(NOW), MemorySellerPolicies()
        self.studio, self.other = self.process(), self.process()
        self.sellers = Sellers(self.policies, MemorySellerReads(MemoryStore()), self.other.book)

    def process(self) -> Studio:
        book = PolicyBook(load(NAMES), self.steps, texts(NAMES))
        return Studio(book, self.steps, self.clock, self.policies)

    async def drafted(self) -> s.Revision:
        begun = await self.studio.begin("default", KAYA, copy_of=1, note="More time.")
        assert isinstance(begun, s.Revision)
        text = with_clause(begun.text, WINDOW, "return.window.default")
        return await self.take(deeds.Edited(text=text), version=begun.version)

    async def take(self, step: deeds.Step, by: str = KAYA, version: int = 2) -> s.Revision:
        found = await self.studio.take("default", version, step, by)
        assert isinstance(found, s.Revision), found
        return found

    async def published(self, since: datetime = SOON) -> s.Revision:
        await self.drafted()
        await self.take(deeds.Submitted(note="More time."))
        await self.take(deeds.Approved(), OLGA)
        return await self.take(deeds.Published(since=since), OLGA)

    async def window(self, at: datetime, seller: str = "") -> int:
        """The days to return of an order placed at an instant, as the other process freezes them."""
        facts = Facts(placed_at=at, currency="EUR", seller=seller)
        return int((await self.sellers.terms_for(facts)).get("return.window").value.amount)


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.row("P2")
async def test_what_is_published_holds_from_its_instant_on_in_every_process(house: House) -> None:
    assert await house.window(SOON) == 15
    await house.published()
    a_moment = timedelta(microseconds=1)
    assert [await house.window(at) for at in (NOW, SOON - a_moment, SOON, SOON + a_moment)] == [
        15,
        15,
        20,
        20,
    ]
    # An order told late falls under what held when it was placed.
    await house.clock.hold(SOON + timedelta(days=9))
    assert await house.window(NOW) == 15


async def test_a_version_that_is_withdrawn_never_holds(house: House) -> None:
    await house.published()
    assert await house.window(SOON) == 20
    await house.take(deeds.Withdrawn(note="Not this year."))
    assert await house.window(SOON) == 15


async def test_a_draft_holds_for_nobody(house: House) -> None:
    await house.drafted()
    assert await house.window(SOON) == 15


async def test_nothing_is_kept_of_a_text_with_mistakes(house: House) -> None:
    draft = await house.drafted()
    broken = draft.text.replace('"20 d"', '"twenty"')
    with pytest.raises(PackError, match=r"default\.toml:\d+: clause return\.window\.default"):
        await house.studio.take("default", 2, deeds.Edited(text=broken), KAYA)
    kept = (await house.other.book.shelf()).find("default", 2)
    assert kept is not None
    assert (kept.text, kept.number) == (draft.text, draft.number)


async def test_of_two_who_act_on_what_they_saw_one_is_told_to_look_again(house: House) -> None:
    draft = await house.drafted()
    step = deeds.Submitted(note="Now.")
    found = await asyncio.gather(
        house.studio.take("default", 2, step, KAYA, draft.number),
        house.other.take("default", 2, step, OLGA, draft.number),
    )
    kinds = sorted(one.kind for one in found if isinstance(one, Refused))
    assert kinds in (["version_conflict"], ["not_possible_now"])


async def test_many_at_once_lose_nothing(house: House) -> None:
    await house.drafted()
    doors = (house.studio, house.other)
    notes = [deeds.Commented(note=f"{n}") for n in range(12)]
    await asyncio.gather(*(doors[n % 2].take("default", 2, note, KAYA) for n, note in enumerate(notes)))
    kept = (await house.studio.book.shelf()).find("default", 2)
    assert kept is not None
    assert sorted(int(step.note) for _, step in kept.comments()) == list(range(12))
    assert [entry.seq for entry in await house.steps.since(0)] == list(range(1, 15))


async def test_new_versions_count_on_and_name_what_they_copy(house: House) -> None:
    await house.published()
    third = await house.studio.begin("default", OLGA, copy_of=2)
    assert isinstance(third, s.Revision)
    assert (third.version, third.base, "version = 3" in third.text) == (3, "default@2", True)
    for refused, pointer in (
        (await house.studio.begin("Default!", KAYA), "/pack_id"),
        (await house.studio.begin("seller-lamps", KAYA), "/pack_id"),
        (await house.studio.begin("default", KAYA), "/copy_of"),
        (await house.studio.begin("default", KAYA, copy_of=9), "/copy_of"),
    ):
        assert isinstance(refused, Refused)
        assert refused.pointer == pointer


@pytest.mark.row("A4")
async def test_a_seller_whose_policy_a_new_version_outlaws_is_named_and_gives_way(house: House) -> None:
    await house.sellers.publish("lamps", SellerPolicy(window_days=18, free_days=10), NOW)
    await house.sellers.publish("mugs", SellerPolicy(window_days=30), NOW)
    draft = await house.drafted()
    (affected,) = await house.studio.affected(draft)
    assert affected.seller_id == "lamps"
    assert [one.floor.id for one in affected.breaches] == ["return.window.default"]
    await house.take(deeds.Submitted(note="More time."))
    await house.take(deeds.Approved(), OLGA)
    await house.take(deeds.Published(since=SOON))
    assert [await house.window(NOW, who) for who in ("lamps", "mugs", "none")] == [18, 30, 15]
    assert [await house.window(SOON, who) for who in ("lamps", "mugs", "none")] == [20, 30, 20]
    # What the new version allows stays the seller's own.
    facts = Facts(placed_at=SOON, currency="EUR", seller="lamps")
    assert (await house.sellers.terms_for(facts)).get("free_return.window").value.amount == 10
