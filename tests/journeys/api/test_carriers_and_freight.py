"""Carriers, labels, freight and exchanges through the API, on the sandbox's clock, through to the ledger."""

from typing import Any

import pytest

from amends.domain.parties import Role
from tests.journeys.api.market import Market, kind
from tests.journeys.api.test_sending_it_back import TRACKED, agreed_return, back, on_its_way, verdict

BOTH_FINE = {"inspections": [verdict(0), verdict(1)]}


async def moves(market: Market) -> list[tuple[str, str, str, int]]:
    """The ledger of the order: purpose, from, to, amount."""
    entries = (await market.shop.get("/orders/A-1/ledger"))["entries"]
    return [
        (t["purpose"], t["debit"], t["credit"], t["amount"])
        for t in (entry["transfer"] for entry in entries)
        if t["stage"] == "posted"
    ]


@pytest.mark.row("F4")
async def test_carriers_are_compared_by_price_days_and_tracking(market: Market) -> None:
    await agreed_return(market)
    seen = await market.ana.get("/cases/A-1.1/return/rates")
    quotes = seen["comparison"]["quotes"]
    assert seen["illustrative"] is True
    assert [quote["price"] for quote in quotes] == sorted(quote["price"] for quote in quotes)
    assert {quote["carrier"] for quote in quotes} >= {"post", "dhl", "fedex", "ups"}
    (best,) = [quote for quote in quotes if quote["recommended"]]
    assert best["tracked"] is True
    assert all(quote["price"] >= best["price"] for quote in quotes if quote["tracked"])
    assert seen["comparison"]["advice"] == "send"
    assert kind(await market.bo.refused("GET", "/cases/A-1.1/return/rates")) == "not_found"


@pytest.mark.row("F4")
async def test_freight_above_the_value_of_the_goods_is_pointed_out(market: Market) -> None:
    unit = {"item": 300, "discount": 0, "shipping": 90, "tax": 0}
    line = {"line_id": "L1", "title": "Key ring", "category": "home", "units": [unit]}
    tender = {"tender_id": "T1", "method": "card", "captured": 390, "currency": "EUR"}
    await market.delivered(lines=[line], tenders=[tender], seller_country="CN")
    wanted = {"amount": 300, "goods": "return"}
    await market.claim(reason="no_reason.changed_mind", wanted=wanted, evidence=[])
    seen = (await market.ana.get("/cases/A-1.1/return/rates"))["comparison"]
    assert seen["advice"] == "keep"
    assert seen["value"] == 300
    assert all(quote["too_dear"] for quote in seen["quotes"] if quote["tracked"])
    assert not any(quote["recommended"] for quote in seen["quotes"])


@pytest.mark.row("F1", "F4")
async def test_what_is_large_for_its_weight_costs_as_its_size_and_shoes_are_packed_as_shoes(
    market: Market,
) -> None:
    line = {"line_id": "L1", "title": "Boots", "category": "apparel/shoes", "units": [{"item": 9000}]}
    tender = {"tender_id": "T1", "method": "card", "captured": 9000, "currency": "EUR"}
    asked = {}
    for order_id, size in (("A-1", {}), ("A-2", {"volume_cm3": 40_000})):
        lines = [{**line, "weight_g": 900, **size}]
        await market.delivered(order_id, lines=lines, tenders=[{**tender, "provider_ref": order_id}])
        await market.claim(order_id, wanted={"amount": 9000, "goods": "return"})
        await market.seller.post(f"/cases/{order_id}.1/acceptance", {})
        seen = (await market.ana.get(f"/cases/{order_id}.1/return/rates"))["comparison"]
        asked[order_id] = seen["quotes"][-1]["price"]
    assert seen["consignment"]["volume_cm3"] == 40_000
    assert asked["A-2"] > asked["A-1"]
    packing = (await market.ana.get("/cases/A-1.1/return"))["checklist"]
    assert {item for item in packing if "Shoes" in item or "Tags" in item} == {
        "Shoes in their own box, inside another one",
        "Tags still on the clothes",
    }


