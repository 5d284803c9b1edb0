"""Writing to each other, being told, and having one's own systems told, through the API."""

import pytest
from standardwebhooks.webhooks import Webhook

from amends.application.ports.webhooks import Reply
from tests.adapters.files.pictures import phone_photo
from tests.journeys.api.market import Market, claim_body, kind

PHOTO = {"Content-Type": "application/octet-stream"}


@pytest.mark.row("D1")
async def test_messages_reach_the_other_side_masked_and_a_mediator_after_escalation(market: Market) -> None:
    await market.delivered()
    sent = await market.ana.post("/orders/A-1/messages", {"text": "Call me: +49 151 23456789"})
    assert (sent["seq"], sent["text"], sent["hidden"]) == (1, "Call me: ••••••••", ["phone"])
    await market.seller.post("/orders/A-1/messages", {"text": "I will write here."})
    found = await market.ana.get("/orders/A-1/messages")
    assert [one["author"]["role"] for one in found["messages"]] == ["buyer", "seller"]
    assert kind(await market.mediator.refused("GET", "/orders/A-1/messages")) == "not_found"
    for stranger in (market.bo, market.rival):
        assert kind(await stranger.refused("GET", "/orders/A-1/messages")) == "not_found"
        assert kind(await stranger.refused("POST", "/orders/A-1/messages", {"text": "x"})) == "not_found"
    await market.ana.post("/orders/A-1/cases", claim_body())
    await market.ana.post("/cases/A-1.1/escalation", {})
    assert len((await market.mediator.get("/orders/A-1/messages"))["messages"]) == 2


@pytest.mark.row("D1")
async def test_an_internal_note_is_there_for_staff_alone(market: Market) -> None:
    await market.delivered()
    await market.ana.post("/orders/A-1/cases", claim_body())
    await market.ana.post("/cases/A-1.1/escalation", {})
    note = {"text": "Seen before.", "case_id": "A-1.1", "internal": True}
    assert kind(await market.seller.refused("POST", "/orders/A-1/messages", note)) == "not_yours"
    await market.mediator.post("/orders/A-1/messages", note)
    for party in (market.ana, market.seller, market.shop):
        assert (await party.get("/orders/A-1/messages"))["messages"] == []
    assert len((await market.operator.get("/orders/A-1/messages"))["messages"]) == 1


@pytest.mark.row("D1")
async def test_a_message_about_a_draft_would_give_it_away(market: Market) -> None:
    await market.delivered()
    await market.claim(draft=True)
    about = {"text": "Look at my draft", "case_id": "A-1.1"}
    assert kind(await market.ana.refused("POST", "/orders/A-1/messages", about)) == "not_possible_now"
    assert kind(await market.seller.refused("POST", "/orders/A-1/messages", about)) == "not_found"


async def test_the_same_key_writes_once_and_another_text_under_it_is_refused(market: Market) -> None:
    await market.delivered()
    first = await market.ana.post("/orders/A-1/messages", {"text": "Hello"}, Idempotency_Key="k1")
    again = await market.ana.post("/orders/A-1/messages", {"text": "Hello"}, Idempotency_Key="k1")
    assert again == first
    other = await market.ana.refused("POST", "/orders/A-1/messages", {"text": "Other"}, Idempotency_Key="k1")
    assert kind(other) == "key_reused"
    assert len((await market.ana.get("/orders/A-1/messages"))["messages"]) == 1


@pytest.mark.row("D4")
async def test_ready_made_messages_name_what_they_want(market: Market) -> None:
    await market.delivered()
    short = await market.seller.refused("POST", "/orders/A-1/messages", {"template": "delayed"})
    assert (kind(short), short["pointer"]) == ("invalid", "/values/detail")
    wrong = await market.seller.refused("POST", "/orders/A-1/messages", {"template": "where_is_it"})
    assert wrong["pointer"] == "/template"
    sent = await market.seller.post(
        "/orders/A-1/messages", {"template": "delayed", "values": {"detail": "Friday."}}
    )
    assert sent["text"].endswith("Friday.")
    assert sent["template"] == "delayed"


@pytest.mark.row("D2")
async def test_three_days_of_silence_invite_a_dispute_but_nothing_waits_for_them(market: Market) -> None:
    await market.delivered()
    await market.ana.post("/orders/A-1/messages", {"text": "Hello?"})
    found = await market.ana.get("/orders/A-1/messages")
    assert found["invited_at"] > found["silent_since"]
    await market.advance(days=3)
    told = [one["event"] for one in (await market.ana.get("/notifications"))["notices"]]
    assert told.count("silence_invites_dispute") == 1
    await market.advance(days=3)
    told = [one["event"] for one in (await market.ana.get("/notifications"))["notices"]]
    assert told.count("silence_invites_dispute") == 1
    await market.ana.post("/orders/A-1/cases", claim_body())


