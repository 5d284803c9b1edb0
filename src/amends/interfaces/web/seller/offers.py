"""The offer builder: what an offer would cost, before it is sent."""

from collections.abc import Sequence

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from amends.domain.cases.commands import MakeOffer
from amends.domain.cases.cost import cost_of
from amends.domain.conduct import conduct
from amends.domain.parties import Role
from amends.domain.refunds import max_refund
from amends.domain.refusals import Refused
from amends.domain.scene import Rules, Scene
from amends.interfaces.web import forms
from amends.interfaces.web.reading import title_of
from amends.interfaces.web.seller.costs import cost_pairs
from amends.interfaces.web.suggesting import SuggestedRow, suggested_for
from amends.interfaces.web.visits import Visit

_FIELDS = ("what", "amount", "percent", "variant", "freight", "note")


@post("/inbox/offers/{case_id:str}", status_code=200)
async def preview(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Response[str]:
    """What an offer would cost and lead to. Nothing is sent yet."""
    visit.require(Role.SELLER)
    file = await visit.parts.reader.case_file(case_id)
    if file is None or not visit.sees(file.case):
        raise NotFoundException
    case, custody = file.case, file.custody
    most = max_refund(custody, case.units)
    values = await visit.fields()
    suggested = suggested_for(visit.words, file)
    form = forms.CaseForm(
        _with_share(_with_severity(values, suggested), visit, case.currency, most),
        visit.words,
        visit.now,
        case=case,
        role=visit.role,
        most=most,
    )
    remedy = form.remedy(case.currency, most)
    cost = None
    if not form.errors:
        scene = await visit.parts.reader.scene(case.order_id) or Scene(custody, {case_id: case})
        tried = conduct(
            scene,
            MakeOffer(remedy=remedy, note=form.text("note")),
            order_id=case.order_id,
            case_id=case_id,
            actor=visit.actor,
            rules=Rules(file.terms, visit.parts.calendars),
            now=visit.now,
        )
        if isinstance(tried, Refused):
            form.refused(tried, case.currency)
        else:
            cost = cost_of(custody, case, remedy)
    typed = {name: form.raw(name) for name in _FIELDS}
    return visit.page(
        "seller_offer.html",
        422 if form.errors else 200,
        case=case,
        title=title_of(case, custody, visit),
        said=visit.teller(case).remedy(remedy),
        cost=cost_pairs(visit, cost) if cost else (),
        typed=typed,
        errors=form.errors,
        remedies=[
            (code, visit.words.say(title)) for code, title in forms.REMEDY_KINDS.items() if code != "nothing"
        ],
        most=visit.words.money(most, case.currency),
        symbol=visit.words.symbol(case.currency),
        wanted=visit.teller(case).remedy(case.wanted),
        suggested=suggested,
    )


def _with_severity(values: dict[str, list[str]], suggested: Sequence[SuggestedRow]) -> dict[str, list[str]]:
    """The fields with what the terms suggest, the goods kept, where a severity was pressed."""
    pressed = (values.get("severity") or [""])[-1]
    row = next((row for row in suggested if row.severity == pressed), None)
    return values if row is None else {**values, "amount": [row.field], "percent": [""], "what": ["keep"]}


def _with_share(values: dict[str, list[str]], visit: Visit, currency: str, most: int) -> dict[str, list[str]]:
    """The fields with an amount made of the per cent typed, where that was."""
    typed = (values.get("percent") or [""])[-1].strip().rstrip("%").strip()
    if not typed.isdecimal() or not 1 <= int(typed[:4]) <= 100:
        return values
    amount = visit.words.amount_field(most * int(typed) // 100, currency)
    return {**values, "amount": [amount]}