@pytest.mark.row("F1")
async def test_the_return_names_its_number_address_and_what_to_enclose(market: Market) -> None:
    await agreed_return(market)
    assert (await market.ana.get("/cases/A-1.1/return"))["authorisation"] == ""
    told = {"address": "1 Harbour Road, 20457 Hamburg, DE", "note": "Ring twice.", "label": "buyer"}
    await market.seller.post("/cases/A-1.1/instructions", told)
    seen = await market.ana.get("/cases/A-1.1/return")
    assert (seen["authorisation"], seen["address"]) == ("RMA-A-1.1", told["address"])
    assert any("Fragile parts" in item for item in seen["checklist"])  # home/lighting


async def labelled(market: Market, label: str = "platform") -> None:
    await agreed_return(market)
    told = {"address": "1 Harbour Road, 20457 Hamburg, DE", "label": label}
    await market.seller.post("/cases/A-1.1/instructions", told)


@pytest.mark.row("F3")
@pytest.mark.parametrize("label", ["platform", "seller"])
async def test_a_prepaid_label_is_booked_printed_and_paid_by_the_seller(market: Market, label: str) -> None:
    await labelled(market, label)
    assert kind(await market.ana.refused("GET", "/cases/A-1.1/return/label")) == "not_found"
    problem = await market.ana.refused(
        "POST", "/cases/A-1.1/return/label", {"carrier": "post", "service": "letter"}
    )
    assert kind(problem) == "invalid"  # untracked
    chosen = {"carrier": "dhl", "service": "parcel"}
    booked = (await market.ana.post("/cases/A-1.1/return/label", chosen))["case"]["label"]
    again = (await market.ana.post("/cases/A-1.1/return/label", chosen))["case"]["label"]
    assert booked == again
    whose = await market.ana.get(f"/tracking-numbers/{booked['tracking_number']}")
    assert [one["checked"] for one in whose["candidates"]] == [True]
    assert ("freight", "seller", "carrier", booked["price"]) in await moves(market)
    for size in ("a4", "4x6"):
        answer = await market.ana.send("GET", f"/cases/A-1.1/return/label?size={size}")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        assert len(answer.content) > 5_000
    assert kind(await market.bo.refused("GET", "/cases/A-1.1/return/label")) == "not_found"


@pytest.mark.row("F3")
async def test_a_labelled_parcel_is_on_its_way_once_the_carrier_has_it(market: Market) -> None:
    await labelled(market)
    await market.ana.post("/cases/A-1.1/return/label", {"carrier": "dhl", "service": "parcel"})
    scan = {"signal": "accepted", "scanned_at": market.at()}
    case = (await market.carrier.post("/cases/A-1.1/shipment/events", scan))["case"]
    assert case["state"] == "return_in_transit"
    assert case["shipment"]["tracking_number"] == case["label"]["tracking_number"]


@pytest.mark.row("F3")
async def test_who_has_to_buy_the_label_gets_none_from_us(market: Market) -> None:
    await labelled(market, "buyer")
    chosen = {"carrier": "dhl", "service": "parcel"}
    problem = await market.ana.refused("POST", "/cases/A-1.1/return/label", chosen)
    assert kind(problem) == "not_possible_now"


@pytest.mark.row("F2")
@pytest.mark.row("F7")
async def test_a_mistyped_tracking_number_is_seen_at_once(market: Market) -> None:
    await labelled(market, "buyer")
    typo = {**TRACKED, "tracking_number": "RR123456758DE"}
    problem = await market.ana.refused("POST", "/cases/A-1.1/shipment", typo)
    assert (kind(problem), problem["pointer"]) == ("invalid", "/tracking_number")
    seen = await market.ana.get("/tracking-numbers/RR123456758DE")
    assert seen["mistyped"] is True
    assert seen["candidates"] == []
    assert (await market.ana.get("/tracking-numbers/1Z5R89390357567127"))["candidates"][0]["carrier"] == "ups"


