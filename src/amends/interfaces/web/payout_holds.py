"""Payouts held because goods are said to be counterfeit: what the seller sees of it, and what staff do.

On the order the seller reads why, until when and by which clause; operators answer each hold, one by one or
for all orders like the claim's.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.counterfeits import SimilarOrder, similar_orders
from amends.application.permissions import concerns
from amends.application.ports import CaseFile, Done, Envelope, KeyRole, Link
from amends.domain.chain import Recorded
from amends.domain.custody import commands as oc
from amends.domain.custody.holding import IN_FORCE
from amends.domain.custody.model import Custody, Hold, Stage
from amends.domain.parties import Role
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.records import COUNTERFEIT
from amends.interfaces.web import vocabulary
from amends.interfaces.web.cards import Badge
from amends.interfaces.web.forms import Form
from amends.interfaces.web.hold_words import STATES, hold_note, hold_reason
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_GONE = frozenset({Stage.PAID_OUT, Stage.CANCELLED})
_DONE = {"keep": True, "release": False}


class HoldCard(msgspec.Struct, frozen=True, kw_only=True):
    """A hold in words; ``claim`` is the case that placed it, empty where an operator did."""

    hold_id: str
    badge: Badge
    reason: str
    note: str
    until: str
    at: datetime
    claim: str
    clause: ClauseText | None
    open: bool


class SimilarRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order like the claim's, and how its payout stands."""

    order_id: str
    title: str
    by: str
    stage: str
    placed: str
    badge: Badge | None
    until: str
    chosen: bool


def told_to(visit: Visit, links: Sequence[Link]) -> list[Recorded]:
    """An order's events that concern the reader."""
    role = KeyRole(visit.role.value)
    return [link.recorded for link in links if concerns(role, link.recorded.event)]


def hold_cards(visit: Visit, custody: Custody, terms: Terms | None) -> tuple[HoldCard, ...]:
    """The holds of an order, newest first; buyers are not told of them."""
    if visit.role is Role.BUYER:
        return ()
    found = sorted(custody.holds, key=lambda one: one.at, reverse=True)
    return tuple(hold_card(visit, one, terms) for one in found)


def hold_card(visit: Visit, hold: Hold, terms: Terms | None = None) -> HoldCard:
    """A hold in words; the clause where the order's terms are at hand."""
    words = visit.words
    in_force = hold.state in IN_FORCE and visit.now < hold.until
    over = hold.state in IN_FORCE and not in_force
    text, tone = STATES["released" if over else hold.state]
    until = words.say(N_("until %(day)s"), day=words.moment(hold.until)) if in_force else ""
    return HoldCard(
        hold_id=hold.hold_id,
        badge=Badge(words.say(text), tone),
        reason=hold_reason(words, hold),
        note=hold_note(words, hold),
        until=until,
        at=hold.at,
        claim=hold.claim,
        clause=terms.clauses.get(hold.clause) if terms else None,
        open=in_force,
    )


@get("/cases/{case_id:str}/similar-orders")
async def similar(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Response[str]:
    """The seller's other orders of goods that are said to be counterfeit."""
    return await _page(visit, await _claim(visit, case_id))


@post("/cases/{case_id:str}/similar-orders")
async def answer(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Response[str] | Redirect:
    """Hold, keep or release the payouts of the orders that are ticked."""
    visit.require(Role.OPERATOR)
    file = await _claim(visit, case_id)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    reason = form.text("reason", N_("Say why."), 2000)
    deed = form.choice("deed", ("hold", *_DONE), N_("Choose what is to be done."))
    chosen = set(values.get("order", ()))
    found = await similar_orders(visit.parts.reader, file.case, file.custody.order)
    orders = {one.order_id: one for one in found.orders if one.order_id in chosen}
    if not orders:
        form.errors.setdefault("order", visit.words.say(N_("Tick at least one order.")))
    if form.errors:
        return await _page(visit, file, form)
    key = form.raw("_key")[:64]
    envelopes = [_envelope(visit, case_id, one, deed, reason, key) for one in orders.values()]
    results = await visit.parts.execute(envelopes)
    refused = [one.order_id for one, result in zip(orders.values(), results) if not isinstance(result, Done)]
    if refused:
        form.errors["order"] = visit.words.say(
            N_("This could not be done for: %(orders)s. For the others it was."), orders=", ".join(refused)
        )
        return await _page(visit, file, form)
    return visit.redirect(f"/cases/{case_id}/similar-orders")


def _envelope(visit: Visit, case_id: str, one: SimilarOrder, deed: str, reason: str, key: str) -> Envelope:
    hold_id = one.hold.hold_id if one.hold else case_id
    command: oc.HoldPayout | oc.AnswerHold
    if deed == "hold":
        # A hold that has ended stays as it was: another one has a name of its own.
        again = f"{hold_id}.{key[:12]}" if one.hold and one.hold.state == "released" else hold_id
        command = oc.HoldPayout(hold_id=again, claim=case_id, reason=reason)
    else:
        command = oc.AnswerHold(hold_id=hold_id, kept=_DONE[deed], reason=reason)
    return Envelope(
        command=command,
        actor=visit.actor,
        order_id=one.order_id,
        key=f"similar:{key}:{one.order_id}",
        fingerprint=sha256(msgspec.json.encode(command)).digest(),
    )


async def _claim(visit: Visit, case_id: str) -> CaseFile:
    visit.require(Role.MEDIATOR, Role.OPERATOR)
    file = await visit.parts.reader.case_file(case_id)
    if file is None or not visit.sees(file.case) or file.case.reason != COUNTERFEIT:
        raise NotFoundException
    return file


async def _page(visit: Visit, file: CaseFile, form: Form | None = None) -> Response[str]:
    words = visit.words
    found = await similar_orders(visit.parts.reader, file.case, file.custody.order)
    rows = {one.order_id: _row(visit, one) for one in found.orders}
    return visit.page(
        "similar_orders.html",
        422 if form else 200,
        case=file.case,
        seller=visit.name_of(Role.SELLER, file.case.seller_id),
        rows=list(rows.values()),
        searched=words.count(
            "%(number)s newest order of the seller was looked at.",
            "%(number)s newest orders of the seller were looked at.",
            found.searched,
        ),
        may_act=visit.role is Role.OPERATOR,
        form=form or Form({}, words, visit.now),
        errors=form.errors if form else {},
        choices=[
            ("hold", words.say(N_("Hold the payouts"))),
            ("keep", words.say(N_("Keep them held for longer"))),
            ("release", words.say(N_("Release them"))),
        ],
    )


def _row(visit: Visit, one: SimilarOrder) -> SimilarRow:
    words, hold = visit.words, one.hold
    by = N_("same article number") if one.by == "sku" else N_("same title")
    card = hold_card(visit, hold) if hold else None
    return SimilarRow(
        order_id=one.order_id,
        title=one.title,
        by=words.say(by),
        stage=words.say(vocabulary.STAGES[one.stage]),
        placed=words.day(one.placed_at),
        badge=card.badge if card else None,
        until=card.until if card else "",
        chosen=card.open if card else one.stage not in _GONE,
    )


routes = Router("/", route_handlers=[similar, answer])
