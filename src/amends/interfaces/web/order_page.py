"""What an order page shows: the lines with the terms that bind them, parcels, money, cases, actions."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from amends.domain.cases.model import Case
from amends.domain.chain import Recorded
from amends.domain.custody.model import Custody, Stage
from amends.domain.ledger import Books, available
from amends.domain.orders import Line, Parcel
from amends.domain.parties import Role
from amends.domain.policy.options import free_units, windows
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.policy.windows import Window
from amends.interfaces.web import vocabulary
from amends.interfaces.web.cards import Badge, Pair, Told
from amends.interfaces.web.standing import badge_of
from amends.interfaces.web.telling import moment
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

WINDOWS: dict[str, str] = {
    "cancel.free_period": N_("Cancel at once"),
    "cancel.request_period": N_("Ask to cancel"),
    "ship.handling": N_("Seller ships"),
    "not_received": N_("Report that it has not arrived"),
    "protection": N_("Buyer protection"),
    "return.window": N_("Return it or report a problem"),
}
_BEFORE_SHIPPING = frozenset({"cancel.free_period", "cancel.request_period", "ship.handling"})
# Beside the windows, what people ask before they buy and before they send something back.
_RULES: tuple[tuple[str, str, str], ...] = (
    (N_("Return postage, change of mind"), "freight.payer", "no_reason.changed_mind"),
    (N_("Return postage, something wrong"), "freight.payer", "quality.defective"),
    (N_("Cannot be returned"), "unreturnable.categories", ""),
    (N_("Condition of returns"), "condition.required", ""),
    (N_("Start of a refund"), "refund.initiate", ""),
)


class TermRow(msgspec.Struct, frozen=True):
    """One rule of a line: ``until`` in words where it is a date, ``open`` whether it is on now."""

    title: str
    until: str
    open: bool
    clause: ClauseText | None


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    case_id: str
    title: str
    badge: Badge
    left: str
    until: str
    at: datetime | None
    amount: str
    who: str
    order_id: str
    urgent: bool


class LineCard(msgspec.Struct, frozen=True, kw_only=True):
    line: Line
    price: str
    facts: str
    terms: tuple[TermRow, ...]
    promise: str
    cases: tuple[CaseRow, ...]
    askable: bool


class ParcelCard(msgspec.Struct, frozen=True, kw_only=True):
    parcel: Parcel
    badge: Badge
    scans: tuple[Told, ...]


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the page of one order."""

    custody: Custody
    badge: Badge
    headline: str
    otherwise: str
    clause: ClauseText | None
    lines: tuple[LineCard, ...]
    parcels: tuple[ParcelCard, ...]
    money: tuple[Pair, ...]
    tenders: tuple[Pair, ...]
    cases: tuple[CaseRow, ...]
    timeline: tuple[Told, ...]
    can_cancel: bool
    can_confirm: bool
    can_cancel_as_seller: bool
    parties: tuple[Pair, ...]


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One order of a list."""

    order_id: str
    title: str
    more: str
    badge: Badge
    amount: str
    placed: str
    who: str
    cases: str


def order_row(custody: Custody, visit: Visit) -> OrderRow:
    """An order as its list shows it."""
    order, words = custody.order, visit.words
    rest = len(order.lines) - 1
    return OrderRow(
        order_id=order.order_id,
        title=order.lines[0].title if order.lines else order.order_id,
        more=words.count("and %(number)s more item", "and %(number)s more items", rest) if rest else "",
        badge=stage_badge(custody, visit),
        amount=words.money(total(custody), order.currency),
        placed=words.day(order.placed_at),
        who=visit.others(order),
        cases=words.count("%(number)s case", "%(number)s cases", custody.cases) if custody.cases else "",
    )


def total(custody: Custody) -> int:
    """What the buyer paid for everything, in minor units."""
    return sum(unit.paid for line in custody.order.lines for unit in line.units)


def stage_badge(custody: Custody, visit: Visit) -> Badge:
    tones = {Stage.HELD: "turn", Stage.CANCELLED: "bad", Stage.RELEASED: "good", Stage.PAID_OUT: "good"}
    said = vocabulary.STAGES[custody.stage]
    if custody.stage is Stage.HELD and custody.waiting is not None:
        # No case keeps it, but something that was said of the same goods.
        said = N_("Payout held")
    return Badge(visit.words.say(said), tones.get(custody.stage, "them"))


def case_row(case: Case, custody: Custody | None, visit: Visit) -> CaseRow:
    """A case as a list shows it."""
    words = visit.words
    line = custody.order.line(case.units[0].line_id) if custody and case.units else None
    reason = visit.teller(case).reason(case.reason)
    title = words.say(N_("%(item)s – %(reason)s"), item=line.title, reason=reason) if line else reason
    remedy = case.settlement.remedy if case.settlement else case.wanted
    until = case.waiting.until if case.waiting else None
    return CaseRow(
        case_id=case.case_id,
        title=title,
        badge=badge_of(case, visit),
        left=words.left(until, visit.now) if until else "",
        until=words.moment(until) if until else "",
        at=until,
        amount=words.money(remedy.amount, case.currency),
        who=visit.others(case),
        order_id=case.order_id,
        urgent=bool(until and (until - visit.now).total_seconds() < 24 * 3600),
    )


def order_page(
    visit: Visit,
    custody: Custody,
    cases: Sequence[Case],
    terms: Mapping[str, Terms],
    timeline: Sequence[Recorded],
    members: Mapping[str, str],
) -> OrderView:
    """The page of one order; ``cases`` are those the reader may see."""
    order, words = custody.order, visit.words
    first = terms.get(order.lines[0].terms_id) if order.lines else None
    teller = visit.teller(order)
    unshipped = any(order.shipped_at(line.line_id) is None for line in order.lines)
    live = custody.stage not in {Stage.CANCELLED, Stage.PAID_OUT, Stage.RELEASED}
    headline, otherwise = _standing(visit, custody)
    return OrderView(
        custody=custody,
        badge=stage_badge(custody, visit),
        headline=headline,
        otherwise=otherwise,
        clause=_clause(visit, custody, first) if first else None,
        lines=tuple(_line(visit, custody, line, terms[line.terms_id], cases) for line in order.lines),
        parcels=tuple(_parcel(visit, parcel) for parcel in order.parcels),
        money=books_pairs(visit, custody.books, order.currency),
        tenders=tuple(
            Pair(
                words.say(vocabulary.METHODS.get(t.method, t.method)).capitalize(),
                words.money(t.captured, order.currency),
            )
            for t in order.tenders
        ),
        cases=tuple(case_row(case, custody, visit) for case in cases),
        timeline=tuple(moment(teller, recorded, members) for recorded in reversed(timeline)),
        can_cancel=visit.role is Role.BUYER and unshipped and live,
        can_confirm=(
            visit.role is Role.BUYER
            and custody.stage in {Stage.AWAITING_DELIVERY, Stage.PROTECTED}
            and not any(case.live for case in cases)
        ),
        can_cancel_as_seller=visit.role is Role.SELLER and unshipped and live,
        parties=tuple(
            Pair(words.say(vocabulary.ROLES[role]), visit.party_alone(order, role))
            for role in (Role.BUYER, Role.SELLER)
        ),
    )


def _standing(visit: Visit, custody: Custody) -> tuple[str, str]:
    """What the order waits for, until when, and what happens then; empty where nothing does."""
    waiting, words = custody.waiting, visit.words
    turn = vocabulary.ORDER_TURNS.get(custody.stage, "")
    if waiting is None or not turn:
        return "", ""
    if waiting.default == "release_hold" and visit.role is Role.BUYER:
        # What is held of the seller's money changes nothing for the buyer.
        return "", ""
    until, default = waiting.until, waiting.default
    if default == "remind_protection" and custody.protection_ends_at is not None:
        # The reminder only announces the end; that is what people want to know.
        until, default = custody.protection_ends_at, "release_escrow"
    which = {Role.BUYER: 0, Role.SELLER: 1}.get(visit.role, 2)
    return words.say(turn, until=words.moment(until)), words.say(
        vocabulary.DEFAULTS[default][which], remedy=""
    )


def _clause(visit: Visit, custody: Custody, terms: Terms) -> ClauseText | None:
    """The clause behind what `_standing` says."""
    waiting = custody.waiting
    if waiting is None:
        return None
    if waiting.default != "remind_protection":
        return terms.clauses.get(waiting.clause)
    dates = windows(custody, custody.order.lines[0], terms, visit.parts.calendars)
    return next((terms.clauses.get(each.clause) for each in dates if each.name == "protection"), None)


def books_pairs(visit: Visit, books: Books, currency: str) -> tuple[Pair, ...]:
    """Where an order's money is: what came in, where it went, what is held."""
    say, money = visit.words.say, visit.words.money
    places = [
        (N_("Paid by the buyer"), sum(books.captured.values())),
        (N_("Paid by buyer protection"), -books.cover),
        (N_("Refund on its way"), sum(books.refunding.values())),
        (N_("Refunded"), sum(books.refunded.values())),
        (N_("Released to the seller"), books.seller),
        (N_("Paid out to the seller"), books.bank),
        (N_("Marketplace fees"), books.platform),
        (N_("Taken back by the bank"), books.chargeback),
    ]
    shown = [Pair(say(label), money(amount, currency)) for label, amount in places if amount]
    return (*shown, Pair(say(N_("Held safely")), money(available(books), currency), strong=True))