@pytest.mark.row("F5")
async def test_the_seller_at_fault_pays_the_postage_back_on_a_receipt(market: Market) -> None:
    await labelled(market, "buyer")
    await market.ana.post("/cases/A-1.1/shipment", TRACKED)
    receipt = {"freight": 690, "receipt": "https://files.example/17.pdf"}
    await market.ana.post("/cases/A-1.1/shipment/receipt", receipt)
    scan = {"signal": "delivered", "scanned_at": market.at()}
    await market.carrier.post("/cases/A-1.1/shipment/events", scan)
    await market.seller.post("/cases/A-1.1/inspection", BOTH_FINE)
    await market.advance(days=20)
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["outcome"], case["money"]["confirmed"]) == ("refunded", 5980)
    assert case["case"]["freight_repaid"] == 690
    assert ("freight", "seller", "balance", 690) in await moves(market)


@pytest.mark.row("F5")
async def test_a_freight_dispute_is_a_case_like_any_other(market: Market) -> None:
    await back(market)
    await market.ana.post("/cases/A-1.1/shipment/receipt", {"freight": 690, "receipt": "17"})
    await market.seller.post("/cases/A-1.1/inspection", BOTH_FINE)
    await market.advance(days=20)
    # The terms paid back 6.90; there is nothing left to argue about.
    units = [{"line_id": "L1", "index": 0}, {"line_id": "L1", "index": 1}]
    claim = {
        "kind": "claim", "reason": "return.freight", "units": units, "story": "The postage.",
        "wanted": {"amount": 690, "goods": "keep"},
    }  # fmt: skip
    problem = await market.ana.refused("POST", "/orders/A-1/cases", claim)
    assert kind(problem) == "remedy_closed"


@pytest.mark.row("F5")
@pytest.mark.parametrize("answer", ["accepts", "is silent"])
async def test_postage_nobody_paid_back_is_granted_in_its_own_case(market: Market, answer: str) -> None:
    await labelled(market, "buyer")
    await market.ana.post("/cases/A-1.1/shipment", {**TRACKED, "freight": 690})  # no receipt
    scan = {"signal": "delivered", "scanned_at": market.at()}
    await market.carrier.post("/cases/A-1.1/shipment/events", scan)
    await market.seller.post("/cases/A-1.1/inspection", BOTH_FINE)
    await market.advance(days=20)
    units = [{"line_id": "L1", "index": 0}, {"line_id": "L1", "index": 1}]
    claim = {
        "kind": "claim", "reason": "return.freight", "units": units, "story": "The postage.",
        "wanted": {"amount": 690, "goods": "keep"},
        "evidence": [{"kind": "receipt", "note": "The counter receipt"}],
    }  # fmt: skip
    await market.ana.post("/orders/A-1/cases", claim)
    if answer == "accepts":
        await market.seller.post("/cases/A-1.2/acceptance", {})
    else:
        await market.advance(days=5)
    case = (await market.ana.get("/cases/A-1.2"))["case"]
    assert (case["state"], case["outcome"], case["freight_repaid"]) == ("closed", "reimbursed", 690)
    assert ("freight", "seller", "balance", 690) in await moves(market)


@pytest.mark.row("F5")
async def test_who_changed_their_mind_bears_the_label(market: Market) -> None:
    await market.delivered()
    units = [{"line_id": "L1", "index": 0}, {"line_id": "L1", "index": 1}]
    wanted = {"amount": 5000, "goods": "return"}
    await market.claim(reason="no_reason.changed_mind", units=units, wanted=wanted, evidence=[])
    await market.seller.post("/cases/A-1.1/acceptance", {})
    told = {"address": "1 Harbour Road, Hamburg", "label": "platform"}
    await market.seller.post("/cases/A-1.1/instructions", told)
    label = (await market.ana.post("/cases/A-1.1/return/label", {"carrier": "post", "service": "parcel"}))[
        "case"
    ]["label"]
    assert label["payer"] == "buyer"
    for signal in ("accepted", "delivered"):
        scan = {"signal": signal, "scanned_at": market.at()}
        await market.shop.post("/cases/A-1.1/shipment/events", scan)
    await market.seller.post("/cases/A-1.1/inspection", BOTH_FINE)
    await market.advance(days=20)
    assert (await market.ana.get("/cases/A-1.1"))["money"]["confirmed"] == 5000 - label["price"]


