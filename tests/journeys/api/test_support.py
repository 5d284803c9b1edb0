"""Help and support through the API: articles, conversations, and a mail that comes in."""

import pytest

from tests.journeys.api.market import Market


@pytest.mark.row("J1")
async def test_articles_are_open_and_searched(market: Market) -> None:
    found = await market.ana.get("/help/articles?q=refnud")
    assert found["corrected"] == "refund"
    assert found["articles"][0]["id"] == "refunds"
    article = await market.ana.get("/help/articles/refunds")
    assert "Wallet: 1 to 3 working days." in article["sections"][0]["points"]


@pytest.mark.row("J2")
async def test_a_conversation_by_api_and_mail(market: Market) -> None:
    asked = await market.ana.post("/support/conversations", {"text": "Where is my refund?"})
    path = f"/support/conversations/{asked['conversation_id']}"
    queue = await market.operator.get("/support/conversations")
    assert [one["conversation_id"] for one in queue["conversations"]] == [asked["conversation_id"]]
    await market.operator.post(f"{path}/messages", {"text": "I am looking."})
    await market.operator.post(f"{path}/hand-over", {"reason": "The bank has no such payment."})
    thread = await market.ana.get(path)
    assert [one["kind"] for one in thread["entries"]] == ["said", "said"]
    assert thread["conversation"]["level"] == 2
    raw = b"From: x@mail.example\r\nMessage-ID: <1@mail.example>\r\nSubject: Lamp\r\n\r\nIt is broken."
    mail = {"Content-Type": "message/rfc822"}
    answer = await market.operator.send("POST", "/support/inbound", raw, mail)
    assert (answer.status_code, answer.json()["outcome"]) == (200, "opened")
    assert (await market.operator.send("POST", "/support/inbound", raw)).status_code == 415
    assert (await market.ana.send("POST", "/support/inbound", raw, mail)).status_code == 403