def _line(visit: Visit, custody: Custody, line: Line, terms: Terms, cases: Sequence[Case]) -> LineCard:
    words, order = visit.words, custody.order
    about = [case for case in cases if any(unit.line_id == line.line_id for unit in case.units)]
    dates = windows(custody, line, terms, visit.parts.calendars)
    shipped = order.shipped_at(line.line_id) is not None
    if shipped:
        # What could be done before the shipment is over, whatever its dates say.
        dates = tuple(window for window in dates if window.name not in _BEFORE_SHIPPING)
    rows = [_window_row(visit, window, terms) for window in dates]
    rows += [
        _rule_row(visit, title, name, reason, terms)
        for title, name, reason in _RULES
        if terms.has(name, reason)
    ]
    facts = [line.variant] if line.variant else []
    if line.bundle is not None:
        facts.insert(0, words.say(N_("part of “%(bundle)s”"), bundle=line.bundle.title))
    if line.quantity > 1:
        facts.append(words.count("%(number)s piece", "%(number)s pieces", line.quantity))
    free = free_units(custody, cases, line.line_id)
    returnable = next((row for row, window in zip(rows, dates) if window.name == "return.window"), None)
    return LineCard(
        line=line,
        price=words.money(sum(unit.paid for unit in line.units), order.currency),
        facts=" · ".join(facts),
        terms=tuple(rows),
        promise=returnable.until if returnable and returnable.open else "",
        cases=tuple(case_row(case, custody, visit) for case in about),
        askable=visit.role is Role.BUYER and bool(free) and shipped,
    )


