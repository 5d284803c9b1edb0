"""Orders of several things, bought at once from one shop of the town."""

from collections.abc import Sequence

from msgspec.structs import replace
from tests.interfaces.web.town import KAYA, LUMEN, NORA, Town

from amends.application.intake import freeze
from amends.domain.custody import commands as oc
from amends.domain.orders import Components, Line, Method, Order, Tender, Tier
from amends.domain.parties import Actor

_LAMP = Components(item=6490, shipping=590)
LAMP = Line("lamp", "Ceramic table lamp “Dune”", "home/lighting", (_LAMP,), "", variant="Blue")
MUGS = Line("mugs", "Mug “Tide”", "home/kitchen", (Components(item=1800, shipping=100),) * 3, "")
WIG = Line("wig", "Wig “Ash”", "apparel/wigs", (Components(item=2400, shipping=100),), "")


async def basket(
    town: Town,
    order_id: str,
    lines: Sequence[Line] = (LAMP, MUGS),
    *,
    buyer: Actor = NORA,
    seller: Actor = LUMEN,
    tier: Tier = Tier.STANDARD,
    method: Method = Method.CARD,
) -> Order:
    """Somebody buys all of it and pays in one go; the terms are those in force now."""
    paid = sum(unit.paid for line in lines for unit in line.units)
    order = Order(
        order_id=order_id,
        buyer_id=buyer.id,
        seller_id=seller.id,
        currency="EUR",
        placed_at=town.clock.now(),
        lines=tuple(lines),
        tenders=(Tender("t1", method, paid, provider_ref=f"pay-{order_id}"),),
        buyer_tier=tier,
        buyer_country="DE",
        buyer_postcode="10115",
        seller_country="PT",
    )
    frozen, terms = freeze(replace(order), await town.sellers.packs_for(seller.id, order.placed_at))
    await town.provider.register_capture(f"pay-{order_id}", paid, "EUR")
    await town.do(oc.PlaceOrder(order=frozen), KAYA, order_id, terms=terms)
    return frozen
