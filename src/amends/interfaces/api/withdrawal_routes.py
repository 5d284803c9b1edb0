"""Routes of withdrawals by law: what the right comes to, stating and confirming it, and the receipt."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from amends.application.ports import Done
from amends.application.withdrawals import LineRight, Receipt, commands, receipt, receipt_text, rights
from amends.application.words import Words
from amends.domain.cases.commands import OpenCancellation, OpenClaim
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.orders import Unit
from amends.interfaces.api.bodies import Body, UnitBody
from amends.interfaces.api.bodies import Words as Text
from amends.interfaces.api.desk import Asked, Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal
from amends.interfaces.api.routes import ApiRequest, CaseId, OrderId, asked_by, says, shown

_STATEMENT = "I withdraw from the contract."
_EXAMPLE: dict[str, object] = {
    "units": [{"line_id": "L1", "index": 0}],
    "statement": "I withdraw from the contract of 2 March. Ana Example",
    "confirmed": True,
}


class WithdrawalBody(Body, frozen=True, kw_only=True):
    """The statement. No ``units``: everything the right is open for. ``confirmed`` is the second step."""

    confirmed: bool = False
    units: Annotated[tuple[UnitBody, ...], Meta(max_length=1000)] = ()
    statement: Text = _STATEMENT


class ReceiptView(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt, and the same as a text to keep."""

    receipt: Receipt
    text: str


class WithdrawalView(msgspec.Struct, frozen=True, kw_only=True):
    """The right to withdraw for each line that has one, and the receipts of what was withdrawn."""

    order_id: str
    currency: str
    rights: tuple[LineRight, ...]
    receipts: tuple[Receipt, ...]


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """The receipts of one statement: one a case it opened."""

    order_id: str
    receipts: tuple[ReceiptView, ...]


def withdrawal_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Reading the right, using it, and its receipt."""
    bodies = msgspec.json.Decoder(WithdrawalBody)

    @get(
        "/orders/{order_id:str}/withdrawal",
        name="get_withdrawal",
        summary="Read the right to withdraw",
        description="For each line whose law gives such a right: until when, what comes back, and the "
        "clause; and the receipts of what was withdrawn.",
        tags=["Orders"],
        opt=says(WithdrawalView),
    )
    async def get_withdrawal(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        custody, scene = await desk.scene(request.user, order_id)
        found = await _rights(desk, custody, scene.cases)
        receipts = tuple(view.receipt for view in _receipts(custody, scene.cases))
        return shown(
            WithdrawalView(
                order_id=order_id, currency=custody.order.currency, rights=found, receipts=receipts
            )
        )

    @post(
        "/orders/{order_id:str}/withdrawal",
        name="withdraw_from_contract",
        summary="Withdraw from the contract",
        description="Two steps: read the right, then send the statement with `confirmed`. Nobody has to "
        "agree. The answer is the receipt with date and time, mailed too. Sent again, it answers the same.",
        tags=["Orders"],
        opt=says(Withdrawn, reads=WithdrawalBody, example=_EXAMPLE),
    )
    async def withdraw_from_contract(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(bodies, await request.body())
        custody, scene = await desk.scene(asked.caller, order_id)
        if not body.confirmed:
            fail("invalid", "Send `confirmed`: true to confirm the withdrawal.", pointer="/confirmed")
        units = tuple(one.unit() for one in body.units)
        earlier = _earlier(custody, scene.cases, units, body.statement)
        if earlier:
            return _answer(order_id, earlier)
        found = await _rights(desk, custody, scene.cases)
        return _answer(
            order_id, await _stated(desk, asked, order_id, _commands(found, units, body.statement))
        )

    @get(
        "/cases/{case_id:str}/receipt",
        name="get_withdrawal_receipt",
        summary="Read the receipt of a withdrawal",
        description="What was stated and the instant it came in, and the same as a text to keep.",
        tags=["Cases"],
        opt=says(ReceiptView),
    )
    async def get_withdrawal_receipt(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        given = receipt(file.case, file.custody.order)
        if given is None:
            fail("not_found", f"Case {case_id} is no withdrawal.")
        return shown(ReceiptView(receipt=given, text=receipt_text(given, Words())))

    return [get_withdrawal, withdraw_from_contract, get_withdrawal_receipt]


def _commands(
    found: Sequence[LineRight], units: Sequence[Unit], statement: str
) -> tuple[OpenClaim | OpenCancellation, ...]:
    if not found:
        fail("remedy_closed", "The law of this order gives no right to withdraw.", pointer="/units")
    try:
        return commands(found, units, statement)
    except LookupError as error:
        closed = next((one for one in found if not one.open), found[0])
        what, why = str(error) or "any of it", closed.why_closed or "not bought"
        fail("remedy_closed", f"There is no withdrawal from {what}: {why}.", pointer="/units")


async def _stated(
    desk: Desk, asked: Asked, order_id: str, stated: Sequence[OpenClaim | OpenCancellation]
) -> list[ReceiptView]:
    """Send what states the withdrawal in one transaction. Raises `ProblemRaised` with a refusal."""
    first, *others = (desk.envelope(asked, command, order_id) for command in stated)
    # The key and the version seen are the request's: one command carries them.
    rest = [msgspec.structs.replace(one, key="", expected_seq=None) for one in others]
    results = await desk.parts.execute([first, *rest])
    for result in results:
        if not isinstance(result, Done):
            raise ProblemRaised(of_refusal(result))
    custody, scene = await desk.scene(asked.caller, order_id)
    mine = {result.case_id for result in results if isinstance(result, Done)}
    return [view for view in _receipts(custody, scene.cases) if view.receipt.case_id in mine]


async def _rights(desk: Desk, custody: Custody, cases: Mapping[str, Case]) -> tuple[LineRight, ...]:
    terms = await desk.terms([line.terms_id for line in custody.order.lines])
    return rights(custody, cases, terms, desk.parts.clock.now(), desk.parts.calendars)


def _receipts(custody: Custody, cases: Mapping[str, Case]) -> list[ReceiptView]:
    given = (receipt(case, custody.order) for case in cases.values())
    return [ReceiptView(receipt=one, text=receipt_text(one, Words())) for one in given if one is not None]


def _earlier(
    custody: Custody, cases: Mapping[str, Case], units: Sequence[Unit], statement: str
) -> list[ReceiptView]:
    """The receipts of the same statement sent before: the same words about the same pieces."""
    said = {case.case_id: case for case in cases.values() if case.story == statement}
    covered = {unit for case in said.values() for unit in case.units}
    whole = {Unit(line.line_id, n) for line in custody.order.lines for n in range(line.quantity)}
    if not set(units or whole) <= covered:
        return []
    return [view for view in _receipts(custody, cases) if view.receipt.case_id in said]


def _answer(order_id: str, views: Sequence[ReceiptView]) -> Response[bytes]:
    body = msgspec.json.encode(Withdrawn(order_id=order_id, receipts=tuple(views)))
    return Response(body, status_code=201, media_type="application/json")
