"""The door of every page: finds out who comes, and lets nobody through to what the table does not open."""

from collections.abc import Awaitable, Callable

import structlog
from litestar.exceptions import NotAuthorizedException, NotFoundException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from amends.application.page_permissions import PAGES, Verdict, verdict
from amends.interfaces.web.parts import Parts
from amends.interfaces.web.sessions import STATE, Connection, token_of
from amends.interfaces.web.words import N_

_log = structlog.get_logger()


class LookOnly(PermissionDeniedException):
    """Somebody on a seller's team wants to do what they may only look at."""


def door(parts: Parts) -> Callable[[Connection, BaseRouteHandler], Awaitable[None]]:
    """A guard over all pages. Raises `NotAuthorizedException`, `NotFoundException`, `LookOnly`."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        token = token_of(connection, parts)
        found = await parts.accounts.sessions.find(token) if token else None
        connection.scope["state"][STATE] = found
        name = page_name(str(connection.scope.get("method")), connection.scope["path_template"])
        page = PAGES.get(name)
        if page is None:
            _log.error("page_without_permission", page=name, mend="add a line to PAGES")
        match verdict(page, found.account if found else None):
            case Verdict.SIGN_IN:
                raise NotAuthorizedException
            case Verdict.NOT_THERE:
                raise NotFoundException
            case Verdict.LOOK_ONLY:
                raise LookOnly(N_("Your role on the team is to look."))

    # A function, because Litestar copies guards deeply, and a function is not taken apart.
    return guard


def page_name(method: str, template: str) -> str:
    """What a route is called in the table of pages."""
    return f"{'GET' if method == 'HEAD' else method} {template}"
