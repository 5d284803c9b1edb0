"""Why a rule applies: for any line of an order, the clauses that won and those they beat."""

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from amends.domain.policy.terms import Explained
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.order_routes import terms_view
from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import ApiRequest, LineId, OrderId, Word, says, shown


class WhyView(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter: the value in force, and every clause weighed with why it won or lost.

    ``why``: highest_rank, floor (a law or floor lifted the value), outranked, floor_kept (a floor that was
    kept anyway), or what had to be assumed.
    """

    name: str
    value: object
    clause: str
    sentence: str
    citation: str
    sure: str
    lost: tuple[Explained, ...]
    why: str


class WhyList(msgspec.Struct, frozen=True, kw_only=True):
    """Every rule of a line with what it beat; ``packs`` are the policies the line was bought under."""

    order_id: str
    line_id: str
    terms_id: str
    currency: str
    reason: str
    packs: tuple[str, ...]
    rules: tuple[WhyView, ...]


def why_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The one route."""

    @get(
        "/orders/{order_id:str}/lines/{line_id:str}/why",
        name="explain_terms",
        summary="Why does this apply?",
        description="For every rule of a line, as it stands for a reason: the clause that won with its "
        "citation and how sure that is, and the clauses that lost, with why.",
        tags=["Orders"],
        opt=says(WhyList),
    )
    async def explain_terms(
        request: ApiRequest, order_id: OrderId, line_id: LineId, reason: Word = "", parameter: Word = ""
    ) -> Response[bytes]:
        custody, _ = await desk.scene(request.user, order_id)
        line = custody.order.line(line_id)
        if line is None:
            fail("not_found", f"Order {order_id} has no line {line_id}.")
        terms = (await desk.terms([line.terms_id]))[line.terms_id]
        view = terms_view(terms, reason, "")
        if parameter and not any(one.name == parameter for one in view.terms):
            fail("not_found", f"These terms set no {parameter}.", parameter="parameter")
        rules = tuple(
            WhyView(
                name=one.name,
                value=one.value,
                clause=one.clause,
                sentence=one.sentence,
                citation=one.citation,
                sure=terms.clause(one.clause).sure,
                lost=tuple(other for other in one.weighed if not other.won),
                why=next(other.why for other in one.weighed if other.won),
            )
            for one in view.terms
            if parameter in {"", one.name}
        )
        return shown(
            WhyList(
                order_id=order_id,
                line_id=line_id,
                terms_id=terms.terms_id,
                currency=terms.currency,
                reason=reason,
                packs=terms.packs,
                rules=rules,
            )
        )

    return [explain_terms]
