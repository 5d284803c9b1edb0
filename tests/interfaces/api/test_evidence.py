"""Files through the API: sent, named as evidence, fetched; foreign ones do not exist."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from tests.adapters.files.hostile import HTML
from tests.adapters.files.pictures import MAKER, pdf, phone_photo
from tests.journeys.api.market import Market, Person, kind

FILES = "/orders/A-1/files"


def digest(data: bytes) -> str:
    return f"sha-256=:{b64encode(sha256(data).digest()).decode()}:"


async def sent(person: Person, data: bytes, expect: int = 201, **headers: str) -> Any:
    head = {
        "Content-Type": "application/octet-stream",
        **{n.replace("_", "-"): v for n, v in headers.items()},
    }
    answer = await person.send("POST", FILES, data, head)
    assert answer.status_code == expect, answer.text
    return answer.json()


@pytest.mark.row("D1", "X5")
async def test_a_file_is_sent_named_as_evidence_and_fetched_by_the_other_side(market: Market) -> None:
    await market.delivered()
    data = phone_photo()
    file = await sent(
        market.ana,
        data,
        Content_Digest=digest(data),
        Content_Disposition="attachment; filename*=UTF-8''crack%20one.jpg",
    )
    assert (file["name"], file["sha256"]) == ("crack one.jpg", sha256(data).hexdigest())
    assert (await sent(market.ana, data))["file_id"] == file["file_id"]

    # Until it is evidence it is its sender's alone.
    await market.seller.refused("GET", f"/files/{file['file_id']}")
    case = await market.claim(evidence=[{"kind": "photo", "note": "The crack", "file_id": file["file_id"]}])
    needs = (await market.ana.get(f"/cases/{case['case_id']}/needs"))["needs"]
    assert [(need["about"], need["who"], need["have"], need["met"]) for need in needs] == [
        ("reason", "buyer", ["photo"], True)
    ]
    told = (await market.ana.get(f"/cases/{case['case_id']}/timeline"))["events"]
    assert sha256(data).hexdigest() in str(told)
    for part, starts in (("content", b"\xff\xd8"), ("thumbnail", b"\xff\xd8")):
        answer = await market.seller.send("GET", f"/files/{file['file_id']}/{part}")
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.content.startswith(starts)
        assert MAKER.encode() not in answer.content
    original = await market.operator.send("GET", f"/files/{file['file_id']}/original")
    assert sha256(original.content).hexdigest() == file["sha256"]
    assert original.headers["content-disposition"] == "attachment"
    assert kind(await market.seller.refused("GET", f"/files/{file['file_id']}/original")) == "forbidden"


@pytest.mark.row("D1")
async def test_a_file_of_another_case_does_not_exist(market: Market) -> None:
    await market.delivered()
    file = await sent(market.ana, phone_photo())
    await market.claim(evidence=[{"kind": "photo", "note": "", "file_id": file["file_id"]}])
    for stranger in (market.bo, market.rival, market.mediator):
        for part in ("", "/content", "/thumbnail"):
            assert kind(await stranger.refused("GET", f"/files/{file['file_id']}{part}")) == "not_found"
        answer = await stranger.send("POST", FILES, phone_photo(), {"Content-Type": "image/jpeg"})
        assert answer.status_code in {403, 404}
    await market.ana.post("/cases/A-1.1/escalation", {})
    assert (await market.mediator.get(f"/files/{file['file_id']}"))["name"] == "file"


async def test_only_ones_own_files_of_the_same_order_can_be_named(market: Market) -> None:
    await market.delivered()
    file = await sent(market.ana, phone_photo())
    await market.claim()
    theirs = {"items": [{"kind": "photo", "note": "", "file_id": file["file_id"]}]}
    problem = await market.seller.refused("POST", "/cases/A-1.1/evidence", theirs)
    assert (kind(problem), problem["pointer"]) == ("invalid", "/items/0/file_id")
    unknown = {"items": [{"kind": "photo", "note": "", "file_id": "0" * 32}]}
    assert kind(await market.ana.refused("POST", "/cases/A-1.1/evidence", unknown)) == "invalid"
    await market.ana.post("/cases/A-1.1/evidence", theirs)


@pytest.mark.parametrize(
    ("data", "headers", "status", "said"),
    [
        (HTML, {}, 415, "unsupported_media_type"),
        (b"", {}, 422, "invalid"),
        (phone_photo()[:500], {}, 422, "invalid"),
        (phone_photo(), {"Content_Digest": digest(b"other")}, 422, "invalid"),
    ],
)
async def test_what_is_not_taken_is_a_problem(
    market: Market, data: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    await market.delivered()
    assert kind(await sent(market.ana, data, status, **headers)) == said


async def test_a_file_beyond_the_size_of_the_policy_is_refused_while_it_comes(market: Market) -> None:
    await market.delivered()
    answer = await market.ana.send(
        "POST", FILES, b"\xff\xd8\xff" + b"\0" * 50_000_001, {"Content-Type": "image/jpeg"}
    )
    assert answer.status_code == 413


async def test_a_form_with_a_file_does_too(market: Market) -> None:
    await market.delivered()
    answer = await market.client.post(
        f"/v1{FILES}",
        files={"file": ("receipt.pdf", pdf(), "text/html")},
        headers={"Authorization": f"Bearer {market.ana.token}"},
    )
    assert answer.status_code == 201
    assert (answer.json()["media_type"], answer.json()["thumbnail"]) == ("application/pdf", "")
    assert (
        kind(await market.ana.refused("GET", f"/files/{answer.json()['file_id']}/thumbnail")) == "not_found"
    )


@pytest.mark.row("F7")
async def test_receipt_and_photos_come_with_their_step(market: Market) -> None:
    await market.delivered()
    file = await sent(market.seller, phone_photo(2))
    await market.claim()
    offer = {
        "remedy": {"amount": 1000, "currency": "EUR"},
        "evidence": [{"kind": "photo", "note": "Whole", "file_id": file["file_id"]}],
    }
    await market.seller.post("/cases/A-1.1/offers", offer)
    stored = await market.parts.reader.case_file("A-1.1")
    assert stored is not None
    assert [(item.step, item.by.value) for item in stored.case.evidence if item.file] == [("offer", "seller")]
