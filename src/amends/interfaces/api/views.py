"""What people get to see: orders and cases as the API shows them, for the caller's role."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from amends.application.findings import in_words
from amends.application.permissions import Caller, concerns, may, sees_case
from amends.application.ports import CaseFile, Happened, KeyRole, Link
from amends.domain.cases.actions import Action, actions
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Kind, Outcome, Refund, RefundStage, State
from amends.domain.custody.model import Chargeback, Custody, Hold, Stage
from amends.domain.ledger import Books, available, refundable
from amends.domain.orders import Order, Unit
from amends.domain.parties import Actor, Role, Waiting
from amends.domain.policy.terms import Terms
from amends.domain.refunds import eta_clause
from amends.interfaces.api.deeds import DEEDS

_BANKING = frozenset({KeyRole.BUYER, KeyRole.MARKETPLACE, KeyRole.OPERATOR, KeyRole.PROVIDER})
_DECIDING = frozenset({KeyRole.MEDIATOR, KeyRole.OPERATOR, KeyRole.MARKETPLACE})
_BOOKKEEPING = frozenset({KeyRole.SELLER, KeyRole.MARKETPLACE, KeyRole.OPERATOR, KeyRole.PROVIDER})
_PAYING = frozenset({KeyRole.MARKETPLACE, KeyRole.OPERATOR, KeyRole.PROVIDER})

TermsById = Mapping[str, Terms]


class Turn(msgspec.Struct, frozen=True):
    """Whose turn it is, until when (at that instant it is too late), what happens otherwise, and who says
    so.
    """

    on: Role
    until: datetime
    default: str
    clause: str
    sentence: str


class ActionView(msgspec.Struct, frozen=True, kw_only=True):
    """Something the caller can do now, and how; what is ``mandatory`` is due by ``due_at``."""

    name: str
    method: str
    href: str
    mandatory: bool
    due_at: datetime | None
    default: str
    clause: str


class CaseMoney(msgspec.Struct, frozen=True, kw_only=True):
    """The case's money in minor units. ``place`` says where it is: escrow, on_its_way, arrived, or none."""

    currency: str
    asked: int
    settled: int | None
    approved: int
    initiated: int
    confirmed: int
    failed: int
    place: str


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a stream. ``digest`` (hex) chains it to the one before."""

    seq: int
    at: datetime
    actor: Actor
    from_state: str
    event: msgspec.Raw
    digest: str


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case as one caller sees it; ``version`` is its ETag. ``timeline``, oldest first, only where it was
    asked for.
    """

    case_id: str
    version: int
    turn: Turn | None
    actions: tuple[ActionView, ...]
    money: CaseMoney
    case: Case
    timeline: tuple[TimelineEntry, ...] | msgspec.UnsetType = msgspec.UNSET


class Timeline(msgspec.Struct, frozen=True):
    """Everything that happened, oldest first."""

    stream: str
    events: tuple[TimelineEntry, ...]


class CaseBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a list."""

    case_id: str
    order_id: str
    version: int
    kind: Kind
    state: State
    reason: str
    buyer_id: str
    seller_id: str
    currency: str
    asked: int
    opened_at: datetime
    waiting: Waiting | None
    outcome: Outcome | None


class CaseList(msgspec.Struct, frozen=True):
    """A page of cases. ``next`` is the cursor of the following page; empty on the last."""

    cases: tuple[CaseBrief, ...]
    next: str


class RefundView(Refund, frozen=True, kw_only=True):
    """A refund with the clause that grants it, and the one behind the days it arrives in."""

    clause: str
    eta_clause: str


class RefundList(msgspec.Struct, frozen=True):
    """The refunds of a case, one a tender, with the stage and the days they arrive in."""

    currency: str
    refunds: tuple[RefundView, ...]


class ActionList(msgspec.Struct, frozen=True):
    """What the caller can do with a case now."""

    version: int
    turn: Turn | None
    actions: tuple[ActionView, ...]


class OrderMoney(msgspec.Struct, frozen=True, kw_only=True):
    """An order's money in minor units. ``held`` is safe in escrow: a refund on its way is not part of it any
    more. ``books`` are for those who keep them: seller, operator, marketplace.
    """

    currency: str
    captured: int
    refunding: int
    refunded: int
    refundable: int
    held: int
    books: Books | None = None


class LineWindow(msgspec.Struct, frozen=True):
    """From when until when something may be asked for a line, or is owed; None is not known yet.

    Names: cancel.free_period, cancel.request_period, ship.handling, not_received, protection, return.window.
    """

    line_id: str
    name: str
    opens_at: datetime | None
    closes_at: datetime | None
    clause: str


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order in custody as one caller sees it; ``version`` is its ETag.

    ``holds`` and ``chargebacks`` are for those who keep the books.
    """

    order_id: str
    version: int
    stage: Stage
    turn: Turn | None
    protection_ends_at: datetime | None
    confirmed_at: datetime | None
    cancelled: tuple[Unit, ...]
    money: OrderMoney
    windows: tuple[LineWindow, ...]
    cases: tuple[CaseBrief, ...]
    order: Order
    holds: tuple[Hold, ...] = ()
    chargebacks: tuple[Chargeback, ...] = ()


