"""How the pages look to a reader: colours and language. Both are kept in cookies, so they need no script."""

from collections.abc import Container
from urllib.parse import urlsplit

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from amends.interfaces.web.visits import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, Visit, cookie
from amends.interfaces.web.words import LANGUAGES

_YEAR_S = 365 * 24 * 3600


@post("/theme")
async def theme(visit: NamedDependency[Visit]) -> Redirect:
    """Light, dark, or as the device says."""
    return await _kept(visit, "theme", THEME_COOKIE, THEMES)


@post("/language")
async def language(visit: NamedDependency[Visit]) -> Redirect:
    """The language of the pages; an account remembers it on every device."""
    if visit.account is not None:
        chosen = (await visit.fields()).get("language", [""])[-1]
        await visit.parts.accounts.roster.set_language(visit.account, chosen if chosen in LANGUAGES else "")
    return await _kept(visit, "language", LANGUAGE_COOKIE, LANGUAGES)


async def _kept(visit: Visit, field: str, name: str, known: Container[str]) -> Redirect:
    """Back to where the reader was, with the choice in a cookie; a choice that is none of ours forgets it."""
    fields = await visit.fields()
    chosen = fields.get(field, [""])[-1]
    answer = visit.redirect(inside(fields.get("back", ["/"])[-1]))
    there = chosen in known
    answer.set_cookie(cookie(visit.parts, name, chosen if there else "", _YEAR_S if there else 0))
    return answer


def inside(address: str) -> str:
    """An address of ours as path and query; the first page for any other."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    # Two slashes or a backslash lead to another site, and control characters are dropped by browsers.
    plain = address.isprintable() and "\\" not in address and not parts.netloc and not parts.scheme
    if not plain or not address.startswith("/") or address.startswith("//"):
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


routes = Router("/", route_handlers=[theme, language])
