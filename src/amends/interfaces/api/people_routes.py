"""Looking after accounts: who has one, who is shut out, and what tier a buyer has."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, delete, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from amends.application.people import WHY_MAX, By, PeopleRefusal
from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.application.ports.accounts import Account
from amends.application.ports.people import PeopleFilter, Standing
from amends.domain.orders import Tier
from amends.domain.parties import Actor, Role
from amends.interfaces.api.bodies import Body
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import ApiRequest, Cursor, Limit, Word, asked_by, says, shown

AccountId = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="The account's id.")]
BuyerId = Annotated[
    str, PathParameter(pattern=r"^[A-Za-z0-9_.@-]{1,64}$", description="The buyer's id in orders.")
]
_Why = Annotated[str, Meta(max_length=WHY_MAX, description="Kept in the audit log.")]
# A marketplace looks after those it brings; staff is the house's own.
_BROUGHT = frozenset({Role.BUYER, Role.SELLER})


class TierBody(Body, frozen=True, kw_only=True):
    """What standing a buyer has from now on, and why."""

    tier: Tier
    why: _Why = ""


class SuspensionBody(Body, frozen=True, kw_only=True):
    """Why somebody is shut out."""

    why: Annotated[str, Meta(min_length=1, max_length=WHY_MAX, description="Kept in the audit log.")]


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account. ``party_id`` is the id in orders and cases; ``tier`` is a buyer's, empty for others."""

    account_id: str
    role: Role
    party_id: str
    name: str
    email: str
    tier: str
    created_at: datetime
    suspended_at: datetime | None
    suspended_why: str


class AccountList(msgspec.Struct, frozen=True):
    """A page of accounts, newest first; ``next`` is the cursor of the following page, empty on the last."""

    accounts: tuple[AccountView, ...]
    next: str


def people_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route about people with accounts."""
    return [*_reading(desk), *_deciding(desk)]


def _reading(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/accounts",
        name="list_accounts",
        summary="List accounts",
        description="Newest first. Each word of `q` has to stand in name, mail address or id. A marketplace"
        " sees buyers and sellers, operators everybody.",
        tags=["People"],
        opt=says(AccountList),
    )
    async def list_accounts(
        request: ApiRequest,
        q: Word = "",
        role: Annotated[Role | None, QueryParameter()] = None,
        standing: Annotated[Standing | None, QueryParameter()] = None,
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> Response[bytes]:
        roles = _roles(request.user)
        if role is not None and role not in roles:
            return shown(AccountList((), ""))
        wanted = PeopleFilter(text=q, role=role, standing=standing)
        try:
            page = await desk.parts.accounts.people.find(wanted, cursor, limit)
        except ValueError as error:
            fail("invalid", f"{error}: take `next` of the page before.", parameter="cursor")
        seen = tuple(_view(one) for one in page.accounts if one.role in roles)
        return shown(AccountList(seen, page.next))

    @get(
        "/accounts/{account_id:str}",
        name="get_account",
        summary="Read an account",
        description="Who it is, in which role, since when, and whether they may sign in.",
        tags=["People"],
        opt=says(AccountView),
    )
    async def get_account(request: ApiRequest, account_id: AccountId) -> Response[bytes]:
        return shown(_view(await _account(desk, request.user, account_id)))

    return [list_accounts, get_account]


def _deciding(desk: Desk) -> list[HTTPRouteHandler]:
    tiers, suspensions = msgspec.json.Decoder(TierBody), msgspec.json.Decoder(SuspensionBody)

    @put(
        "/buyers/{buyer_id:str}/tier",
        name="set_buyer_tier",
        summary="Set a buyer's tier",
        description="Holds for orders placed from now on that do not name a tier themselves; fast refunds"
        " depend on it. The same tier again changes nothing. What is changed is kept in the audit log.",
        tags=["People"],
        opt=says(AccountView, reads=TierBody, example={"tier": "platinum", "why": "Two years of orders."}),
    )
    async def set_buyer_tier(request: ApiRequest, buyer_id: BuyerId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(tiers, await request.body())
        found = await desk.parts.accounts.people.of_party(Actor(Role.BUYER, buyer_id))
        if not found:
            fail("not_found", f"Buyer {buyer_id} has no account: they get it when they first come.")
        await desk.parts.accounts.people.set_tier(_by(asked.caller), found[0].account_id, body.tier, body.why)
        return shown(_view(await _account(desk, asked.caller, found[0].account_id)))

    @put(
        "/accounts/{account_id:str}/suspension",
        name="suspend_account",
        summary="Suspend an account",
        description="Sessions end and API keys they made stop working at once; orders and cases go on. Who is"
        " suspended already stays so.",
        tags=["People"],
        opt=says(AccountView, reads=SuspensionBody, example={"why": "Chargebacks without a reason."}),
    )
    async def suspend_account(request: ApiRequest, account_id: AccountId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(suspensions, await request.body())
        await _account(desk, asked.caller, account_id)
        refusal = await desk.parts.accounts.people.suspend(_by(asked.caller), account_id, body.why)
        if refusal is PeopleRefusal.REASON:
            fail("invalid", "Say why, in words.", pointer="/why")
        return shown(_view(await _account(desk, asked.caller, account_id)))

    @delete(
        "/accounts/{account_id:str}/suspension",
        name="restore_account",
        status_code=200,
        summary="Let somebody in again",
        description="Sessions stay ended. Who is not suspended stays as they are.",
        tags=["People"],
        opt=says(AccountView),
    )
    async def restore_account(request: ApiRequest, account_id: AccountId) -> Response[bytes]:
        asked = await asked_by(request)
        await _account(desk, asked.caller, account_id)
        await desk.parts.accounts.people.restore(_by(asked.caller), account_id)
        return shown(_view(await _account(desk, asked.caller, account_id)))

    return [set_buyer_tier, suspend_account, restore_account]


def _roles(caller: Caller) -> frozenset[Role]:
    return frozenset(Role) if caller.role is KeyRole.OPERATOR else _BROUGHT


async def _account(desk: Desk, caller: Caller, account_id: str) -> Account:
    account = await desk.parts.accounts.people.get(account_id)
    if account is None or account.role not in _roles(caller):
        fail("not_found", f"There is no account {account_id}.")
    return account


def _by(caller: Caller) -> By:
    return By(caller.actor)


def _view(account: Account) -> AccountView:
    return AccountView(
        account_id=account.account_id,
        role=account.role,
        party_id=account.party_id,
        name=account.name,
        email=account.email,
        tier=account.tier.value if account.role is Role.BUYER else "",
        created_at=account.created_at,
        suspended_at=account.suspended_at,
        suspended_why=account.suspended_why,
    )
