"""An order's money for operators: its ledger, goodwill with a second pair of eyes, the bank's disputes."""

from datetime import datetime

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.case_words import ACCOUNTS, PURPOSES, STAGES
from amends.application.ports import Done
from amends.application.ports.settlements import DifferenceFilter
from amends.application.representment import Evidence, pack
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Custody
from amends.domain.ledger import refundable
from amends.domain.parties import Role
from amends.interfaces.web.cards import Badge
from amends.interfaces.web.forms import Form
from amends.interfaces.web.operator.statement_cards import StatementCard, statement_card
from amends.interfaces.web.payout_holds import hold_cards
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_STATES = {
    "proposed": (N_("Waits for a second person"), "turn"),
    "given": (N_("Given"), "good"),
    "declined": (N_("Declined"), "plain"),
    "open": (N_("Open"), "turn"),
    "won": (N_("Won"), "good"),
    "lost": (N_("Lost"), "bad"),
}
_DIFFERENCES_SHOWN = 20
_NAME_IT = N_("Enter the id, up to 64 letters, digits, dashes or underscores.")


class GoodwillRow(msgspec.Struct, frozen=True, kw_only=True):
    """Goodwill and whether the reader may agree to it."""

    goodwill_id: str
    amount: str
    reason: str
    who: str
    badge: Badge
    waits: bool
    mine: bool


class DisputeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A payment the bank disputes: how much of it, and how much was still there to take."""

    dispute_id: str
    amount: str
    reserved: str
    reason: str
    badge: Badge
    open: bool
    statements: StatementCard


class TransferRow(msgspec.Struct, frozen=True, kw_only=True):
    """One movement of the ledger."""

    at: datetime
    amount: str
    debit: str
    credit: str
    purpose: str
    stage: str


@get("/orders/{order_id:str}/money")
async def order_money(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str]:
    """The order's ledger and what can be done beside its cases."""
    visit.require(Role.OPERATOR)
    return await money_page(visit, order_id)


@post("/orders/{order_id:str}/money/{action:str}")
async def act_on_money(
    visit: NamedDependency[Visit], order_id: FromPath[str], action: FromPath[str]
) -> Response[str] | Redirect:
    """Give or answer goodwill, or record what the bank says."""
    visit.require(Role.OPERATOR)
    custody, _ = await visit.scene(order_id)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    command = _command(form, custody, action)
    if command is None:
        return await money_page(visit, order_id, form, action)
    result = await visit.submit(command, order_id, values=values)
    if isinstance(result, Done):
        return visit.redirect(f"/orders/{order_id}/money")
    form.refused(result, custody.order.currency)
    return await money_page(visit, order_id, form, action)


@get("/orders/{order_id:str}/chargebacks/{dispute_id:str}/evidence.zip")
async def dispute_evidence(
    visit: NamedDependency[Visit], order_id: FromPath[str], dispute_id: FromPath[str]
) -> Response[bytes]:
    """What speaks for the marketplace in a dispute; somebody reads it before it is sent to the provider."""
    visit.require(Role.OPERATOR)
    custody, cases = await visit.scene(order_id)
    dispute = next((one for one in custody.chargebacks if one.dispute_id == dispute_id), None)
    if dispute is None:
        raise NotFoundException
    terms = await visit.parts.reader.terms_of([line.terms_id for line in custody.order.lines])
    ordered = sorted(cases, key=lambda one: one.opened_at)
    packed = pack(Evidence(custody=custody, dispute=dispute, cases=ordered, terms=terms))
    name = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in dispute_id)
    headers = {"Content-Disposition": f'attachment; filename="evidence-{name}.zip"'}
    return Response(packed, media_type="application/zip", headers=headers)


