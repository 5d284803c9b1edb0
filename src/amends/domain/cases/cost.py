"""What a remedy costs the seller now: the refund by who bears it, the way back, and what comes back."""

import msgspec

from amends.domain.cases.model import Case, Goods, Remedy
from amends.domain.custody.model import Custody
from amends.domain.ledger import Account
from amends.domain.parties import Role
from amends.domain.refunds import Scope, max_refund, worksheet
from amends.domain.refusals import Refused


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """All in minor units of ``currency``.

    ``refund`` reaches the buyer; ``by_seller`` is the seller's part of it, ``by_platform`` the marketplace's
    own fee that it gives back. ``paid`` is what the buyer paid for the units, ``kept`` what of it stays with
    the seller. ``freight`` is what the way to the buyer cost, a hint of what the way back may cost; it is the
    seller's where ``freight_by_seller``. ``comes_back`` counts the units that are sent back, worth
    ``goods_back``. ``replaces``: a replacement is sent instead of money; ``refund`` is then due only if that
    fails.
    """

    currency: str
    refund: int
    by_seller: int
    by_platform: int
    paid: int
    kept: int
    freight: int
    freight_by_seller: bool
    comes_back: int
    goods_back: int
    replaces: bool


def cost_of(custody: Custody, case: Case, remedy: Remedy) -> Cost:
    """What ``remedy`` costs in this case; an amount beyond what is left counts as what is left."""
    bought = [
        line.units[unit.index]
        for unit in case.units
        if (line := custody.order.line(unit.line_id)) is not None and 0 <= unit.index < line.quantity
    ]
    refund = min(remedy.amount, max_refund(custody, case.units))
    payers: dict[str, int] = {}
    if refund:
        sheet = worksheet(custody, case.units, refund, Scope.AMOUNT)
        payers = {} if isinstance(sheet, Refused) else sheet.payers
    paid = sum(unit.paid for unit in bought)
    before = sum(custody.books.unit_refunded.get(unit.key, 0) for unit in case.units)
    returned = remedy.goods is Goods.RETURN and not case.contested
    return Cost(
        currency=case.currency,
        refund=refund,
        by_seller=payers.get(Account.SELLER.value, 0),
        by_platform=payers.get(Account.PLATFORM.value, 0),
        paid=paid,
        kept=max(0, paid - before - refund),
        freight=sum(unit.shipping for unit in bought) if returned else 0,
        freight_by_seller=returned and remedy.freight_payer is Role.SELLER,
        comes_back=len(bought) if returned else 0,
        goods_back=sum(unit.goods for unit in bought) if returned else 0,
        replaces=bool(remedy.exchange_variant),
    )
