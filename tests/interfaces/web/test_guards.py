"""Who sees what, and whose forms are taken."""

import re

import pytest
from tests.interfaces.web.hand import Hand, Page
from tests.interfaces.web.town import FERN, IDRIS, INES, KAYA, LUMEN, NORA, YUKI, Town

from amends.domain.cases.commands import OpenClaim
from amends.domain.cases.model import Goods, Remedy
from amends.domain.orders import Unit
from amends.domain.parties import Actor, Role

CLAIM = OpenClaim(
    reason="quality.defective",
    units=(Unit("l1", 0),),
    wanted=Remedy(amount=7080, goods=Goods.RETURN, freight_payer=Role.SELLER),
    story="It does not switch on.",
)
PATHS = ("/orders/10-1", "/orders/10-1/lines/l1/claim", "/orders/10-1/cancellation", "/cases/10-1.1")


@pytest.fixture
async def case_id(town: Town) -> str:
    await town.place("10-1")
    await town.deliver("10-1")
    return (await town.do(CLAIM, NORA, "10-1")).case_id


@pytest.mark.parametrize("path", [*PATHS, "/orders", "/cases", "/clock"])
async def test_nobody_sees_anything_without_signing_in(hand: Hand, case_id: str, path: str) -> None:
    answer = await hand.client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/?next={path}")


@pytest.mark.parametrize("actor", [YUKI, FERN], ids=lambda actor: actor.id)
@pytest.mark.parametrize("path", PATHS)
async def test_what_is_somebody_elses_is_not_there(hand: Hand, case_id: str, actor: Actor, path: str) -> None:
    await hand.sign_in(actor)
    await hand.look(path, 404)
    assert not hand.page.says("Dune")


@pytest.mark.parametrize("actor", [YUKI, FERN], ids=lambda actor: actor.id)
async def test_foreign_forms_change_nothing(hand: Hand, town: Town, case_id: str, actor: Actor) -> None:
    await hand.sign_in(NORA)
    await hand.look(f"/cases/{case_id}")
    form = hand.page.form("/escalate")
    await hand.sign_in(actor)
    token = hand.page.form("/sign-out").fields["_csrf_token"]
    before = await town.case(case_id)
    answer = await hand.client.post(form.action, data={**form.fields, "_csrf_token": token})
    assert answer.status_code == 404
    assert await town.case(case_id) == before


async def test_a_mediator_sees_a_case_once_it_is_theirs_to_decide(
    hand: Hand, town: Town, case_id: str
) -> None:
    await hand.sign_in(INES)
    await hand.look(f"/cases/{case_id}", 404)
    await hand.sign_in(LUMEN)
    await hand.look(f"/cases/{case_id}")
    await hand.send("/escalate")
    await hand.sign_in(INES)
    await hand.look(f"/cases/{case_id}")
    assert hand.page.says("A mediator has until")


async def test_a_draft_is_the_buyers_alone(hand: Hand, town: Town) -> None:
    await town.place("10-2")
    await town.deliver("10-2")
    draft = OpenClaim(reason=CLAIM.reason, units=CLAIM.units, wanted=CLAIM.wanted, draft=True)
    case_id = (await town.do(draft, NORA, "10-2")).case_id
    for actor, status in ((NORA, 200), (LUMEN, 404), (INES, 404), (KAYA, 200)):
        await hand.sign_in(actor)
        await hand.look(f"/cases/{case_id}", status)
    await hand.sign_in(LUMEN)
    await hand.look("/cases")
    assert not hand.page.says(case_id)


async def test_a_form_without_its_token_is_not_taken(hand: Hand, town: Town, case_id: str) -> None:
    await hand.sign_in(NORA)
    await hand.look(f"/cases/{case_id}")
    fields = dict(hand.page.form("/escalate").fields)
    for token in ("", "0" * 128):
        answer = await hand.client.post(f"/cases/{case_id}/escalate", data={**fields, "_csrf_token": token})
        assert answer.status_code == 403
        assert "This form cannot be accepted" in answer.text
    assert (await town.case(case_id)).escalated_by is None


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
    ],
)
async def test_a_form_sent_by_another_site_is_not_taken(
    hand: Hand, town: Town, case_id: str, headers: dict[str, str]
) -> None:
    await hand.sign_in(NORA)
    await hand.look(f"/cases/{case_id}")
    fields = hand.page.form("/escalate").fields
    answer = await hand.client.post(f"/cases/{case_id}/escalate", data=fields, headers=headers)
    assert answer.status_code == 403
    assert (await town.case(case_id)).escalated_by is None


