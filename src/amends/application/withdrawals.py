"""Withdrawing from a contract without a reason, where the law gives that right: stated, confirmed, receipted.

What has been shipped becomes a claim that nobody has to agree to, what has not is cancelled at once. The
receipt is made of the case the statement opened, so it says the same whenever it is asked for. Source:
Directive 2011/83/EU art. 9-14 and 11a.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from amends.application.words import N_, Words
from amends.domain.bundles import rest_of
from amends.domain.cases.commands import OpenCancellation, OpenClaim
from amends.domain.cases.model import Case, Goods, Kind, Remedy
from amends.domain.cases.opening import WITHDRAWAL
from amends.domain.custody.model import Custody
from amends.domain.orders import Order, Unit
from amends.domain.policy.options import Option, free_units, options
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.time import Calendars

NOT_SHIPPED = "cancel.changed_mind"
FUNCTION = "withdrawal.function"
"""The parameter that says whether the right is used by two buttons (art. 11a)."""


class LineRight(msgspec.Struct, frozen=True, kw_only=True):
    """What the right comes to for one line: its pieces, the money, the last moment, and the clause.

    ``open`` is whether it can be used now; ``why_closed`` is a code of the remedy that closes it. ``amount``
    is in minor units. ``goes_back``: the goods have been shipped and are sent back. ``function``:
    the law or the marketplace has it used by two buttons; where not, it is a reason for a claim.
    """

    line_id: str
    title: str
    units: tuple[Unit, ...]
    open: bool
    goes_back: bool
    amount: int
    until: datetime | None
    clause: ClauseText
    why_closed: str = ""
    function: bool = True


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The acknowledgement of a withdrawal: what was stated, by whom, and the instant it came in (UTC)."""

    order_id: str
    case_id: str
    buyer_id: str
    seller_id: str
    received_at: datetime
    statement: str
    goods: tuple[str, ...]
    amount: int
    currency: str
    clause: str


def rights(
    custody: Custody,
    cases: Mapping[str, Case],
    terms: Mapping[str, Terms],
    now: datetime,
    calendars: Calendars,
) -> tuple[LineRight, ...]:
    """The right for each line whose terms give one; ``terms`` are by id. No line: no such right at all."""
    found = []
    for line in custody.order.lines:
        known = terms[line.terms_id]
        if not known.has("withdrawal.offered") or not known.get("withdrawal.offered").value:
            continue
        units = free_units(custody, cases.values(), line.line_id)
        if not units:
            continue
        goes_back = custody.order.shipped_at(line.line_id) is not None
        code, remedy = (WITHDRAWAL, "return") if goes_back else (NOT_SHIPPED, "cancellation")
        # What is withdrawn from is chosen later: a set that comes back as a whole is open as a whole.
        listed = options(
            custody,
            cases,
            units,
            code,
            terms=known,
            now=now,
            calendars=calendars,
            beside=rest_of(custody.order.lines, units),
        )
        option = next(one for one in listed if one.remedy == remedy)
        found.append(_right(line.line_id, line.title, units, option, known, goes_back=goes_back))
    return tuple(found)


def _right(
    line_id: str, title: str, units: tuple[Unit, ...], option: Option, terms: Terms, *, goes_back: bool
) -> LineRight:
    law = terms.clause(terms.get("withdrawal.offered").clause)
    # A request the seller may decline is no withdrawal.
    is_open = option.open and (goes_back or bool(option.facts.get("at_once")))
    return LineRight(
        line_id=line_id,
        title=title,
        units=units,
        open=is_open,
        goes_back=goes_back,
        amount=option.amount if is_open else 0,
        until=option.deadline,
        clause=law if is_open else terms.clause(option.clause),
        why_closed="" if is_open else option.why_closed or "window_closed",
        function=bool(terms.get(FUNCTION).value) if terms.has(FUNCTION) else True,
    )


def commands(
    found: Sequence[LineRight], units: Sequence[Unit], statement: str
) -> tuple[OpenClaim | OpenCancellation, ...]:
    """What states the withdrawal of ``units``: one claim for what goes back, one cancellation for the rest.

    No ``units``: everything the right is open for. Raises `LookupError` for units it is not open for.
    """
    open_units = {unit: right for right in found if right.open for unit in right.units}
    wanted = tuple(units) or tuple(open_units)
    outside = [unit.key for unit in wanted if unit not in open_units]
    if outside or not wanted:
        raise LookupError(", ".join(outside))
    back = tuple(unit for unit in wanted if open_units[unit].goes_back)
    rest = tuple(unit for unit in wanted if not open_units[unit].goes_back)
    stated: list[OpenClaim | OpenCancellation] = []
    if back:
        amount = _amount(found, back)
        remedy = Remedy(amount=amount, goods=Goods.RETURN)
        stated.append(OpenClaim(reason=WITHDRAWAL, units=back, wanted=remedy, story=statement))
    if rest:
        stated.append(OpenCancellation(reason=NOT_SHIPPED, units=rest, story=statement))
    return tuple(stated)


def _amount(found: Sequence[LineRight], units: Sequence[Unit]) -> int:
    """What comes back for some of a line's pieces: each bears its share, the rest of a cent stays out."""
    total = 0
    for right in found:
        mine = sum(unit in right.units for unit in units)
        total += right.amount * mine // len(right.units)
    return total


def receipt(case: Case, order: Order) -> Receipt | None:
    """The receipt of the statement that opened a case, or None where the case is no withdrawal."""
    if case.reason != WITHDRAWAL and case.kind is not Kind.CANCELLATION:
        return None
    if case.settlement is None:
        return None
    titles = {line.line_id: line.title for line in order.lines}
    pieces = Counter(titles.get(unit.line_id, unit.line_id) for unit in case.units)
    goods = tuple(title if count == 1 else f"{count} × {title}" for title, count in pieces.items())
    return Receipt(
        order_id=order.order_id,
        case_id=case.case_id,
        buyer_id=case.buyer_id,
        seller_id=case.seller_id,
        received_at=case.opened_at,
        statement=case.story,
        goods=goods,
        amount=case.settlement.remedy.amount,
        currency=case.currency,
        clause=case.settlement.clause,
    )


def receipt_text(given: Receipt, words: Words) -> str:
    """The receipt as a text to keep, in the reader's words."""
    lines = [
        words.say(N_("Receipt of a withdrawal from a contract")),
        "",
        words.say(N_("Order: %(order)s"), order=given.order_id),
        words.say(N_("Case: %(case)s"), case=given.case_id),
        words.say(N_("Buyer: %(buyer)s"), buyer=given.buyer_id),
        words.say(N_("Seller: %(seller)s"), seller=given.seller_id),
        words.say(N_("Received: %(moment)s"), moment=words.moment(given.received_at)),
        given.received_at.isoformat(),
        "",
        words.say(N_("Goods:")),
        *(f"- {one}" for one in given.goods),
        words.say(N_("To be refunded: %(amount)s"), amount=words.money(given.amount, given.currency)),
        "",
        words.say(N_("The statement:")),
        given.statement,
        "",
        words.say(N_("Clause: %(clause)s"), clause=given.clause),
    ]
    return "\n".join(lines) + "\n"