@pytest.mark.row("F6")
async def test_a_return_that_falls_silent_is_lost_covered_and_claimed_of_the_carrier(market: Market) -> None:
    await on_its_way(market)
    scan = {"signal": "in_transit", "scanned_at": market.at(), "note": "Sorting centre"}
    await market.carrier.post("/cases/A-1.1/shipment/events", scan)
    await market.advance(days=20)
    claim = await market.seller.get("/cases/A-1.1/return/carrier-claim")
    pairs = dict(claim["pairs"])
    assert pairs["Tracking number"] == "RR123456785DE"
    assert claim["sections"][1][1][0][2] == "Sorting centre"
    await market.advance(days=10)
    assert (await market.ana.get("/cases/A-1.1"))["money"]["confirmed"] == 5980
    assert ("cover", "cover", "escrow", 5980) in await moves(market)
    told = [letter.event for letter in await market.letters(Role.SELLER, "lamps")]
    assert "return_lost" in told
    assert "return_lost" in [letter.event for letter in await market.letters(Role.BUYER, "ana")]


@pytest.mark.row("F6")
async def test_scans_repeated_and_out_of_order_do_no_harm(market: Market) -> None:
    await on_its_way(market)
    await market.advance(days=2)
    late = {"signal": "in_transit", "scanned_at": market.at(hours=-30)}
    fresh = {"signal": "customs", "scanned_at": market.at(hours=-2)}
    for body in (fresh, late, fresh, late):
        await market.carrier.post("/cases/A-1.1/shipment/events", body)
    case = await market.ana.get("/cases/A-1.1")
    assert case["case"]["state"] == "return_in_transit"
    assert case["case"]["shipment"]["last_scan_at"] == fresh["scanned_at"].replace("+00:00", "Z")


@pytest.mark.row("F6")
@pytest.mark.parametrize(
    ("said", "signal"),
    [
        ("Out for delivery", "out_for_delivery"),
        ("DELIVERED_TO_SENDER", "returned_to_sender"),
        ("Held in customs clearance", "customs"),
        ("InTransit", "in_transit"),
        ("Delivered, left at front door", "delivered"),
        ("Delivery attempted, notice left", "failed_attempt"),
    ],
)
async def test_what_carriers_say_is_put_into_one_set_of_words(market: Market, said: str, signal: str) -> None:
    answer = await market.carrier.post("/tracking-statuses", {"status": said})
    assert answer["signal"] == signal


@pytest.mark.row("E8")
async def test_a_number_shared_by_buyers_presumes_that_nothing_came(market: Market) -> None:
    await market.order("A-1")
    await market.order("A-2", buyer_id="bo", tenders=[])
    await market.advance(days=1)
    await market.ship("A-1")
    await market.ship("A-2")
    seen = await market.ana.get("/orders/A-1/parcels/P1/analysis")
    assert [one["signal"] for one in seen["findings"]] == ["shared"]
    assert seen["presumption"] == "missing"
    assert seen["clause"] == "tracking.presumption.default"
    # Delivery to the very postcode outweighs it.
    await market.advance(days=2)
    await market.scan("A-1")
    seen = await market.ana.get("/orders/A-1/parcels/P1/analysis")
    assert seen["presumption"] == "delivered"
    assert seen["clause"] == "tracking.rebuttal.default"


@pytest.mark.row("E8")
async def test_a_trace_that_goes_wrong_is_told_with_its_facts(market: Market) -> None:
    await market.order("A-1", seller_country="CN")
    await market.advance(days=1)
    await market.ship("A-1", tracking_number="RR123456758CN")
    await market.scan("A-1", "in_transit", country="CN", postcode="")
    await market.advance(days=21)
    found = {
        one["signal"]: one for one in (await market.ana.get("/orders/A-1/parcels/P1/analysis"))["findings"]
    }
    assert set(found) == {"invalid", "origin_only", "stalled"}
    assert found["origin_only"]["facts"]["country"] == "CN"
    assert found["origin_only"]["presumes"] is True
    assert found["stalled"]["presumes"] is False


