"""What a case may still move besides the price of its units: freight, and what was paid for an exchange."""

from collections.abc import Iterable

from amends.domain.cases.model import Case, Goods, State
from amends.domain.orders import Unit

FREIGHT = "return.freight"

# The replacement is what is waited for; what it fails by ends the exchange at once.
BEFORE_REPLACEMENT = frozenset({State.AWAITING_PAYMENT, State.AWAITING_REPLACEMENT})
_BEFORE_ACCEPTANCE = frozenset(
    {State.AWAITING_INSTRUCTIONS, State.AWAITING_SHIPMENT, State.RETURN_IN_TRANSIT, State.INSPECTING}
)


def wanted_of_stock(case: Case) -> str:
    """The variant that has to be kept for the buyer now; empty where none is, or not any more."""
    if case.settlement is None or case.contested or case.replaced or case.replacement is not None:
        return ""
    if case.state not in BEFORE_REPLACEMENT | _BEFORE_ACCEPTANCE:
        return ""
    return case.settlement.remedy.exchange_variant


def returned_before(cases: Iterable[Case], units: tuple[Unit, ...], but: str = "") -> Case | None:
    """The last closed claim about these units in which goods were sent back."""
    found = [
        case
        for case in cases
        if case.case_id != but
        and case.closed_at is not None
        and case.shipment is not None
        and set(units) <= set(case.units)
    ]
    return max(found, key=lambda case: case.opened_at, default=None)


def freight_left(cases: Iterable[Case], units: tuple[Unit, ...], but: str = "") -> int:
    """What of the buyer's outlay for an earlier return nobody has paid back, in minor units."""
    every = tuple(cases)
    earlier = returned_before(every, units, but)
    if earlier is None:
        return 0
    disputes = (
        case.freight_repaid
        for case in every
        if case.reason == FREIGHT
        and case.opened_at >= earlier.opened_at
        and set(case.units) & set(earlier.units)
    )
    outlay = sum(parcel.freight for parcel in earlier.parcels)
    return max(0, outlay - earlier.freight_repaid - sum(disputes))


def held(case: Case) -> int:
    """What the buyer put down against the goods that have yet to come back, in minor units."""
    difference = case.settlement.remedy.difference if case.settlement else 0
    return max(0, case.paid_in - max(0, difference))


def due(case: Case) -> int:
    """What the buyer gets once the goods are accepted, in minor units.

    For a replacement that is there already: what was put down for the goods, and what it costs less than they
    did.
    """
    if case.settlement is None:
        return 0
    remedy = case.settlement.remedy
    if not case.replaced:
        return remedy.amount
    return held(case) + max(0, -remedy.difference)


def to_send_back(case: Case) -> bool:
    """Whether goods that have to come back are still with the buyer, the replacement notwithstanding."""
    settled = case.settlement
    return bool(
        settled
        and settled.remedy.goods is Goods.RETURN
        and case.shipment is None
        and not case.contested
        and not case.inspections
    )
