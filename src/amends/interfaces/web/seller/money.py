"""A seller's money: what is held, what is frozen by which case, and what is paid out when."""

from datetime import datetime

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from amends.application.ports.sellers import HeldOrder
from amends.domain.custody import holding
from amends.domain.custody.model import Stage
from amends.domain.ledger import available
from amends.domain.parties import Role
from amends.interfaces.web.cards import Pair
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_SHOWN = 50
PLACES: dict[str, str] = {
    "on_the_way": N_("Held until delivery"),
    "protected": N_("Held while the buyer may still ask"),
    "frozen": N_("Frozen by open cases"),
    "due": N_("Yours, to be paid out"),
    "owed": N_("You owe from earlier payouts"),
}


class CurrencyCard(msgspec.Struct, frozen=True):
    """The money in one currency, place by place."""

    currency: str
    pairs: tuple[Pair, ...]


class HeldRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order with money on its way: how much, until when, and the cases that freeze it."""

    order_id: str
    title: str
    amount: str
    said: str
    at: datetime | None
    case_ids: tuple[str, ...]


@get("/money")
async def money(visit: NamedDependency[Visit]) -> Response[str]:
    """Where the seller's money is."""
    visit.require(Role.SELLER)
    reads = visit.parts.sellers.reads
    sums = await reads.money(visit.actor.id)
    held = await reads.held(visit.actor.id, _SHOWN)
    words = visit.words
    cards = []
    for currency in dict.fromkeys(one.currency for one in sums):
        own = [one for one in sums if one.currency == currency]
        pairs = tuple(
            Pair(
                words.say(
                    N_("%(place)s, %(orders)s"),
                    place=words.say(PLACES[one.place]),
                    orders=words.count("%(number)s order", "%(number)s orders", one.orders),
                ),
                words.money(one.amount, currency),
                strong=one.place == "due",
            )
            for one in sorted(own, key=lambda one: list(PLACES).index(one.place))
        )
        cards.append(CurrencyCard(currency, pairs))
    rows = [row for one in held for row in _rows(visit, one)]
    return visit.page(
        "seller_money.html",
        cards=cards,
        coming=[row for row in rows if not row.case_ids],
        frozen=[row for row in rows if row.case_ids],
        shown=_SHOWN if len(held) == _SHOWN else 0,
    )


def _rows(visit: Visit, held: HeldOrder) -> list[HeldRow]:
    """What the order owes the seller or the seller owes, and what is still held for it: each by itself."""
    books, say = held.custody.books, visit.words.say
    rows = []
    if books.seller < 0:
        rows.append(
            _row(
                visit, held, -books.seller, say(N_("You owe this; it is taken from your next payout.")), None
            )
        )
    elif books.seller:
        rows.append(_row(visit, held, books.seller, *_said(visit, held)))
    if kept := available(books):
        rows.append(_row(visit, held, kept, *_said(visit, held)))
    return rows


def _said(visit: Visit, held: HeldOrder) -> tuple[str, datetime | None]:
    """Why an order's money waits, and until when where that is known."""
    custody, words = held.custody, visit.words
    until = custody.waiting.until if custody.waiting else None
    if held.case_ids:
        return words.say(N_("Frozen until its cases are closed")), None
    if (clock := holding.clock(custody, visit.now)) is not None:
        said = words.say(N_("Held until %(day)s; the order says why"), day=words.moment(clock.until))
        return said, clock.until
    if custody.stage is Stage.HELD:
        return words.say(N_("Held until the bank has decided about the payment")), until
    if custody.stage is Stage.RELEASED and until is not None:
        return words.say(N_("Paid out on %(day)s"), day=words.moment(until)), until
    if custody.stage is Stage.PROTECTED and (ends := custody.protection_ends_at) is not None:
        return words.say(
            N_("Yours from %(day)s, if nothing is asked until then"), day=words.moment(ends)
        ), ends
    there = custody.stage is Stage.AWAITING_SHIPMENT
    return words.say(N_("Not shipped yet") if there else N_("On its way to the buyer")), until


def _row(visit: Visit, held: HeldOrder, amount: int, said: str, at: datetime | None) -> HeldRow:
    order = held.custody.order
    return HeldRow(
        order_id=order.order_id,
        title=order.lines[0].title if order.lines else order.order_id,
        amount=visit.words.money(amount, order.currency),
        said=said,
        at=at,
        case_ids=held.case_ids,
    )