async def test_our_own_pages_may_send_forms(hand: Hand, town: Town, case_id: str) -> None:
    await hand.sign_in(NORA)
    await hand.look(f"/cases/{case_id}")
    fields = hand.page.form("/escalate").fields
    own = {"sec-fetch-site": "same-origin", "origin": "http://town.example"}
    answer = await hand.client.post(f"/cases/{case_id}/escalate", data=fields, headers=own)
    assert answer.status_code == 303
    assert (await town.case(case_id)).escalated_by is Role.BUYER


async def test_the_same_form_sent_twice_acts_once(hand: Hand, town: Town, case_id: str) -> None:
    await hand.sign_in(NORA)
    await hand.look(f"/cases/{case_id}")
    form = hand.page.form("/add_evidence")
    sent = {**form.fields, "evidence": "The switch, off and on"}
    for _ in range(2):
        assert (await hand.client.post(form.action, data=sent)).status_code == 303
    assert len((await town.case(case_id)).evidence) == 1


@pytest.mark.parametrize("path", ["/", "/nowhere", "/cases/none", "/static/app.css", "/static/none"])
async def test_every_answer_carries_the_headers_that_protect(hand: Hand, path: str) -> None:
    answer = await hand.client.get(path)
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    if not path.startswith("/static/"):
        assert answer.headers.get("cache-control", "no-store") == "no-store"


async def test_cookies_are_kept_from_scripts_and_other_sites(hand: Hand, town: Town) -> None:
    first = await hand.client.get("/")
    await hand.look("/")
    fields = hand.page.form("/sign-in").fields
    signed = await hand.client.post("/sign-in", data={**fields, "person": "buyer:nora"})
    for answer in (first, signed):
        for cookie in answer.headers.get_list("set-cookie"):
            assert "HttpOnly" in cookie
            assert re.search(r"SameSite=(lax|strict)", cookie, re.IGNORECASE)


@pytest.mark.parametrize("actor", [NORA, LUMEN, INES, IDRIS, KAYA], ids=lambda actor: actor.id)
async def test_no_page_asks_anything_of_another_site(
    hand: Hand, town: Town, case_id: str, actor: Actor
) -> None:
    await hand.sign_in(actor)
    for path in ("/", "/orders", "/cases", "/clock", f"/cases/{case_id}", "/orders/10-1"):
        answer = await hand.client.get(path)
        assert not re.search(r'(?:src|action)="(?:https?:)?//', answer.text)
        assert not re.search(r'<link[^>]+href="(?:https?:)?//', answer.text)
        # What runs is the house's own, by its address: `script-src 'self'` lets nothing else run.
        for script in re.findall(r"<script.*?</script>", answer.text, re.DOTALL | re.IGNORECASE):
            assert re.fullmatch(r'<script src="/static/[^"]+"[^>]*></script>', script), script


async def test_what_people_write_is_never_markup(hand: Hand, town: Town, case_id: str) -> None:
    await hand.sign_in(NORA)
    await hand.look(f"/cases/{case_id}")
    await hand.send(
        "/add_evidence", evidence='<img src=x onerror="alert(1)">"', url="https://pictures.example/1"
    )
    answer = await hand.client.get(f"/cases/{case_id}")
    assert "<img" not in answer.text
    assert "&lt;img src=x" in answer.text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://plain.example", "//elsewhere.example"])
async def test_links_of_evidence_are_https_or_nothing(hand: Hand, town: Town, case_id: str, url: str) -> None:
    await hand.sign_in(NORA)
    await hand.look(f"/cases/{case_id}")
    await hand.send("/add_evidence", 422, evidence="A picture", url=url)
    assert hand.page.says("Enter an address that starts with https://")
    assert hand.page.form("/add_evidence").fields["url"] == url


@pytest.mark.parametrize(("asked_by", "given"), [("document", True), ("", True), ("empty", False)])
async def test_only_who_opens_a_page_gets_the_cookie_of_its_forms(
    hand: Hand, asked_by: str, given: bool
) -> None:
    """Else what an older page asks for in the background breaks the forms of the one just opened."""
    headers = {"sec-fetch-dest": asked_by} if asked_by else {}
    hand.client.cookies.clear()
    answer = await hand.client.get("/", headers=headers)
    assert answer.status_code == 200
    assert ("amends_form" in answer.headers.get("set-cookie", "")) is given


async def test_a_page_that_is_asked_for_in_the_background_has_forms_that_work(
    hand: Hand, town: Town, case_id: str
) -> None:
    await hand.sign_in(NORA)
    await hand.look(f"/cases/{case_id}")
    answer = await hand.client.get(f"/cases/{case_id}", headers={"sec-fetch-dest": "empty"})
    token = Page(answer.text).form("/escalate").fields["_csrf_token"]
    assert token == hand.client.cookies["amends_form"]
