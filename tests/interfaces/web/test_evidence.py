"""Files on the pages: sent without a script, shown to those who see the case, and to nobody else."""

import gc
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest
from PIL import Image
from tests.adapters.files.hostile import HTML, SVG
from tests.adapters.files.pictures import SCRIPT, encoded, label, pdf, phone_photo, scene
from tests.interfaces.web.gallery import asked, delivered_back, instructed, mediated, rejected
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import FERN, INES, LUMEN, NORA, YUKI, Town

from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.domain.parties import Role
from amends.interfaces.web.evidence_links import good, link

CASE = "/cases/10-1.1"
SECRET = Town.secret
NOW = datetime(2026, 11, 18, 14, 22, tzinfo=UTC)


@pytest.fixture
async def ready(town: Town) -> Town:
    await town.place("10-1")
    await town.deliver("10-1")
    return town


async def post_files(hand: Hand, ending: str, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    """Fill the form whose address ends so, with files, and press its button; the answer as it came."""
    form = hand.page.form(ending)
    assert form.enctype == "multipart/form-data"
    sent = [("files", (name, data, "application/octet-stream")) for name, data in files]
    kept = {name: value for name, value in form.fields.items() if name != "files"}
    return await hand.client.post(form.action, data={**kept, **fields}, files=sent)


async def at_case(hand: Hand, town: Town, scene_of: object = asked) -> None:
    await scene_of(town, "10-1")  # type: ignore[operator]
    await hand.sign_in(NORA)
    await hand.look(CASE)


def addresses(text: str) -> list[str]:
    """The files a page shows."""
    return list(dict.fromkeys(unescape(found) for found in re.findall(r'"(/files/[^"]+)"', text)))


@pytest.mark.row("D1")
async def test_several_files_are_sent_by_a_plain_form_and_shown(ready: Town, hand: Hand) -> None:
    await at_case(hand, ready)
    answer = await post_files(
        hand,
        "/add_evidence",
        ("crack.jpg", phone_photo()),
        ("invoice.pdf", pdf()),
        evidence="The crack",
        kind="photo",
    )
    assert answer.status_code == 303
    case = await ready.case("10-1.1")
    first, second = case.evidence[-2:]
    assert (first.kind, first.note, first.by) == ("photo", "The crack", Role.BUYER)
    assert first.file is not None
    assert second.file is not None
    assert (first.file.media_type, second.file.media_type) == ("image/jpeg", "application/pdf")
    assert len(first.file.sha256) == 64
    # The chain covers the reference: it lies in the event.
    link_ = (await ready.reader.timeline("10-1.1"))[-1]
    assert first.file.sha256.encode() in link_.body

    page = await hand.client.get(CASE)
    assert "crack.jpg" in page.text
    assert "invoice.pdf" in page.text
    for address in addresses(page.text):
        served = await hand.client.get(address)
        assert served.status_code == 200, address
        assert served.headers["x-content-type-options"] == "nosniff"
        assert served.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        if served.headers["content-type"].startswith("image/jpeg"):
            assert served.headers["content-disposition"].startswith("inline")
            with Image.open(io.BytesIO(served.content)) as picture:
                assert dict(picture.getexif()) == {}
            assert SCRIPT.encode() not in served.content
        else:
            assert served.headers["content-type"] == "application/pdf"
            assert served.headers["content-disposition"].startswith("attachment")


async def test_what_is_wrong_with_a_file_is_said_and_the_others_need_not_be_sent_again(
    ready: Town, hand: Hand
) -> None:
    await at_case(hand, ready)
    answer = await post_files(
        hand,
        "/add_evidence",
        ("good.jpg", phone_photo()),
        ("page.jpg", HTML),
        ("drawing.png", SVG),
        ("cut.png", encoded(scene(), "PNG")[:400]),
        evidence="See here",
    )
    assert answer.status_code == 422
    for name in ("page.jpg", "drawing.png", "cut.png"):
        assert f"“{name}”" in answer.text
    kept = re.findall(r'name="file_id" value="([0-9a-f]{32})" checked', answer.text)
    assert len(kept) == 1
    before = len((await ready.case("10-1.1")).evidence)
    await hand.look(CASE)
    form = hand.page.form("/add_evidence")
    again = await hand.client.post(
        form.action, data={**form.fields, "evidence": "See here", "file_id": kept[0]}
    )
    assert again.status_code == 303
    case = await ready.case("10-1.1")
    assert len(case.evidence) == before + 1
    assert case.evidence[-1].file is not None
    assert case.evidence[-1].file.file_id == kept[0]


async def test_the_same_form_sent_twice_adds_once(ready: Town, hand: Hand) -> None:
    await at_case(hand, ready)
    before = len((await ready.case("10-1.1")).evidence)
    for _ in range(2):
        answer = await post_files(hand, "/add_evidence", ("a.jpg", phone_photo()), evidence="Here")
        assert answer.status_code == 303
    assert len((await ready.case("10-1.1")).evidence) == before + 1


@pytest.mark.row("D1")
async def test_a_file_is_there_for_those_who_see_the_case_and_for_nobody_else(
    ready: Town, hand: Hand
) -> None:
    await at_case(hand, ready)
    await post_files(hand, "/add_evidence", ("a.jpg", phone_photo()), evidence="Here")
    page = await hand.client.get(CASE)
    mine = addresses(page.text)[0]
    file_id = mine.split("/")[2]
    assert (await hand.client.get(mine)).status_code == 200

    for stranger in (YUKI, FERN, INES):
        await hand.sign_in(stranger)
        # Neither another's address, nor one made for the stranger, nor one without a signature.
        own = link(file_id, "served", stranger, SECRET, datetime.now(UTC))
        for address in (mine, own, f"/files/{file_id}/served"):
            assert (await hand.client.get(address)).status_code == 404
    await hand.sign_in(LUMEN)
    assert (await hand.client.get(mine)).status_code == 404
    theirs = addresses((await hand.client.get(CASE)).text)[0]
    assert theirs != mine
    assert (await hand.client.get(theirs)).status_code == 200
    assert (
        await hand.client.get(theirs.replace("/served", "/original").replace("/thumb", "/original"))
    ).status_code == 404
    hand.client.cookies.clear()
    assert (await hand.client.get(theirs)).status_code in {303, 404}


@pytest.mark.row("D1")
async def test_a_mediator_sees_both_sides_once_it_is_escalated(ready: Town, hand: Hand) -> None:
    await at_case(hand, ready, mediated)
    await post_files(hand, "/add_evidence", ("buyer.jpg", phone_photo(3)), evidence="Mine")
    await hand.sign_in(LUMEN)
    await hand.look(CASE)
    await post_files(hand, "/add_evidence", ("seller.jpg", phone_photo(4)), evidence="Ours")
    await hand.sign_in(INES)
    page = await hand.client.get(CASE)
    shown = [address for address in addresses(page.text) if "/thumb" in address]
    assert len(shown) == 2
    # Next to each other, once.
    buyer, seller = page.text.index('id="side-1"'), page.text.index('id="side-2"')
    assert buyer < page.text.index("buyer.jpg") < seller < page.text.index("seller.jpg")
    for address in shown:
        assert (await hand.client.get(address)).status_code == 200


def test_an_address_is_good_until_its_end_and_not_at_it() -> None:
    address = link("a" * 32, "served", NORA, SECRET, NOW)
    query = dict(part.split("=") for part in address.partition("?")[2].split("&"))
    end = datetime.fromtimestamp(int(query["until"]), UTC)
    assert timedelta(minutes=15) <= end - NOW <= timedelta(minutes=30)

    def at(now: datetime, **changes: str) -> bool:
        part, until, sig = (changes.get(name, query.get(name, "served")) for name in ("part", "until", "sig"))
        return good("a" * 32, part, NORA, until, sig, SECRET, now)

    assert at(end - timedelta(microseconds=1))
    assert not at(end)
    assert not at(NOW, until=str(int(query["until"]) + 1))
    assert not at(NOW, part="thumb")
    assert not at(NOW, sig="")
    assert not at(NOW, until="x")
    assert not good("a" * 32, "served", YUKI, query["until"], query["sig"], SECRET, NOW)


async def test_a_piece_of_a_file_can_be_asked_for(ready: Town, hand: Hand) -> None:
    await at_case(hand, ready)
    await post_files(hand, "/add_evidence", ("a.jpg", phone_photo()), evidence="Here")
    address = next(a for a in addresses((await hand.client.get(CASE)).text) if "/served" in a)
    whole = (await hand.client.get(address)).content
    piece = await hand.client.get(address, headers={"range": "bytes=10-19"})
    assert (piece.status_code, piece.content) == (206, whole[10:20])
    assert piece.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    rest = await hand.client.get(address, headers={"range": f"bytes={len(whole) - 5}-"})
    assert rest.content == whole[-5:]
    beyond = await hand.client.get(address, headers={"range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.content) == (200, whole)


@pytest.mark.row("F7")
async def test_a_return_is_proven_by_its_receipt_which_is_checked_for_legibility(
    ready: Town, hand: Hand
) -> None:
    await at_case(hand, ready, instructed)
    assert hand.page.says("Proof of return")
    assert hand.page.says("You have to show it")
    answer = await post_files(
        hand,
        "/ship_return",
        ("receipt.jpg", encoded(label(6), quality=88)),
        carrier="Swift Post",
        tracking_number="RR123456785PT",
        freight_paid="",
    )
    assert answer.status_code == 303
    item = (await ready.case("10-1.1")).evidence[-1]
    assert (item.kind, item.step, item.by) == ("receipt", "return", Role.BUYER)
    await hand.look(CASE)
    assert hand.page.says("with the return parcel")
    assert hand.page.says("The picture is blurred")
    assert hand.page.says("There: Tracking") or hand.page.says("It is there.")
    # The advice is for who can do better: the seller only sees the picture.
    await hand.sign_in(LUMEN)
    await hand.look(CASE)
    assert not hand.page.says("The picture is blurred")


@pytest.mark.row("X5")
async def test_the_meter_says_what_is_needed_from_whom_what_is_missing_and_until_when(
    ready: Town, hand: Hand
) -> None:
    await at_case(hand, ready, rejected)
    assert hand.page.says("To prove the reason You have to show it")
    assert hand.page.says("To prove the rejection The seller has to show it")
    assert hand.page.says("It is still missing.")
    await hand.sign_in(LUMEN)
    await hand.look(CASE)
    assert hand.page.says("To prove the rejection You have to show it")


async def test_photos_of_an_inspection_an_offer_and_a_contest_lie_with_their_step(
    ready: Town, hand: Hand
) -> None:
    await at_case(hand, ready)
    await hand.sign_in(LUMEN)
    await hand.look(CASE)
    await post_files(hand, "/make_offer", ("whole.jpg", phone_photo(5)), what="keep", amount="20", variant="")
    case = await ready.case("10-1.1")
    assert [(item.step, item.by.value) for item in case.evidence if item.file] == [("offer", "seller")]


async def test_inspection_photos_stand_beside_the_buyers(ready: Town, hand: Hand) -> None:
    await delivered_back(ready, "10-1")
    await hand.sign_in(LUMEN)
    await hand.look(CASE)
    await post_files(
        hand,
        "/inspect_return",
        ("torn.jpg", phone_photo(6)),
        reception_1="damaged",
        accepted_1="no",
        ground_1="not_original_condition",
        note_1="Torn",
    )
    await hand.sign_in(NORA)
    await hand.look(CASE)
    assert hand.page.says("at the inspection")
    assert hand.page.says("To prove the rejection The seller has to show it")
    await post_files(hand, "/contest_rejection", ("sent.jpg", phone_photo(7)), note="It was whole.")
    steps = [(item.step, item.by.value) for item in (await ready.case("10-1.1")).evidence if item.file]
    assert steps == [("inspection", "seller"), ("contest", "buyer")]


async def test_a_picture_used_before_is_a_hint_for_staff_alone(ready: Town, hand: Hand) -> None:
    await ready.place("20-1", buyer=YUKI, seller=FERN)
    await ready.deliver("20-1")
    await asked(ready, "10-1")
    picture = scene(900, 700, seed=9)
    await hand.sign_in(NORA)
    await hand.look(CASE)
    await post_files(hand, "/add_evidence", ("first.jpg", encoded(picture)), evidence="Broken")
    other = await ready.case("10-1.1")
    assert other.evidence[-1].file is not None
    file = (await ready.evidence.of(other.evidence))[other.evidence[-1].file.file_id]
    assert file.phash is not None
    await ready.files.add(
        type(file)(
            **{n: getattr(file, n) for n in file.__struct_fields__}
            | {"file_id": "f" * 32, "order_id": "20-1"}
        ),
        99,
    )
    await ready.files.finish("f" * 32)
    await ready.files.settle(["f" * 32])
    await hand.look(CASE)
    assert not hand.page.says("Looks like a picture of order")
    form = hand.page.form("/escalate")
    await hand.client.post(form.action, data=form.fields)
    await hand.sign_in(INES)
    await hand.look(CASE)
    assert hand.page.says("Looks like a picture of order 20-1")
    assert hand.page.says("A hint to look at, no proof.")


async def test_the_script_sends_one_file_at_a_time(ready: Town, hand: Hand) -> None:
    await at_case(hand, ready)
    token = hand.page.form("/add_evidence").fields["_csrf_token"]

    async def send(name: str, data: bytes, order: str = "10-1") -> httpx.Response:
        return await hand.client.post(
            f"/orders/{order}/files", data={"_csrf_token": token}, files={"files": (name, data)}
        )

    answer = await send("../../etc/crack.jpg", phone_photo())
    assert answer.status_code == 201
    card = answer.json()
    assert card["name"] == "crack.jpg"
    assert (await hand.client.get(card["thumb"])).status_code == 200
    assert (await send("again.jpg", phone_photo())).json()["file_id"] == card["file_id"]
    wrong = await send("page.jpg", HTML)
    assert wrong.status_code == 422
    assert "“page.jpg”" in wrong.json()["error"]
    assert (await send("a.jpg", phone_photo(), "nowhere")).status_code == 404
    await hand.sign_in(YUKI)
    await hand.look("/orders")
    token = next(form.fields["_csrf_token"] for form in hand.page.forms if "_csrf_token" in form.fields)
    assert (await send("a.jpg", phone_photo())).status_code == 404
    await hand.sign_in(INES)
    await hand.look("/cases")
    token = next(form.fields["_csrf_token"] for form in hand.page.forms if "_csrf_token" in form.fields)
    assert (await send("a.jpg", phone_photo())).status_code == 404
    # What comes with a form that is turned away is closed too; an open file would be a warning here.
    token = "forged"
    assert (await send("a.jpg", phone_photo())).status_code == 403
    gc.collect()


async def test_a_file_of_somebody_else_cannot_be_named(ready: Town, hand: Hand) -> None:
    await at_case(hand, ready)
    answer = await post_files(hand, "/add_evidence", ("a.jpg", phone_photo()), ("b.jpg", HTML), evidence="x")
    theirs = re.findall(r'name="file_id" value="([0-9a-f]{32})"', answer.text)[0]
    await hand.sign_in(LUMEN)
    await hand.look(CASE)
    form = hand.page.form("/add_evidence")
    sent = await hand.client.post(form.action, data={**form.fields, "evidence": "", "file_id": theirs})
    # It is as if no file had been named.
    assert sent.status_code == 422
    assert all(item.file is None for item in (await ready.case("10-1.1")).evidence)


async def test_what_nobody_uses_is_gone_after_a_day_and_what_a_case_names_stays(
    ready: Town, hand: Hand
) -> None:
    await at_case(hand, ready)
    await post_files(hand, "/add_evidence", ("used.jpg", phone_photo(1)), evidence="x")
    await post_files(hand, "/add_evidence", ("left.jpg", phone_photo(2)), ("bad.jpg", HTML), evidence="x")
    # A server killed half-way leaves a record that never became ready.
    used = (await ready.case("10-1.1")).evidence[-1].file
    assert used is not None
    record = (await ready.files.find([used.file_id]))[used.file_id]
    cut = type(record)(
        **{n: getattr(record, n) for n in record.__struct_fields__}
        | {"file_id": "c" * 32, "sha256": "0" * 64}
    )
    await ready.files.add(cut, 99)
    assert await ready.evidence.seen_by(Caller(KeyRole.BUYER, NORA.id), "c" * 32) is None
    assert await ready.evidence.clear() == 0
    await ready.wait(days=1, seconds=1)
    assert await ready.evidence.clear() == 2
    assert await ready.evidence.clear() == 0
    assert set(await ready.files.find([used.file_id, "c" * 32])) == {used.file_id}
    await hand.look(CASE)
    address = next(a for a in addresses((await hand.client.get(CASE)).text) if "/served" in a)
    assert (await hand.client.get(address)).status_code == 200
