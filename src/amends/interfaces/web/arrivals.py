"""Coming from elsewhere: handed over by a marketplace, or back from an identity provider."""

import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import msgspec
import structlog
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from amends.application.ports.accounts import Begun, IdentityProvider, IdentityRefused
from amends.application.signing_in import Closed
from amends.interfaces.web import sessions
from amends.interfaces.web.sign_in import enter, front
from amends.interfaces.web.visits import Visit, cookie
from amends.interfaces.web.words import N_

_log = structlog.get_logger()

_COOKIE = "amends_provider"
_PURPOSE = "provider"
_LIFE = timedelta(minutes=10)
_BACK = "/sign-in/provider/back"


class _Underway(msgspec.Struct, frozen=True):
    """A sign-in at the provider, kept in the browser that began it. ``until`` is in seconds of the epoch."""

    begun: Begun
    after: str
    until: int


@get("/hand-over")
async def hand_over(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Sign in whom a marketplace hands over; where somebody else is signed in, ask first."""
    token = _asked(visit, "token")
    found = visit.parts.accounts.doors.read_hand_over(token)
    if found is None:
        return enter(visit, Closed.EXPIRED)
    # What a browser fetches ahead nobody has pressed yet, and the token works once.
    if "prefetch" in visit.request.headers.get("sec-purpose", ""):
        return Response("", status_code=503)
    if visit.account is not None:
        if (visit.account.role.value, visit.account.party_id) == (found.role, found.sub):
            return await _handed_over(visit, token, found.next)
        return visit.page("hand_over.html", token=token, name=found.name or found.sub)
    return await _handed_over(visit, token, found.next)


@post("/hand-over")
async def change_over(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Go on as the one handed over."""
    token = (await visit.fields()).get("token", [""])[-1]
    found = visit.parts.accounts.doors.read_hand_over(token)
    return await _handed_over(visit, token, found.next if found else "")


async def _handed_over(visit: Visit, token: str, after: str) -> Response[str] | Redirect:
    guest = sessions.guest_of(visit.request, visit.parts)
    return enter(visit, await visit.parts.accounts.doors.by_hand_over(token, guest), after)


@get("/sign-in/provider")
async def leave(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Go to the identity provider."""
    provider = _provider(visit)
    try:
        begun = await provider.begin(_way_back(visit))
    except IdentityRefused as refused:
        return _failed(visit, refused)
    until = int((datetime.now(UTC) + _LIFE).timestamp())
    kept = sessions.sealed(_Underway(begun, _asked(visit, "next"), until), visit.parts.secret, _PURPOSE)
    answer = Redirect(begun.address, status_code=303)
    answer.set_cookie(cookie(visit.parts, _COOKIE, kept, int(_LIFE.total_seconds())))
    return answer


@get(_BACK)
async def come_back(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Back from the identity provider, with a code or with a refusal."""
    provider = _provider(visit)
    kept = visit.request.cookies.get(_COOKIE, "")
    underway = sessions.unsealed(kept, _Underway, visit.parts.secret, _PURPOSE)
    answer = await _answered(visit, provider, underway)
    answer.set_cookie(cookie(visit.parts, _COOKIE, "", 0))
    return answer


async def _answered(
    visit: Visit, provider: IdentityProvider, underway: _Underway | None
) -> Response[str] | Redirect:
    state = _asked(visit, "state")
    if underway is None or datetime.now(UTC).timestamp() >= underway.until:
        return _failed(visit, "this browser began no sign-in, or too long ago")
    if not hmac.compare_digest(state.encode(), underway.begun.state.encode()):
        return _failed(visit, "the state is another")
    if not _asked(visit, "code"):
        return _failed(visit, f"the provider said {_asked(visit, 'error')[:80]!r}")
    try:
        identity = await provider.finish(underway.begun, _asked(visit, "code"), _way_back(visit))
    except IdentityRefused as refused:
        return _failed(visit, refused)
    guest = sessions.guest_of(visit.request, visit.parts)
    return enter(visit, await visit.parts.accounts.doors.by_identity(identity, guest), underway.after)


def _failed(visit: Visit, why: object) -> Response[str]:
    _log.warning("provider_sign_in_failed", why=str(why))
    told = visit.words.say(N_("Signing in through your organisation did not work. Try again."))
    return front(visit, 502, errors={"": told})


def _provider(visit: Visit) -> IdentityProvider:
    provider = visit.parts.accounts.provider
    if provider is None:
        raise NotFoundException
    return provider


def _way_back(visit: Visit) -> str:
    return f"{visit.parts.accounts.base}{quote(_BACK)}"


def _asked(visit: Visit, name: str) -> str:
    return str(visit.request.query_params.get(name, ""))


routes = Router("/", route_handlers=[hand_over, change_over, leave, come_back])
