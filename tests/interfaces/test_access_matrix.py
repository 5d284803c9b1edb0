"""R7: every route of the API and of the pages, every role, one's own and others'.

The rows come from the route tables, so a new route is here the moment it exists: it needs a line in
`PERMISSIONS` or `PAGES`, and every name in its path a sample below.
"""

import re
from typing import Any, NamedTuple

import pytest
from httpx import Response
from litestar.testing import AsyncTestClient
from msgspec.structs import replace
from tests.interfaces.api.test_access import FOREIGN, OWN, ROUTES, send, stage
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.house import QUICK
from tests.interfaces.web.town import FERN, INES, KAYA, LUMEN, NORA, YUKI, Town
from tests.journeys.api.market import START, Person, kind, open_market

from amends.application.keys import mint
from amends.application.page_permissions import PAGES, Page, Verdict, verdict
from amends.application.permissions import PERMISSIONS, Access, may
from amends.application.ports import KeyRole
from amends.application.ports.accounts import Account, Member
from amends.application.scopes import SCOPES, in_scope, unscoped
from amends.domain.cases.commands import Escalate, OpenClaim
from amends.domain.cases.model import Remedy
from amends.domain.orders import Unit
from amends.domain.parties import Actor, Role
from amends.interfaces.web import account_words
from amends.interfaces.web.sessions import COOKIE

CLAIM = OpenClaim(
    reason="quality.defective", units=(Unit("l1", 0),), wanted=Remedy(amount=2500), story="No light."
)
# Of both parties, and of the mediator once escalated.
OPEN, ESCALATED = "10-1", "10-2"
SECRET_WORDS = ("Dune", OPEN, ESCALATED)
# What stands in the paths besides orders and cases. Samples that are not there are 404 for everybody.
SAMPLES = {
    "line_id": "l1",
    "action": "add_evidence",
    "deed": "withdraw",
    "seller_id": "lumen",
    "buyer_id": "nora",
    "account_id": "none",
    "sign": "high_rate",
    "contest_id": "0123456789abcdef",
    "token": "A" * 43,
    "path": "nowhere",
    "file_id": "none",
    "part": "full",
    "name": "none",
    "endpoint_id": "none",
    "extension_id": "x1",
    "article_id": "returns",
    "conversation_id": "none",
    "run_id": "none",
    "pack_id": "default",
    "version": "1",
    "clause": "draft.keep.default",
    "dispute_id": "none",
    "difference_id": "none",
    "provider": "stripe",
    "event_id": "none",
}
ABSENT = (
    "{account_id}",
    "{token}",
    "{path}",
    "{file_id}",
    "{name}",
    "{endpoint_id}",
    "{conversation_id}",
    "{run_id}",
    "{dispute_id}",
    "{difference_id}",
    "{contest_id}",
)
PER_ORDER = re.compile(r"\{(order_id|case_id|stream)\}")
# News that do not end are only tried by those who must not hear them.
ENDLESS = {"GET /live/{stream}"}
# One press in a mail program has no token (RFC 8058); its address is the secret.
EXEMPT = {"/unsubscribe/{token}"}
# Told by machines that sign what they tell: no key opens it and none shuts it.
SIGNED = {"receive_carrier_news", "receive_provider_event"}
# What is not there, or leads elsewhere, under a condition the sample does not meet.
CONDITIONAL = {
    "POST /sign-in": "a card has to be chosen",
    "POST /account/known/{sign}": "nothing stands out",
    "POST /buyers/{buyer_id}/signals/{sign}/contests": "nothing stands out",
    "GET /cases/{case_id}/recommendation": "the open case is not before a mediator",
    "GET /sign-in/provider": "no provider is set up",
    "GET /sign-in/provider/back": "no provider is set up",
    "GET /hand-over": "no token",
    "POST /hand-over": "no token",
    "POST /account/keys/revoke": "no such key",
    "GET /embed/terms": "no offer is named",
    "GET /orders/{order_id}/withdrawal/{case_id}": "nobody withdrew from the contract",
    "GET /orders/{order_id}/withdrawal/{case_id}/receipt.txt": "nobody withdrew from the contract",
    "GET /cases/{case_id}/return": "nothing was agreed to be sent back",
    "GET /cases/{case_id}/return/code.svg": "nothing was agreed to be sent back",
    "GET /cases/{case_id}/return/label.pdf": "nothing was agreed to be sent back",
    "GET /cases/{case_id}/return/packing-list.pdf": "nothing was agreed to be sent back",
    "GET /cases/{case_id}/return/carrier-claim.pdf": "nothing was agreed to be sent back",
    "POST /cases/{case_id}/return/label": "nothing was agreed to be sent back",
    "POST /cases/{case_id}/exchange/payment": "no exchange was agreed on",
    "POST /orders/{order_id}/money/{action}": "the sample is an action of cases",
    "POST /inbox/offers/{case_id}": "no offer was typed",
    "GET /cases/{case_id}/similar-orders": "nobody says that the goods are counterfeit",
    "POST /cases/{case_id}/similar-orders": "nobody says that the goods are counterfeit",
    "POST /studio/{pack_id}/{version}/{deed}": "the sample is a deed of cases",
}