def _command(form: Form, custody: Custody, action: str) -> oc.AnyOrderCommand | None:
    currency, most = custody.order.currency, max(1, refundable(custody.books))
    command: oc.AnyOrderCommand
    match action:
        case "goodwill":
            command = oc.GiveGoodwill(
                goodwill_id=form.raw("_key")[:64] or "once",
                amount=form.amount("amount", currency, most),
                reason=form.text("reason", N_("Say why it is given."), 2000),
            )
        case "agree" | "decline":
            command = oc.AnswerGoodwill(goodwill_id=form.raw("goodwill_id"), agreed=action == "agree")
        case "dispute":
            tenders = tuple(tender.tender_id for tender in custody.order.tenders)
            command = oc.OpenChargeback(
                dispute_id=form.text("dispute_id", _NAME_IT, 64),
                tender_id=form.choice("tender_id", tenders, N_("Choose the payment that is disputed.")),
                amount=form.amount("disputed", currency, max(1, custody.order.captured)),
                reason=form.text("why", most=500),
            )
        case "hold":
            command = oc.HoldPayout(
                hold_id=form.raw("_key")[:64] or "once",
                reason=form.text("hold_reason", N_("Say why the payout is held."), 2000),
            )
        case "keep" | "release":
            command = oc.AnswerHold(
                hold_id=form.raw("hold_id"),
                kept=action == "keep",
                reason=form.text("answer_reason", N_("Say why."), 2000),
            )
        case _:
            command = oc.ResolveChargeback(dispute_id=form.raw("dispute_id"), won=action == "won")
    return None if form.errors else command


async def money_page(visit: Visit, order_id: str, form: Form | None = None, tried: str = "") -> Response[str]:
    """The page; with a form that was refused it says what is wrong with it."""
    custody, _ = await visit.scene(order_id)
    words, currency = visit.words, custody.order.currency
    terms = await visit.parts.reader.terms_of([line.terms_id for line in custody.order.lines])

    def badge(state: str) -> Badge:
        text, tone = _STATES[state]
        return Badge(words.say(text), tone)

    goodwills = [
        GoodwillRow(
            goodwill_id=one.goodwill_id,
            amount=words.money(one.amount, currency),
            reason=one.reason,
            who=visit.name_of(Role.OPERATOR, one.proposed_by),
            badge=badge(one.state),
            waits=one.state == "proposed",
            mine=one.proposed_by == visit.actor.id,
        )
        for one in custody.goodwills
    ]
    disputes = [
        DisputeRow(
            dispute_id=one.dispute_id,
            amount=words.money(one.amount, currency),
            reserved=words.money(one.reserved, currency),
            reason=one.reason,
            badge=badge(one.state),
            open=one.state == "open",
            statements=await statement_card(visit, custody, one),
        )
        for one in custody.chargebacks
    ]
    ledger = [
        TransferRow(
            at=at,
            amount=words.money(one.amount, currency),
            debit=words.say(ACCOUNTS[one.debit.value]),
            credit=words.say(ACCOUNTS[one.credit.value]),
            purpose=words.say(PURPOSES.get(one.purpose, one.purpose)),
            stage=words.say(STAGES[one.stage.value]),
        )
        for at, one in await visit.parts.reader.transfers(order_id)
    ]
    return visit.page(
        "operator_order_money.html",
        422 if form else 200,
        order_id=order_id,
        goodwills=goodwills,
        disputes=disputes,
        ledger=ledger,
        tenders=[
            (tender.tender_id, f"{tender.tender_id}: {words.money(tender.captured, currency)}")
            for tender in custody.order.tenders
        ],
        holds=hold_cards(visit, custody, terms.get(custody.order.lines[0].terms_id)),
        differences=await visit.parts.reconciliation.book.differences(
            DifferenceFilter(order_id=order_id), _DIFFERENCES_SHOWN
        ),
        symbol=words.symbol(currency),
        most=words.money(refundable(custody.books), currency),
        form=form or Form({}, words, visit.now),
        tried=tried,
        errors=form.errors if form else {},
    )
