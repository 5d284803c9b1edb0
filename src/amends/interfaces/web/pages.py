"""The pages put together: one router for the application that mounts it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import structlog
from litestar import MediaType, Request, Response, Router, get
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.middleware import DefineMiddleware
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from amends.interfaces.web import (
    account,
    account_keys,
    account_team,
    account_words,
    arrivals,
    blind,
    buyer,
    case_files,
    cases,
    claiming,
    deadlines,
    evidence,
    extending,
    finding,
    guarantees,
    guide,
    help_centre,
    known,
    live,
    looks,
    messages,
    my_refunds,
    notifications,
    offer_terms,
    operator,
    orders,
    payout_holds,
    preferences,
    recovery,
    returning,
    returns,
    seller,
    sign_in,
    support,
    support_desk,
    support_writing,
    webhooks,
    why,
    withdrawing,
)
from amends.interfaces.web.compression import compressed
from amends.interfaces.web.door import LookOnly, door
from amends.interfaces.web.form_tokens import FormTokens
from amends.interfaces.web.origin import HEADERS, protected, same_origin
from amends.interfaces.web.parts import Parts
from amends.interfaces.web.rendering import STATIC
from amends.interfaces.web.uploads import uploads_closed
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_log = structlog.get_logger()
_YEAR_S = 365 * 24 * 3600

_TITLES: dict[int, tuple[str, str]] = {
    403: (
        N_("This form cannot be accepted"),
        N_("It has run out or was sent by another site. Go back, load the page again and send it once more."),
    ),
    404: (
        N_("There is no such page"),
        N_("It may have moved, or it belongs to somebody else. Nothing has been changed."),
    ),
    405: (N_("This cannot be done here"), N_("Go back and use the buttons of the page.")),
    413: (N_("That is too much at once"), N_("Shorten what you typed and send it again.")),
    500: (
        N_("Something went wrong on our side"),
        N_("What you did may not have been saved. Go back, look, and try again in a moment."),
    ),
}

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]


def create_pages(parts: Parts) -> Router:
    """Every page, with its own sessions, form tokens, headers and error pages; mount it at the root.

    Addresses nobody else answers get our page for what is not there.
    """

    async def visit(request: Request[Any, Any, Any]) -> Visit:
        made = Visit(request, parts)
        if made.person is not None:
            made.unread = await parts.correspondence.notices.unread(made.actor)
        return made

    handlers = error_pages(parts)
    csrf = CSRFConfig(
        secret=parts.secret,
        cookie_name="amends_form",
        cookie_httponly=True,
        cookie_samesite="strict",
        cookie_secure=not parts.sandbox,
    )
    pages = Router(
        "/",
        route_handlers=[
            sign_in.routes,
            arrivals.routes,
            recovery.routes,
            account.routes,
            account_keys.routes,
            account_team.routes,
            known.routes,
            looks.routes,
            finding.routes,
            guide.routes,
            help_centre.routes,
            support.routes,
            support_desk.routes,
            support_writing.routes,
            live.routes,
            orders.routes,
            case_files.routes,
            cases.routes,
            blind.routes,
            buyer.routes,
            claiming.routes,
            returns.routes,
            my_refunds.routes,
            offer_terms.routes,
            seller.routes,
            operator.routes,
            messages.routes,
            notifications.routes,
            deadlines.routes,
            preferences.routes,
            webhooks.routes,
            evidence.routes,
            returning.routes,
            withdrawing.routes,
            extending.routes,
            guarantees.routes,
            why.routes,
            payout_holds.routes,
            nowhere,
        ],
        dependencies={"visit": Provide(visit)},
        guards=[same_origin, door(parts)],
        middleware=[uploads_closed, DefineMiddleware(FormTokens, config=csrf)],
        exception_handlers=handlers,
        include_in_schema=False,
    )
    static = create_static_files_router(
        path="/static",
        directories=[STATIC],
        name="pages-static",
        cache_control=CacheControlHeader(max_age=_YEAR_S, public=True, immutable=True),
        exception_handlers=handlers,
    )
    return Router(
        "/", route_handlers=[pages, static], middleware=[protected, compressed], include_in_schema=False
    )


@get("/{path:path}")
async def nowhere(path: FromPath[str]) -> None:
    """Whatever else is asked for."""
    raise NotFoundException(path)


def error_pages(parts: Parts) -> dict[int | type[Exception], Handler]:
    """What is shown instead of a page: for errors, and to those who have to sign in first."""

    def shown(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status >= 500:
            _log.error("page_failed", path=request.url.path, exc_info=error)
        if status == 400:
            # A path or query that cannot be read is one that leads nowhere.
            status = 404
        title, text = _TITLES.get(status, _TITLES[500] if status >= 500 else _TITLES[404])
        if isinstance(error, LookOnly):
            title, text = account_words.LOOK_ONLY_TITLE, account_words.LOOK_ONLY_TEXT
        try:
            visit = Visit(request, parts)
            return visit.page(
                "error.html", status, title=visit.words.say(title), text=visit.words.say(text), status=status
            )
        except Exception:  # noqa: BLE001  # whatever broke the page may break the page about it
            _log.exception("error_page_failed", path=request.url.path)
            return Response(title, status_code=status, media_type=MediaType.TEXT, headers=HEADERS)

    def signed_out(request: Request[Any, Any, Any], _: NotAuthorizedException) -> Response[Any]:
        url = request.url
        if request.method != "GET":
            return Redirect("/", status_code=303)
        wanted = f"{url.path}?{url.query}" if url.query else url.path
        return Redirect(f"/?next={quote(wanted, safe='/')}", status_code=303)

    return {HTTPException: shown, Exception: shown, NotAuthorizedException: signed_out}
