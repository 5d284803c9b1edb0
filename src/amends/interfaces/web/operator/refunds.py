"""Refunds that need a hand: overdue, failed, or waiting for somebody to say where the money goes."""

import asyncio
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from amends.application.ports import CaseFilter
from amends.domain.cases.model import Case, Refund, RefundStage, State
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.order_page import CaseRow, case_row
from amends.interfaces.web.standing import otherwise
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

NEEDY = (State.REFUND_OVERDUE.value, State.REFUND_METHOD_NEEDED.value)
_PER_PAGE = 20
#: What providers call it, and what it means (https://docs.stripe.com/refunds#failed-refunds).
_FAILURES = {
    "declined": N_("the bank declined it"),
    "expired_or_canceled_card": N_("the card has run out or was closed"),
    "insufficient_funds": N_("our balance at the provider was too low"),
    "lost_or_stolen_card": N_("the card was reported lost or stolen"),
    "recalled": N_("the bank sent the money back after it had arrived"),
    "try_again": N_("the provider was out of order"),
    "unknown": N_("the provider gives no reason"),
}
_NEXT = {
    State.REFUND_OVERDUE: N_(
        "Ask the payment provider to trace it. Then record on the case that it arrived, or that it failed."
    ),
    State.REFUND_METHOD_NEEDED: N_(
        "The buyer was asked where the money should go. A message helps if they have not seen it."
    ),
}


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """A case whose money is stuck: what went wrong, what to do, and what happens otherwise."""

    row: CaseRow
    wrong: tuple[str, ...]
    todo: str
    otherwise: str


@get("/stuck-refunds")
async def refunds(
    visit: NamedDependency[Visit], after: Annotated[str, QueryParameter(max_length=500)] = ""
) -> Response[str]:
    """Overdue and failed refunds, nearest deadline first."""
    visit.require(Role.OPERATOR)
    reader = visit.parts.reader
    try:
        page = await reader.cases(CaseFilter(states=NEEDY, live=True), after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    scenes = await asyncio.gather(*(reader.scene(case.order_id) for case in page.cases))
    troubles = [
        _trouble(visit, case, case_row(case, scene.custody if scene else None, visit))
        for case, scene in zip(page.cases, scenes, strict=True)
    ]
    return visit.page("operator_refunds.html", troubles=troubles, next=page.next, first=not after)


def _trouble(visit: Visit, case: Case, row: CaseRow) -> Trouble:
    return Trouble(
        row=row,
        wrong=tuple(filter(None, (_wrong(visit, case, refund) for refund in case.refunds))),
        todo=visit.words.say(_NEXT[case.state]),
        otherwise=otherwise(case, case.waiting, visit) if case.waiting else "",
    )


def _wrong(visit: Visit, case: Case, refund: Refund) -> str:
    """What became of the last attempt; empty where nothing is wrong with it."""
    words, say = visit.words, visit.words.say
    told = {
        "amount": words.money(refund.amount, case.currency),
        "method": say(vocabulary.METHODS.get(refund.method, refund.method)),
    }
    if refund.stage is RefundStage.FAILED:
        why = say(_FAILURES[refund.failure]) if refund.failure in _FAILURES else refund.failure
        return say(
            N_("%(amount)s to %(method)s failed on %(moment)s: %(why)s."),
            moment=words.stamp(refund.at),
            why=why.rstrip(".") or say(_FAILURES["unknown"]),
            **told,
        )
    if refund.stage is RefundStage.INITIATED and refund.eta_by is not None and refund.eta_by <= visit.now:
        return say(
            N_("%(amount)s to %(method)s left on %(moment)s and should have arrived by %(day)s."),
            moment=words.stamp(refund.at),
            day=words.day(refund.eta_by),
            **told,
        )
    return ""
