"""Files through the API: sent, named as evidence, fetched; foreign ones do not exist."""

import asyncio
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from litestar.datastructures import UploadFile
from tests.adapters.files.hostile import HTML
from tests.adapters.files.pictures import MAKER, pdf, phone_photo
from tests.journeys.api.market import Market, Person, kind

from amends.interfaces.api.serve import create_app

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


@pytest.mark.row("D1")
async def test_an_upload_is_just_repeated_and_does_not_double(market: Market) -> None:
    await market.delivered()
    data = phone_photo()
    key = {"Idempotency-Key": "k-1"}
    form = {"Authorization": f"Bearer {market.ana.token}", **key}
    at_once = await asyncio.gather(
        *(market.ana.send("POST", FILES, data, {"Content-Type": "image/jpeg", **key}) for _ in range(3)),
        market.client.post(f"/v1{FILES}", files={"file": ("crack.jpg", data)}, headers=form),
    )
    later = await sent(market.ana, data)
    assert {answer.status_code for answer in at_once} == {201}
    assert {answer.json()["file_id"] for answer in at_once} == {later["file_id"]}
    # Of the other side, and of another order, the same bytes are files of their own.
    assert (await sent(market.seller, data))["file_id"] != later["file_id"]


@pytest.mark.parametrize(
    ("bytes_sent", "more", "status"),
    [
        (2_000_000, ["cut"], 400),
        (2_000_000, ["end"], 400),
        (60_000_000, [], 413),
    ],
    ids=["cut", "ended early", "too large"],
)
async def test_of_a_form_that_is_not_whole_nothing_is_left_on_the_disk(
    market: Market, monkeypatch: pytest.MonkeyPatch, bytes_sent: int, more: list[str], status: int
) -> None:
    await market.delivered()
    made = kept_track_of(monkeypatch)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    pieces = [head, *[b"\xff" * 1_000_000] * (bytes_sent // 1_000_000)]
    events: list[Any] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    events += [{"type": "http.disconnect"}] if "cut" in more else []
    events += [{"type": "http.request", "body": b"", "more_body": False}] if "end" in more else []
    assert await answered(market, events) == status
    assert len(made) == 1
    assert all(one.file.closed for one in made)


def kept_track_of(monkeypatch: pytest.MonkeyPatch) -> list[UploadFile]:
    """Every file a form makes from now on."""
    made: list[UploadFile] = []

    class Known(UploadFile):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            made.append(self)

    monkeypatch.setattr("litestar._multipart.UploadFile", Known)
    return made


async def answered(market: Market, events: list[Any]) -> int:
    """The status of a form's answer, its body told piece by piece."""
    said: list[Any] = []

    async def receive() -> Any:
        return events.pop(0)

    async def send(message: Any) -> None:
        said.append(message)

    headers = {
        "host": "market.example",
        "authorization": f"Bearer {market.ana.token}",
        "content-type": "multipart/form-data; boundary=x",
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"/v1{FILES}",
        "raw_path": f"/v1{FILES}".encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.1", 1),
        "server": ("market.example", 80),
    }
    await create_app(market.parts)(scope, receive, send)
    return int(said[0]["status"])


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
