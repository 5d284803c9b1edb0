"""The audit log of accounts: who was suspended, let in again, given a tier or signed out; by whom; why."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from amends.domain.parties import Role
from amends.interfaces.web.operator.people import deed_line
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_SHOWN = 50
#: The logs there are: their addresses and names.
LOGS = (("", N_("Orders and cases")), ("/accounts", N_("Accounts")))


def logs(visit: Visit) -> list[tuple[str, str]]:
    """The logs as tabs."""
    return [(path, visit.words.say(title)) for path, title in LOGS]


@get("/journal/accounts")
async def account_journal(
    visit: NamedDependency[Visit], after: Annotated[str, QueryParameter(max_length=500)] = ""
) -> Response[str]:
    """A page of the log, newest first."""
    visit.require(Role.OPERATOR)
    try:
        page = await visit.parts.accounts.people.decided(cursor=after, limit=_SHOWN)
    except ValueError as error:
        raise NotFoundException from error
    return visit.page(
        "operator_account_journal.html",
        tabs=logs(visit),
        rows=[deed_line(visit, one) for one in page.deeds],
        next=page.next,
        first=not after,
    )
