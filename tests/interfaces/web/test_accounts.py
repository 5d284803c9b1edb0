"""Signing in with a password, forgetting it, changing it; limits; profile; keys; teams."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.application.case_files import laid_out, unzipped, verified, zipped
from tests.application.test_case_paper import facts_for
from tests.interfaces.web.hand import Hand, Page
from tests.interfaces.web.house import QUICK
from tests.interfaces.web.town import FERN, INES, KAYA, LUMEN, NORA, PEOPLE, Town

from amends.adapters.passwords import Argon2Passwords
from amends.application.keys import digest
from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.application.ports.accounts import Account, Member
from amends.application.signing_in import PER_ACCOUNT, PER_ADDRESS
from amends.domain.cases.commands import OpenClaim
from amends.domain.cases.model import Remedy
from amends.domain.orders import Tier, Unit
from amends.domain.parties import Actor, Role
from amends.interfaces.web.sessions import COOKIE

GOOD = "harbour lantern seven"
MAIL = "nora@homes.example"


async def with_password(
    town: Town, email: str = MAIL, role: Role = Role.BUYER, party: str = "nora"
) -> Account:
    made = await town.accounts.roster.add(
        role, party_id=party, email=email, name="Nora Lindqvist", password=await QUICK.hashed(GOOD)
    )
    assert made is not None
    return made


async def knock(hand: Hand, email: str, password: str, expect: int = 200, **fields: str) -> Hand:
    await hand.look("/")
    return await hand.send("/sign-in/password", expect, email=email, password=password, **fields)


@pytest.mark.row("A1")
@pytest.mark.parametrize("sandbox", [True, False])
async def test_address_and_password_sign_in_inside_and_outside_the_sandbox(
    hand: Hand, town: Town, sandbox: bool
) -> None:
    await with_password(town)
    town.sandbox = sandbox
    town.accounts.sessions._sandbox = sandbox
    hand.client.base_url = "http://town.example" if sandbox else "https://town.example"
    await knock(hand, " NORA@homes.example", GOOD)
    assert hand.at == "/orders"
    name = COOKIE if sandbox else f"__Host-{COOKIE}"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", hand.client.cookies[name])


@pytest.mark.row("A1")
async def test_everybody_invented_has_an_account_with_address_and_tier(hand: Hand, town: Town) -> None:
    await town.accounts.roster.furnish(
        (one.actor, one.name, Tier.PLATINUM if one.actor == NORA else Tier.STANDARD, one.zone, one.country)
        for one in PEOPLE
    )
    for one in PEOPLE:
        (found,) = await town.accounts.roster.of_party(one.actor)
        assert found.email == f"{one.actor.role.value}.{one.actor.id}@example.invalid"
        assert found.invented
    await hand.sign_in(NORA)
    await hand.look("/account")
    assert hand.page.says("Membership Platinum")
    await hand.sign_in(KAYA)
    await hand.look("/account")
    assert not hand.page.says("Membership")


async def test_strangers_and_wrong_passwords_read_the_same(hand: Hand, town: Town) -> None:
    await with_password(town)
    await knock(hand, MAIL, "wrong but long enough", 422)
    wrong = hand.page.words.replace(MAIL, "")
    await knock(hand, "nobody@homes.example", "wrong but long enough", 422)
    assert hand.page.words.replace("nobody@homes.example", "") == wrong
    assert hand.page.says("That address and password do not fit together")
    assert COOKIE not in hand.client.cookies


async def test_a_stranger_costs_as_much_work_as_somebody_known(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    hasher = QUICK._hasher
    slow = type(hasher).verify

    def counted(self: object, kept: str, password: str) -> object:
        seen.append(kept)
        return slow(hasher, kept, password)

    monkeypatch.setattr(type(hasher), "verify", counted)
    kept = await QUICK.hashed(GOOD)
    for one in (kept, ""):
        assert (await QUICK.verify(one, "wrong but long enough"))[0] is False
    parameters = [one.rpartition("$")[0].rpartition("$")[0] for one in seen]
    assert len(seen) == 2
    assert parameters[0] == parameters[1]


async def test_a_hash_made_with_older_parameters_is_made_anew(town: Town) -> None:
    older = Argon2Passwords(passes=2, memory_kib=8, lanes=1)
    kept = await older.hashed(GOOD)
    right, fresh = await QUICK.verify(kept, GOOD)
    assert right
    assert (await QUICK.verify(fresh, GOOD)) == (True, "")
    assert await QUICK.verify(kept, "wrong but long enough") == (False, "")
    assert await QUICK.verify("no hash", GOOD) == (False, "")


async def test_signing_in_brings_an_old_hash_up_to_date(hand: Hand, town: Town) -> None:
    made = await with_password(town)
    older = await Argon2Passwords(passes=2, memory_kib=8, lanes=1).hashed(GOOD)
    await town.accounts.doors._keeping.set_password(made.account_id, older)
    await knock(hand, MAIL, GOOD)
    found = await town.accounts.doors._keeping.password_of(MAIL)
    assert found is not None
    assert "t=1" in found[1]


async def test_ten_wrong_passwords_and_the_account_waits_whoever_asks(hand: Hand, town: Town) -> None:
    await with_password(town)
    for _ in range(PER_ACCOUNT.most):
        await knock(hand, MAIL, "wrong but long enough", 422)
    await hand.look("/")
    form = hand.page.form("/sign-in/password")
    answer = await hand.client.post(form.action, data={**form.fields, "email": MAIL, "password": GOOD})
    assert answer.status_code == 429
    wait = int(answer.headers["retry-after"])
    assert 0 < wait <= PER_ACCOUNT.period.total_seconds()
    assert Page(answer.text).says("Too many attempts. Try again in")
    town.world.pass_by(seconds=wait)
    await knock(hand, MAIL, GOOD)
    assert hand.at == "/orders"


async def test_who_signs_in_is_forgiven_earlier_mistakes(hand: Hand, town: Town) -> None:
    await with_password(town)
    for _ in range(3):
        for _ in range(PER_ACCOUNT.most - 1):
            await knock(hand, MAIL, "wrong but long enough", 422)
        await knock(hand, MAIL, GOOD)


async def test_one_address_cannot_try_many_accounts(hand: Hand, town: Town) -> None:
    await hand.look("/")
    form = hand.page.form("/sign-in/password")
    for n in range(PER_ADDRESS.most):
        sent = {**form.fields, "email": f"n{n}@homes.example", "password": GOOD}
        assert (await hand.client.post(form.action, data=sent)).status_code == 422
    sent = {**form.fields, "email": "last@homes.example", "password": GOOD}
    answer = await hand.client.post(form.action, data=sent)
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)
    # What a client says of itself is not believed where no proxy of ours stands.
    answer = await hand.client.post(form.action, data=sent, headers={"x-forwarded-for": "10.1.2.3"})
    assert answer.status_code == 429
    town.proxies = 1
    answer = await hand.client.post(form.action, data=sent, headers={"x-forwarded-for": "6.6.6.6, 10.1.2.3"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "after",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil",
    ],
)
async def test_the_way_on_never_leads_to_another_site(hand: Hand, town: Town, after: str) -> None:
    await with_password(town)
    await hand.client.get("/", params={"next": after})
    await hand.look("/")
    form = hand.page.form("/sign-in/password")
    sent = {**form.fields, "email": MAIL, "password": GOOD, "next": after}
    answer = await hand.client.post(form.action, data=sent)
    assert answer.headers["location"] == "/orders"


async def test_after_signing_in_one_is_where_one_wanted_to_be(hand: Hand, town: Town) -> None:
    await with_password(town)
    await hand.look("/account/sessions?x=1")
    assert hand.at == "/"
    await hand.send("/sign-in/password", email=MAIL, password=GOOD)
    assert hand.at == "/account/sessions"


@pytest.mark.row("A1")
async def test_a_forgotten_password_is_set_anew_by_mail_once(hand: Hand, town: Town) -> None:
    await with_password(town)
    await knock(hand, MAIL, GOOD)
    elsewhere = hand.client.cookies[COOKIE]
    hand.client.cookies.clear()
    await hand.look("/forgotten")
    await hand.send("/forgotten", email=MAIL.upper())
    assert hand.page.says("a link is on its way there")
    await town.errands.run()
    assert [(one.to, one.subject) for one in town.letterbox.mailings] == [(MAIL, "Set a new password")]
    link = town.letterbox.link()
    await hand.look(link)
    await hand.send(link, 422, new="short")
    assert hand.page.says("Use at least 10 characters")
    await hand.send(link, new="another lantern eight")
    assert hand.page.says("Your new password is set. Sign in with it.")
    assert await town.accounts.sessions.find(elsewhere) is None
    await hand.look(link, 404)
    await knock(hand, MAIL, GOOD, 422)
    await knock(hand, MAIL, "another lantern eight")
    await town.errands.run()
    assert town.letterbox.mailings[-1].subject == "Your password was changed"


async def test_a_reset_runs_out_after_thirty_minutes(hand: Hand, town: Town) -> None:
    await with_password(town)
    await hand.look("/forgotten")
    await hand.send("/forgotten", email=MAIL)
    await town.errands.run()
    town.world.pass_by(minutes=30)
    await hand.look(town.letterbox.link(), 404)
    assert hand.page.says("This link has been used or has run out.")


async def test_strangers_get_the_same_answer_and_no_mail_and_nothing_but_hashes_is_kept(
    hand: Hand, town: Town
) -> None:
    await with_password(town)
    words = []
    for email in (MAIL, "nobody@homes.example"):
        await hand.look("/forgotten")
        await hand.send("/forgotten", email=email)
        words.append(hand.page.words.replace(email, ""))
    assert words[0] == words[1]
    await town.errands.run()
    assert [one.to for one in town.letterbox.mailings] == [MAIL]
    token = town.letterbox.link().rpartition("/")[2]
    assert token not in repr(vars(town.accounts.doors._keeping))
    assert token not in repr(town.store.outbox)


async def test_nobody_is_flooded_with_resets(hand: Hand, town: Town) -> None:
    await with_password(town)
    for _ in range(8):
        await hand.look("/forgotten")
        await hand.send("/forgotten", email=MAIL)
    await town.errands.run()
    assert len(town.letterbox.mailings) == 3
    for _ in range(12):
        await hand.look("/forgotten")
        await hand.send("/forgotten", email="x@homes.example")
    await hand.look("/forgotten")
    await hand.send("/forgotten", 429, email="x@homes.example")


@pytest.mark.row("A1")
async def test_changing_the_password_signs_out_other_devices(hand: Hand, town: Town) -> None:
    await with_password(town)
    await knock(hand, MAIL, GOOD)
    other = hand.client.cookies[COOKIE]
    hand.client.cookies.clear()
    await knock(hand, MAIL, GOOD)
    await hand.look("/account")
    await hand.send("/account/password", 422, old="not my password at all", new="another lantern eight")
    assert hand.page.says("That is not your password.")
    await hand.send("/account/password", 422, old=GOOD, new="nora nora nora 1")
    assert hand.page.says("Leave your mail address out of your password.")
    await hand.send("/account/password", 422, old=GOOD, new="aaaaaaaaaaaaaa")
    assert hand.page.says("Use more different characters.")
    await hand.send("/account/password", 422, old=GOOD, new="x1y2" * 60)
    assert hand.page.says("Use at most 200 characters.")
    await hand.send("/account/password", old=GOOD, new="another lantern eight")
    assert hand.page.says("Your new password is set.")
    assert await town.accounts.sessions.find(other) is None
    assert hand.at == "/account"


@pytest.mark.row("A1")
async def test_a_profile_says_name_language_and_time_zone(hand: Hand, town: Town) -> None:
    await hand.sign_in(NORA)
    await hand.look("/account")
    await hand.send("/account/profile", 422, name="", zone="Moon/Base", language="")
    assert hand.page.says("Enter your name.")
    await hand.send("/account/profile", name="Nora L.", zone="Asia/Tokyo", language="de")
    assert hand.page.tags[0][1]["lang"] == "de"
    await hand.look("/account")
    assert hand.page.says("Asia/Tokyo")
    assert hand.page.says("Nora L.")
    # The switch of the pages is the same choice.
    await hand.send("/language", language="en")
    await hand.look("/account")
    assert hand.page.tags[0][1]["lang"].startswith("en")


@pytest.mark.row("P11")
@pytest.mark.parametrize("actor", [LUMEN, KAYA], ids=["seller", "marketplace"])
async def test_a_key_is_made_with_scopes_shown_once_and_revoked(hand: Hand, town: Town, actor: Actor) -> None:
    await hand.sign_in(actor)
    await hand.look("/account/keys")
    assert hand.page.says("There are none.")
    await hand.send("/account/keys", 422, name="Warehouse")
    assert hand.page.says("Choose what the key may do.")
    form = hand.page.form("/account/keys")
    sent: Mapping[str, object] = {
        **form.fields,
        "name": "Warehouse",
        "scope": ["orders:read", "cases:read", "root"],
    }
    answer = await hand.client.post("/account/keys", data=sent)
    assert answer.status_code == 201
    (token,) = re.findall(r"amk_[a-z]+_[A-Za-z0-9_-]{43}", answer.text)
    record = await town.keys.find(digest(token))
    assert record is not None
    assert record.scopes == ("orders:read", "cases:read")
    assert (record.role.value, record.party_id) == (
        ("seller", "lumen") if actor == LUMEN else ("marketplace", "marketplace")
    )
    # The same form again makes no second key and shows nothing.
    again = await hand.client.post("/account/keys", data=sent)
    assert again.status_code == 409
    assert "amk_" not in again.text
    await hand.look("/account/keys")
    assert hand.page.says("Warehouse")
    assert hand.page.says("Read orders and Read cases")
    assert token not in hand.page.words
    await hand.send("/account/keys/revoke", key=record.key_id)
    assert await town.keys.find(digest(token)) is None


async def test_nobody_revokes_a_key_of_somebody_else(hand: Hand, town: Town) -> None:
    for actor in (LUMEN, FERN):
        await hand.sign_in(actor)
        await hand.look("/account/keys")
        form = hand.page.form("/account/keys")
        await hand.client.post("/account/keys", data={**form.fields, "name": "Mine", "scope": "orders:read"})
    theirs = (await town.accounts.keys_of((await town.accounts.roster.of_party(LUMEN))[0]))[0]
    await hand.look("/account/keys")
    form = hand.page.form("/account/keys/revoke")
    answer = await hand.client.post(form.action, data={**form.fields, "key": theirs.key_id})
    assert answer.status_code == 404
    assert await town.keys.find(theirs.digest) is not None


async def joined(hand: Hand, town: Town, email: str, member: Member) -> str:
    """Invite somebody to Lumen's team and let them join; their session's token."""
    await hand.sign_in(LUMEN)
    town.world.pass_by(minutes=1)
    await hand.look("/account/team")
    await hand.send("/account/team/invite", email=email, member=member.value)
    await town.errands.run()
    hand.client.cookies.clear()
    await hand.look(town.letterbox.link())
    assert hand.page.says("Join the team of Lumen & Clay")
    await hand.send(town.letterbox.link(), name=email.partition("@")[0].title(), new=GOOD)
    return hand.client.cookies[COOKIE]


@pytest.mark.row("A1")
async def test_an_owner_invites_an_agent_who_acts_and_is_named(
    hand: Hand, town: Town, tmp_path: Path
) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    case_id = (
        await town.do(
            OpenClaim(reason="quality.defective", units=(Unit("l1", 0),), wanted=Remedy(amount=2500)),
            NORA,
            "10-1",
        )
    ).case_id
    await joined(hand, town, "ada@lumen.example", Member.AGENT)
    assert hand.at == "/inbox"
    await hand.look(f"/cases/{case_id}")
    await hand.send("/escalate")
    assert (await town.case(case_id)).escalated_by is Role.SELLER
    await hand.look("/account/team")
    assert hand.page.says("Ada")
    (deed,) = await town.accounts.teams.deeds((await town.accounts.roster.of_party(LUMEN))[0])
    assert (deed.name, deed.deed, deed.case_id, deed.outcome) == ("Ada", "escalate", case_id, "done")
    await hand.look("/account/keys", 404)
    assert not hand.page.says("Make a key")
    # The audit log names the person, and the seller of whom the event speaks.
    await hand.sign_in(KAYA)
    await hand.look("/journal")
    assert hand.page.says("Ada · Lumen & Clay · Seller")
    # Shop and staff read it on the case, on its paper and in its archive; to the buyer a shop is one.
    for actor in (KAYA, INES, LUMEN, NORA):
        await hand.sign_in(actor)
        await hand.look(f"/cases/{case_id}")
        told = actor is not NORA
        assert hand.page.says("asked a mediator to decide Ada") is told
        dossier = await town.case_files.read(Caller(KeyRole(actor.role), actor.id), case_id)
        assert dossier is not None
        assert list(dossier.members.values()) == (["Ada"] if told else [])
        written = [line.detail for line in (await facts_for(town, dossier.caller, case_id)).timeline]
        assert ("Ada" in written) is told
        files = unzipped(await zipped(town, dossier.caller, case_id))
        assert (b"Ada" in b"".join(files.values())) is told
        assert laid_out(files, tmp_path / actor.id)
        assert verified(tmp_path / actor.id)[0] == 0


async def test_a_viewer_sees_everything_and_does_nothing(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    case_id = (
        await town.do(
            OpenClaim(reason="quality.defective", units=(Unit("l1", 0),), wanted=Remedy(amount=2500)),
            NORA,
            "10-1",
        )
    ).case_id
    await joined(hand, town, "vera@lumen.example", Member.VIEWER)
    await hand.look(f"/cases/{case_id}")
    form = hand.page.form("/escalate")
    before = await town.case(case_id)
    answer = await hand.client.post(form.action, data=form.fields)
    assert answer.status_code == 403
    assert Page(answer.text).says("You can look here, not act")
    assert await town.case(case_id) == before
    await hand.look("/account/team")
    assert not any(form.action.startswith("/account/team") for form in hand.page.forms)


async def test_invitations_and_members_end_when_an_owner_says_so(hand: Hand, town: Town) -> None:
    token = await joined(hand, town, "ada@lumen.example", Member.OWNER)
    ada = await town.accounts.roster.by_email("ada@lumen.example")
    assert ada is not None
    await hand.sign_in(LUMEN)
    await hand.look("/account/team")
    await hand.send("/account/team/invite", email="late@lumen.example", member="viewer")
    await town.errands.run()
    link = town.letterbox.link()
    form = next(
        form
        for form in (await hand.look("/account/team")).page.forms
        if form.fields.get("who") == ada.account_id
    )
    await hand.client.post(form.action, data={**form.fields, "member": "remove"})
    assert await town.accounts.sessions.find(token) is None
    assert await town.accounts.roster.by_email("ada@lumen.example") is None
    (invitation,) = await town.accounts.teams.invitations((await town.accounts.roster.of_party(LUMEN))[0])
    sent = {**form.fields, "who": invitation.digest.hex()[:20], "member": "withdraw"}
    await hand.client.post(form.action, data=sent)
    await hand.look(link, 404)


async def test_a_team_keeps_an_owner_and_its_members_are_its_own(hand: Hand, town: Town) -> None:
    await hand.sign_in(FERN)
    await hand.sign_in(LUMEN)
    (fern,) = await town.accounts.roster.of_party(FERN)
    (lumen,) = await town.accounts.roster.of_party(LUMEN)
    await hand.look("/account/team")
    form = hand.page.form("/account/team/change")
    for who, member in ((lumen, "viewer"), (lumen, "remove"), (fern, "viewer"), (fern, "remove")):
        answer = await hand.client.post(
            form.action, data={**form.fields, "who": who.account_id, "member": member}
        )
        assert answer.status_code == 422
    assert [(await town.accounts.roster.get(one.account_id)) for one in (lumen, fern)] == [lumen, fern]


async def test_an_invitation_is_good_for_a_week_and_for_a_new_address(hand: Hand, town: Town) -> None:
    await with_password(town)
    await hand.sign_in(LUMEN)
    await hand.look("/account/team")
    await hand.send("/account/team/invite", 422, email="nobody", member="agent")
    assert hand.page.says("Enter a mail address like")
    await hand.send("/account/team/invite", email=MAIL, member="agent")
    await town.errands.run()
    link = town.letterbox.link()
    hand.client.cookies.clear()
    await hand.look(link)
    await hand.send(link, 404, name="Nora", new=GOOD)
    assert hand.page.says("There is an account under this address already.")
    town.world.pass_by(days=7)
    await hand.look(link, 404)