class Somebody(NamedTuple):
    """A column of the matrix: who it is, which order is theirs and which is not."""

    name: str
    actor: Actor | None
    own: str
    foreign: str = ""
    member: Member = Member.OWNER


PEOPLE = (
    Somebody("nobody", None, OPEN),
    Somebody("buyer", NORA, OPEN),
    Somebody("another buyer", YUKI, "", OPEN),
    Somebody("seller", LUMEN, OPEN),
    Somebody("another seller", FERN, "", OPEN),
    Somebody("viewer", LUMEN, OPEN, "", Member.VIEWER),
    Somebody("agent", LUMEN, OPEN, "", Member.AGENT),
    Somebody("mediator", INES, ESCALATED, OPEN),
    Somebody("operator", KAYA, OPEN),
)


def pages() -> list[tuple[str, str]]:
    """(method, path template) of every page."""
    found = set()
    for route in Town().app.routes:
        for handler in getattr(route, "route_handlers", ()):
            found |= {(str(method), route.path_format) for method in handler.http_methods}
    return sorted((m, p) for m, p in found if m not in {"OPTIONS", "HEAD"} and not p.startswith("/static"))


WEB = pages()


def test_every_page_has_a_line_and_every_line_a_page() -> None:
    there = {f"{method} {path}" for method, path in WEB}
    assert there - set(PAGES) == set(), "add a line to PAGES in amends.application.page_permissions"
    assert set(PAGES) - there == set(), "these lines of PAGES lead nowhere"


def test_every_name_in_a_path_has_a_sample() -> None:
    names = {name for _, path in WEB for name in re.findall(r"\{(\w+)\}", path)}
    assert names - set(SAMPLES) == {"order_id", "case_id", "stream"}, "say in SAMPLES what to try these with"


def test_every_operation_is_in_a_scope() -> None:
    assert unscoped() == set(), "name these in SCOPES in amends.application.scopes"
    assert set().union(*SCOPES.values()) - set(PERMISSIONS) == set()
    assert set(SCOPES) == set(account_words.SCOPES)


def test_what_has_no_line_is_not_there_for_anybody() -> None:
    assert verdict(None, None) is Verdict.NOT_THERE
    for role in (Role.BUYER, Role.SELLER, Role.MEDIATOR, Role.OPERATOR):
        account = Account(account_id="a", role=role, party_id="p", created_at=START)
        assert verdict(None, account) is Verdict.NOT_THERE


@pytest.fixture(scope="module")
async def town() -> Town:
    """Two orders of Nora's from Lumen with a case each; one case is before a mediator."""
    town = Town()
    for order_id in (OPEN, ESCALATED):
        await town.place(order_id, quantity=2)
        await town.deliver(order_id)
        await town.do(CLAIM, NORA, order_id)
    await town.do(Escalate(), NORA, ESCALATED, f"{ESCALATED}.1")
    for member in (Member.VIEWER, Member.AGENT):
        await town.token_of(LUMEN)
        await town.accounts.roster.add(
            Role.SELLER, party_id=LUMEN.id, email=f"{member}@lumen.example", member=member, name=member,
            password=await QUICK.hashed("harbour lantern seven"),
        )  # fmt: skip
    return town


