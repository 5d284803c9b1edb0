"""A seller's inbox: lists by task, filters, search, pages, and one answer to many cases."""

import re

import pytest
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import FERN, LUMEN, NORA, Town

from amends.domain.cases.commands import AcceptOffer, MakeOffer, OpenClaim
from amends.domain.cases.model import Goods, Remedy, State
from amends.domain.orders import Signal, Unit
from amends.domain.parties import Role
from amends.domain.policy.sellers import Address, SellerPolicy
from amends.interfaces.web.seller.inbox import PER_PAGE

BACK = Remedy(amount=7080, goods=Goods.RETURN, freight_payer=Role.SELLER)


async def claims(
    town: Town, count: int, *, reason: str = "quality.defective", country: str = "DE", title: str = "Lamp"
) -> list[str]:
    """So many open claims of the same kind, on orders of their own."""
    start = len(town.store.custodies) + 1
    order_ids = [f"10-{number}" for number in range(start, start + count)]
    for order_id in order_ids:
        await town.place(order_id, title, country=country)
        await town.ship(order_id)
    await town.wait(days=3)
    for order_id in order_ids:
        await town.scan(order_id, Signal.DELIVERED)
        claim = OpenClaim(reason=reason, units=(Unit("l1", 0),), wanted=BACK, story="It flickers.")
        await town.do(claim, NORA, order_id)
    return [f"{order_id}.1" for order_id in order_ids]


async def choose(hand: Hand, expect: int, case_ids: list[str], **fields: str) -> Hand:
    """Tick cases in the inbox and look at one answer to them."""
    form = hand.page.form("/inbox/review")
    data: dict[str, object] = {**form.fields, **fields, "case": case_ids}
    answer = await hand.client.post("/inbox/review", data=data)
    return await hand._arrive(answer, expect)


async def carry_out(hand: Hand, case_ids: list[str], seen: dict[str, str], key: str = "") -> Hand:
    form = hand.page.form("/inbox/answers")
    data: dict[str, object] = {**form.fields, "seen": [f"{one}:{seen[one]}" for one in case_ids]}
    if key:
        data["_key"] = key
    return await hand._arrive(await hand.client.post("/inbox/answers", data=data), 200)


def reviewed(hand: Hand) -> dict[str, str]:
    """The versions a review was made in, by case."""
    told = [given["value"] for tag, given in hand.page.tags if tag == "input" and given.get("name") == "seen"]
    return dict(one.rsplit(":", 1) for one in told)


def listed(hand: Hand) -> list[str]:
    """The cases of the inbox in their order."""
    return [link.rpartition("/")[2] for link in hand.page.links if re.fullmatch(r"/cases/[\w.-]+", link)]


@pytest.fixture
async def inbox(hand: Hand) -> Hand:
    await hand.sign_in(LUMEN)
    return hand


async def test_what_waits_on_the_seller_comes_by_deadline(inbox: Hand, town: Town) -> None:
    first = await claims(town, 2)
    await town.wait(hours=5)
    later = await claims(town, 1)
    await inbox.look("/inbox")
    assert listed(inbox) == [*first, *later]
    assert inbox.page.says("Your turn (3)")
    assert inbox.page.says("To answer (3)")
    await town.do(MakeOffer(remedy=Remedy(amount=1000)), LUMEN, first[0].removesuffix(".1"), first[0])
    await inbox.look("/inbox")
    assert listed(inbox) == [first[1], *later]
    await inbox.look("/inbox?show=waiting")
    assert listed(inbox) == [first[0]]


async def test_each_task_has_a_list_of_its_own(inbox: Hand, town: Town) -> None:
    ids = await claims(town, 2)
    await town.do(AcceptOffer(), LUMEN, ids[0].removesuffix(".1"), ids[0])
    await inbox.look("/inbox?show=address")
    assert listed(inbox) == [ids[0]]
    assert inbox.page.says("Address wanted (1)")
    await inbox.look("/inbox?show=answer")
    assert listed(inbox) == [ids[1]]


async def test_filters_and_search_narrow_the_lists_and_their_counts(inbox: Hand, town: Town) -> None:
    german = await claims(town, 1, title="Ceramic lamp")
    french = await claims(town, 1, country="FR", reason="not_as_described.color", title="Silk shade")
    for query, found in (
        ("reason=quality", german),
        ("reason=not_as_described.color", french),
        ("country=fr", french),
        ("q=silk", french),
        ("q=CERAMIC", german),
        (f"q={german[0]}", german),
        ("least=70&most=71", [*german, *french]),
        ("least=71", []),
        ("most=70.79", []),
        ("due=1", []),
        ("due=7", [*german, *french]),
    ):
        await inbox.look(f"/inbox?{query}")
        assert listed(inbox) == found, query
        assert inbox.page.says(f"Your turn ({len(found)})"), query
    await inbox.look("/inbox?least=much", 422)
    assert inbox.page.says("Enter an amount as a number, for example 25.")