@pytest.mark.row("K4")
async def test_everybody_has_their_own_notices_once_and_marks_them_read(market: Market) -> None:
    await market.delivered()
    await market.ana.post("/orders/A-1/cases", claim_body())
    await market.advance(minutes=1)
    mine = await market.seller.get("/notifications")
    ids = [one["notice_id"] for one in mine["notices"]]
    assert len(ids) == len(set(ids)) == mine["unread"] > 0
    assert "case_opened" in {one["event"] for one in mine["notices"]}
    assert (await market.rival.get("/notifications"))["notices"] == []
    assert (await market.rival.put("/notifications/read", {"notice_ids": ids}))["unread"] == 0
    assert (await market.seller.get("/notifications"))["unread"] == mine["unread"]
    await market.seller.put("/notifications/read", {"notice_ids": ids[:1]})
    assert (await market.seller.get("/notifications?unread=true"))["unread"] == mine["unread"] - 1
    assert (await market.seller.put("/notifications/read", {}))["unread"] == 0


@pytest.mark.row("K4", "H2")
async def test_what_is_declined_is_not_mailed_but_refunds_always_are(market: Market) -> None:
    await market.ana.put("/preferences", {"mail": {"orders": "off", "cases": "off", "messages": "off"}})
    await market.delivered()
    await market.ana.post("/orders/A-1/cases", claim_body())
    await market.seller.post("/cases/A-1.1/acceptance", {})
    await market.advance(days=10)
    subjects = [subject for to, subject in market.parts.post.sent if to == "ana@example.com"]
    assert not [one for one in subjects if "was shipped" in one]
    for stage in ("approved", "on its way", "confirmed"):
        told = [one for one in subjects if one.startswith("Refund") and one.endswith(stage)]
        assert told
        assert len(told) == len(set(told))
    wrong = await market.ana.refused("PUT", "/preferences", {"mail": {"essential": "off"}})
    assert kind(wrong) == "invalid"


@pytest.mark.row("K2")
async def test_deadlines_are_listed_nearest_first_with_whose_turn_it_is(market: Market) -> None:
    await market.delivered()
    await market.ana.post("/orders/A-1/cases", claim_body())
    theirs = (await market.seller.get("/deadlines"))["deadlines"]
    case = next(one for one in theirs if one["case_id"] == "A-1.1")
    assert (case["mine"], case["default"]) == (True, "grant_request")
    mine = (await market.ana.get("/deadlines"))["deadlines"]
    assert [one["at"] for one in mine] == sorted(one["at"] for one in mine)
    assert {"return.window", "protection"} <= {one["what"] for one in mine}
    assert (await market.bo.get("/deadlines"))["deadlines"] == []


@pytest.mark.row("P11")
async def test_webhooks_are_signed_retried_logged_and_replayed(market: Market) -> None:
    receiver = market.parts.letters.receiver
    made = await market.shop.post("/webhooks", {"url": "https://hooks.shop.example/a", "events": ["*"]})
    assert made["secret"].startswith("whsec_")
    path = f"/webhooks/{made['webhook_id']}"
    assert (await market.shop.get(path))["secret"] == ""
    await market.delivered()
    await market.advance(minutes=1)
    receiver.posted.clear()
    receiver.reply = Reply(503)
    await market.ana.post("/orders/A-1/cases", claim_body())
    await market.advance(hours=1)
    assert len(receiver.posted) > 2
    receiver.reply = Reply(200)
    await market.advance(days=1)
    ids = {headers["webhook-id"] for _, headers, body in receiver.posted if b"case_opened" in body}
    assert len(ids) == 1
    log = (await market.shop.get(f"{path}/deliveries"))["deliveries"]
    row = next(one for one in log if one["event"] == "case_opened")
    assert row["state"] == "delivered"
    assert row["attempts"] > 2
    count = len(receiver.posted)
    await market.shop.post(f"{path}/deliveries/{row['delivery_id']}/replay")
    await market.advance(minutes=1)
    _, headers, body = receiver.posted[count]
    assert headers["webhook-id"] == row["message_id"]
    assert Webhook(made["secret"]).verify(body, headers)["data"]["case_id"] == "A-1.1"


@pytest.mark.row("P11")
async def test_a_new_secret_signs_beside_the_old_for_a_day(market: Market) -> None:
    receiver = market.parts.letters.receiver
    made = await market.shop.post("/webhooks", {"url": "https://hooks.shop.example/a"})
    path = f"/webhooks/{made['webhook_id']}"
    renewed = await market.shop.post(f"{path}/secret")
    await market.shop.post(f"{path}/test")
    await market.advance(minutes=1)
    _, headers, body = receiver.posted[-1]
    assert Webhook(renewed["secret"]).verify(body, headers)["type"] == "ping"
    assert Webhook(made["secret"]).verify(body, headers)["type"] == "ping"


