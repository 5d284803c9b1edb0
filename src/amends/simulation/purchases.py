"""What a purchase is made of: lines with their frozen prices, and the payments that cover them."""

from collections.abc import Sequence
from random import Random

import msgspec

from amends.domain.bundles import parted
from amends.domain.money import allocate
from amends.domain.orders import Components, Line, Method, Tender
from amends.simulation.catalog import CATALOG, price

# How the sandbox provider is told, by the end of a payment's reference, that a refund to it goes wrong.
LATE, DECLINED = "-late", "-declined"


class Bought(msgspec.Struct, frozen=True):
    """One line of a purchase: an article of the catalog, how many, in which variant."""

    article: str
    quantity: int = 1
    variant: str = ""


def lines_of(bought: Sequence[Bought], currency: str, discount: int, random: Random) -> tuple[Line, ...]:
    """Lines ``l1``, ``l2``, ... with ``discount`` percent off the goods; a variant not named is drawn.

    A bundle comes as its parts.
    """
    whole = [(_line(n, one, currency, discount, random), one) for n, one in enumerate(bought, 1)]
    return tuple(part for line, one in whole for part in parted(line, CATALOG[one.article].parts))


def _line(number: int, bought: Bought, currency: str, discount: int, random: Random) -> Line:
    article = CATALOG[bought.article]
    each, postage = price(article.cents, currency), price(article.postage, currency)
    # One parcel: its postage is divided over the pieces.
    postages = allocate(postage, [1] * bought.quantity)
    units = tuple(
        Components(item=each, discount=each * discount // 100, shipping=postages[n])
        for n in range(bought.quantity)
    )
    return Line(
        line_id=f"l{number}",
        title=article.title,
        category=article.category,
        units=units,
        terms_id="",
        sku=article.sku,
        variant=bought.variant or random.choice(article.variants),
        traits=article.traits,
        weight_g=article.weight_g,
        volume_cm3=article.volume_cm3,
    )


def tenders_of(
    order_id: str, lines: tuple[Line, ...], methods: tuple[Method, ...], provider: str, fault: str
) -> tuple[Tender, ...]:
    """Paid by each method; of several the first bears most."""
    paid = sum(unit.paid for line in lines for unit in line.units)
    weights = [4, *(1 for _ in methods[1:])]
    return tuple(
        Tender(f"t{n}", method, amount, provider, f"pay-{order_id}-{n}{fault}")
        for n, (method, amount) in enumerate(zip(methods, allocate(paid, weights), strict=True), 1)
    )