async def test_a_long_inbox_comes_page_by_page(inbox: Hand, town: Town) -> None:
    ids = await claims(town, PER_PAGE + 3)
    await inbox.look("/inbox?reason=quality")
    first = listed(inbox)
    following = next(link for link in inbox.page.links if "after=" in link)
    assert "reason=quality" in following
    await inbox.look(following)
    assert (len(first), first + listed(inbox)) == (PER_PAGE, sorted(ids))
    await inbox.look("/inbox?after=nonsense", 404)


async def test_all_cases_of_a_page_are_chosen_by_a_link(inbox: Hand, town: Town) -> None:
    ids = await claims(town, 2)
    await inbox.look("/inbox?reason=quality")
    await inbox.look(next(link for link in inbox.page.links if "choose=all" in link))
    boxes = [given for tag, given in inbox.page.tags if given.get("name") == "case"]
    assert [(box["value"], "checked" in box) for box in boxes] == [(one, True) for one in ids]


async def test_others_have_no_inbox_of_hers(hand: Hand, town: Town) -> None:
    ids = await claims(town, 1)
    await hand.sign_in(FERN)
    await hand.look("/inbox")
    assert listed(hand) == []
    await choose_none(hand, ids)
    await hand.sign_in(NORA)
    await hand.look("/inbox", 404)
    await hand.look("/money", 404)


async def choose_none(hand: Hand, case_ids: list[str]) -> None:
    """What belongs to others can be neither looked at nor answered, whatever a form says."""
    token = hand.page.form("/sign-out").fields["_csrf_token"]
    data = {"_csrf_token": token, "answer": "accept", "case": case_ids, "_key": "x"}
    answer = await hand.client.post("/inbox/review", data=data)
    assert "Lamp" not in answer.text
    answer = await hand.client.post("/inbox/answers", data=data | {"seen": [f"{case_ids[0]}:1"]})
    assert answer.status_code == 200
    assert (await hand.town.case(case_ids[0])).state is State.AWAITING_SELLER


@pytest.mark.row("P9")
async def test_many_requests_are_accepted_at_once_after_a_look_at_the_cost(inbox: Hand, town: Town) -> None:
    ids = await claims(town, 3)
    await inbox.look("/inbox")
    await choose(inbox, 200, ids, answer="accept")
    assert inbox.page.says("3 cases will be answered")
    assert inbox.page.says("Costs you €70.80.")
    assert inbox.page.says("The item comes back, and you pay the postage.")
    assert inbox.page.says("All together costs you €212.40 now.")
    seen = reviewed(inbox)
    assert {(await town.case(one)).state for one in ids} == {State.AWAITING_SELLER}
    await carry_out(inbox, ids, seen)
    assert inbox.page.says("3 cases answered")
    assert {(await town.case(one)).state for one in ids} == {State.AWAITING_INSTRUCTIONS}


@pytest.mark.row("P9")
async def test_a_share_is_offered_to_many_and_each_says_what_it_costs(inbox: Hand, town: Town) -> None:
    ids = await claims(town, 2)
    await inbox.look("/inbox")
    await choose(inbox, 200, ids, answer="offer", share="20")
    assert inbox.page.says("Refund of €14.16, the item is kept. Costs you €14.16.")
    await carry_out(inbox, ids, reviewed(inbox))
    assert {(await town.case(one)).offers[-1].remedy.amount for one in ids} == {1416}


async def test_the_return_address_comes_from_the_policy_by_country(inbox: Hand, town: Town) -> None:
    policy = SellerPolicy(
        addresses=(Address("Rua das Flores 9, Lisbon"), Address("Hafenweg 3, Hamburg", "DE"))
    )
    await town.sellers.publish(LUMEN.id, policy, town.clock.now())
    ids = [*await claims(town, 1), *await claims(town, 1, country="FR")]
    for case_id in ids:
        await town.do(AcceptOffer(), LUMEN, case_id.removesuffix(".1"), case_id)
    await inbox.look("/inbox?show=address")
    await choose(inbox, 200, ids, answer="address")
    await carry_out(inbox, ids, reviewed(inbox))
    given = [(await town.case(one)).instructions for one in ids]
    assert [one.address for one in given if one] == ["Hafenweg 3, Hamburg", "Rua das Flores 9, Lisbon"]


async def test_what_cannot_be_answered_so_is_told_and_stops_no_other(inbox: Hand, town: Town) -> None:
    ids = await claims(town, 2)
    await town.do(AcceptOffer(), LUMEN, ids[0].removesuffix(".1"), ids[0])
    await inbox.look("/inbox")
    await choose(inbox, 200, ids, answer="offer", share="10")
    assert inbox.page.says("1 case cannot be answered so")
    assert list(reviewed(inbox)) == [ids[1]]