class OrderBrief(msgspec.Struct, frozen=True, kw_only=True):
    """An order in a list."""

    order_id: str
    version: int
    stage: Stage
    buyer_id: str
    seller_id: str
    currency: str
    captured: int
    placed_at: datetime
    waiting: Waiting | None
    protection_ends_at: datetime | None


class OrderList(msgspec.Struct, frozen=True):
    """A page of orders, newest first. ``next`` is the cursor of the following page; empty on the last."""

    orders: tuple[OrderBrief, ...]
    next: str


class OrderStanding(msgspec.Struct, frozen=True, kw_only=True):
    """Where an order stands after a command: the answer to everything the marketplace tells of it."""

    order_id: str
    version: int
    stage: Stage
    waiting: Waiting | None


def sentence(terms: TermsById, clause: str) -> str:
    """The clause's sentence for people; empty where none of these terms knows it."""
    for known in terms.values():
        text = known.clauses.get(clause)
        if text is not None:
            return text.sentence
    return ""


def turn(waiting: Waiting | None, terms: TermsById) -> Turn | None:
    """Who is waited on, with the sentence of the clause."""
    if waiting is None:
        return None
    return Turn(waiting.on, waiting.until, waiting.default, waiting.clause, sentence(terms, waiting.clause))


def doable(case: Case, caller: Caller, now: datetime, hearing: Hearing | None) -> tuple[ActionView, ...]:
    """What the caller can do with the case now, and where.

    ``hearing`` leaves out what would be refused to them in particular.
    """
    return tuple(
        _action(case.case_id, action)
        for action in actions(case, caller.domain_role, now, hearing=hearing)
        if may(caller.role, action.name)
    )


def case_view(
    case: Case, caller: Caller, terms: TermsById, now: datetime, hearing: Hearing | None = None
) -> CaseView:
    """The case for its reader."""
    return CaseView(
        case_id=case.case_id,
        version=case.seq,
        turn=turn(case.waiting, terms),
        actions=doable(case, caller, now, hearing),
        money=case_money(case),
        case=_shown(case, caller),
    )


def with_timeline(view: CaseView, events: Sequence[Happened], caller: Caller) -> CaseView:
    """The same case together with everything that happened to it."""
    shown = tuple(
        _entry(one.seq, one.at, _actor(one.actor), one.from_state, one.body, one.digest, caller)
        for one in events
        if caller.role in _DECIDING or _tag(one.body).type not in _OF_DECIDING
    )
    return replace(view, timeline=shown)


class _Tag(msgspec.Struct):
    type: str


_tag = msgspec.json.Decoder(_Tag).decode
# What `concerns` says of events that have not been decoded.
_OF_DECIDING = frozenset({"ruling_proposed", "ruling_sent_back"})


def timeline(links: Sequence[Link], caller: Caller) -> tuple[TimelineEntry, ...]:
    """Events as they were written, their bodies untouched so that the hashes can be checked.

    Only where money goes to a bank account is the event taken from those whose account it is not, and what is
    held of the seller's money is left out for those it does not concern: then a number is missing.
    """
    return tuple(
        _entry(one.seq, one.at, one.actor, one.from_state, link.body, link.digest, caller)
        for link in links
        for one in (link.recorded,)
        if concerns(caller.role, one.event)
    )


def _actor(text: str) -> Actor:
    role, _, person = text.partition(":")
    return Actor(Role(role), person)


def _entry(
    seq: int, at: datetime, actor: Actor, from_state: str, body: bytes, digest: bytes, caller: Caller
) -> TimelineEntry:
    return TimelineEntry(
        seq=seq,
        at=at,
        actor=actor,
        from_state=from_state,
        event=msgspec.Raw(body if caller.role in _BANKING else _without_account(body)),
        digest=digest.hex(),
    )


_NO_REFUNDS = dict.fromkeys(RefundStage, 0)


