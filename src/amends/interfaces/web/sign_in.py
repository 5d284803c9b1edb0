"""Signing in with a password or, in the sandbox, with a card; and signing out."""

from datetime import timedelta

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from amends.application.sessions import Opened
from amends.application.signing_in import Closed, Entry, TooMany
from amends.domain.parties import Role
from amends.interfaces.web import account_words, vocabulary
from amends.interfaces.web.looks import inside
from amends.interfaces.web.parts import Person
from amends.interfaces.web.sessions import cookie_name, guest_of
from amends.interfaces.web.visits import Visit, cookie, home
from amends.interfaces.web.words import N_

_ORDER = (Role.BUYER, Role.SELLER, Role.MEDIATOR, Role.OPERATOR)


@get("/")
async def start(visit: NamedDependency[Visit]) -> Response[str]:
    """The first page: sign in or, in the sandbox, who to be."""
    return front(visit)


def front(
    visit: Visit,
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    email: str = "",
    after: str = "",
    wait_s: int = 0,
) -> Response[str]:
    """The first page, with what went wrong by field; an empty field is about the whole."""
    people = visit.parts.demo_people() if visit.parts.sandbox else ()
    groups: list[tuple[str, str, list[Person]]] = []
    for role in _ORDER:
        of_role = [person for person in people if person.actor.role is role]
        if of_role:
            groups.append((role.value, visit.words.say(vocabulary.ROLES[role]), of_role))
    answer = visit.page(
        "sign_in.html",
        status,
        groups=groups,
        errors=errors or {},
        email=email,
        next=_next(after or visit.request.query_params.get("next", "")),
        provider=visit.parts.accounts.provider is not None,
    )
    if wait_s:
        answer.headers["retry-after"] = str(wait_s)
    return answer


@post("/sign-in")
async def by_card(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Become one of the demo's people."""
    if not visit.parts.sandbox:
        raise NotFoundException
    wanted = (await visit.fields()).get("person", [""])[-1]
    for person in visit.parts.demo_people():
        if wanted == f"{person.actor.role.value}:{person.actor.id}":
            guest = guest_of(visit.request, visit.parts)
            entry = await visit.parts.accounts.doors.by_card(
                person.actor, person.name, guest, person.zone, person.country
            )
            return enter(visit, entry)
    return front(visit, 422, errors={"": visit.words.say(N_("Choose one of the people shown."))})


@post("/sign-in/password")
async def by_password(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Sign in with address and password."""
    fields = await visit.fields()
    email, password, after = (fields.get(name, [""])[-1] for name in ("email", "password", "next"))
    missing = {
        name: visit.words.say(message)
        for name, message, value in (
            ("email", N_("Enter your mail address."), email.strip()),
            ("password", N_("Enter your password."), password),
        )
        if not value
    }
    if missing:
        return front(visit, 422, errors=missing, email=email, after=after)
    guest = guest_of(visit.request, visit.parts)
    return enter(visit, await visit.parts.accounts.doors.by_password(email, password, guest), after, email)


@post("/sign-out")
async def sign_out(visit: NamedDependency[Visit]) -> Redirect:
    """End the session."""
    await visit.parts.accounts.sessions.end(guest_of(visit.request, visit.parts).token)
    answer = visit.redirect("/")
    answer.set_cookie(cookie(visit.parts, cookie_name(visit.parts), "", 0))
    return answer


def enter(visit: Visit, entry: Entry, after: str = "", email: str = "") -> Response[str] | Redirect:
    """What follows from knocking: the page somebody wanted, or the first page with the reason."""
    match entry:
        case Opened(token=token, account=account, seconds=seconds):
            answer = visit.redirect(_next(after) or home(account.role))
            answer.set_cookie(cookie(visit.parts, cookie_name(visit.parts), token, seconds))
            return answer
        case TooMany(wait_s=wait_s):
            told = waiting(visit, wait_s)
            return front(visit, 429, errors={"": told}, email=email, after=after, wait_s=wait_s)
        case Closed.WRONG:
            told = visit.words.say(account_words.CLOSED[Closed.WRONG])
            return front(visit, 422, errors={"email": told}, email=email, after=after)
        case why:
            told = visit.words.say(account_words.CLOSED[why])
            return front(visit, 403, errors={"": told}, email=email, after=after)


def waiting(visit: Visit, wait_s: int) -> str:
    """How long to wait, in words; whole minutes, never too few."""
    length = visit.words.length(timedelta(minutes=-(-wait_s // 60)))
    return visit.words.say(account_words.WAIT, length=length)


def _next(address: str) -> str:
    """A path of ours to go on to; empty where there is none."""
    return inside(address) if address and inside(address) != "/" else ""


routes = Router("/", route_handlers=[start, by_card, by_password, sign_out])