async def test_a_case_that_changed_since_the_review_is_left_alone(inbox: Hand, town: Town) -> None:
    ids = await claims(town, 2)
    await inbox.look("/inbox")
    await choose(inbox, 200, ids, answer="accept")
    seen = reviewed(inbox)
    await town.do(MakeOffer(remedy=Remedy(amount=3000)), NORA, ids[0].removesuffix(".1"), ids[0])
    await carry_out(inbox, ids, seen)
    assert inbox.page.says("1 case answered")
    assert inbox.page.says("1 case not answered")
    assert (await town.case(ids[0])).settlement is None
    # Who of the team it was stands in the same record as single answers, with what came of it.
    (owner,) = await town.accounts.roster.of_party(LUMEN)
    deeds = {one.case_id: one for one in await town.accounts.teams.deeds(owner)}
    assert {one.account_id for one in deeds.values()} == {owner.account_id}
    assert [deeds[case_id].deed for case_id in ids] == ["accept_offer", "accept_offer"]
    assert [deeds[case_id].outcome == "done" for case_id in ids] == [False, True]
    await inbox.look("/account/team")
    assert inbox.page.says("Accept the offer")
    assert f"/cases/{ids[1]}" in inbox.page.links


async def test_the_same_answers_sent_twice_act_once(inbox: Hand, town: Town) -> None:
    ids = await claims(town, 2)
    await inbox.look("/inbox")
    await choose(inbox, 200, ids, answer="offer", share="20")
    review, seen = inbox.page, reviewed(inbox)
    await carry_out(inbox, ids, seen, key="once")
    inbox.page = review
    await carry_out(inbox, ids, seen, key="once")
    assert inbox.page.says("2 cases answered")
    assert [len((await town.case(one)).offers) for one in ids] == [2, 2]


@pytest.mark.parametrize(
    ("fields", "chosen", "said"),
    [
        ({"answer": ""}, True, "Choose what to answer."),
        ({"answer": "accept"}, False, "Choose at least one case."),
        ({"answer": "offer", "share": "0"}, True, "Enter a share from 1 to 100 per cent."),
        ({"answer": "offer", "share": "101"}, True, "Enter a share from 1 to 100 per cent."),
    ],
)
async def test_an_answer_that_is_none_is_said(
    inbox: Hand, town: Town, fields: dict[str, str], chosen: bool, said: str
) -> None:
    ids = await claims(town, 1)
    await inbox.look("/inbox")
    await choose(inbox, 422, ids if chosen else [], **fields)
    assert inbox.page.says(said)


@pytest.mark.row("D3")
async def test_an_offer_shows_what_it_costs_before_it_is_sent(inbox: Hand, town: Town) -> None:
    (case_id,) = await claims(town, 1)
    await inbox.look(f"/cases/{case_id}")
    form = inbox.page.form("/make_offer")
    data = {**form.fields, "what": "return", "amount": "60", "freight": "seller"}
    await inbox._arrive(await inbox.client.post(f"/inbox/offers/{case_id}", data=data), 200)
    assert inbox.page.says("You pay now €60.00")
    assert inbox.page.says("You keep of what was paid €10.80")
    assert inbox.page.says("1 piece, bought for €64.90")
    assert len((await town.case(case_id)).offers) == 1
    await inbox.send(f"/inbox/offers/{case_id}", what="keep", percent="25")
    assert inbox.page.says("You pay now €17.70")
    await inbox.send("/make_offer")
    assert (await town.case(case_id)).offers[-1].remedy.amount == 1770
    await inbox.look(f"/cases/{case_id}")


async def test_an_offer_that_cannot_be_made_is_said_before_it_is_sent(inbox: Hand, town: Town) -> None:
    (case_id,) = await claims(town, 1)
    await inbox.look(f"/cases/{case_id}")
    data = {**inbox.page.form("/make_offer").fields, "what": "keep", "amount": "71"}
    await inbox._arrive(await inbox.client.post(f"/inbox/offers/{case_id}", data=data), 422)
    assert inbox.page.says("Enter at most €70.80.")
    await inbox.sign_in(FERN)
    await inbox.look("/inbox")
    token = inbox.page.form("/sign-out").fields["_csrf_token"]
    answer = await inbox.client.post(f"/inbox/offers/{case_id}", data={**data, "_csrf_token": token})
    assert answer.status_code == 404


async def test_the_money_page_tells_where_the_money_is(inbox: Hand, town: Town) -> None:
    (case_id,) = await claims(town, 1)
    await town.place("10-new")
    await town.place("10-old")
    await town.deliver("10-old")
    await inbox.look("/money")
    assert inbox.page.says("Frozen by open cases, 1 order €70.80")
    assert inbox.page.says("Held until delivery, 1 order €70.80")
    assert inbox.page.says("Held while the buyer may still ask, 1 order €70.80")
    assert f"/cases/{case_id}" in inbox.page.links
    assert inbox.page.says("if nothing is asked until then")
    # What is on its way back to the buyer is held for nobody any more.
    await town.do(MakeOffer(remedy=Remedy(amount=7080)), LUMEN, case_id.removesuffix(".1"), case_id)
    await town.do(AcceptOffer(), NORA, case_id.removesuffix(".1"), case_id)
    await inbox.look("/money")
    assert not inbox.page.says("Frozen by open cases")