@pytest.mark.row("P11")
async def test_a_seller_hears_of_its_own_orders_alone_and_nobody_of_internal_notes(market: Market) -> None:
    receiver = market.parts.letters.receiver
    await market.rival.post("/webhooks", {"url": "https://rival.example/a"})
    await market.seller.post("/webhooks", {"url": "https://lamps.example/a"})
    await market.shop.post("/webhooks", {"url": "https://market.example/a", "events": ["message_sent"]})
    await market.delivered()
    await market.ana.post("/orders/A-1/cases", claim_body())
    await market.ana.post("/cases/A-1.1/escalation", {})
    await market.mediator.post("/cases/A-1.1/assignment")
    await market.operator.post("/orders/A-1/messages", {"text": "note", "internal": True})
    await market.advance(minutes=1)
    heard = {url for url, _, _ in receiver.posted}
    assert heard == {"https://lamps.example/a"}
    assert not any(b"message_sent" in body for _, _, body in receiver.posted)
    await market.ana.post("/orders/A-1/messages", {"text": "hello"})
    await market.advance(minutes=1)
    assert "https://market.example/a" in {url for url, _, _ in receiver.posted}


@pytest.mark.row("P11")
@pytest.mark.parametrize(
    "url",
    ["http://shop.example/", "https://169.254.169.254/latest", "https://[::1]/", "https://a:b@x.example/"],
)
async def test_an_endpoint_inside_is_refused(market: Market, url: str) -> None:
    problem = await market.shop.refused("POST", "/webhooks", {"url": url})
    assert (kind(problem), problem["pointer"]) == ("invalid", "/url")


async def test_an_endpoint_of_others_is_not_there(market: Market) -> None:
    made = await market.seller.post("/webhooks", {"url": "https://lamps.example/a"})
    path = f"/webhooks/{made['webhook_id']}"
    for method, where in (
        ("GET", path),
        ("DELETE", path),
        ("POST", f"{path}/secret"),
        ("GET", f"{path}/deliveries"),
    ):
        assert kind(await market.rival.refused(method, where)) == "not_found"
    answer = await market.seller.send("DELETE", path)
    assert answer.json() == {"webhook_id": made["webhook_id"]}
    assert kind(await market.seller.refused("GET", path)) == "not_found"


@pytest.mark.row("K4")
async def test_a_seller_is_told_nothing_of_a_draft(market: Market) -> None:
    await market.delivered()
    await market.claim(draft=True)
    await market.advance(days=31)
    told = (await market.seller.get("/notifications"))["notices"]
    assert [one for one in told if one["case_id"]] == []


@pytest.mark.row("D5")
async def test_a_message_is_read_in_another_language_beside_what_was_written(market: Market) -> None:
    await market.delivered()
    german = "Hallo, wo bleibt mein Paket? Ich warte schon sehr lange darauf."
    interpreter = market.parts.letters.interpreter
    assert interpreter is not None
    interpreter.known[german, "es"] = "Hola, ¿dónde está mi paquete?"
    await market.ana.post("/orders/A-1/messages", {"text": german})
    await market.ana.post("/orders/A-1/messages", {"template": "where_is_it"})
    first, second = (await market.seller.get("/orders/A-1/messages?language=es"))["messages"]
    assert (first["text"], first["said"], first["how"]) == (
        german,
        "Hola, ¿dónde está mi paquete?",
        "translated",
    )
    assert second["how"] == "ready_made"
    assert second["said"].startswith("Hola")
    plain = (await market.seller.get("/orders/A-1/messages"))["messages"][0]
    assert (plain["text"], plain["said"]) == (german, "")
    wrong = await market.seller.refused("GET", "/orders/A-1/messages?language=xx")
    assert kind(wrong) == "invalid"


@pytest.mark.row("D1")
async def test_a_message_carries_a_file_that_foreigners_do_not_find(market: Market) -> None:
    await market.delivered()
    sent = await market.ana.send("POST", "/orders/A-1/files", phone_photo(), PHOTO)
    file_id = sent.json()["file_id"]
    refused = await market.seller.refused("POST", "/orders/A-1/messages", {"text": "x", "files": [file_id]})
    assert (kind(refused), refused["pointer"]) == ("invalid", "/files")
    await market.ana.post("/orders/A-1/messages", {"text": "Look.", "files": [file_id]})
    (seen,) = (await market.seller.get("/orders/A-1/messages"))["messages"]
    assert seen["files"] == [file_id]
    assert (await market.seller.get(f"/files/{file_id}"))["media_type"] == "image/jpeg"
    assert (await market.seller.send("GET", f"/files/{file_id}/content")).status_code == 200
    for stranger in (market.bo, market.rival, market.mediator):
        assert kind(await stranger.refused("GET", f"/files/{file_id}/content")) == "not_found"
    await market.ana.post("/orders/A-1/cases", claim_body())
    await market.ana.post("/cases/A-1.1/escalation", {})
    assert (await market.mediator.send("GET", f"/files/{file_id}/content")).status_code == 200
