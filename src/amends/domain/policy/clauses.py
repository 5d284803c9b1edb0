"""A clause: some parameters set under conditions, with an id, a sentence for people and a citation."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum
from itertools import product
from typing import Literal

import msgspec

from amends.domain.money import Money, decimals
from amends.domain.orders import Components, Line, Order
from amends.domain.policy.parameters import Value
from amends.domain.reasons import covers


class Layer(IntEnum):
    """Where a pack stands; the higher one wins. A jurisdiction's clauses are floors for all others."""

    PLATFORM = 0
    JURISDICTION = 1
    CATEGORY = 2
    SELLER = 3
    PROMOTION = 4
    NEGOTIATED = 5


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an order line at purchase. ``price`` is one unit's, in minor units of ``currency``."""

    placed_at: datetime
    currency: str
    price: int = 0
    category: str = ""
    seller: str = ""
    shipping_method: str = ""
    buyer_tier: str = "standard"
    buyer_country: str = ""
    seller_country: str = ""
    traits: tuple[str, ...] = ()
    order: str = ""
    seller_standing: str = ""


def facts_of(order: Order, line: Line, seller_standing: str = "") -> Facts:
    """The facts of one line of an order; the price is that of its dearest unit, without shipping.

    ``seller_standing`` is what the seller's record came to at purchase: new, good or strained.
    """
    return Facts(
        placed_at=order.placed_at,
        currency=order.currency,
        price=max(map(_price, line.units), default=0),
        category=line.category,
        seller=order.seller_id,
        shipping_method=order.shipping_method,
        buyer_tier=order.buyer_tier.value,
        buyer_country=order.buyer_country,
        seller_country=order.seller_country,
        traits=line.traits,
        order=order.order_id,
        seller_standing=seller_standing,
    )


def _price(unit: Components) -> int:
    return unit.goods


def in_category(category: str, wanted: str) -> bool:
    """Whether a category path such as ``apparel/underwear`` is, or lies in, ``wanted``."""
    return category == wanted or category.startswith(f"{wanted}/")


class Conditions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """When a clause applies: every condition given must hold, each by one of its values.

    ``traits`` must all be there. ``reason`` (a leaf or branch) and ``method`` (of the refund) are not known
    at purchase and stay with the terms. ``price_from`` is included, ``price_below`` is not; ``placed_from``
    and ``placed_before`` likewise.
    """

    seller: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    shipping_method: tuple[str, ...] = ()
    buyer_tier: tuple[str, ...] = ()
    buyer_country: tuple[str, ...] = ()
    seller_country: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    seller_standing: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    price_from: Money | None = None
    price_below: Money | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    reason: tuple[str, ...] = ()
    method: tuple[str, ...] = ()

    @property
    def specificity(self) -> int:
        """How narrow: one for each kind of condition, one for each step down a path of category or reason."""
        given = sum(bool(getattr(self, name)) for name in self.__struct_fields__)
        steps = min((code.count(".") for code in self.reason), default=0)
        return given + steps + min((path.count("/") for path in self.category), default=0)

    def hold(self, facts: Facts, rates: "Rates | None") -> bool:
        """Whether the conditions on what is known at purchase hold."""
        return self._names_hold(facts) and self._times_hold(facts) and self._price_holds(facts, rates)

    def _names_hold(self, facts: Facts) -> bool:
        for name in _NAMES:
            wanted = getattr(self, name)
            if wanted and getattr(facts, name) not in wanted:
                return False
        if self.category and not any(in_category(facts.category, wanted) for wanted in self.category):
            return False
        return set(self.traits) <= set(facts.traits)

    def _times_hold(self, facts: Facts) -> bool:
        if self.placed_from is not None and facts.placed_at < self.placed_from:
            return False
        return self.placed_before is None or facts.placed_at < self.placed_before

    def _price_holds(self, facts: Facts, rates: "Rates | None") -> bool:
        if self.price_from is not None:
            least = convert(self.price_from, facts.currency, rates)
            if least is None or facts.price < least:
                return False
        if self.price_below is None:
            return True
        most = convert(self.price_below, facts.currency, rates)
        return most is not None and facts.price < most

    def can_meet(self, other: "Conditions") -> bool:
        """Whether some order, reason and method satisfy both."""
        for name in (*_NAMES, "method"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine and theirs and not set(mine) & set(theirs):
                return False
        if (
            self.reason
            and other.reason
            and not any(covers(a, b) or covers(b, a) for a, b in product(self.reason, other.reason))
        ):
            return False
        if (
            self.category
            and other.category
            and not any(
                in_category(a, b) or in_category(b, a) for a, b in product(self.category, other.category)
            )
        ):
            return False
        return self._ranges_meet(other)

    def _ranges_meet(self, other: "Conditions") -> bool:
        for first, second in ((self, other), (other, self)):
            if first.placed_before and second.placed_from and second.placed_from >= first.placed_before:
                return False
            below, least = first.price_below, second.price_from
            if below and least and below.currency == least.currency and least.amount >= below.amount:
                return False
        return True


_NAMES = (
    "seller", "shipping_method", "buyer_tier", "buyer_country", "seller_country", "order", "seller_standing",
)  # fmt: skip


class Rates(msgspec.Struct, frozen=True):
    """Exchange rates as published: one ``base`` is ``quotes[currency]`` of another, as decimal text."""

    base: str
    date: str
    source: str
    quotes: dict[str, str]

    def of(self, currency: str) -> Decimal | None:
        """How much of ``currency`` one base is, or None where it is not quoted."""
        if currency == self.base:
            return Decimal(1)
        text = self.quotes.get(currency)
        return Decimal(text) if text else None


def convert(money: Money, currency: str, rates: Rates | None) -> int | None:
    """``money`` in minor units of ``currency``, half up to the whole minor unit; None without a rate.

    Nothing is nothing in every currency, and the same currency needs no rate.
    """
    if money.currency == currency or money.amount == 0:
        return money.amount
    if rates is None:
        return None
    sold, bought = rates.of(money.currency), rates.of(currency)
    if sold is None or bought is None:
        return None
    exact = Decimal(money.amount).scaleb(decimals(currency) - decimals(money.currency)) * bought / sold
    return int(exact.to_integral_value(ROUND_HALF_UP))


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """``sets`` has the typed values; money stays `Money` until the order's currency is known.

    ``default`` is what happens when a clock it sets runs out. ``floor`` clauses bind all layers above;
    ``bounds`` are the least and most a seller may set instead. ``line`` is where it starts in its file.
    """

    id: str
    sets: "dict[str, Value | Money]"
    sentence: str
    citation: str
    sure: Literal["verified", "unverified"] = "verified"
    when: Conditions = Conditions()
    default: str = ""
    floor: bool = False
    priority: int = 0
    bounds: "tuple[Value | Money, Value | Money] | None" = None
    line: int = 0
