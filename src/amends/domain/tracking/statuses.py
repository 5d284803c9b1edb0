"""What carriers say of a parcel, in one set of words: a code or sentence of theirs becomes a `Signal`."""

import re

from amends.domain.orders import Signal

# Words that decide, the most telling first: "delivered to sender" is no delivery to the buyer.
_TELLING: tuple[tuple[Signal, tuple[str, ...]], ...] = (
    (Signal.RETURNED_TO_SENDER, ("returned to sender", "return to sender", "delivered to sender", "rts")),
    (Signal.LOST, ("lost", "missing", "destroyed")),
    (Signal.FAILED_ATTEMPT, (
        "attempt fail", "failed attempt", "delivery attempted", "notice left", "undelivered", "not delivered",
        "delivery exception", "not available", "delivery attempt", "nobody at home", "not at home",
    )),
    (Signal.CUSTOMS, ("customs", "clearance", "import scan")),
    (Signal.READY_FOR_PICKUP, (
        "ready for pickup", "available for pickup", "ready for collection", "awaiting collection",
        "awaiting pickup by recipient", "hold at location",
    )),
    (Signal.OUT_FOR_DELIVERY, ("out for delivery", "outfordelivery", "with courier", "on vehicle")),
    (Signal.ANNOUNCED, (
        "info received", "inforeceived", "label created", "label printed", "pre shipment", "pre advice",
        "manifest", "electronically", "order created", "order processed", "pretransit", "pre transit",
        "not yet handed over",
    )),
    (Signal.DELAYED, ("delay", "on hold", "held", "rescheduled")),
    (Signal.DELIVERED, (
        "delivered", "collected by recipient", "picked up by recipient", "proof of delivery",
    )),
    (Signal.UNKNOWN, ("not found", "unknown number", "no record", "expired")),
    (Signal.ACCEPTED, (
        "accepted", "acceptance", "picked up", "posted", "drop off", "shipment received", "origin scan",
    )),
    (Signal.IN_TRANSIT, (
        "in transit", "intransit", "transit", "departed", "arrived", "sorting", "facility", "hub",
    )),
)  # fmt: skip
_KNOWN = {signal.value: signal for signal in Signal}


def normalise(text: str) -> Signal:
    """The signal of a carrier's code or sentence; ``in_transit`` where nothing in it says more.

    Something was seen of the parcel whenever a carrier says anything, so an unknown word still counts as
    that.
    """
    words = re.sub(r"[\s_-]+", " ", text).strip().lower()
    known = _KNOWN.get(words.replace(" ", "_"))
    if known is not None:
        return known
    for signal, telling in _TELLING:
        if any(word in words for word in telling):
            return signal
    return Signal.IN_TRANSIT
