"""Somebody's own account: what it says of them, their password, and where they are signed in."""

from collections.abc import Callable
from zoneinfo import available_timezones

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException
from litestar.response import Redirect

from amends.application.ports.accounts import Account, Member, Session, SignedIn
from amends.application.roster import AccountRefused
from amends.application.sessions import id_of
from amends.application.signing_in import TooMany
from amends.domain.parties import Role
from amends.interfaces.web import account_words
from amends.interfaces.web.forms import Form
from amends.interfaces.web.sign_in import waiting
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import LANGUAGES, N_

# The names people know; the rest are aliases and offsets.
_REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A device somebody is signed in on, in words."""

    id: str
    device: str
    how: str
    address: str
    since: str
    seen: str
    here: bool


def mine(visit: Visit) -> SignedIn:
    """Who is signed in, with their session. Raises `NotAuthorizedException` for nobody."""
    if visit.signed_in is None:
        raise NotAuthorizedException
    return visit.signed_in


def tabs(visit: Visit) -> list[tuple[str, str]]:
    """The pages of the account that its owner may open."""
    account = mine(visit).account
    found = [("/account", N_("Profile and password")), ("/account/sessions", N_("Devices"))]
    if account.role is Role.BUYER:
        found.append(("/account/known", N_("What is known about you")))
    if account.role is Role.SELLER:
        found.append(("/account/team", N_("Team")))
    if account.role in {Role.SELLER, Role.OPERATOR} and account.member is Member.OWNER:
        found.append(("/account/keys", N_("API keys")))
    return [(path, visit.words.say(title)) for path, title in found]


@get("/account")
async def profile(visit: NamedDependency[Visit]) -> Response[str]:
    """What the account says, and forms to change it."""
    return _page(visit)


@post("/account/profile")
async def save(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Change name, language and time zone."""
    account = mine(visit).account
    form = Form(await visit.fields(), visit.words, visit.now)
    name = form.text("name", N_("Enter your name."), 200)
    zone, language = form.raw("zone"), form.raw("language")
    if language and language not in LANGUAGES:
        form.wrong("language", N_("Choose one of the languages."))
    if not form.errors:
        try:
            await visit.parts.accounts.roster.set_profile(account, name=name, zone=zone, language=language)
        except AccountRefused:
            form.wrong("zone", N_("Choose one of the time zones."))
    if form.errors:
        return _page(visit, 422, form=form)
    return visit.redirect("/account", "profile")


@post("/account/password")
async def change_password(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Change the password; every other device is signed out."""
    form = Form(await visit.fields(), visit.words, visit.now)
    old, new = (form.values.get(name, [""])[-1] for name in ("old", "new"))
    if not mine(visit).account.email:
        form.wrong("new", N_("Your marketplace signs you in. There is no password here."))
        return _page(visit, 422, form=form)
    why = await visit.parts.accounts.credentials.change(mine(visit), old, new)
    if why is None:
        return visit.redirect("/account", "password")
    if isinstance(why, TooMany):
        form.errors["old"] = waiting(visit, why.wait_s)
        answer = _page(visit, 429, form=form)
        answer.headers["retry-after"] = str(why.wait_s)
        return answer
    form.wrong("old" if why == "wrong" else "new", account_words.UNFIT[why])
    return _page(visit, 422, form=form)


def _page(visit: Visit, status: int = 200, form: Form | None = None) -> Response[str]:
    account = mine(visit).account
    typed = form.raw if form else _saved(account, visit.words.zone.key)
    zones = sorted(zone for zone in available_timezones() if zone.startswith(_REGIONS) or zone == "UTC")
    return visit.page(
        "account.html",
        status,
        tabs=tabs(visit),
        account=account,
        errors=form.errors if form else {},
        typed=typed,
        zones=[(zone, zone.replace("_", " ")) for zone in zones],
        choices=[(one.code, one.name) for one in LANGUAGES.values()],
        tier=visit.words.say(account_words.TIERS[account.tier]) if account.role is Role.BUYER else "",
        member=visit.words.say(account_words.MEMBERS[account.member]) if account.role is Role.SELLER else "",
    )


def _saved(account: Account, zone: str) -> Callable[[str], str]:
    values = {"name": account.name, "language": account.language, "zone": account.zone or zone}
    return lambda name: values.get(name, "")


@get("/account/sessions")
async def devices(visit: NamedDependency[Visit]) -> Response[str]:
    """Where somebody is signed in."""
    current = mine(visit).session
    found = await visit.parts.accounts.sessions.of(current.account_id)
    rows = [_row(visit, one, current) for one in found]
    return visit.page("account_sessions.html", tabs=tabs(visit), rows=rows)


@post("/account/sessions")
async def end(visit: NamedDependency[Visit]) -> Redirect:
    """Sign out one other device, or all others."""
    wanted = (await visit.fields()).get("session", [""])[-1]
    sessions, signed_in = visit.parts.accounts.sessions, mine(visit)
    if wanted == "others":
        await sessions.end_others(signed_in)
        return visit.redirect("/account/sessions", "sessions-ended")
    await sessions.end_one(signed_in.account.account_id, wanted)
    return visit.redirect("/account/sessions", "session-ended")


def _row(visit: Visit, session: Session, current: Session) -> SessionRow:
    words = visit.words
    return SessionRow(
        id=id_of(session),
        device=device_of(visit, session.user_agent),
        how=words.say(account_words.WAYS[session.how]),
        address=session.address,
        since=words.stamp(session.created_at),
        seen=words.stamp(session.seen_at),
        here=session.digest == current.digest,
    )


# Most name others besides themselves, so the order counts.
_BROWSERS = (
    ("Firefox/", "Firefox"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_of(visit: Visit, agent: str) -> str:
    """``Firefox on Android``, as far as the browser says."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    if browser and system:
        return visit.words.say(N_("%(browser)s on %(system)s"), browser=browser, system=system)
    return browser or system or agent[:40] or visit.words.say(N_("Unknown device"))


routes = Router("/", route_handlers=[profile, save, change_password, devices, end])
