"""Opening a claim and settling it between buyer and seller, through the API."""

from typing import Any

import pytest

from amends.domain.parties import Role
from tests.journeys.api.market import Market, claim_body, kind, photo


def offer(amount: int, **remedy: Any) -> dict[str, Any]:
    """An offer of that many cents."""
    return {"remedy": {"amount": amount, "currency": "EUR", **remedy}}


def names(view: dict[str, Any]) -> dict[str, bool]:
    """The actions of a view, and whether each is mandatory."""
    return {action["name"]: action["mandatory"] for action in view["actions"]}


@pytest.mark.row("E1")
async def test_a_claim_says_why_how_much_keep_or_return_and_shows_it(market: Market) -> None:
    await market.delivered()
    answer = await market.ana.send("POST", "/orders/A-1/cases", claim_body())
    assert answer.status_code == 201
    assert (answer.headers["location"], answer.headers["etag"]) == ("/v1/cases/A-1.1", '"1"')
    case = (await market.seller.get("/cases/A-1.1"))["case"]
    assert (case["reason"], case["story"]) == ("quality.not_working", "It does not switch on.")
    assert (case["wanted"]["amount"], case["wanted"]["goods"]) == (2000, "keep")
    assert case["evidence"][0]["kind"] == "video"


@pytest.mark.row("E1")
async def test_a_draft_stays_with_the_buyer_until_it_is_submitted(market: Market) -> None:
    await market.delivered()
    draft = await market.claim(draft=True)
    assert draft["case"]["state"] == "drafting"
    assert kind(await market.seller.refused("GET", "/cases/A-1.1")) == "not_found"
    assert kind(await market.seller.refused("POST", "/cases/A-1.1/acceptance", {})) == "not_found"
    assert (await market.seller.get("/cases"))["cases"] == []
    assert (await market.seller.get("/orders/A-1"))["cases"] == []
    await market.advance(days=2)
    again = claim_body(story="It smokes.", wanted={"amount": 2500, "currency": "EUR", "goods": "keep"})
    body = {name: value for name, value in again.items() if name != "kind"}
    edited = await market.ana.put("/cases/A-1.1/draft", body)
    assert (edited["case"]["story"], edited["case"]["wanted"]["amount"]) == ("It smokes.", 2500)
    sent = await market.ana.post("/cases/A-1.1/submission")
    assert sent["case"]["state"] == "awaiting_seller"
    # The seller's five days begin with the submission.
    assert sent["turn"]["until"] == "2026-03-12T09:00:00Z"
    assert (await market.seller.get("/cases/A-1.1"))["case"]["story"] == "It smokes."


@pytest.mark.row("E2")
async def test_the_seller_is_told_and_both_can_watch_the_deadline(market: Market) -> None:
    await market.delivered()
    await market.claim()
    for person in (market.ana, market.seller):
        turn = (await person.get("/cases/A-1.1"))["turn"]
        assert (turn["on"], turn["until"]) == ("seller", "2026-03-10T09:00:00Z")
        assert turn["sentence"].startswith("The seller answers a claim within 5 days")
    await market.advance(minutes=1)
    letters = await market.letters(Role.SELLER, "lamps")
    assert [(letter.case_id, letter.event) for letter in letters if letter.case_id] == [
        ("A-1.1", "case_opened")
    ]
    assert any(to == "lamps@example.com" for to, _ in market.parts.post.sent)


@pytest.mark.row("E2")
async def test_seller_silence_grants_the_request(market: Market) -> None:
    await market.delivered()
    await market.claim()
    await market.advance(days=4, hours=23, minutes=59)
    assert (await market.ana.get("/cases/A-1.1"))["case"]["settlement"] is None
    await market.advance(minutes=1)
    settlement = (await market.ana.get("/cases/A-1.1"))["case"]["settlement"]
    assert (settlement["by"], settlement["remedy"]["amount"]) == ("silence", 2000)
    assert settlement["clause"] == "negotiation.seller_response.default"


@pytest.mark.row("D3")
async def test_both_sides_offer_and_counter_until_one_accepts(market: Market) -> None:
    await market.delivered()
    await market.claim()
    countered = await market.seller.post("/cases/A-1.1/offers", offer(500))
    assert [one["state"] for one in countered["case"]["offers"]] == ["countered", "open"]
    assert countered["turn"]["on"] == "buyer"
    again = await market.ana.post("/cases/A-1.1/offers", offer(2990, goods="return", freight_payer="seller"))
    assert again["turn"]["on"] == "seller"
    asked = again["case"]["offers"][-1]["remedy"]
    assert (asked["goods"], asked["freight_payer"]) == ("return", "seller")
    declined = await market.seller.post("/cases/A-1.1/refusal", {"note": "Too much."})
    assert declined["case"]["offers"][-1]["state"] == "declined"
    assert declined["turn"]["on"] == "buyer"
    await market.ana.post("/cases/A-1.1/offers", offer(900))
    settled = await market.seller.post("/cases/A-1.1/acceptance", {"offer_id": 4})
    assert settled["case"]["settlement"]["by"] == "agreement"
    assert settled["money"]["settled"] == 900
    # Accepting is final.
    problem = await market.ana.refused("POST", "/cases/A-1.1/offers", offer(1000))
    assert kind(problem) == "not_possible_now"