def _window_row(visit: Visit, window: Window, terms: Terms) -> TermRow:
    words = visit.words
    is_open = window.contains(visit.now)
    if window.closes_at is None:
        until = words.say(N_("starts later"))
    elif visit.now >= window.closes_at:
        until = words.say(N_("ended %(day)s"), day=words.stamp(window.closes_at))
    else:
        until = words.say(N_("until %(day)s"), day=words.moment(window.closes_at))
    title = words.say(WINDOWS.get(window.name, window.name))
    return TermRow(title, until, is_open, terms.clauses.get(window.clause))


def _rule_row(visit: Visit, title: str, name: str, reason: str, terms: Terms) -> TermRow:
    text = terms.clauses.get(terms.get(name, reason).clause)
    return TermRow(visit.words.say(title), "", False, text)


def _parcel(visit: Visit, parcel: Parcel) -> ParcelCard:
    words = visit.words
    scans = sorted(parcel.events, key=lambda scan: scan.at, reverse=True)
    if parcel.delivered_at is not None:
        badge = Badge(words.say(N_("Delivered")), "good")
    elif scans:
        badge = Badge(words.say(vocabulary.SIGNALS[scans[0].signal]), "them")
    else:
        badge = Badge(words.say(N_("Shipped")), "them")
    told = tuple(
        Told(
            scan.at,
            words.say(vocabulary.SIGNALS[scan.signal]),
            " · ".join(p for p in (scan.country, scan.note) if p),
        )
        for scan in scans
    )
    return ParcelCard(parcel=parcel, badge=badge, scans=told)
