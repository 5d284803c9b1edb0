"""What comes from outside: providers' reports by the day, disputes by signed events, counterfeit goods."""

import hmac
import io
import json
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import httpx
import pytest

from amends.adapters.calendars import CALENDARS
from amends.adapters.memory.outbox import MemoryOutbox
from amends.application.counterfeits import Counterfeits
from amends.application.ports import KeyRole
from amends.domain.parties import Role
from tests.interfaces.treasuries import STRIPE_SECRET
from tests.journeys.api.market import Market, kind, order_body


async def refunded(market: Market) -> None:
    """A claim the seller accepts; its refund is paid and confirmed."""
    await market.delivered()
    await market.claim()
    await market.seller.post("/cases/A-1.1/acceptance", {})
    await market.advance(days=1)


async def event(market: Market, event_id: str, status: str, **changes: Any) -> httpx.Response:
    """Stripe's event about the payment of the order."""
    dispute = {
        "object": "dispute", "id": "dp_1", "amount": 4980, "currency": "eur", "charge": "ch_9",
        "payment_intent": "pi_1", "reason": "product_not_received", "status": status, **changes,
    }  # fmt: skip
    told = {
        "object": "event", "id": event_id, "type": "charge.dispute.updated",
        "created": int(market.now.timestamp()), "data": {"object": dispute},
    }  # fmt: skip
    payload = json.dumps(told).encode()
    stamp = int(datetime.now(UTC).timestamp())
    digest = hmac.new(STRIPE_SECRET.encode(), f"{stamp}.".encode() + payload, sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={stamp},v1={digest}", "Content-Type": "application/json"}
    return await market.client.post("/v1/provider-events/stripe", content=payload, headers=headers)


def by_stripe(**changes: Any) -> dict[str, Any]:
    """An order paid by one card through Stripe."""
    tender = {
        "tender_id": "T1", "method": "card", "captured": 5980, "currency": "EUR", "provider": "stripe",
        "provider_ref": "pi_1",
    }  # fmt: skip
    return {"tenders": [tender], **changes}


@pytest.mark.row("H5")
async def test_a_day_that_fits_and_one_that_does_not(market: Market) -> None:
    await refunded(market)
    await market.parts.reconciliation.sweep()
    days = (await market.operator.get("/reconciliations"))["runs"]
    assert days
    assert all(one["open"] == 0 for one in days)
    refund, _ = sorted(
        (one for one in market.parts.vault.requests.values() if one.kind == "refund"),
        key=lambda one: one.amount,
    )
    day = refund.settles_at.date().isoformat()
    (fits,) = [one for one in days if one["day"] == day]
    assert fits["sums"] == [{"currency": "EUR", "ours": -2000, "theirs": -2000}]
    # The provider pays twice, and something nobody asked for.
    vault = market.parts.vault
    again = refund.__class__(
        **{name: getattr(refund, name) for name in refund.__struct_fields__} | {"key": "nobody-asked"}
    )
    vault.requests["nobody-asked"] = again
    run = await market.operator.post("/reconciliations", {"provider": "sandbox", "day": day})
    assert run["open"] == 1
    (found,) = (await market.operator.get(f"/differences?day={day}&standing=open"))["differences"]
    assert (found["why"], found["ours"], found["theirs"]) == ("missing_here", 0, -refund.amount)
    await market.advance(hours=1)
    assert any(one.event == "reconciliation_differs" for one in await market.letters(Role.OPERATOR, "olga"))
    # Writing it off takes two.
    path = f"/differences/{found['difference_id']}/resolution"
    written = {"how": "written_off", "reason": "The provider does not answer."}
    assert (await market.operator.put(path, written))["state"] == "proposed"
    problem = await market.operator.refused("PUT", f"{path}/answer", {"agreed": True})
    assert kind(problem) == "conflict_of_interest"
    second = await market.person(KeyRole.OPERATOR, "omar")
    done = await second.put(f"{path}/answer", {"agreed": True})
    assert (done["state"], done["by"], done["agreed_by"]) == ("resolved", "olga", "omar")
    # Looking again does not open it anew, unless the amounts change.
    await market.operator.post("/reconciliations", {"provider": "sandbox", "day": day})
    assert (await market.operator.get(f"/differences?day={day}&standing=open"))["differences"] == []
    assert kind(await second.refused("PUT", path, written)) == "not_possible_now"
    for person in (market.ana, market.seller, market.mediator):
        assert (await person.refused("GET", "/differences"))["status"] == 403
    today = {"provider": "sandbox", "day": market.now.date().isoformat()}
    assert kind(await market.operator.refused("POST", "/reconciliations", today)) == "invalid"
    nowhere = {"provider": "nowhere", "day": day}
    assert kind(await market.operator.refused("POST", "/reconciliations", nowhere)) == "not_found"


@pytest.mark.row("P5")
async def test_a_dispute_told_by_stripe_settles_the_case_and_nobody_is_paid_twice(market: Market) -> None:
    await market.delivered(**by_stripe())
    await market.claim()
    told = await event(market, "evt_1", "needs_response", amount=5980)
    assert (told.status_code, told.json()["state"]) == (200, "applied")
    assert (await event(market, "evt_1", "needs_response", amount=5980)).json()["state"] == "applied"
    order = await market.operator.get("/orders/A-1")
    assert [(one["dispute_id"], one["state"]) for one in order["chargebacks"]] == [("dp_1", "open")]
    case = (await market.ana.get("/cases/A-1.1"))["case"]
    assert (case["state"], case["outcome"]) == ("closed", "withdrawn")
    await market.advance(days=60)
    assert (await market.operator.get("/orders/A-1"))["stage"] == "held"
    await event(market, "evt_2", "lost", amount=5980)
    books = (await market.operator.get("/orders/A-1"))["money"]["books"]
    assert (books["chargeback"], books["escrow"], books["refunded"]) == (5980, 0, {})
    # A late word of the beginning changes nothing, nor does another end.
    assert (await event(market, "evt_0", "needs_response", amount=5980)).json()["state"] == "applied"
    assert (await event(market, "evt_3", "won", amount=5980)).json()["state"] == "refused"
    (news,) = (await market.operator.get("/provider-events"))["news"]
    assert (news["dispute_id"], news["why"]) == ("dp_1", "not_possible_now")
    aside = {"reason": "The provider corrected itself."}
    assert (await market.operator.put("/provider-events/stripe/evt_3", aside))["state"] == "ignored"
    assert (await market.operator.get("/provider-events"))["news"] == []
    for event_id, why in (("evt_3", "not_possible_now"), ("evt_9", "not_found")):
        assert kind(await market.operator.refused("PUT", f"/provider-events/stripe/{event_id}", aside)) == why
    packed = await market.operator.send("GET", "/orders/A-1/chargebacks/dp_1/evidence")
    assert packed.status_code == 200
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        stripe = json.loads(archive.read("stripe.json"))
        assert stripe["submit"] is False
        assert stripe["evidence"]["shipping_tracking_number"] == "RR123456785DE"
        assert "delivered" in archive.read("summary.txt").decode()
        assert (
            json.loads(archive.read("paypal.json"))["evidences"][0]["evidence_type"] == "PROOF_OF_FULFILLMENT"
        )
    assert (await market.ana.refused("GET", "/orders/A-1/chargebacks/dp_1/evidence"))["status"] == 403


@pytest.mark.row("P5")
async def test_a_dispute_may_come_before_its_order_its_end_before_its_beginning(market: Market) -> None:
    assert (await event(market, "evt_2", "won")).json()["state"] == "waiting"
    assert (await event(market, "evt_1", "needs_response")).json()["state"] == "waiting"
    await market.delivered(**by_stripe())
    assert await market.parts.disputes.sweep() == 2
    order = await market.operator.get("/orders/A-1")
    assert [(one["amount"], one["state"]) for one in order["chargebacks"]] == [(4980, "won")]
    assert (await event(market, "evt_5", "warning_needs_response", id="dp_2")).json()["why"] == "inquiry"
    other = (await event(market, "evt_6", "needs_response", id="dp_3", currency="usd")).json()
    assert (other["state"], other["why"]) == ("refused", "currency_mismatch")
    assert (await event(market, "evt_7", "needs_response", payment_intent="pi_7")).json()[
        "state"
    ] == "waiting"
    await market.advance(days=15)
    await market.parts.disputes.sweep()
    unplaced = {
        one["event_id"]: one["why"] for one in (await market.operator.get("/provider-events"))["news"]
    }
    assert unplaced == {"evt_6": "currency_mismatch", "evt_7": "no_order"}
    forged = await market.client.post("/v1/provider-events/stripe", content=b"{}")
    assert forged.status_code == 422
    assert (await market.client.post("/v1/provider-events/paypal", content=b"{}")).status_code == 404


@pytest.mark.row("P5")
async def test_evidence_goes_to_the_provider_once_two_people_have_read_it(market: Market) -> None:
    await market.delivered(**by_stripe())
    await event(market, "evt_1", "needs_response", amount=5980)
    await event(market, "evt_2", "needs_response", id="dp_2-declined", amount=100)
    path = "/orders/A-1/chargebacks/dp_1/statements"
    note = {"note": "Delivered to her own postcode."}
    # A small amount goes at once.
    small = await market.operator.post("/orders/A-1/chargebacks/dp_2-declined/statements", note)
    assert (small["state"], small["provider"]) == ("approved", "stripe")
    assert kind(await market.operator.refused("POST", path, {"note": " "})) == "invalid"
    wanted = await market.operator.post(path, note)
    assert (wanted["state"], wanted["by"]) == ("approved", "olga")
    assert kind(await market.operator.refused("POST", path, note)) == "not_possible_now"
    await market.advance(hours=1)
    (sent,) = (await market.operator.get(path))["statements"]
    assert (sent["state"], sent["reference"][:3]) == ("sent", "sb_")
    (statement,) = market.parts.bank.taken.values()
    told = statement.stripe["evidence"]
    assert isinstance(told, dict)
    assert told["uncategorized_text"].startswith("Delivered to her own postcode.")
    assert told["shipping_tracking_number"] == "RR123456785DE"
    (refused,) = (await market.operator.get("/orders/A-1/chargebacks/dp_2-declined/statements"))["statements"]
    assert (refused["state"], refused["why"]) == ("refused", "The time for evidence in this dispute is over.")
    for nobody in (market.ana, market.seller, market.mediator):
        assert (await nobody.refused("POST", path, note))["status"] == 403
    assert kind(await market.operator.refused("POST", path.replace("dp_1", "dp_9"), note)) == "not_found"


@pytest.mark.row("P5")
async def test_evidence_about_a_large_payment_waits_for_a_second_person(market: Market) -> None:
    line = {"line_id": "L1", "title": "Chandelier", "category": "home/lighting", "units": [{"item": 90_000}]}
    tender = {
        "tender_id": "T1", "method": "card", "captured": 90_000, "currency": "EUR", "provider": "stripe",
        "provider_ref": "pi_1",
    }  # fmt: skip
    await market.delivered(lines=[line], tenders=[tender])
    await event(market, "evt_1", "needs_response", amount=90_000)
    path = "/orders/A-1/chargebacks/dp_1/statements"
    note = {"note": "Delivered."}
    assert (await market.operator.post(path, note))["state"] == "proposed"
    assert kind(await market.operator.refused("PUT", f"{path}/answer", {"agreed": True})) == (
        "conflict_of_interest"
    )
    second = await market.person(KeyRole.OPERATOR, "omar")
    assert kind(await second.refused("PUT", f"{path}/answer", {"agreed": False})) == "invalid"
    dropped = await second.put(f"{path}/answer", {"agreed": False, "note": "Name the postcode."})
    assert (dropped["state"], dropped["why"]) == ("dropped", "Name the postcode.")
    assert (await market.operator.post(path, note))["number"] == 2
    assert (await second.put(f"{path}/answer", {"agreed": True}))["agreed_by"] == "omar"
    await market.advance(hours=1)
    assert [one["state"] for one in (await market.operator.get(path))["statements"]] == ["dropped", "sent"]
    # Once the bank has decided there is nothing to say any more.
    await event(market, "evt_2", "lost", amount=90_000)
    assert kind(await market.operator.refused("POST", path, note)) == "not_possible_now"


FAKE = {"reason": "fake.counterfeit", "wanted": {"amount": 2990, "currency": "EUR", "goods": "keep"}}
REASONED = {"reason": "The maker says so."}


@pytest.mark.row("E9")
async def test_a_counterfeit_claim_holds_the_payouts_of_like_orders_until_it_is_ruled(market: Market) -> None:
    await market.delivered()
    for order_id, changes in (("B-1", {}), ("B-2", {"seller_id": "rival"}), ("B-3", {})):
        await market.shop.put(f"/orders/{order_id}", order_body(market.now, buyer_id="bo", **changes))
    await market.ship("B-1")
    await market.scan("B-1")
    await market.claim(**FAKE)
    await market.advance(hours=1)
    similar = (await market.operator.get("/cases/A-1.1/similar-orders"))["orders"]
    assert {one["order_id"]: (one["hold"] or {}).get("state") for one in similar} == {
        "B-1": "held",
        "B-3": "held",
    }
    assert (await market.operator.get("/orders/B-2"))["holds"] == []
    # What is sold of the same goods while the claim is open is held as well.
    await market.shop.put("/orders/B-4", order_body(market.now, buyer_id="bo"))
    await market.advance(hours=13)
    assert [one["claim"] for one in (await market.seller.get("/orders/B-4"))["holds"]] == ["A-1.1"]
    # The seller is told by which clause; the other buyer is not told of somebody else's case.
    (hold,) = (await market.seller.get("/orders/B-1"))["holds"]
    assert (hold["claim"], hold["clause"]) == ("A-1.1", "counterfeit.hold.default")
    assert any(one.event == "payout_held" for one in await market.letters(Role.SELLER, "lamps"))
    seen = (await market.bo.send("GET", "/orders/B-1")).text + (
        await market.bo.send("GET", "/orders/B-1/timeline")
    ).text
    assert "A-1.1" not in seen
    assert (
        await market.seller.refused("PUT", "/orders/B-1/holds/A-1.1/answer", {"kept": False, **REASONED})
    )["status"] == 403
    await market.ana.post("/cases/A-1.1/escalation", {})
    ruling = {
        "remedy": {"amount": 2990, "currency": "EUR"},
        "reasons": "The maker's own words.",
        "findings": [{"fact": "Not made by the maker", "clause": "guarantee.counterfeit.default"}],
    }
    await market.mediator.post("/cases/A-1.1/ruling", ruling)
    await market.advance(hours=1)
    (kept,) = (await market.seller.get("/orders/B-1"))["holds"]
    assert (kept["state"], kept["clause"]) == ("kept", "counterfeit.keep.default")
    await market.shop.put("/orders/B-5", order_body(market.now, buyer_id="bo"))
    await market.advance(hours=13)
    (later,) = (await market.seller.get("/orders/B-5"))["holds"]
    assert (later["state"], later["note"]) == ("kept", "found_counterfeit")
    # Operators have all of them in one list, the one that ends first first.
    listed = (await market.operator.get("/holds?seller_id=lamps&limit=2"))["holds"]
    rest = await market.operator.get("/holds?limit=2")
    rest = await market.operator.get(f"/holds?limit=50&cursor={rest['next']}")
    found = [one["order_id"] for one in (*listed, *rest["holds"])]
    assert sorted(found) == ["B-1", "B-3", "B-4", "B-5"]
    assert found[-1] == "B-5"
    assert {one["amount"] for one in listed} == {5980}
    assert (await market.seller.refused("GET", "/holds"))["status"] == 403
    assert kind(await market.operator.refused("GET", "/holds?cursor=none")) == "invalid"
    # B-1 would have been paid out long ago.
    await market.advance(days=30)
    held = await market.operator.get("/orders/B-1")
    assert (held["stage"], held["turn"]["default"]) == ("held", "release_hold")
    record = await market.ana.get("/sellers/lamps/record")
    assert (record["record"]["counterfeits"], record["record"]["standing"]) == (1, "strained")
    await market.operator.put("/orders/B-1/holds/A-1.1/answer", {"kept": False, **REASONED})
    assert (await market.operator.get("/orders/B-1"))["stage"] == "released"
    (ended,) = (await market.operator.get("/holds?standing=ended"))["holds"]
    assert (ended["order_id"], ended["hold"]["note"]) == ("B-1", REASONED["reason"])
    await market.advance(days=10)
    assert (await market.operator.get("/orders/B-1"))["stage"] == "paid_out"


@pytest.mark.row("E9")
async def test_a_claim_taken_back_releases_what_it_held(market: Market) -> None:
    await market.delivered()
    await market.shop.put("/orders/B-1", order_body(market.now, buyer_id="bo"))
    await market.claim(**FAKE)
    await market.advance(hours=1)
    await market.ana.post("/cases/A-1.1/withdrawal")
    await market.advance(hours=1)
    (hold,) = (await market.seller.get("/orders/B-1"))["holds"]
    assert (hold["state"], hold["note"]) == ("released", "not_found_counterfeit")
    # Nobody looks for more once the claim is gone.
    await market.shop.put("/orders/B-2", order_body(market.now, buyer_id="bo"))
    await market.advance(hours=25)
    assert (await market.seller.get("/orders/B-2"))["holds"] == []


@pytest.mark.row("E9")
async def test_claims_from_before_there_were_holds_are_looked_at_once(market: Market) -> None:
    await market.delivered()
    await market.shop.put("/orders/B-1", order_body(market.now, buyer_id="bo"))
    await market.claim(**FAKE)
    # As an earlier version left it: the claim is open, and nothing was ever asked of it.
    known = dict(market.parts.store.outbox)
    for errand_id in [one for one in known if one.startswith("counterfeit:")]:
        del market.parts.store.outbox[errand_id]
    await market.advance(hours=1)
    assert (await market.seller.get("/orders/B-1"))["holds"] == []
    assert await market.parts.counterfeits.catch_up(market.now) == 1
    await market.advance(hours=1)
    (hold,) = (await market.seller.get("/orders/B-1"))["holds"]
    assert (hold["claim"], hold["state"]) == ("A-1.1", "held")
    # Another process that starts, and a claim that came in as claims do now: nothing is asked twice.
    asked = [one for one in market.parts.store.outbox if one.startswith("counterfeit:")]
    assert set(asked) & set(known)
    again = Counterfeits(
        market.parts.reader, market.parts.submit, MemoryOutbox(market.parts.store), CALENDARS
    )
    assert await again.catch_up(market.now) == 1
    assert await again.catch_up(market.now) == 0
    assert [one for one in market.parts.store.outbox if one.startswith("counterfeit:")] == asked