async def come(town: Town, client: Any, one: Somebody) -> tuple[Account | None, dict[str, str]]:
    """Sign a column's person in; their account, and the fields every form needs."""
    client.follow_redirects = False
    hand = Hand(client, town)
    if one.actor is None:
        account = None
    elif one.member is Member.OWNER:
        token = await town.token_of(one.actor)
        client.cookies.set(COOKIE, token)
        found = await town.accounts.sessions.find(token)
        account = found.account if found else None
    else:
        await hand.look("/")
        password = "harbour lantern seven"
        form = hand.page.form("/sign-in/password")
        sent = {**form.fields, "email": f"{one.member}@lumen.example", "password": password}
        await client.post("/sign-in/password", data=sent)
        account = await town.accounts.roster.by_email(f"{one.member}@lumen.example")
    await hand.look("/forgotten")
    return account, dict(hand.page.form("/forgotten").fields)


async def ask(client: Any, method: str, template: str, order_id: str, fields: dict[str, str]) -> Response:
    path = template.format(order_id=order_id, case_id=f"{order_id}.1", stream=order_id, **SAMPLES)
    if method == "GET":
        return await client.get(path)  # type: ignore[no-any-return]
    return await client.post(path, data={**fields, "email": ""})  # type: ignore[no-any-return]


@pytest.mark.parametrize("one", PEOPLE, ids=lambda one: one.name)
async def test_pages_open_to_whom_the_table_says_and_foreign_things_are_not_there(
    town: Town, one: Somebody
) -> None:
    async with AsyncTestClient(town.app, base_url="http://town.example") as client:
        account, fields = await come(town, client, one)
        streams = dict(town.store.streams)
        leaks = await foreign(client, one, fields)
        assert town.store.streams == streams
        wrong = []
        for method, template in WEB:
            name = f"{method} {template}"
            page = PAGES[name]
            if name == "POST /sign-out" or (PER_ORDER.search(template) and not one.own):
                continue
            if name in ENDLESS and verdict(page, account) is Verdict.COME_IN:
                continue
            answer = await ask(client, method, template, one.own or "99-9", fields)
            if not fits(page, account, answer, name):
                wrong.append((name, answer.status_code, verdict(page, account)))
            shown = any(word in answer.text for word in SECRET_WORDS) and not PER_ORDER.search(template)
            if shown and (account is None or not one.own):
                leaks.append(f"{name} shows others' orders")
        assert leaks == []
        assert wrong == []


async def foreign(client: Any, one: Somebody, fields: dict[str, str]) -> list[str]:
    """What is wrong when somebody tries everything on an order of others."""
    leaks = []
    for method, template in WEB:
        if not one.foreign or not PER_ORDER.search(template):
            continue
        answer = await ask(client, method, template, one.foreign, fields)
        unknown = await ask(client, method, template, "99-9", fields)
        # A form that is not filled in may be refused before anything is looked for: then for every id alike.
        if answer.status_code != unknown.status_code or answer.status_code not in {404, 422}:
            leaks.append(f"{method} {template}: {answer.status_code}, unknown {unknown.status_code}")
        if "Dune" in answer.text:
            leaks.append(f"{method} {template} names what is sold")
    return leaks


def fits(page: Page, account: Account | None, answer: Response, name: str) -> bool:
    """Whether an answer is what the table says."""
    match verdict(page, account):
        case Verdict.NOT_THERE:
            return answer.status_code == 404
        case Verdict.LOOK_ONLY:
            return answer.status_code == 403
        case Verdict.SIGN_IN:
            return (
                answer.status_code == 303
                and re.match(r"/($|\?next=/)", answer.headers["location"]) is not None
            )
    if any(part in name for part in ABSENT):
        return answer.status_code == 404
    if name in CONDITIONAL:
        return answer.status_code in {303, 403, 404, 422}
    return answer.status_code in {200, 201, 303, 409, 422}


@pytest.mark.parametrize(
    "one", [one for one in PEOPLE if one.name in {"nobody", "seller", "operator"}], ids=str
)
async def test_no_form_is_taken_from_another_site_or_without_its_token(town: Town, one: Somebody) -> None:
    async with AsyncTestClient(town.app, base_url="http://town.example") as client:
        _, fields = await come(town, client, one)
        streams = dict(town.store.streams)
        for method, template in WEB:
            if method == "GET" or template in EXEMPT:
                continue
            path = template.format(order_id=OPEN, case_id=f"{OPEN}.1", stream="99-9", **SAMPLES)
            for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
                answer = await client.post(path, data=fields, headers=headers)
                assert answer.status_code == 403, (path, headers)
            answer = await client.post(path, data={**fields, "_csrf_token": "0" * 128})
            assert answer.status_code == 403, path
            assert "set-cookie" not in answer.headers or COOKIE not in answer.headers["set-cookie"]
        assert town.store.streams == streams


