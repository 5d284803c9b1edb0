"""Hidden limits: the page where one side of a case leaves its own, and is told nothing of the other's."""

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.blind_settlement import OwnLimit
from amends.application.page_permissions import may_act
from amends.application.ports import CaseFile
from amends.domain.cases.blind import offered
from amends.domain.parties import Role
from amends.domain.refusals import Refused
from amends.interfaces.web import forms
from amends.interfaces.web.reading import line_of, title_of
from amends.interfaces.web.refusing import told
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_NO_CHANGE = N_("You can change your limit again once the other side has made a new offer.")


def offers_limits(visit: Visit, file: CaseFile) -> bool:
    """Whether a case page leads a side to the page of hidden limits."""
    sides = {Role.BUYER, Role.SELLER}
    return visit.role in sides and offered(file.case, file.terms[line_of(file.case, file.custody).terms_id])


@get("/cases/{case_id:str}/hidden-limit")
async def hidden_limit(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Response[str]:
    """One's own limit, and how it works."""
    return await _page(visit, case_id)


@post("/cases/{case_id:str}/hidden-limit/{deed:str}")
async def leave(
    visit: NamedDependency[Visit], case_id: FromPath[str], deed: FromPath[str]
) -> Response[str] | Redirect:
    """Enter a limit, or take it back; where limits meet the case is settled at once."""
    own = await _own(visit, case_id)
    if deed not in {"enter", "withdraw"} or visit.account is None or not may_act(visit.account):
        raise NotFoundException
    form = forms.Form(await visit.fields(), visit.words, visit.now)
    amount = form.amount("amount", own.currency, own.most) if deed == "enter" else 0
    if form.errors:
        return await _page(visit, case_id, form)
    found = await _noted(visit, case_id, deed, amount)
    if isinstance(found, Refused):
        message = visit.words.say(_NO_CHANGE) if "changes" in found.facts else ""
        form.errors["amount"] = message or told(found, visit.words, own.currency)
        return await _page(visit, case_id, form)
    if found.settled:
        return visit.redirect(f"/cases/{case_id}", "limits-met")
    done = "limit-entered" if deed == "enter" else "limit-taken-back"
    return visit.redirect(f"/cases/{case_id}/hidden-limit", done)


async def _noted(visit: Visit, case_id: str, deed: str, amount: int) -> OwnLimit | Refused:
    """Do it; who of a seller's team it was is written down, the amount is not."""
    blind, teams = visit.parts.blind, visit.parts.accounts.teams
    noted = ""
    if visit.role is Role.SELLER and visit.account is not None:
        order_id = case_id.rpartition(".")[0]
        noted = await teams.note(visit.account, f"hidden_limit_{deed}", order_id, case_id)
    if deed == "enter":
        found = await blind.enter(visit.actor, case_id, amount)
    else:
        found = await blind.withdraw(visit.actor, case_id)
    if noted and visit.account is not None:
        outcome = found.kind if isinstance(found, Refused) else "done"
        await teams.conclude(visit.account, noted, outcome)
    return found


async def _own(visit: Visit, case_id: str) -> OwnLimit:
    own = await visit.parts.blind.own(visit.actor, case_id)
    if isinstance(own, Refused):
        raise NotFoundException
    return own


async def _page(visit: Visit, case_id: str, form: forms.Form | None = None) -> Response[str]:
    own, words = await _own(visit, case_id), visit.words
    file = await visit.parts.reader.case_file(case_id)
    if file is None:
        raise NotFoundException
    typed = form.raw("amount") if form else ""
    kept = words.amount_field(own.amount, own.currency) if own.amount else ""
    return visit.page(
        "hidden_limit.html",
        422 if form else 200,
        case=file.case,
        title=title_of(file.case, file.custody, visit),
        own=own,
        limit=words.money(own.amount, own.currency) if own.amount else "",
        value=typed or kept,
        most=words.money(own.most, own.currency),
        symbol=words.symbol(own.currency),
        buys=visit.role is Role.BUYER,
        left=words.count(
            "You can change it %(number)s time until the other side makes a new offer.",
            "You can change it %(number)s times until the other side makes a new offer.",
            own.changes_left,
        ),
        errors=form.errors if form else {},
    )


routes = Router("/", route_handlers=[hidden_limit, leave])
