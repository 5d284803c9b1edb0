"""Blind settlement through the API: hidden limits meet or nothing is revealed, wherever one looks."""

import asyncio
import json
import logging
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from amends.application.ports.blind_limits import SealedLimit
from amends.domain.parties import Role
from tests.journeys.api.market import Market, kind, open_market
from tests.journeys.api.test_negotiating import offer

LIMIT = "/cases/A-1.1/blind-limit"
BUYERS, SELLERS = 1313, 1207  # they do not meet


def limit(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


async def asked(market: Market) -> None:
    """A claim for 20.00 that the seller has to answer."""
    await market.delivered()
    await market.claim()


async def looked_around(market: Market) -> dict[str, Any]:
    """Everything everybody can read of the order and its case, by who and where."""
    paths = [
        "/cases",
        "/cases/A-1.1",
        "/cases/A-1.1/timeline",
        "/cases/A-1.1/actions",
        "/cases/A-1.1/evidence/needs",
        "/orders/A-1",
        "/orders/A-1/timeline",
        "/orders/A-1/messages",
        "/notifications",
        "/deadlines",
    ]
    people = {"ana": market.ana, "seller": market.seller, "shop": market.shop, "operator": market.operator}
    seen = {}
    for name, person in people.items():
        for path in paths:
            answer = await person.send("GET", path)
            seen[f"{name} {path}"] = (answer.status_code, answer.headers.get("etag"), answer.text)
    return seen


@pytest.mark.row("X6")
async def test_limits_that_meet_settle_at_once_halfway_with_the_clause(market: Market) -> None:
    await asked(market)
    entered = await market.ana.put(LIMIT, limit(1000))
    assert (entered["amount"], entered["settled"], entered["open"]) == (1000, False, True)
    met = await market.seller.put(LIMIT, limit(1501))
    assert (met["settled"], met["open"], met["amount"]) == (True, False, None)
    for person in (market.ana, market.seller):
        case = (await person.get("/cases/A-1.1"))["case"]
        assert case["settlement"]["remedy"]["amount"] == 1251  # half a cent to the buyer
        assert case["settlement"]["remedy"]["goods"] == "keep"
        assert (case["settlement"]["by"], case["settlement"]["clause"]) == ("blind", "blind.changes.default")
        assert (await person.get(LIMIT))["settled"]
    assert await market.parts.limits.cases("", 10) == []


@pytest.mark.row("X6")
async def test_a_limit_leaves_no_trace_that_anybody_else_can_read(
    market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await asked(market)
    before, seq = await looked_around(market), market.parts.store
    own = await market.seller.get(LIMIT)
    with capture_logs() as logs:
        await market.ana.put(LIMIT, limit(BUYERS))
        assert await market.seller.get(LIMIT) == own
        # The page of what everybody sees is the same to the byte, its version too.
        assert await looked_around(market) == before
        await market.seller.put(LIMIT, limit(SELLERS))
        await market.ana.send("DELETE", LIMIT)
        assert await looked_around(market) == before
    told = [json.dumps(logs, default=str), caplog.text]
    told += [link.body.decode() for stream in ("A-1", "A-1.1") for link in await seq.timeline(stream)]
    told += [str(letter) for role, who in ((Role.BUYER, "ana"), (Role.SELLER, "lamps"))
             for letter in await market.letters(role, who)]  # fmt: skip
    told += [repr(errand) for errand in seq.__dict__.get("errands", {})]
    sealed = await market.parts.limits.of("A-1.1", Role.SELLER)
    told += [repr(sealed)]
    everything = "\n".join(told)
    for amount in (BUYERS, SELLERS):
        assert str(amount) not in everything
        assert f"{amount / 100:.2f}" not in everything


@pytest.mark.row("X6")
async def test_a_settlement_tells_no_limit_only_where_they_met(market: Market) -> None:
    await asked(market)
    await market.ana.put(LIMIT, limit(1001))
    await market.seller.put(LIMIT, limit(1733))
    seen = json.dumps(await looked_around(market), default=str)
    assert "1367" in seen
    assert "1001" not in seen
    assert "1733" not in seen


@pytest.mark.row("X6")
async def test_as_much_is_done_for_a_side_whether_the_other_has_a_limit_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work = []
    for others in (0, BUYERS):
        async with open_market() as market:
            await asked(market)
            if others:
                await market.ana.put(LIMIT, limit(others))
            done: list[str] = []
            for thing, names in (
                (market.parts.blind, ("_unsealed", "_seal")),
                (market.parts.limits, ("of", "hold", "destroy", "cases")),
                (market.parts.store, ("scene", "terms_of", "case_file", "timeline", "batch")),
            ):
                for name in names:
                    _count(monkeypatch, thing, name, done)
            answers = [
                await market.seller.get(LIMIT),
                await market.seller.put(LIMIT, limit(SELLERS)),
                (await market.seller.send("DELETE", LIMIT)).json(),
            ]
            work.append(done)
            assert [answer["amount"] for answer in answers] == [None, SELLERS, None]
    without, with_one = work
    assert without == with_one
    assert without.count("_unsealed") > 2


def _count(monkeypatch: pytest.MonkeyPatch, thing: object, name: str, done: list[str]) -> None:
    ask = getattr(thing, name)

    def counted(*args: Any, **kwargs: Any) -> Any:
        done.append(name)
        return ask(*args, **kwargs)

    monkeypatch.setattr(thing, name, counted)


@pytest.mark.row("X6")
async def test_a_limit_cannot_be_felt_for_step_by_step(market: Market) -> None:
    await asked(market)
    await market.ana.put(LIMIT, limit(1500))
    await market.seller.put(LIMIT, limit(100))
    changed = await market.seller.put(LIMIT, limit(200))
    assert changed["changes_left"] == 0
    refused = await market.seller.refused("PUT", LIMIT, limit(300))
    assert kind(refused) == "not_possible_now"
    assert refused["clause"] == "blind.changes.default"
    # The same again is no change, to take it back does not count, to come again does.
    assert (await market.seller.put(LIMIT, limit(200)))["amount"] == 200
    assert (await market.seller.send("DELETE", LIMIT)).json()["amount"] is None
    assert kind(await market.seller.refused("PUT", LIMIT, limit(200))) == "not_possible_now"
    # One's own offers open no new round, the other side's do.
    await market.seller.post("/cases/A-1.1/offers", offer(500))
    assert kind(await market.seller.refused("PUT", LIMIT, limit(300))) == "not_possible_now"
    await market.ana.post("/cases/A-1.1/offers", offer(1800))
    assert (await market.seller.put(LIMIT, limit(300)))["amount"] == 300
    assert (await market.ana.get("/cases/A-1.1"))["case"].get("settlement") is None


@pytest.mark.row("X6")
async def test_an_amount_is_above_zero_at_most_what_was_paid_and_in_the_orders_currency(
    market: Market,
) -> None:
    await asked(market)
    most = (await market.ana.get(LIMIT))["most"]
    assert most == 2990
    for body, wrong in (
        (limit(0), "invalid"),
        (limit(-5), "invalid"),
        (limit(most + 1), "amount_too_high"),
        (limit(10**16), "invalid"),
        ({"amount": 1.5, "currency": "EUR"}, "invalid"),
        ({"amount": 100, "currency": "USD"}, "currency_mismatch"),
        ({"amount": 100}, "invalid"),
        ({"amount": 100, "currency": "EUR", "of": "seller"}, "invalid"),
    ):
        assert kind(await market.ana.refused("PUT", LIMIT, body)) == wrong, body
    assert await market.parts.limits.cases("", 10) == []


@pytest.mark.row("X6")
async def test_to_others_and_at_other_times_there_are_no_limits(market: Market) -> None:
    await asked(market)
    await market.ana.put(LIMIT, limit(1500))
    for person in (market.bo, market.rival):
        for method, body in (("GET", None), ("PUT", limit(100)), ("DELETE", None)):
            assert kind(await person.refused(method, LIMIT, body)) == "not_found"
    for person in (market.mediator, market.operator, market.shop):
        assert (await person.send("GET", LIMIT)).status_code == 403
    await market.ana.post("/cases/A-1.1/escalation", {})
    assert (await market.ana.get(LIMIT)) | {"amount": None, "open": False} == await market.ana.get(LIMIT)
    for person in (market.ana, market.seller):
        assert kind(await person.refused("PUT", LIMIT, limit(2000))) == "not_possible_now"
    await market.parts.blind.clear()
    assert await market.parts.limits.cases("", 10) == []


@pytest.mark.row("X6")
async def test_at_the_deadline_it_is_too_late(market: Market) -> None:
    await asked(market)
    await market.ana.put(LIMIT, limit(1000))
    await market.advance(days=5)
    assert not (await market.seller.get(LIMIT))["open"]
    assert kind(await market.seller.refused("PUT", LIMIT, limit(2000))) == "not_possible_now"
    assert (await market.seller.get("/cases/A-1.1"))["case"]["settlement"]["by"] == "silence"


@pytest.mark.row("X6")
async def test_a_seal_opens_only_where_it_was_put(market: Market) -> None:
    await asked(market)
    await market.ana.put(LIMIT, limit(1500))
    sealed = await market.parts.limits.of("A-1.1", Role.BUYER)
    assert sealed is not None
    async with market.parts.limits.hold("A-1", "A-1.1") as held:
        await held.put(msgspec.structs.replace(sealed, side=Role.SELLER))
    assert (await market.seller.get(LIMIT))["amount"] is None
    assert (await market.ana.get("/cases/A-1.1"))["case"].get("settlement") is None


@pytest.mark.row("X6")
async def test_seals_are_as_long_for_every_amount_and_never_twice_the_same(market: Market) -> None:
    await asked(market)
    seals: list[SealedLimit] = []
    for amount in (1, 2990):
        await market.ana.put(LIMIT, limit(amount))
        kept = await market.parts.limits.of("A-1.1", Role.BUYER)
        assert kept is not None
        seals.append(kept)
    assert len({len(one.sealed) for one in seals}) == 1
    assert seals[0].sealed != seals[1].sealed


@pytest.mark.row("X6")
async def test_both_press_at_once(market: Market) -> None:
    await asked(market)
    answers = await asyncio.gather(
        *(
            person.send("PUT", LIMIT, limit(amount))
            for person, amount in ((market.ana, 1000), (market.seller, 1500)) * 3
        )
    )
    assert all(answer.status_code in {200, 409} for answer in answers)
    timeline = await market.ana.get("/cases/A-1.1/timeline")
    assert json.dumps(timeline).count('"case_settled"') == 1


@pytest.mark.row("C6")
async def test_how_bad_it_is_suggests_an_amount_with_its_band_and_clause(market: Market) -> None:
    await market.delivered()
    path = "/orders/A-1/lines/L1/options?reason=quality.not_working&severity=flaw"
    options = {one["option"]["remedy"]: one["option"] for one in (await market.ana.get(path))["options"]}
    partial = options["partial"]
    assert partial["suggested"] == [500, 1000]  # 20 to 40 % of 25.00
    assert partial["clause"] == "partial.suggest.flaw.default"
    assert partial["facts"]["suggestions"]["flaw"] == {
        "amount": 750,
        "clause": "partial.suggest.flaw.default",
    }
