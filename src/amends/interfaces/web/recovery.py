"""A forgotten password, set anew by a link in a mail; and an invitation to a seller's team, accepted."""

from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter
from litestar.response import Redirect

from amends.application.credentials import Unfit
from amends.application.ports.accounts import Account, How, Pass
from amends.application.teams import TeamRefusal
from amends.interfaces.web import account_words
from amends.interfaces.web.sessions import guest_of
from amends.interfaces.web.sign_in import enter, waiting
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

Token = Annotated[str, PathParameter(max_length=100)]


@get("/forgotten")
async def forgotten(visit: NamedDependency[Visit]) -> Response[str]:
    """Ask for a new password."""
    return visit.page("forgotten.html", errors={}, sent=False, email="")


@post("/forgotten")
async def send_link(visit: NamedDependency[Visit]) -> Response[str]:
    """Post a link. The answer is the same whether there is an account or not."""
    email = (await visit.fields()).get("email", [""])[-1].strip()
    if not email:
        told = visit.words.say(N_("Enter your mail address."))
        return visit.page("forgotten.html", 422, errors={"email": told}, sent=False, email="")
    wait = await visit.parts.accounts.credentials.forgotten(email, guest_of(visit.request, visit.parts))
    if wait is None:
        return visit.page("forgotten.html", errors={}, sent=True, email=email)
    errors = {"": waiting(visit, wait.wait_s)}
    answer = visit.page("forgotten.html", 429, errors=errors, sent=False, email=email)
    answer.headers["retry-after"] = str(wait.wait_s)
    return answer


@get("/reset/{token:str}")
async def choose(visit: NamedDependency[Visit], token: Token) -> Response[str]:
    """Choose a new password."""
    if not await visit.parts.accounts.credentials.can_reset(token):
        return _gone(visit, account_words.UNFIT[Unfit.GONE])
    return visit.page("reset.html", errors={}, token=token)


@post("/reset/{token:str}")
async def reset(visit: NamedDependency[Visit], token: Token) -> Response[str] | Redirect:
    """Set it."""
    new = (await visit.fields()).get("new", [""])[-1]
    why = await visit.parts.accounts.credentials.reset(token, new)
    if why is None:
        return visit.redirect("/", "reset")
    if why is Unfit.GONE:
        return _gone(visit, account_words.UNFIT[why])
    errors = {"new": visit.words.say(account_words.UNFIT[why])}
    return visit.page("reset.html", 422, errors=errors, token=token)


@get("/invitation/{token:str}")
async def invited(visit: NamedDependency[Visit], token: Token) -> Response[str]:
    """What the invitation is to."""
    found = await visit.parts.accounts.teams.invitation(token)
    if found is None:
        return _gone(visit, account_words.TEAM[TeamRefusal.GONE])
    return _invitation(visit, token, found)


@post("/invitation/{token:str}")
async def join(visit: NamedDependency[Visit], token: Token) -> Response[str] | Redirect:
    """Join the team, and sign in."""
    fields = await visit.fields()
    name, new = fields.get("name", [""])[-1].strip(), fields.get("new", [""])[-1]
    found = await visit.parts.accounts.teams.invitation(token)
    if found is None:
        return _gone(visit, account_words.TEAM[TeamRefusal.GONE])
    if not name:
        told = visit.words.say(N_("Enter your name."))
        return _invitation(visit, token, found, {"name": told})
    made = await visit.parts.accounts.teams.accept(token, name, new)
    if isinstance(made, Account):
        guest = guest_of(visit.request, visit.parts)
        return enter(visit, await visit.parts.accounts.sessions.open(made, How.PASSWORD, guest))
    if isinstance(made, Unfit):
        told = visit.words.say(account_words.UNFIT[made])
        return _invitation(visit, token, found, {"new": told}, name)
    return _gone(visit, account_words.TEAM[made])


def _invitation(
    visit: Visit, token: str, found: Pass, errors: dict[str, str] | None = None, name: str = ""
) -> Response[str]:
    return visit.page(
        "invitation.html",
        422 if errors else 200,
        errors=errors or {},
        token=token,
        team=found.name,
        email=found.email,
        name=name,
        member=visit.words.say(account_words.MEMBERS[found.member]),
    )


def _gone(visit: Visit, message: str) -> Response[str]:
    title = visit.words.say(N_("This link no longer works"))
    return visit.page("error.html", 404, title=title, text=visit.words.say(message), status=404)


routes = Router("/", route_handlers=[forgotten, send_link, choose, reset, invited, join])
