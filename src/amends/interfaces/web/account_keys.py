"""API keys of sellers and of the marketplace: made here, shown once, revoked here."""

from hashlib import sha256

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from amends.application.accounts import owner_of_keys, public_id
from amends.application.ports import ApiKey
from amends.application.scopes import scopes_for
from amends.domain.parties import Role
from amends.interfaces.web import account_words
from amends.interfaces.web.account import mine, tabs
from amends.interfaces.web.forms import Form
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A key in words."""

    id: str
    name: str
    scopes: str
    made: str
    used: str


@get("/account/keys")
async def keys(visit: NamedDependency[Visit]) -> Response[str]:
    """The keys in being, and a form for a new one."""
    return await _page(visit)


@post("/account/keys")
async def make(visit: NamedDependency[Visit]) -> Response[str]:
    """Make a key and show it: the only time it can be seen."""
    account = mine(visit).account
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    name = form.text("name", N_("Say what the key is for."), 100)
    possible = scopes_for(owner_of_keys(account)[0])
    scopes = tuple(scope for scope in possible if scope in values.get("scope", []))
    if not scopes:
        form.wrong("scope", N_("Choose what the key may do."))
    if form.errors:
        return await _page(visit, 422, form=form)
    key_id = sha256(f"{account.account_id} {form.raw('_key')}".encode()).hexdigest()[:20]
    made = await visit.parts.accounts.make_key(account, name, scopes, key_id)
    if made is None:
        form.wrong("name", N_("This key was made already. It was shown once; revoke it if it is lost."))
        return await _page(visit, 409, form=form)
    return await _page(visit, 201, token=made[0])


@post("/account/keys/revoke")
async def revoke(visit: NamedDependency[Visit]) -> Redirect:
    """End a key."""
    wanted = (await visit.fields()).get("key", [""])[-1]
    if not await visit.parts.accounts.revoke_key(mine(visit).account, wanted):
        raise NotFoundException
    return visit.redirect("/account/keys", "key-revoked")


async def _page(visit: Visit, status: int = 200, form: Form | None = None, token: str = "") -> Response[str]:
    account, words = mine(visit).account, visit.words
    found = await visit.parts.accounts.keys_of(account)
    possible = scopes_for(owner_of_keys(account)[0])
    return visit.page(
        "account_keys.html",
        status,
        tabs=tabs(visit),
        rows=[_row(visit, one) for one in found],
        token=token,
        errors=form.errors if form else {},
        name=form.raw("name") if form else "",
        ticked=form.values.get("scope", []) if form else [],
        scopes=[(scope, words.say(account_words.SCOPES.get(scope, scope))) for scope in possible],
        marketplace=account.role is Role.OPERATOR,
    )


def _row(visit: Visit, key: ApiKey) -> KeyRow:
    words = visit.words
    everything = words.say(N_("Everything its role may do"))
    named = [words.say(account_words.SCOPES[one]) for one in key.scopes or () if one in account_words.SCOPES]
    return KeyRow(
        id=public_id(key),
        name=key.name or words.say(N_("No name")),
        scopes=everything if key.scopes is None else words.listing(named),
        made=words.stamp(key.created_at),
        used=words.stamp(key.used_at) if key.used_at else words.say(N_("never")),
    )


routes = Router("/", route_handlers=[keys, make, revoke])