@pytest.mark.row("D3")
async def test_an_exchange_can_be_offered_and_accepted(market: Market) -> None:
    await market.delivered()
    await market.claim()
    await market.seller.post("/cases/A-1.1/offers", offer(2990, goods="return", exchange_variant="white"))
    settled = await market.ana.post("/cases/A-1.1/acceptance", {})
    assert settled["case"]["settlement"]["remedy"]["exchange_variant"] == "white"
    assert settled["case"]["state"] == "awaiting_instructions"


@pytest.mark.row("D3")
async def test_nobody_accepts_their_own_offer(market: Market) -> None:
    await market.delivered()
    await market.claim()
    await market.seller.post("/cases/A-1.1/offers", offer(500))
    problem = await market.seller.refused("POST", "/cases/A-1.1/acceptance", {"offer_id": 2})
    assert problem["status"] in {403, 409, 422}
    assert (await market.ana.get("/cases/A-1.1"))["case"]["settlement"] is None


@pytest.mark.row("E7")
async def test_the_buyer_withdraws_and_the_pieces_are_free_again(market: Market) -> None:
    await market.delivered()
    await market.claim()
    closed = await market.ana.post("/cases/A-1.1/withdrawal")
    assert (closed["case"]["state"], closed["case"]["outcome"]) == ("closed", "withdrawn")
    assert (await market.claim())["case_id"] == "A-1.2"


@pytest.mark.row("E7")
@pytest.mark.parametrize("goods", ["keep", "return"])
async def test_after_a_ruling_it_is_too_late_to_withdraw(market: Market, goods: str) -> None:
    await market.delivered()
    await market.claim()
    await market.ana.post("/cases/A-1.1/escalation", {})
    await market.mediator.post("/cases/A-1.1/assignment")
    ruling = {
        "remedy": {"amount": 100},
        "reasons": "A scratch.",
        "findings": [{"fact": "A scratch", "clause": "freight.payer.fault"}],
    }
    ruling["remedy"] = {"amount": 100, "goods": goods}
    await market.mediator.post("/cases/A-1.1/ruling", ruling)
    assert "withdraw" not in names(await market.ana.get("/cases/A-1.1"))
    assert kind(await market.ana.refused("POST", "/cases/A-1.1/withdrawal")) == "not_possible_now"
    # Nor once it binds and the goods are to come back, where a claim that was agreed upon still could be.
    await market.ana.post("/cases/A-1.1/ruling/acceptance")
    await market.seller.post("/cases/A-1.1/ruling/acceptance")
    assert kind(await market.ana.refused("POST", "/cases/A-1.1/withdrawal")) == "not_possible_now"


@pytest.mark.row("P1")
async def test_actions_are_exactly_what_each_party_can_do(market: Market) -> None:
    await market.delivered()
    await market.claim()
    mine = names(await market.ana.get("/cases/A-1.1"))
    theirs = await market.seller.get("/cases/A-1.1")
    assert mine == {"make_offer": False, "escalate": False, "add_evidence": False, "withdraw": False}
    assert names(theirs) == {
        "accept_offer": True,
        "make_offer": True,
        "decline_offer": True,
        "escalate": False,
        "add_evidence": False,
    }
    due = theirs["actions"][0]
    assert (due["due_at"], due["default"]) == ("2026-03-10T09:00:00Z", "grant_request")
    assert due["clause"] == "negotiation.seller_response.default"
    assert (due["method"], due["href"]) == ("POST", "/v1/cases/A-1.1/acceptance")
    listed = await market.seller.get("/cases/A-1.1/actions")
    assert listed["actions"] == theirs["actions"]


@pytest.mark.row("P1")
async def test_what_is_among_the_actions_works_and_what_is_not_does_not(market: Market) -> None:
    await market.delivered()
    await market.claim()
    bodies: dict[str, Any] = {
        "make_offer": offer(500),
        "accept_offer": {},
        "decline_offer": {},
        "add_evidence": {"items": [photo()]},
        "submit_evidence": {"items": [photo()]},
        "escalate": {},
        "withdraw": {},
        "accept_ruling": {},
        "appeal": {"note": "No.", "evidence": [photo()]},
    }
    finding = {"fact": "A scratch", "clause": "freight.payer.fault"}
    ruling = {"remedy": {"amount": 100}, "reasons": "A scratch.", "findings": [finding]}
    steps: list[list[tuple[str, str, Any]]] = [
        [],
        [("seller", "offers", offer(500))],
        [("ana", "refusal", {"note": "Too little."})],
        [("ana", "escalation", {})],
        [
            ("mediator", "assignment", None),
            ("mediator", "evidence-requests", {"of": "buyer", "items": ["x"]}),
        ],
        [("ana", "evidence-answers", {"items": [photo()]}), ("mediator", "ruling", ruling)],
        [("seller", "ruling/acceptance", None)],
        [("ana", "appeal", {"note": "No.", "evidence": [photo()]})],
    ]
    for step in steps:
        for who, path, body in step:
            await getattr(market, who).post(f"/cases/A-1.1/{path}", body)
        for person in (market.ana, market.seller):
            possible = set(names(await person.get("/cases/A-1.1")))
            for name, body in bodies.items():
                trial = await person.send("POST", "/cases/A-1.1/simulation", {"action": name, "body": body})
                assert (trial.status_code == 200) == (name in possible), (name, trial.text)
