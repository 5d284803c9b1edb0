"""Signing in and out, and the colours of the pages. In the sandbox a card per person is all it takes."""

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from amends.domain.parties import Role
from amends.interfaces.web import sessions, vocabulary
from amends.interfaces.web.parts import Person
from amends.interfaces.web.visits import THEME_COOKIE, THEMES, Visit, cookie, home

_YEAR_S = 365 * 24 * 3600
_ORDER = (Role.BUYER, Role.SELLER, Role.MEDIATOR, Role.OPERATOR)


@get("/")
async def start(visit: NamedDependency[Visit]) -> Response[str]:
    """The first page: who to be."""
    return _cards(visit)


def _cards(visit: Visit, *, missing: bool = False) -> Response[str]:
    people = visit.parts.demo_people() if visit.parts.sandbox else ()
    groups: list[tuple[str, str, list[Person]]] = []
    for role in _ORDER:
        of_role = [person for person in people if person.actor.role is role]
        if of_role:
            groups.append((role.value, visit.words.say(vocabulary.ROLES[role]), of_role))
    return visit.page("sign_in.html", 422 if missing else 200, groups=groups, missing=missing)


@post("/sign-in")
async def sign_in(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Become one of the demo's people."""
    if not visit.parts.sandbox:
        raise NotFoundException
    wanted = (await visit.fields()).get("person", [""])[-1]
    for person in visit.parts.demo_people():
        if wanted == f"{person.actor.role.value}:{person.actor.id}":
            answer = visit.redirect(home(person.actor.role))
            value = sessions.issue(person.actor, visit.parts.secret)
            seconds = int(sessions.LENGTH.total_seconds())
            answer.set_cookie(cookie(visit.parts, sessions.COOKIE, value, seconds))
            return answer
    return _cards(visit, missing=True)


@post("/sign-out")
async def sign_out(visit: NamedDependency[Visit]) -> Redirect:
    """Forget who is signed in."""
    answer = visit.redirect("/")
    answer.set_cookie(cookie(visit.parts, sessions.COOKIE, "", 0))
    return answer


@post("/theme")
async def theme(visit: NamedDependency[Visit]) -> Redirect:
    """Light, dark, or as the device says; kept in a cookie, so that it needs no script."""
    fields = await visit.fields()
    chosen = fields.get("theme", [""])[-1]
    back = fields.get("back", ["/"])[-1]
    # Only a path of ours: two slashes or a backslash would lead to another site.
    inside = back.startswith("/") and not back.startswith("//") and "\\" not in back
    answer = visit.redirect(back if inside else "/")
    known = chosen in THEMES
    answer.set_cookie(cookie(visit.parts, THEME_COOKIE, chosen if known else "", _YEAR_S if known else 0))
    return answer


routes = Router("/", route_handlers=[start, sign_in, sign_out, theme])
