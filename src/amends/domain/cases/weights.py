"""What a returned parcel weighed, by whom, and what that says: a return that is lighter than its goods.

A difference says who has to explain it. The share that is still usual is the terms'
``tracking.weight_tolerance``.
"""

import msgspec

from amends.domain.cases.model import Case, Finding
from amends.domain.cases.parcels import to_inspect
from amends.domain.orders import Order
from amends.domain.policy.terms import Term

_WHOLE = 10_000
SENT_SHORT, SENT_WHOLE, CAME_SHORT = (
    "return_light_on_the_way",
    "return_weight_as_sent",
    "return_light_at_arrival",
)


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """What the goods weigh by the order, the parcel by the carrier and by the seller; grams, 0: not told."""

    declared_g: int = 0
    carrier_g: int = 0
    seller_g: int = 0


def weights(order: Order, case: Case) -> Weights:
    """The three weights of a return."""
    lines = [order.line(unit.line_id) for unit in to_inspect(case)]
    each = [line.weight_g for line in lines if line is not None]
    weighed = [parcel.weight_g for parcel in case.parcels if parcel.ending is None]
    return Weights(
        declared_g=sum(each) if all(each) else 0,
        carrier_g=sum(weighed) if all(weighed) else 0,
        seller_g=case.weighed_g,
    )


def weight_findings(found: Weights, tolerance: Term) -> tuple[Finding, ...]:
    """What the weights say together, by the clause of the tolerance (in basis points).

    `SENT_SHORT`: the carrier weighed less than the goods. `SENT_WHOLE`: what it weighed fits them.
    `CAME_SHORT`: the seller weighed less than the carrier, or than the goods where no carrier weighed.
    """
    share = int(tolerance.value) if isinstance(tolerance.value, int) else 0
    said = []
    if found.declared_g and found.carrier_g:
        said.append(SENT_SHORT if _lighter(found.carrier_g, found.declared_g, share) else SENT_WHOLE)
    before = found.carrier_g or found.declared_g
    if before and found.seller_g and _lighter(found.seller_g, before, share):
        said.append(CAME_SHORT)
    facts: dict[str, str | tuple[str, ...]] = {
        "declared_g": str(found.declared_g),
        "carrier_g": str(found.carrier_g),
        "seller_g": str(found.seller_g),
    }
    return tuple(Finding(fact="", clause=tolerance.clause, code=code, facts=facts) for code in said)


def _lighter(weighed: int, expected: int, share: int) -> bool:
    return (expected - weighed) * _WHOLE > expected * share