def case_money(case: Case) -> CaseMoney:
    """The sums of the case's refunds by stage."""
    sums = dict(_NO_REFUNDS)
    for refund in case.refunds:
        sums[refund.stage] += refund.amount
    return CaseMoney(
        currency=case.currency,
        asked=case.wanted.amount,
        settled=case.settlement.remedy.amount if case.settlement else None,
        approved=sums[RefundStage.APPROVED],
        initiated=sums[RefundStage.INITIATED],
        confirmed=sums[RefundStage.CONFIRMED],
        failed=sums[RefundStage.FAILED],
        place=_place(case, sums),
    )


def refund_list(file: CaseFile, caller: Caller) -> RefundList:
    """The case's refunds for their reader."""
    case = _shown(file.case, caller)
    granted = case.settlement.clause if case.settlement else ""
    return RefundList(
        case.currency,
        tuple(
            RefundView(
                **msgspec.structs.asdict(refund),
                clause=granted,
                eta_clause=eta_clause(refund.method, file.case_terms),
            )
            for refund in case.refunds
        ),
    )


def case_brief(case: Case) -> CaseBrief:
    """The case for a list."""
    return CaseBrief(
        case_id=case.case_id,
        order_id=case.order_id,
        version=case.seq,
        kind=case.kind,
        state=case.state,
        reason=case.reason,
        buyer_id=case.buyer_id,
        seller_id=case.seller_id,
        currency=case.currency,
        asked=case.wanted.amount,
        opened_at=case.opened_at,
        waiting=case.waiting,
        outcome=case.outcome,
    )


def order_view(
    custody: Custody, cases: Sequence[Case], windows: tuple[LineWindow, ...], caller: Caller, terms: TermsById
) -> OrderView:
    """The order for its reader, with those of its cases that exist for the reader."""
    return OrderView(
        order_id=custody.order.order_id,
        version=custody.seq,
        stage=custody.stage,
        turn=turn(custody.waiting, terms),
        protection_ends_at=custody.protection_ends_at,
        confirmed_at=custody.confirmed_at,
        cancelled=custody.cancelled,
        money=_order_money(custody, caller),
        windows=windows,
        cases=tuple(case_brief(case) for case in cases if sees_case(caller, case)),
        order=_order_shown(custody.order, caller),
        holds=custody.holds if caller.role in _BOOKKEEPING else (),
        chargebacks=custody.chargebacks if caller.role in _BOOKKEEPING else (),
    )


def order_brief(custody: Custody) -> OrderBrief:
    """The order for a list."""
    order = custody.order
    return OrderBrief(
        order_id=order.order_id,
        version=custody.seq,
        stage=custody.stage,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        currency=order.currency,
        captured=sum(custody.books.captured.values()),
        placed_at=order.placed_at,
        waiting=custody.waiting,
        protection_ends_at=custody.protection_ends_at,
    )


def _action(case_id: str, action: Action) -> ActionView:
    deed = DEEDS[action.name]
    return ActionView(
        name=action.name,
        method=deed.method,
        href=deed.href(case_id),
        mandatory=action.mandatory,
        due_at=action.due_at,
        default=action.default,
        clause=action.clause,
    )


def _place(case: Case, sums: Mapping[RefundStage, int]) -> str:
    if sums[RefundStage.INITIATED]:
        return "on_its_way"
    if sums[RefundStage.APPROVED] or sums[RefundStage.FAILED]:
        return "escrow"
    if sums[RefundStage.CONFIRMED]:
        return "arrived"
    return "escrow" if case.live else "none"


def _shown(case: Case, caller: Caller) -> Case:
    if case.proposed is not None and caller.role not in _DECIDING:
        case = replace(case, proposed=None)
    if case.rulings:
        case = in_words(case)
    if caller.role in _BANKING or not any(refund.destination for refund in case.refunds):
        return case
    return replace(case, refunds=tuple(replace(refund, destination="") for refund in case.refunds))


def _without_account(body: bytes) -> bytes:
    if b'"destination"' not in body:
        return body
    event = msgspec.json.decode(body)
    for refund in (*event.get("refunds", ()), event.get("refund") or {}):
        refund.pop("destination", None)
    return msgspec.json.encode(event)


def _order_money(custody: Custody, caller: Caller) -> OrderMoney:
    books = custody.books
    return OrderMoney(
        currency=custody.order.currency,
        captured=sum(books.captured.values()),
        refunding=sum(books.refunding.values()),
        refunded=sum(books.refunded.values()),
        refundable=refundable(books),
        held=available(books),
        books=books if caller.role in _BOOKKEEPING else None,
    )


def _order_shown(order: Order, caller: Caller) -> Order:
    if caller.role in _PAYING:
        return order
    return replace(order, tenders=tuple(replace(tender, provider_ref="") for tender in order.tenders))