async def exchange(market: Market, difference: int, **wanted: Any) -> None:
    """An exchange of both lamps, offered by the seller at a difference, and accepted."""
    await market.delivered()
    units = [{"line_id": "L1", "index": 0}, {"line_id": "L1", "index": 1}]
    asked = {"amount": 5980, "goods": "return", "exchange_variant": "white"}
    await market.claim(units=units, wanted=asked)
    remedy = {
        "amount": 5980, "goods": "return", "exchange_variant": "large", "freight_payer": "seller",
        "difference": difference, **wanted,
    }  # fmt: skip
    await market.seller.post("/cases/A-1.1/offers", {"remedy": remedy})
    await market.ana.post("/cases/A-1.1/acceptance", {"offer_id": 2})
    if remedy["goods"] == "return":
        await market.seller.post("/cases/A-1.1/instructions", {"address": "1 Harbour Road, Hamburg"})
        await market.ana.post("/cases/A-1.1/shipment", TRACKED)
        scan = {"signal": "delivered", "scanned_at": market.at()}
        await market.carrier.post("/cases/A-1.1/shipment/events", scan)
        await market.seller.post("/cases/A-1.1/inspection", BOTH_FINE)


@pytest.mark.row("I1")
async def test_a_dearer_replacement_is_paid_for_before_it_is_sent(market: Market) -> None:
    await exchange(market, 700)
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["state"], case["turn"]["on"]) == ("awaiting_payment", "buyer")
    problem = await market.shop.refused(
        "POST", "/cases/A-1.1/replacement/payment", {"amount": 600, "method": "card"}
    )
    assert kind(problem) == "invalid"
    await market.shop.post("/cases/A-1.1/replacement/payment", {"amount": 700, "method": "card"})
    await market.seller.post("/cases/A-1.1/replacement", TRACKED)
    closed = await market.ana.post("/cases/A-1.1/replacement/receipt")
    assert closed["case"]["outcome"] == "exchanged"
    assert ("capture", "tender", "escrow", 700) in await moves(market)


@pytest.mark.row("I1")
async def test_a_cheaper_replacement_brings_the_difference_back(market: Market) -> None:
    await exchange(market, -700)
    await market.seller.post("/cases/A-1.1/replacement", TRACKED)
    scan = {"signal": "delivered", "scanned_at": market.at()}
    await market.carrier.post("/cases/A-1.1/replacement/events", scan)
    await market.advance(days=20)
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["outcome"], case["money"]["confirmed"]) == ("exchanged", 700)


@pytest.mark.row("I1")
async def test_a_replacement_that_is_not_to_be_had_is_refunded_at_once(market: Market) -> None:
    await exchange(market, 700)
    await market.shop.post("/cases/A-1.1/replacement/payment", {"amount": 700, "method": "card"})
    await market.seller.post("/cases/A-1.1/replacement/failure", {"note": "Sold out."})
    await market.advance(days=20)
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["outcome"], case["money"]["confirmed"]) == ("refunded", 6680)


@pytest.mark.row("I1")
@pytest.mark.parametrize("answer", ["declines", "is silent"])
async def test_who_does_not_pay_the_difference_gets_the_money(market: Market, answer: str) -> None:
    await exchange(market, 700)
    if answer == "declines":
        await market.ana.post("/cases/A-1.1/replacement/refusal")
    await market.advance(days=25)
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["outcome"], case["money"]["confirmed"]) == ("refunded", 5980)


@pytest.mark.row("F9")
async def test_several_returns_of_one_order_go_their_own_ways(market: Market) -> None:
    await market.delivered()
    for index, number in ((0, "RR123456785DE"), (1, "RB123456785DE")):
        await market.claim(
            units=[{"line_id": "L1", "index": index}], wanted={"amount": 2990, "goods": "return"}
        )
        case_id = f"A-1.{index + 1}"
        await market.seller.post(f"/cases/{case_id}/acceptance", {})
        await market.seller.post(f"/cases/{case_id}/instructions", {"address": "1 Harbour Road, Hamburg"})
        shipped = {**TRACKED, "tracking_number": number}
        await market.ana.post(f"/cases/{case_id}/shipment", shipped)
    scan = {"signal": "delivered", "scanned_at": market.at()}
    await market.carrier.post("/cases/A-1.2/shipment/events", scan)
    listed = (await market.ana.get("/cases?order_id=A-1"))["cases"]
    assert {one["case_id"]: one["state"] for one in listed} == {
        "A-1.1": "return_in_transit",
        "A-1.2": "inspecting",
    }
