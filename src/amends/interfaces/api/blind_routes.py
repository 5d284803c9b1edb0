"""Routes of blind settlement: one's own hidden limit, and never the other side's."""

from typing import Annotated, NoReturn

import msgspec
from litestar import Response, delete, get, put
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from amends.application.blind_settlement import OwnLimit
from amends.domain.refusals import Refused
from amends.interfaces.api.bodies import AMOUNT_MAX, Body, Currency
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import ProblemRaised, of_refusal, problem
from amends.interfaces.api.routes import ApiRequest, CaseId, asked_by, says, shown

_ABOUT = (
    "Nobody but you sees it: it is sealed, in no event, timeline, notice or webhook, and the other side does "
    "not learn that there is one. "
)


class LimitBody(Body, frozen=True, kw_only=True):
    """A limit: the least the buyer takes, or the most the seller gives, with the goods kept."""

    amount: Annotated[
        int, Meta(ge=1, le=AMOUNT_MAX, description="Whole minor units of the order's currency.")
    ]
    currency: Currency


class LimitView(msgspec.Struct, frozen=True, kw_only=True):
    """One's own limit. ``settled``: limits met, and the case is settled: read it.

    ``amount`` is null where none is entered, ``most`` the highest that makes sense; both in minor units.
    ``changes_left`` counts until the other side's next offer. ``open``: it can be entered or changed now.
    """

    open: bool
    amount: int | None
    most: int
    currency: str
    changes_left: int
    settled: bool
    clause: str
    sentence: str


_SEEN = {
    "open": True,
    "amount": 1250,
    "most": 2500,
    "currency": "EUR",
    "changes_left": 1,
    "settled": False,
    "clause": "blind.changes.default",
    "sentence": "Each side may name a hidden limit; where the two meet, the case is settled halfway.",
}


def blind_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The routes of a case's hidden limits."""
    bodies = msgspec.json.Decoder(LimitBody)

    @get(
        "/cases/{case_id:str}/blind-limit",
        name="get_blind_limit",
        summary="Read your hidden limit",
        description="Your own limit, and how often it can still be changed.",
        tags=["Cases"],
        opt=says(LimitView, answer_example=_SEEN),
    )
    async def get_blind_limit(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        return _answer(await desk.parts.blind.own(request.user.actor, case_id))

    @put(
        "/cases/{case_id:str}/blind-limit",
        name="put_blind_limit",
        summary="Enter a hidden limit",
        description="The least you would take (buyer) or the most you would give (seller), the goods kept. "
        + _ABOUT
        + "Where both limits meet, the case is settled at once halfway, half a minor unit to the buyer, and "
        "`settled` says so. The same again changes nothing.",
        tags=["Cases"],
        opt=says(
            LimitView,
            reads=LimitBody,
            example={"amount": 1250, "currency": "EUR"},
            answer_example=_SEEN,
        ),
    )
    async def put_blind_limit(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(bodies, await request.body())
        blind, actor = desk.parts.blind, asked.caller.actor
        own = await blind.own(actor, case_id)
        if isinstance(own, Refused):
            _refuse(own)
        if body.currency != own.currency:
            detail = (
                f"The amount is in {body.currency}, the order in {own.currency}; give it in {own.currency}."
            )
            facts: dict[str, object] = {"order": own.currency}
            raise ProblemRaised(problem("currency_mismatch", detail, pointer="/currency", facts=facts))
        return _answer(await blind.enter(actor, case_id, body.amount))

    @delete(
        "/cases/{case_id:str}/blind-limit",
        name="delete_blind_limit",
        summary="Take your hidden limit back",
        description="As long as the limits have not met. To enter one again counts as a change.",
        status_code=200,
        tags=["Cases"],
        opt=says(LimitView, answer_example=_SEEN | {"amount": None}),
    )
    async def delete_blind_limit(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        return _answer(await desk.parts.blind.withdraw(request.user.actor, case_id))

    return [get_blind_limit, put_blind_limit, delete_blind_limit]


def _answer(own: OwnLimit | Refused) -> Response[bytes]:
    if isinstance(own, Refused):
        _refuse(own)
    answer = shown(
        LimitView(
            open=own.open,
            amount=own.amount,
            most=own.most,
            currency=own.currency,
            changes_left=own.changes_left,
            settled=own.settled,
            clause=own.clause.id if own.clause else "",
            sentence=own.clause.sentence if own.clause else "",
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _refuse(refused: Refused) -> NoReturn:
    raise ProblemRaised(of_refusal(refused))
