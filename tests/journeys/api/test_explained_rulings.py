"""Rulings through the API: recommended, explained to somebody who was not there, by two pairs of eyes."""

import io
import json
import zipfile
from typing import Any

import pytest

from tests.journeys.api.market import Market, Person, kind, photo


def ruling(amount: int, weight: str = "decisive") -> dict[str, Any]:
    return {
        "remedy": {"amount": amount, "currency": "EUR", "goods": "keep"},
        "reasons": "The film shows it.",
        "otherwise": "A film of the button working.",
        "findings": [
            {
                "fact": "It does not switch on.",
                "clause": "mediation.burden.default",
                "evidence": "the film",
                "weight": weight,
            }
        ],
    }


async def mediated(market: Market, **changes: Any) -> None:
    await market.claim(**changes)
    await market.seller.post("/cases/A-1.1/evidence", {"items": [photo("The lamp alight, before packing")]})
    await market.seller.post("/cases/A-1.1/refusal", {"note": "It worked here."})
    await market.ana.post("/cases/A-1.1/escalation", {})


@pytest.mark.row("X1", "X9")
async def test_who_decides_reads_the_recommendation_its_weights_and_what_would_change_it(
    market: Market,
) -> None:
    await market.delivered()
    await mediated(market)
    advice = await market.mediator.get("/cases/A-1.1/recommendation")
    assert [one["weight"] for one in advice["findings"]] == ["background", "decisive"]
    decisive = advice["findings"][-1]
    assert decisive["clause"] == "mediation.burden.default"
    assert "The buyer shows what is wrong" in decisive["sentence"]
    assert decisive["evidence"] == "Pressing the button"
    assert "without_buyers_evidence" in [one["code"] for one in advice["turnings"]]
    for nobody in (market.ana, market.seller, market.shop):
        assert kind(await nobody.refused("GET", "/cases/A-1.1/recommendation")) == "forbidden"


@pytest.mark.row("X1")
async def test_a_ruling_says_who_showed_what_which_clause_decided_and_what_would_have_changed_it(
    market: Market,
) -> None:
    await market.delivered()
    await mediated(market)
    advised = (await market.mediator.get("/cases/A-1.1/recommendation"))["remedy"]["amount"]
    await market.mediator.post("/cases/A-1.1/ruling", ruling(advised))
    # What comes later was not on the table.
    for reader in (market.ana, market.seller, market.operator):
        (told,) = (await reader.get("/cases/A-1.1/rulings"))["rulings"]
        shown = [(one["by"], one["kind"], one["note"]) for one in told["shown"]]
        assert shown == [
            ("buyer", "video", "Pressing the button"),
            ("seller", "photo", "The lamp alight, before packing"),
        ]
        assert told["findings"][0]["clause"] == "mediation.burden.default"
        assert told["findings"][0]["weight"] == "decisive"
        assert told["followed"] is True
        assert told["otherwise"] == "A film of the button working."
        assert any(one["code"] == "without_buyers_evidence" for one in told["turnings"])
    assert kind(await market.rival.refused("GET", "/cases/A-1.1/rulings")) == "not_found"
    assert kind(await market.mediator.refused("GET", "/cases/A-1.1/recommendation")) == "not_possible_now"
    again = {"note": "Look again.", "evidence": [photo("The fuse")]}
    await market.seller.post("/cases/A-1.1/appeal", again)
    await market.second_mediator.post("/cases/A-1.1/ruling", ruling(100))
    first, second = (await market.ana.get("/cases/A-1.1/rulings"))["rulings"]
    assert [one["note"] for one in first["shown"]] == [note for _, _, note in shown]
    assert "The fuse" in [one["note"] for one in second["shown"]]
    assert (second["followed"], second["advised"]["amount"]) == (False, advised)
    # What would have changed the recommendation is told although somebody decided otherwise.
    assert any(one["code"] == "without_buyers_evidence" for one in second["turnings"])


async def withheld(person: Person) -> list[str]:
    """What somebody's case file leaves out."""
    answer = await person.send("GET", "/cases/A-1.1/file.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        lines = archive.read("events.jsonl").splitlines()
    return [f"{one['type']}: {one['withheld']}" for one in map(json.loads, lines) if "withheld" in one]


async def large(market: Market) -> None:
    """A claim about more than one person decides alone, before a mediator."""
    unit = {"item": 150_000, "tax": 0, "shipping": 0}
    line = {"line_id": "L1", "title": "Chandelier", "category": "home/lighting", "units": [unit]}
    tender = {
        "tender_id": "T1",
        "method": "card",
        "captured": 150_000,
        "currency": "EUR",
        "provider_ref": "p",
    }
    await market.delivered(lines=[line], tenders=[tender])
    await mediated(market, wanted={"amount": 150_000, "currency": "EUR", "goods": "return"})


@pytest.mark.row("E4")
async def test_a_large_ruling_waits_for_a_second_person_and_the_parties_do_not_see_it(market: Market) -> None:
    await large(market)
    proposed = await market.mediator.post("/cases/A-1.1/ruling", ruling(150_000))
    assert proposed["case"]["state"] == "mediating"
    assert proposed["case"]["proposed"]["remedy"]["amount"] == 150_000
    for party in (market.ana, market.seller):
        seen = await party.get("/cases/A-1.1?timeline=true")
        assert seen["case"]["proposed"] is None
        assert not any(one["event"]["type"].startswith("ruling_") for one in seen["timeline"])
        events = (await party.get("/cases/A-1.1/timeline"))["events"]
        assert not any(one["event"]["type"].startswith("ruling_") for one in events)
        assert "confirm_ruling" not in [one["name"] for one in seen["actions"]]
    assert await withheld(market.ana) == ["ruling_proposed: internal"]
    assert await withheld(market.mediator) == []
    confirm = "/cases/A-1.1/ruling/confirmation"
    assert kind(await market.mediator.refused("POST", confirm, {"agreed": True})) == "conflict_of_interest"
    offered = (await market.second_mediator.get("/cases/A-1.1/actions"))["actions"]
    assert "confirm_ruling" in [one["name"] for one in offered]
    done = await market.second_mediator.post(confirm, {"agreed": True})
    assert done["case"]["state"] == "ruled"
    (told,) = (await market.ana.get("/cases/A-1.1/rulings"))["rulings"]
    assert told["confirmed"] is True
    # Made as it was proposed, the proposal is no secret any more.
    assert await withheld(market.ana) == []


@pytest.mark.row("E4", "X9")
async def test_silence_does_not_decide_a_large_case_before_a_person_had_time_to_look(market: Market) -> None:
    await large(market)
    await market.advance(days=15)
    case = (await market.operator.get("/cases/A-1.1"))["case"]
    assert (case["state"], case["waiting"]["clause"]) == ("mediating_late", "ruling.confirm.default")
    assert (case["proposed"]["mediator_id"], case["proposed"]["remedy"]["amount"]) == ("", 150_000)
    seen = (await market.seller.get("/cases/A-1.1"))["case"]
    assert (seen["proposed"], seen["waiting"]["until"]) == (None, case["waiting"]["until"])
    await market.advance(days=3)
    (made,) = (await market.seller.get("/cases/A-1.1"))["case"]["rulings"]
    assert (made["mediator_id"], made["confirmed_by"], made["final"]) == ("", "", False)
