"""What a marketplace tells of an order, and what it becomes."""

from typing import Annotated

from msgspec import Meta, convert
from msgspec.structs import replace

from amends.domain.bundles import Part, of_bundles, parted
from amends.domain.orders import (
    Components,
    Line,
    Method,
    Order,
    Parcel,
    Signal,
    Tender,
    Tier,
    TrackingEvent,
)
from amends.interfaces.api.bodies import (
    Amount,
    Body,
    Currency,
    Id,
    Instant,
    Named,
    Priced,
    Short,
    Words,
    check_years,
)

Country = Annotated[str, Meta(pattern="^([A-Z]{2})?$", description="ISO 3166-1 alpha-2.")]
Volume = Annotated[
    int,
    Meta(ge=0, le=1_000_000_000, description="One piece as it is packed: carriers charge by it as well."),
]
Party = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.@-]{1,64}$")]


class ComponentsBody(Body, frozen=True, kw_only=True):
    """What one unit cost, in minor units; ``discount`` is positive and taken off."""

    item: Amount
    discount: Amount = 0
    shipping: Amount = 0
    tax: Amount = 0
    fee: Amount = 0

    def components(self) -> Components:
        """As the domain has it."""
        return Components(self.item, self.discount, self.shipping, self.tax, self.fee)


_PIECES_MAX = 10_000


class PartBody(Body, frozen=True, kw_only=True):
    """A part of a bundle: ``pieces`` of it are in each, and ``price`` is what one costs by itself, in minor
    units: only how the parts' prices compare counts. Without a category or traits those of the bundle hold.
    """

    part_id: Id
    title: Named
    price: Amount
    pieces: Annotated[int, Meta(ge=1, le=100)] = 1
    category: Annotated[str, Meta(max_length=200)] = ""
    sku: Short = ""
    variant: Short = ""
    traits: Annotated[tuple[Named, ...], Meta(max_length=20)] | None = None
    weight_g: Annotated[int, Meta(ge=0, le=100_000_000)] = 0
    volume_cm3: Volume = 0

    def part(self) -> Part:
        """As the domain has it."""
        return convert(self, Part, from_attributes=True)


class LineBody(Body, frozen=True, kw_only=True):
    """One line; ``units`` has what each piece cost. With ``parts`` it is a bundle: each part becomes a line
    of its own, named by its ``part_id``, with its share of what the bundle cost.
    """

    line_id: Id
    title: Named
    category: Named
    units: Annotated[tuple[ComponentsBody, ...], Meta(min_length=1, max_length=1000)]
    sku: Short = ""
    variant: Short = ""
    traits: Annotated[tuple[Named, ...], Meta(max_length=20)] = ()
    weight_g: Annotated[int, Meta(ge=0, le=100_000_000)] = 0
    volume_cm3: Volume = 0
    parts: Annotated[tuple[PartBody, ...], Meta(max_length=50)] = ()

    def __post_init__(self) -> None:
        if len(self.units) * sum(part.pieces for part in self.parts) > _PIECES_MAX:
            raise ValueError(f"a line of bundles has at most {_PIECES_MAX} pieces in all")

    def lines(self) -> tuple[Line, ...]:
        """As the domain has it: a bundle as its parts; the terms are still to be found."""
        whole = Line(
            line_id=self.line_id,
            title=self.title,
            category=self.category,
            units=tuple(unit.components() for unit in self.units),
            terms_id="",
            sku=self.sku,
            variant=self.variant,
            traits=self.traits,
            weight_g=self.weight_g,
            volume_cm3=self.volume_cm3,
        )
        return parted(whole, [part.part() for part in self.parts])


class CaptureBody(Priced, frozen=True, kw_only=True):
    """What was captured on one payment method; ``provider_ref`` is the provider's id of the payment."""

    method: Method
    captured: Amount
    currency: Currency | None = None
    provider: Named = "sandbox"
    provider_ref: Short = ""

    @property
    def currency_named(self) -> tuple[str, str]:
        return self.currency or "", "/currency"

    def tender(self, tender_id: str) -> Tender:
        """As the domain has it."""
        return Tender(tender_id, self.method, self.captured, self.provider, self.provider_ref)


class TenderBody(CaptureBody, frozen=True, kw_only=True):
    """One payment method's share of the order."""

    tender_id: Id


