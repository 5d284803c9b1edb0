"""Coming from elsewhere: handed over by a marketplace (P14), or through an identity provider."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.house import BASE, open_house
from tests.interfaces.web.identity_house import CLIENT, SECRET, IdentityHouse, open_identity_house
from tests.interfaces.web.town import KAYA, NORA, Town

from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.oidc import OidcProvider
from amends.application.people import COMMAND_LINE
from amends.domain.orders import Tier
from amends.domain.parties import Actor, Role
from amends.interfaces.web.sessions import COOKIE

SHARED = "a secret shared with the marketplace, long enough"
NEWCOMER = Actor(Role.BUYER, "b-77")


def rehouse(town: Town, **more: Any) -> None:
    town.accounts = open_house(
        MemoryOutbox(town.store),
        town.clock.now,
        keys=town.keys,
        world=town.world,
        letterbox=town.letterbox,
        **more,
    )


def signed(town: Town, key: Any = None, algorithm: str = "HS256", **changes: Any) -> str:
    """A token as a marketplace signs one; a claim of None is left out."""
    now = int(town.world.at.timestamp())
    claims = {
        "iss": "market", "aud": BASE, "sub": "b-77", "role": "buyer", "jti": f"jti-{now}-{len(changes)}",
        "iat": now, "exp": now + 60, "name": "Bea Nakamorita", **changes,
    }  # fmt: skip
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": algorithm}, claims, key or OctKey.import_key(SHARED), algorithms=[algorithm])


@pytest.mark.row("P14", "A1")
async def test_a_marketplace_signs_its_buyer_in_with_a_token_of_its_own(hand: Hand, town: Town) -> None:
    rehouse(town, marketplace_key=SHARED)
    token = signed(town, tier="diamond", zone="Asia/Tokyo", next="/account")
    await hand.look(f"/hand-over?token={token}")
    assert hand.at == "/account"
    assert hand.page.says("Bea Nakamorita")
    assert hand.page.says("Membership Diamond")
    (account,) = await town.accounts.roster.of_party(NEWCOMER)
    assert (account.tier, account.zone, account.invented) == (Tier.DIAMOND, "Asia/Tokyo", False)
    # The tier is the marketplace's to say, each time anew; there is still one account.
    town.world.pass_by(minutes=1)
    hand.client.cookies.clear()
    await hand.look(f"/hand-over?token={signed(town, tier='platinum')}")
    assert hand.at == "/orders"
    (account,) = await town.accounts.roster.of_party(NEWCOMER)
    assert account.tier is Tier.PLATINUM


async def test_a_token_works_once(hand: Hand, town: Town) -> None:
    rehouse(town, marketplace_key=SHARED)
    token = signed(town)
    await hand.look(f"/hand-over?token={token}")
    hand.client.cookies.clear()
    await hand.look(f"/hand-over?token={token}", 403)
    assert hand.page.says("This link has been used or has run out.")
    assert COOKIE not in hand.client.cookies


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"aud": None},
        {"exp": None},
        {"iat": None},
        {"jti": None},
        {"jti": "short"},
        {"sub": None},
        {"sub": "x" * 65},
        {"role": "operator"},
        {"role": "mediator"},
        {"role": None},
        {"tier": "gold"},
        {"zone": "../../etc/passwd"},
        {"exp": 4102444800},
    ],
    ids=lambda changes: "-".join(f"{name}={value}" for name, value in changes.items())[:40],
)
async def test_a_token_that_does_not_say_what_it_must_signs_nobody_in(
    hand: Hand, town: Town, changes: dict[str, Any]
) -> None:
    rehouse(town, marketplace_key=SHARED)
    await hand.look(f"/hand-over?token={signed(town, **changes)}", 403)
    assert COOKIE not in hand.client.cookies
    assert await town.accounts.roster.of_party(NEWCOMER) == []


async def test_a_token_runs_out_and_is_not_taken_from_the_future(hand: Hand, town: Town) -> None:
    rehouse(town, marketplace_key=SHARED)
    early = signed(town)
    town.world.pass_by(seconds=60 + 31)
    await hand.look(f"/hand-over?token={early}", 403)
    later = signed(town, iat=int((town.world.at + timedelta(minutes=10)).timestamp()),
                   exp=int((town.world.at + timedelta(minutes=12)).timestamp()))  # fmt: skip
    await hand.look(f"/hand-over?token={later}", 403)


async def test_a_token_signed_by_somebody_else_or_by_nobody_is_refused(hand: Hand, town: Town) -> None:
    rehouse(town, marketplace_key=SHARED)
    forged = signed(town, OctKey.import_key("x" * 40))
    head, body, _ = signed(town).split(".")
    unsigned = f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}."
    for token in (forged, unsigned, f"{head}.{body}.", "", "x", "x" * 5000):
        await hand.look(f"/hand-over?token={token}", 403)
    assert COOKIE not in hand.client.cookies


async def test_a_marketplace_may_sign_with_a_key_only_it_has(hand: Hand, town: Town) -> None:
    key = OKPKey.generate_key("Ed25519")
    pem = key.as_pem(private=False).decode()
    rehouse(town, marketplace_key=pem)
    await hand.look(f"/hand-over?token={signed(town, key, 'Ed25519')}")
    assert hand.at == "/orders"
    # What verifies it is known to all: as a secret it signs nothing.
    hand.client.cookies.clear()
    town.world.pass_by(seconds=1)
    head, body, _ = signed(town).split(".")
    mac = hmac.new(pem.encode(), f"{head}.{body}".encode(), sha256).digest()
    forged = f"{head}.{body}.{urlsafe_b64encode(mac).decode().rstrip('=')}"
    await hand.look(f"/hand-over?token={forged}", 403)


async def test_somebody_signed_in_is_asked_before_becoming_somebody_else(hand: Hand, town: Town) -> None:
    rehouse(town, marketplace_key=SHARED)
    await hand.sign_in(NORA)
    token = signed(town)
    await hand.look(f"/hand-over?token={token}")
    assert hand.page.says("You are signed in as Nora Lindqvist.")
    await hand.look("/orders")
    assert hand.at == "/orders"
    await hand.look(f"/hand-over?token={token}")
    await hand.send("/hand-over")
    await hand.look("/account")
    assert hand.page.says("Bea Nakamorita")


async def test_fetching_ahead_does_not_use_a_token_up(hand: Hand, town: Town) -> None:
    rehouse(town, marketplace_key=SHARED)
    token = signed(town)
    answer = await hand.client.get(f"/hand-over?token={token}", headers={"sec-purpose": "prefetch;prerender"})
    assert answer.status_code == 503
    await hand.look(f"/hand-over?token={token}")
    assert hand.at == "/orders"


async def test_a_suspended_buyer_is_not_handed_over(hand: Hand, town: Town) -> None:
    rehouse(town, marketplace_key=SHARED)
    await town.accounts.roster.add(Role.BUYER, party_id="b-77", name="Bea")
    (account,) = await town.accounts.roster.of_party(NEWCOMER)
    await town.accounts.people.suspend(COMMAND_LINE, account.account_id, "Fraud")
    await hand.look(f"/hand-over?token={signed(town)}", 403)
    assert hand.page.says("This account is suspended.")


async def test_the_way_on_after_a_hand_over_stays_here(hand: Hand, town: Town) -> None:
    rehouse(town, marketplace_key=SHARED)
    answer = await hand.client.get(f"/hand-over?token={signed(town, next='//evil.example/x')}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders")


# Through an identity provider


@pytest.fixture
def provider() -> Iterator[IdentityHouse]:
    with open_identity_house() as opened:
        yield opened


def connect(town: Town, provider: IdentityHouse, **more: Any) -> None:
    rehouse(town, provider=OidcProvider(provider.issuer, CLIENT, SECRET, "groups"), **more)


async def go_through(
    hand: Hand, provider: IdentityHouse, expect: int = 200, path: str = "/sign-in/provider"
) -> Hand:
    """Press the button, say yes at the provider, and come back."""
    left = await hand.client.get(path)
    assert left.status_code == 303
    at = urlsplit(left.headers["location"])
    assert f"{at.scheme}://{at.netloc}{at.path}" == f"{provider.issuer}/authorize"
    back = provider.authorise(dict(parse_qsl(at.query)))
    return await hand.look(back.removeprefix(BASE), expect)


@pytest.mark.row("A1")
async def test_staff_sign_in_through_their_organisation_in_the_role_it_gives_them(
    hand: Hand, town: Town, provider: IdentityHouse
) -> None:
    connect(town, provider, roles={"judges": Role.MEDIATOR, "support": Role.OPERATOR})
    await hand.look("/")
    assert "/sign-in/provider" in hand.page.links
    provider.claims = {
        "groups": ["staff", "judges"],
        "email": "ines@org.example",
        "email_verified": True,
        "name": "Inés",
    }
    await go_through(hand, provider, path="/sign-in/provider?next=/account")
    assert hand.at == "/account"
    assert hand.page.says("Mediator")
    made = await town.accounts.roster.by_email("ines@org.example")
    assert made is not None
    assert made.role is Role.MEDIATOR
    # Again, under another address: it is the same person, by the provider's own name for them.
    hand.client.cookies.clear()
    provider.claims["email"] = "married@org.example"
    await go_through(hand, provider)
    assert await town.accounts.roster.by_email("married@org.example") is None
    # Without the role, the account opens no more.
    hand.client.cookies.clear()
    provider.claims["groups"] = []
    await go_through(hand, provider, 403)
    provider.claims["groups"] = ["support"]
    await go_through(hand, provider, 403)


async def test_an_account_is_linked_by_a_verified_address_alone(
    hand: Hand, town: Town, provider: IdentityHouse
) -> None:
    connect(town, provider)
    await town.accounts.roster.add(Role.OPERATOR, email="kim@org.example", name="Kim")
    for claims in ({"email": "kim@org.example"}, {"email": "kim@org.example", "email_verified": False}, {}):
        provider.claims = claims
        await go_through(hand, provider, 403)
        assert hand.page.says("There is no account for you here yet.")
    provider.claims = {"email": "KIM@org.example", "email_verified": True}
    await go_through(hand, provider)
    assert hand.at != "/"


@pytest.mark.parametrize(
    "twist",
    [
        {"nonce": "another"},
        {"aud": "somebody-else"},
        {"iss": "https://other.example"},
        {"exp": 1_600_000_000},
        {"sub": None},
        {"aud": [CLIENT, "other"]},
    ],
    ids=str,
)
async def test_an_answer_that_does_not_hold_signs_nobody_in(
    hand: Hand, town: Town, provider: IdentityHouse, twist: dict[str, Any]
) -> None:
    connect(town, provider, roles={"judges": Role.MEDIATOR})
    provider.claims = {"groups": "judges"}
    provider.twist = twist
    await go_through(hand, provider, 502)
    assert COOKIE not in hand.client.cookies


async def test_another_key_signs_nobody_in_until_the_provider_publishes_it(
    hand: Hand, town: Town, provider: IdentityHouse
) -> None:
    connect(town, provider, roles={"judges": Role.MEDIATOR})
    provider.claims = {"groups": "judges"}
    await go_through(hand, provider)
    hand.client.cookies.clear()
    fresh = type(provider.key).generate_key(2048, parameters={"kid": "k1", "use": "sig"})
    provider.signer = fresh
    await go_through(hand, provider, 502)
    provider.key = fresh
    await go_through(hand, provider)
    assert hand.at == "/cases"


async def test_the_state_ties_the_answer_to_the_browser_that_asked(
    hand: Hand, town: Town, provider: IdentityHouse
) -> None:
    connect(town, provider, roles={"judges": Role.MEDIATOR})
    provider.claims = {"groups": "judges"}
    left = await hand.client.get("/sign-in/provider")
    query = dict(parse_qsl(urlsplit(left.headers["location"]).query))
    back = provider.authorise(query).removeprefix(BASE)
    # Another browser, or a forged state, or no code, signs nobody in.
    kept = hand.client.cookies["amends_provider"]
    hand.client.cookies.clear()
    await hand.look(back, 502)
    hand.client.cookies.set("amends_provider", kept)
    await hand.look(back.replace(query["state"], "A" * 43), 502)
    hand.client.cookies.set("amends_provider", kept)
    await hand.look(f"/sign-in/provider/back?error=access_denied&state={query['state']}", 502)
    assert COOKIE not in hand.client.cookies


async def test_a_provider_that_is_not_who_it_should_be_or_does_not_answer(
    hand: Hand, town: Town, provider: IdentityHouse
) -> None:
    connect(town, provider)
    provider.twist = {"says_issuer": "https://other.example"}
    await hand.look("/sign-in/provider", 502)
    rehouse(town, provider=OidcProvider("http://127.0.0.1:9", CLIENT, SECRET))
    await hand.look("/sign-in/provider", 502)
    assert hand.page.says("Signing in through your organisation did not work.")


async def test_without_a_provider_there_is_no_way_to_one(hand: Hand, town: Town) -> None:
    await hand.look("/")
    assert "/sign-in/provider" not in hand.page.links
    for path in ("/sign-in/provider", "/sign-in/provider/back?code=x&state=y"):
        await hand.look(path, 404)
    await hand.sign_in(KAYA)
