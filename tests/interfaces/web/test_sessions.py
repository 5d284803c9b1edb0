"""Sessions: new at every sign-in, kept as a hash, ended by their owner, by time and by suspension."""

import pytest
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import KAYA, NORA, Town

from amends.application.people import COMMAND_LINE
from amends.application.sessions import OF_PARTIES, OF_STAFF, Guest, Opened
from amends.interfaces.web import sessions
from amends.interfaces.web.sessions import sealed, unsealed

COOKIE = sessions.COOKIE
SECRET = "a secret that is long enough for anybody"


async def test_a_token_from_before_never_becomes_a_session(hand: Hand, town: Town) -> None:
    planted = "A" * 43
    hand.client.cookies.set(COOKIE, planted, domain="town.example")
    await hand.look("/")
    await hand.send("/sign-in", person="buyer:nora")
    token = hand.client.cookies[COOKIE]
    assert token != planted
    assert await town.accounts.sessions.find(planted) is None
    assert await town.accounts.sessions.find(token) is not None


async def test_signing_in_again_ends_the_session_one_came_with(hand: Hand, town: Town) -> None:
    await hand.sign_in(NORA)
    first = hand.client.cookies[COOKIE]
    await hand.look("/")
    await hand.send("/sign-in", person="operator:kaya")
    assert hand.client.cookies[COOKIE] != first
    assert await town.accounts.sessions.find(first) is None


async def test_signing_out_ends_the_session_on_the_server(hand: Hand, town: Town) -> None:
    await hand.sign_in(NORA)
    token = hand.client.cookies[COOKIE]
    await hand.send("/sign-out")
    hand.client.cookies.set(COOKIE, token)
    await hand.look("/orders")
    assert hand.at == "/"


@pytest.mark.parametrize(("actor", "length"), [(NORA, OF_PARTIES), (KAYA, OF_STAFF)], ids=["buyer", "staff"])
async def test_a_session_ends_when_it_is_not_used_and_at_last_anyway(town: Town, actor, length) -> None:  # type: ignore[no-untyped-def]
    token = await town.token_of(actor)
    town.world.at += length.idle / 2
    assert await town.accounts.sessions.find(token) is not None
    town.world.at += length.idle
    assert await town.accounts.sessions.find(token) is None

    token = await town.token_of(actor)
    began = town.world.at
    while town.world.at + length.idle / 2 < began + length.whole:
        town.world.at += length.idle / 2
        assert await town.accounts.sessions.find(token) is not None
    # Half-open: at the exact instant it is over.
    town.world.at = began + length.whole
    assert await town.accounts.sessions.find(token) is None


async def test_moving_the_sandboxs_clock_signs_nobody_out(hand: Hand, town: Town) -> None:
    await hand.sign_in(KAYA)
    await town.wait(days=90)
    await hand.look("/cases")
    assert hand.at == "/cases"


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "ü" * 43, "A" * 5000, "buyer:nora"])
async def test_what_is_no_token_is_nobodys(town: Town, token: str) -> None:
    assert await town.accounts.sessions.find(token) is None


@pytest.mark.row("A1")
async def test_devices_are_listed_and_signed_out_one_by_one_or_all(hand: Hand, town: Town) -> None:
    await hand.sign_in(NORA)
    here = hand.client.cookies[COOKIE]
    others = []
    for agent in (
        "Mozilla/5.0 (Android 14) Firefox/130.0",
        "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/5",
    ):
        nora = (await town.accounts.roster.of_party(NORA))[0]
        opened = await town.accounts.doors.by_card(NORA, nora.name, Guest("10.0.0.9", agent))
        assert isinstance(opened, Opened)
        others.append(opened.token)
    await hand.look("/account/sessions")
    assert hand.page.says("Firefox on Android")
    assert hand.page.says("Chrome on Windows")
    assert hand.page.says("This device")
    assert others[0] not in hand.page.words
    form = next(form for form in hand.page.forms if "session" in form.names)
    first = next(one for one in hand.page.tags if one[0] == "button" and one[1].get("name") == "session")
    await hand.client.post("/account/sessions", data={**form.fields, "session": first[1]["value"]})
    assert sum([await town.accounts.sessions.find(token) is not None for token in others]) == 1
    await hand.look("/account/sessions")
    await hand.send("/account/sessions", session="others")
    assert hand.page.says("All other devices are signed out.")
    assert [await town.accounts.sessions.find(token) for token in others] == [None, None]
    assert await town.accounts.sessions.find(here) is not None


async def test_nobody_ends_a_session_of_somebody_else(hand: Hand, town: Town) -> None:
    theirs = await town.token_of(KAYA)
    found = await town.accounts.sessions.find(theirs)
    assert found is not None
    await hand.sign_in(NORA)
    await hand.look("/account/sessions")
    fields = {"_csrf_token": hand.page.form("/sign-out").fields["_csrf_token"]}
    await hand.client.post("/account/sessions", data={**fields, "session": found.session.digest.hex()[:20]})
    assert await town.accounts.sessions.find(theirs) is not None


async def test_who_is_suspended_is_out_at_once_and_stays_out(hand: Hand, town: Town) -> None:
    await hand.sign_in(NORA)
    nora = (await town.accounts.roster.of_party(NORA))[0]
    await town.accounts.people.suspend(COMMAND_LINE, nora.account_id, "Chargebacks without a reason")
    await hand.look("/orders")
    assert hand.at == "/"
    await hand.send("/sign-in", 403, person="buyer:nora")
    assert hand.page.says("This account is suspended")
    await town.accounts.people.restore(COMMAND_LINE, nora.account_id)
    await hand.sign_in(NORA)
    assert hand.at == "/orders"


async def test_invented_people_are_nobody_outside_the_sandbox(town: Town) -> None:
    token = await town.token_of(NORA)
    town.accounts.sessions._sandbox = False
    assert await town.accounts.sessions.find(token) is None


def test_what_is_sealed_cannot_be_changed_or_used_for_another_purpose() -> None:
    cookie = sealed({"state": "x"}, SECRET, "provider")
    assert unsealed(cookie, dict, SECRET, "provider") == {"state": "x"}
    assert unsealed(cookie, dict, SECRET, "session") is None
    assert unsealed(cookie, dict, "another secret that is long enough", "provider") is None
    body, _, signature = cookie.partition(".")
    assert unsealed(f"{body[:-2]}AA.{signature}", dict, SECRET, "provider") is None
    for nonsense in ("", ".", "x", "x.y", "ü.ü"):
        assert unsealed(nonsense, dict, SECRET, "provider") is None