@pytest.mark.parametrize("one", [one for one in PEOPLE if one.name in {"nobody", "buyer"}], ids=str)
async def test_no_page_can_be_framed_cached_or_sniffed(town: Town, one: Somebody) -> None:
    async with AsyncTestClient(town.app, base_url="http://town.example") as client:
        await come(town, client, one)
        for method, template in WEB:
            if method != "GET":
                continue
            answer = await client.get(
                template.format(order_id=OPEN, case_id=f"{OPEN}.1", stream="99-9", **SAMPLES)
            )
            policy = answer.headers["content-security-policy"]
            assert re.search(r"frame-ancestors ('none'|'self'|https://)", policy), template
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            if answer.status_code == 200 and "text/html" in answer.headers["content-type"]:
                assert answer.headers["cache-control"] == "no-store", template


@pytest.mark.parametrize(
    "one", [one for one in PEOPLE if one.name in {"nobody", "buyer", "seller"}], ids=lambda one: one.name
)
@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_no_answer_leads_to_another_site(town: Town, one: Somebody, away: str) -> None:
    """Whatever an address or a form calls the way back, the way never leaves."""
    names = ("next", "back", "to", "page", "url", "return_to")
    async with AsyncTestClient(town.app, base_url="http://town.example") as client:
        _, fields = await come(town, client, one)
        # Signing out comes last, for what follows would be tried by nobody.
        for method, template in sorted(WEB, key=lambda row: row[1] == "/sign-out"):
            if template in {"/live/{stream}", "/sign-in/provider"}:
                continue
            path = template.format(order_id=OPEN, case_id=f"{OPEN}.1", **SAMPLES)
            query = dict.fromkeys(names, away)
            if method == "GET":
                answer = await client.get(path, params=query)
            else:
                answer = await client.post(path, params=query, data={**fields, **query})
            location = answer.headers.get("location", "/")
            assert re.match(r"/(?![/\\])|http://town\.example/", location), (method, template, location)
            assert answer.status_code < 500, (method, template)


# The API


@pytest.mark.parametrize("role", list(KeyRole))
async def test_the_api_opens_to_whom_the_table_says(role: KeyRole) -> None:
    async with open_market() as market:
        document = await stage(market, escalated=True)
        person = await market.person(role, OWN[role])
        for operation, method, path in ROUTES:
            if not path.startswith("/v1") or operation == "get_openapi":
                continue
            answer = await send(person, operation, method, path, document)
            if operation in SIGNED:
                # Open to all, but nobody's word is taken without the sender's signature.
                assert answer.status_code in {401, 404, 422}, (operation, answer.text)
            elif may(role, operation):
                assert answer.status_code not in {401, 405, 500}, (operation, answer.text)
                assert answer.status_code < 400 or kind(answer.json()) != "forbidden", operation
            else:
                assert (answer.status_code, kind(answer.json())) == (403, "forbidden"), operation


@pytest.mark.parametrize("role", list(FOREIGN))
async def test_what_is_foreign_is_not_there_in_the_api(role: KeyRole) -> None:
    async with open_market() as market:
        document = await stage(market)
        person = await market.person(role, FOREIGN[role])
        for operation, method, path in ROUTES:
            if ("{order_id}" in path or "{case_id}" in path) and may(role, operation):
                answer = await send(person, operation, method, path, document)
                assert (answer.status_code, kind(answer.json())) == (404, "not_found"), operation


@pytest.mark.row("P11")
@pytest.mark.parametrize("scope", list(SCOPES))
async def test_a_scoped_key_reaches_what_its_scope_names_and_no_more(scope: str) -> None:
    async with open_market() as market:
        document = await stage(market)
        for role in (KeyRole.MARKETPLACE, KeyRole.SELLER, KeyRole.OPERATOR):
            token, record = mint(role, OWN[role], START)
            await market.parts.keys.add(replace(record, scopes=(scope,)))
            person = Person(market.client, token)
            for operation, method, path in ROUTES:
                if PERMISSIONS[operation] is Access.OPEN or not may(role, operation):
                    continue
                answer = await send(person, operation, method, path, document)
                forbidden = answer.status_code == 403 and kind(answer.json()) == "forbidden"
                assert forbidden is not in_scope((scope,), operation), (role, operation, answer.text)
