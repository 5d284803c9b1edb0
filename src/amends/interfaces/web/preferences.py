"""One page for what somebody is told by mail and when, and the link that ends a kind of mail."""

from datetime import time
from zoneinfo import available_timezones

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.ports.preferences import Preferences
from amends.application.preferences import CATEGORIES, DIGEST, NOW, OFF, Declining, read_decline
from amends.interfaces.web.forms import Form
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_WISHES = {NOW: N_("At once"), DIGEST: N_("Once a day"), OFF: N_("Never by e-mail")}
_UNSUBSCRIBE = "/unsubscribe/{token:str}"


@get("/preferences")
async def preferences(visit: NamedDependency[Visit]) -> Response[str]:
    """What somebody chose."""
    kept = await visit.parts.correspondence.preferences.get(visit.actor)
    return _page(visit, _typed(kept))


@post("/preferences")
async def choose(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Keep what somebody chooses."""
    form = Form(await visit.fields(), visit.words, visit.now)
    wishes = {one: form.choice(one, _WISHES, N_("Choose when you want it.")) for one in CATEGORIES}
    quiet_from, quiet_until = _hour(form, "quiet_from"), _hour(form, "quiet_until")
    if (quiet_from is None) != (quiet_until is None):
        form.wrong("quiet_until" if quiet_until is None else "quiet_from", N_("Give both hours, or none."))
    digest_at = _hour(form, "digest_at")
    if digest_at is None:
        form.wrong("digest_at", N_("Enter an hour such as 08:00."))
    zone = form.raw("zone")
    if zone and zone not in available_timezones():
        form.wrong("zone", N_("Choose a time zone of the list."))
    if form.errors:
        typed = {
            name: form.raw(name) for name in (*CATEGORIES, "quiet_from", "quiet_until", "digest_at", "zone")
        }
        return _page(visit, typed, form.errors)
    chosen = Preferences(
        mail={one: wish for one, wish in wishes.items() if wish != NOW},
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        digest_at=digest_at or time(8),
        zone=zone,
    )
    await visit.parts.correspondence.preferences.put(visit.actor, chosen)
    return visit.redirect("/preferences", "preferences")


@get(_UNSUBSCRIBE)
async def ask(visit: NamedDependency[Visit], token: FromPath[str]) -> Response[str]:
    """Where the link in a mail leads: a button, since programs that look at links must not end anything."""
    wish = _wish(visit, token)
    return visit.page("unsubscribe.html", name=visit.words.say(CATEGORIES[wish.category][0]), ended=False)


@post(_UNSUBSCRIBE, exclude_from_csrf=True)
async def end(visit: NamedDependency[Visit], token: FromPath[str]) -> Response[str]:
    """End a kind of mail, by the button or the mail program (RFC 8058): the token is proof enough."""
    wish = _wish(visit, token)
    book = visit.parts.correspondence.preferences
    kept = await book.get(wish.person)
    await book.put(
        wish.person,
        Preferences(
            mail={**kept.mail, wish.category: OFF},
            quiet_from=kept.quiet_from,
            quiet_until=kept.quiet_until,
            digest_at=kept.digest_at,
            zone=kept.zone,
        ),
    )
    return visit.page("unsubscribe.html", name=visit.words.say(CATEGORIES[wish.category][0]), ended=True)


def _wish(visit: Visit, token: str) -> Declining:
    wish = read_decline(token, visit.parts.correspondence.secret)
    if wish is None:
        raise NotFoundException
    return wish


def _hour(form: Form, name: str) -> time | None:
    typed = form.raw(name)
    if not typed:
        return None
    try:
        return time.fromisoformat(typed).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        form.wrong(name, N_("Enter an hour such as 08:00."))
        return None


def _typed(kept: Preferences) -> dict[str, str]:
    return {
        **{one: kept.mail.get(one, NOW) for one in CATEGORIES},
        "quiet_from": _clock(kept.quiet_from),
        "quiet_until": _clock(kept.quiet_until),
        "digest_at": _clock(kept.digest_at),
        "zone": kept.zone,
    }


def _clock(at: time | None) -> str:
    return at.strftime("%H:%M") if at else ""


def _page(visit: Visit, typed: dict[str, str], errors: dict[str, str] | None = None) -> Response[str]:
    say = visit.words.say
    return visit.page(
        "preferences.html",
        422 if errors else 200,
        categories=[(one, say(name), say(what)) for one, (name, what) in CATEGORIES.items()],
        wishes=[(code, say(title)) for code, title in _WISHES.items()],
        zones=sorted(available_timezones()),
        typed=typed,
        errors=errors or {},
    )


routes = Router("/", route_handlers=[preferences, choose, ask, end])