class ScanBody(Body, frozen=True, kw_only=True):
    """One scan of a parcel."""

    at: Instant
    signal: Signal
    country: Country = ""
    postcode: Annotated[str, Meta(max_length=20)] = ""
    note: Words = ""
    weight_g: Annotated[int, Meta(ge=0, le=10_000_000, description="What the carrier weighed, in grams.")] = 0

    def __post_init__(self) -> None:
        check_years(self.at)

    def event(self) -> TrackingEvent:
        """As the domain has it."""
        return TrackingEvent(self.at, self.signal, self.country, self.postcode, self.note, self.weight_g)


Scans = Annotated[tuple[ScanBody, ...], Meta(max_length=1000)]


class ParcelToldBody(Body, frozen=True, kw_only=True):
    """A parcel on its way to the buyer; no ``line_ids`` means everything on the order."""

    shipped_at: Instant
    carrier: Short = ""
    tracking_number: Short = ""
    line_ids: Annotated[tuple[Id, ...], Meta(max_length=1000)] = ()
    events: Scans = ()

    def __post_init__(self) -> None:
        check_years(self.shipped_at)

    def parcel(self, parcel_id: str) -> Parcel:
        """As the domain has it."""
        return Parcel(
            parcel_id=parcel_id,
            shipped_at=self.shipped_at,
            carrier=self.carrier,
            tracking_number=self.tracking_number,
            line_ids=self.line_ids,
            events=tuple(scan.event() for scan in self.events),
        )


class ParcelBody(ParcelToldBody, frozen=True, kw_only=True):
    """A parcel within an order."""

    parcel_id: Id


class ScansBody(Body, frozen=True, kw_only=True):
    """Scans of one parcel, in any order, repeated at will."""

    events: Annotated[tuple[ScanBody, ...], Meta(min_length=1, max_length=1000)]


class OrderBody(Body, frozen=True, kw_only=True):
    """An order as the marketplace has it. Prices are frozen with it; its policy is what is in force when it
    was placed. Without a ``buyer_tier`` the buyer has that of their account.
    """

    buyer_id: Party
    seller_id: Party
    currency: Currency
    placed_at: Instant
    lines: Annotated[tuple[LineBody, ...], Meta(min_length=1, max_length=500)]
    tenders: Annotated[tuple[TenderBody, ...], Meta(max_length=50)] = ()
    parcels: Annotated[tuple[ParcelBody, ...], Meta(max_length=200)] = ()
    checkout_id: Annotated[str, Meta(max_length=64)] = ""
    buyer_tier: Tier | None = None
    buyer_country: Country = ""
    buyer_postcode: Annotated[str, Meta(max_length=20)] = ""
    seller_country: Country = ""
    ship_by: Instant | None = None
    promised_by: Instant | None = None
    shipping_method: Short = ""
    address_key: Annotated[
        str,
        Meta(
            max_length=128,
            description="The same text for the same delivery address, such as a keyed hash of it. It is only "
            "ever compared, to tell mediators of several accounts at one address that claim a lot.",
        ),
    ] = ""

    def __post_init__(self) -> None:
        check_years(self.placed_at, self.ship_by, self.promised_by)

    def order(self, order_id: str) -> Order:
        """As the domain has it."""
        lines = tuple(part for line in self.lines for part in line.lines())
        parcels = (parcel.parcel(parcel.parcel_id) for parcel in self.parcels)
        return Order(
            order_id=order_id,
            buyer_id=self.buyer_id,
            seller_id=self.seller_id,
            currency=self.currency,
            placed_at=self.placed_at,
            lines=lines,
            tenders=tuple(tender.tender(tender.tender_id) for tender in self.tenders),
            parcels=tuple(replace(one, line_ids=of_bundles(lines, one.line_ids)) for one in parcels),
            checkout_id=self.checkout_id,
            buyer_tier=self.buyer_tier or Tier.STANDARD,
            buyer_country=self.buyer_country,
            buyer_postcode=self.buyer_postcode,
            seller_country=self.seller_country,
            ship_by=self.ship_by,
            promised_by=self.promised_by,
            shipping_method=self.shipping_method,
            address_key=self.address_key,
        )


class NumberedOrderBody(OrderBody, frozen=True, kw_only=True):
    """An order of a bulk, which brings its id along."""

    order_id: Id


class ClockBody(Body, frozen=True, kw_only=True):
    """Where to move the sandbox's clock to."""

    to: Instant

    def __post_init__(self) -> None:
        check_years(self.to)


class SimulationBody(Body, frozen=True, kw_only=True):
    """Something to try out: an action by its name, with the body its own resource takes; or ``lapse``,
    what happens if nobody does anything until the deadline.
    """

    action: Named
    body: dict[str, object] = {}  # noqa: RUF012  msgspec copies it
