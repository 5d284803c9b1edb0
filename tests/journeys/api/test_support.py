"""Help and support through the API: articles, conversations, and a mail that comes in."""

import pytest

from tests.adapters.files.pictures import phone_photo
from tests.journeys.api.market import Market

BYTES = {"Content-Type": "application/octet-stream"}


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


@pytest.mark.row("J2")
async def test_a_file_goes_to_support_and_to_nobody_else(market: Market) -> None:
    sent = await market.ana.send("POST", "/support/files", phone_photo(), BYTES)
    file_id = sent.json()["file_id"]
    stolen = await market.bo.refused("POST", "/support/conversations", {"text": "x", "files": [file_id]})
    assert stolen["pointer"] == "/files"
    made = await market.ana.post("/support/conversations", {"files": [file_id]})
    thread = await market.operator.get(f"/support/conversations/{made['conversation_id']}")
    assert thread["entries"][0]["files"] == [file_id]
    assert (await market.operator.send("GET", f"/files/{file_id}/content")).status_code == 200
    for stranger in (market.bo, market.seller, market.mediator):
        assert (await stranger.refused("GET", f"/files/{file_id}/content"))["status"] == 404
    script = await market.ana.send("POST", "/support/files", b"<script>1</script>", BYTES)
    assert script.status_code == 415


@pytest.mark.row("J2")
async def test_the_same_file_for_two_people_is_seen_by_both(market: Market) -> None:
    said = []
    for person in (market.ana, market.bo):
        made = await person.post("/support/conversations", {"text": "Where is the form?"})
        sent = await market.operator.send("POST", "/support/files", phone_photo(), BYTES)
        said.append((f"/support/conversations/{made['conversation_id']}/messages", sent.json()["file_id"]))
        await market.operator.post(said[-1][0], {"text": "Here.", "files": [said[-1][1]]})
    for person, (_, file_id), (_, others) in ((market.ana, *said), (market.bo, *reversed(said))):
        assert (await person.send("GET", f"/files/{file_id}/content")).status_code == 200
        assert (await person.send("GET", f"/files/{others}/content")).status_code == 404
    wrong = await market.operator.refused("POST", said[0][0], {"files": [said[1][1]]})
    assert wrong["pointer"] == "/files"


@pytest.mark.row("J2", "E6")
async def test_support_attaches_the_case_writes_first_and_reopens(market: Market) -> None:
    await market.delivered()
    await market.claim()
    await market.ana.post("/cases/A-1.1/withdrawal", {})
    raw = b"From: x@mail.example\r\nMessage-ID: <1@mail.example>\r\nSubject: Lamp\r\n\r\nIt is broken."
    taken = await market.operator.send("POST", "/support/inbound", raw, {"Content-Type": "message/rfc822"})
    path = f"/support/conversations/{taken.json()['conversation_id']}"
    missing = await market.operator.refused("PUT", f"{path}/about", {"case_id": "A-1.9"})
    assert missing["pointer"] == "/case_id"
    about = await market.operator.put(f"{path}/about", {"case_id": "A-1.1"})
    assert (about["order_id"], about["case_id"]) == ("A-1", "A-1.1")
    assert (await market.ana.refused("PUT", f"{path}/about", {"order_id": "A-1"}))["status"] == 403
    case = await market.operator.post("/cases/A-1.1/reopening", {"reason": "A photo came in."})
    assert case["case"]["reopened"] == 1
    body = {"text": "We look at it again.", "subject": "Your lamp", "order_id": "A-1", "to": "buyer"}
    made = await market.operator.post("/support/conversations", body)
    mine = (await market.ana.get("/support/conversations"))["conversations"]
    assert [one["conversation_id"] for one in mine] == [made["conversation_id"]]
    nobody = {"text": "x", "order_id": "A-1", "email": "a@b.example, c@d.example"}
    assert (await market.operator.refused("POST", "/support/conversations", nobody))["pointer"] == "/email"
