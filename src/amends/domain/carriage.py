"""Carriage: what sending a parcel costs and takes, by weight, size, origin and destination.

Rate sheets are data in euro cents; a comparison converts them to the order's currency. Weight counts as the
carrier counts it: the heavier of the scale's and the volume's (length x width x height / 5000, in cm and
kg, as
air carriers do).
"""

from collections.abc import Sequence

import msgspec

from amends.domain.money import Money
from amends.domain.orders import Order, Unit
from amends.domain.policy.clauses import Rates, convert

_VOLUME_DIVISOR = 5  # cubic centimetres a gram
_REGION = frozenset(
    (
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT",
        "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    )
)  # fmt: skip
ZONES = ("domestic", "region", "world")


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prices up to a weight, in euro cents for each zone; a zone without a price is not served."""

    up_to_g: int
    domestic: int | None = None
    region: int | None = None
    world: int | None = None


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One service of a carrier. ``days`` are working days by zone, the least and the most.

    ``label_free``: a code shown at the counter is enough. ``origins``: where it takes parcels, ISO 3166-1
    alpha-2; none: everywhere.
    """

    carrier: str
    service: str
    title: str
    tracked: bool
    days: dict[str, tuple[int, int]]
    steps: tuple[Step, ...]
    label_free: bool = False
    origins: tuple[str, ...] = ()


class Consignment(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent, from where to where. ``assumed``: nobody told the weight, so it is a guess."""

    origin: str
    destination: str
    weight_g: int
    volume_cm3: int = 0
    assumed: bool = False

    @property
    def charged_g(self) -> int:
        """The weight that counts: what it weighs, or what its size is reckoned to weigh."""
        return max(self.weight_g, self.volume_cm3 // _VOLUME_DIVISOR)

    @property
    def zone(self) -> str:
        """domestic, region (the EU's customs area) or world."""
        if self.origin == self.destination:
            return "domestic"
        return "region" if {self.origin, self.destination} <= _REGION else "world"


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What one service asks, in minor units of ``currency``, and the working days it takes.

    ``recommended``: the cheapest that is tracked. ``too_dear``: it costs more than the goods are worth.
    """

    carrier: str
    service: str
    title: str
    price: int
    currency: str
    days: tuple[int, int]
    tracked: bool
    label_free: bool
    recommended: bool = False
    too_dear: bool = False


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Every service that would take the parcel, cheapest first.

    ``advice`` is ``keep`` where even the cheapest tracked way costs more than the goods are worth: then a
    refund
    without return, or a part of the price, is the better remedy; ``none`` where nobody takes it, else
    ``send``.
    """

    consignment: Consignment
    value: int
    quotes: tuple[Quote, ...]
    advice: str


_ASSUMED_G = 1000


def consignment(order: Order, units: Sequence[Unit]) -> Consignment:
    """The parcel that takes ``units`` back; a kilogram each where the order does not tell their weight."""
    lines = [line for unit in units if (line := order.line(unit.line_id)) is not None]
    weights = [line.weight_g for line in lines]
    return Consignment(
        origin=order.buyer_country,
        destination=order.seller_country,
        weight_g=sum(weight or _ASSUMED_G for weight in weights),
        volume_cm3=sum(line.volume_cm3 for line in lines),
        assumed=not all(weights),
    )


def compare(
    services: Sequence[Service], parcel: Consignment, *, value: int, currency: str, rates: Rates | None
) -> Comparison:
    """What every service asks for the parcel; ``value`` is what the goods are worth, in minor units.

    Services whose prices cannot be converted to ``currency`` are left out rather than guessed.
    """
    quotes = []
    for service in services:
        cents = _price(service, parcel)
        price = None if cents is None else convert(Money(cents, "EUR"), currency, rates)
        if price is None:
            continue
        quotes.append(
            Quote(
                carrier=service.carrier,
                service=service.service,
                title=service.title,
                price=price,
                currency=currency,
                days=service.days[parcel.zone],
                tracked=service.tracked,
                label_free=service.label_free,
                too_dear=price > value,
            )
        )
    quotes.sort(key=lambda quote: (quote.price, quote.days, quote.carrier, quote.service))
    best = next((n for n, quote in enumerate(quotes) if quote.tracked), None)
    if best is not None:
        quotes[best] = msgspec.structs.replace(quotes[best], recommended=not quotes[best].too_dear)
    advice = "none" if best is None else "keep" if quotes[best].too_dear else "send"
    return Comparison(consignment=parcel, value=value, quotes=tuple(quotes), advice=advice)


def _price(service: Service, parcel: Consignment) -> int | None:
    if service.origins and parcel.origin not in service.origins:
        return None
    for step in service.steps:
        if parcel.charged_g <= step.up_to_g:
            price: int | None = getattr(step, parcel.zone)
            return price if parcel.zone in service.days else None
    return None
