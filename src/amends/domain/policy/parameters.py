"""What policy may set: every parameter with its type, its kinder direction, and how a clock may end.

Nothing else in the code knows a number of days, an amount or a list of grounds.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from amends.domain.time import Period

Type = Literal[
    "period", "money", "percent", "percents", "working_days", "count", "flag", "word", "words", "date"
]
"""How a pack writes a value, and what the terms hold:

period ``"15 d"`` (`Period`), money ``"USD 25.00"`` (int, minor units of the order's currency), percent
``"10 %"`` and percents ``"10-20 %"`` (int or a pair, basis points), working_days ``"3-15 working days"`` (a
pair), count (int), flag (bool), word (str), words (tuple of str), date ``"2027-01-31"`` (str).
"""

Value = Period | bool | int | str | tuple[int | str, ...]
Kinder = Literal["more", "less", "none"]


class Parameter(msgspec.Struct, frozen=True):
    """``kinder`` says which direction favours the buyer: a floor bounds the value from the other side.

    ``outcomes`` make it a clock: each clause that sets it names one of them as what happens by default.
    ``allowed`` bounds words; for a single word from least kind to kindest. ``gathers`` takes the kindest of
    all clauses that apply instead of the highest ranked.
    """

    name: str
    type: Type
    kinder: Kinder = "none"
    outcomes: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    gathers: bool = False


SEVERITIES = ("cosmetic", "flaw", "impaired", "useless")
CONDITIONS = (
    "unused", "unworn", "unwashed", "undamaged", "tags", "complete", "packaging", "proof_of_purchase",
)  # fmt: skip
REJECT_GROUNDS = ("not_original_condition", "unauthorised_or_late", "does_not_match_claim")
TRACES = (
    "invalid", "unknown", "shared", "wrong_direction", "origin_only", "before_order", "late_first_scan",
    "delivered_elsewhere", "stalled", "weight_mismatch",
)  # fmt: skip
OPENINGS = ("promise_passed", "tracking_abnormal", "after_shipping")
TRAITS = (
    "custom", "perishable", "digital", "opened_hygiene", "opened_media", "periodical", "exempt_confirmed",
    "branded", "hazardous",
)  # fmt: skip


def _clock(name: str, kinder: Kinder, *outcomes: str) -> Parameter:
    return Parameter(name, "period", kinder, outcomes)


_ALL = (
    # Drafts, shipping and cancelling
    _clock("draft.keep", "more", "discard_draft"),
    _clock("ship.handling", "less", "cancel_unshipped"),
    Parameter("cancel.free_period", "period", "more"),
    Parameter("cancel.request_period", "period", "more"),
    _clock("cancel.seller_response", "less", "grant_request", "decline_request"),
    Parameter("cancel.shipping_charge", "flag", "less"),
    Parameter("cancel.payout_not_before", "period", "less"),
    Parameter("fast_refund.limit", "money", "more"),
    # Protection and payout
    _clock("protection.delivery", "more", "release_escrow"),
    _clock("protection.after_delivery", "more", "release_escrow"),
    Parameter("protection.remind_before", "period", "more"),
    _clock("payout.delay", "more", "pay_out"),
    Parameter("goodwill.alone", "money", "more"),
    Parameter("ruling.alone", "money"),
    Parameter("chargeback.alone", "money"),
    # What never arrived
    Parameter("not_received.open_from", "words", "more", allowed=OPENINGS),
    Parameter("not_received.open_after_shipping", "period", "less"),
    Parameter("not_received.cap_includes_shipping", "flag", "more"),
    Parameter("tracking.presumption", "words", "more", allowed=TRACES),
    Parameter("tracking.rebuttal", "words", "less", allowed=("delivered_to_postcode",)),
    Parameter("tracking.origin_only_after", "period", "less"),
    # How much lighter than what was bought a parcel may be, as a share of the goods' weight
    Parameter("tracking.weight_tolerance", "percent", "less"),
    Parameter("tracking.first_scan_slack", "period"),
    # Windows
    Parameter("return.window", "period", "more"),
    Parameter("return.extension", "period", "more", gathers=True),
    Parameter("return.extension_until", "date", "more", gathers=True),
    Parameter("return.claim_window", "period", "more"),
    Parameter("free_return.offered", "flag", "more"),
    Parameter("free_return.window", "period", "more"),
    Parameter("withdrawal.offered", "flag", "more"),
    Parameter("withdrawal.window", "period", "more"),
    # Whether a withdrawal is stated and confirmed by two buttons, and its receipt sent at once
    Parameter("withdrawal.function", "flag", "more"),
    Parameter("contact.advised_wait", "period", "less"),
    Parameter("contact.follow_up", "period", "less"),
    Parameter("deadline.remind_before", "period", "more"),
    Parameter("return.remind_before", "period", "more"),
    # Negotiation and mediation
    _clock("negotiation.seller_response", "less", "grant_request", "escalate"),
    _clock("negotiation.buyer_response", "more", "escalate", "accept_offer", "withdraw"),
    _clock("negotiation.limit", "less", "escalate"),
    # How often a side may change its hidden limit before the other makes a new offer
    Parameter("blind.changes", "count"),
    _clock("mediation.alert", "less", "alert_senior"),
    Parameter("mediation.decision", "period", "less"),
    _clock("mediation.backstop", "less", "recommended_ruling"),
    # Who has to show what: the reasons say it for each; this is the clause that decisions name
    Parameter("mediation.burden", "flag"),
    _clock("mediation.evidence_request", "none", "resume_mediation"),
    Parameter("mediation.evidence_rounds", "count"),
    # How much evidence may be sent: files of each party on an order, and how large each may be
    Parameter("evidence.files", "count", "more"),
    Parameter("evidence.megabytes", "count", "more"),
    Parameter("evidence.megapixels", "count", "more"),
    Parameter("evidence.seconds", "count", "more"),
    _clock("ruling.confirm", "less", "recommended_ruling"),
    _clock("ruling.reply", "more", "ruling_stands"),
    _clock("appeal.decision", "less", "recommended_ruling"),
    Parameter("reopen.window", "period", "more"),
    Parameter("reopen.max", "count", "more"),
    # The way back
    _clock("return.seller_instructions", "less", "refund_without_return"),
    _clock("return.ship_by", "more", "close_for_seller"),
    _clock("return.transit_silence", "less", "return_lost"),
    _clock("return.transit_max", "less", "return_lost"),
    Parameter("return.lost", "flag", "more"),
    Parameter("return.restocking", "percent", "less"),
    # Whether a part of what was sold as one article may come back without the others
    Parameter("return.bundle_parts", "flag", "more"),
    Parameter("freight.payer", "word", "more", allowed=("buyer", "seller")),
    # How much of the buyer's own outlay comes back with the return, as a share of the goods' price
    Parameter("freight.reimbursed_share", "percent", "more"),
    Parameter("returnless.below", "money", "more"),
    Parameter("returnless.freight_share", "percent", "less"),
    Parameter("returnless.traits", "words", "more", allowed=TRAITS),
    Parameter("unreturnable.categories", "words", "less"),
    Parameter("unreturnable.traits", "words", "less", allowed=TRAITS),
    Parameter("unreturnable.except", "words", "more"),
    Parameter("condition.required", "words", "less", allowed=CONDITIONS),
    Parameter("condition.graded", "words", "more", allowed=CONDITIONS),
    # Inspection
    _clock("inspect.clock", "less", "accept_return"),
    _clock("inspect.contest", "more", "rejection_stands"),
    Parameter("inspect.reject_grounds", "words", "less", allowed=REJECT_GROUNDS),
    # Exchange
    Parameter("exchange.grounds", "words", "more"),
    Parameter("exchange.return_first", "flag", "less"),
    _clock("exchange.pay_by", "more", "exchange_fails"),
    # What the buyer puts down where the replacement comes first, as a share of the goods' price
    Parameter("exchange.hold", "percent", "less"),
    # How long the marketplace keeps the replacement after each step of the way back
    Parameter("exchange.reserve", "period", "more"),
    _clock("exchange.ship_by", "less", "exchange_fails"),
    _clock("exchange.transit_silence", "less", "exchange_fails"),
    _clock("exchange.transit_max", "less", "exchange_fails"),
    # Refunds
    Parameter("refund.includes_shipping", "flag", "more"),
    _clock("refund.initiate", "less", "initiate_refund"),
    Parameter("refund.total_max", "period", "less"),
    Parameter("refund.calendar", "word"),
    *(
        Parameter(f"refund.eta.{method}", "working_days", "less")
        for method in ("card", "bank_transfer", "wallet", "voucher", "balance")
    ),
    _clock("refund.trace", "less", "refund_to_balance"),
    _clock("refund.method_reply", "more", "refund_to_balance"),
    *(Parameter(f"partial.suggest.{severity}", "percents", "more") for severity in SEVERITIES),
    # What sellers' records count, and from when on they count against a seller
    Parameter("record.period", "period"),
    Parameter("record.rates_from", "count"),
    Parameter("record.strained_upheld", "percent"),
    Parameter("record.strained_lapsed", "percent"),
    # What has to come together before something stands out about a buyer; it advises, no rule reads it
    Parameter("signals.period", "period"),
    Parameter("signals.cases_from", "count"),
    Parameter("signals.orders_from", "count"),
    Parameter("signals.return_share", "percent"),
    Parameter("signals.rate_times", "count"),
    Parameter("signals.peers_from", "count"),
    Parameter("signals.worn_after", "period"),
    Parameter("signals.worn_from", "count"),
    Parameter("signals.denied_from", "count"),
    Parameter("signals.linked_from", "count"),
    # Guarantees
    Parameter("guarantee.counterfeit", "flag", "more"),
    Parameter("guarantee.counterfeit_marks_seller", "flag"),
    # How long payouts of other orders with the same goods wait for the claim, and then for their own buyers
    _clock("counterfeit.hold", "more", "release_hold"),
    _clock("counterfeit.keep", "more", "release_hold"),
    Parameter("guarantee.late", "flag", "more"),
    Parameter("guarantee.late_partial", "percent", "more"),
    # What the protection fund should not pay more than in a calendar month, and when to say so
    Parameter("cover.budget", "money"),
    Parameter("cover.warn_at", "percent"),
    # How long the seller answers by law for faults the goods had, and how long a fault is presumed to be one
    Parameter("guarantee.conformity", "period", "more"),
    Parameter("guarantee.presumption", "period", "more"),
)

PARAMETERS: Mapping[str, Parameter] = MappingProxyType({parameter.name: parameter for parameter in _ALL})
"""Every parameter by its name."""


def at_least_as_kind(parameter: Parameter, value: Value, floor: Value) -> bool:
    """Whether ``value`` favours the buyer no less than ``floor``; sure only where it always does.

    A parameter without a kinder direction is as kind only when equal.
    """
    if value == floor:
        return True
    if parameter.kinder == "none":
        return False
    high, low = (value, floor) if parameter.kinder == "more" else (floor, value)
    if parameter.type == "word":
        order = parameter.allowed
        return order.index(str(high)) >= order.index(str(low))
    return _at_least(high, low)


def _at_least(high: Value, low: Value) -> bool:
    if isinstance(high, Period) and isinstance(low, Period):
        same = (high.unit, high.kind, high.calendar) == (low.unit, low.kind, low.calendar)
        if same and not high.pauses and not low.pauses:
            return high.amount >= low.amount
        return low.amount == 0 or _hours(high)[0] >= _hours(low)[1]
    if isinstance(high, tuple) and isinstance(low, tuple):
        if all(isinstance(item, int) for item in (*high, *low)):
            return all(a >= b for a, b in zip(high, low, strict=True))  # type: ignore[operator]
        return set(high) >= set(low)
    if isinstance(high, int) and isinstance(low, int):
        return high >= low
    return isinstance(high, str) and isinstance(low, str) and high >= low  # ISO dates sort as text


def _hours(period: Period) -> tuple[int, int]:
    """The shortest and the longest a period can take, whatever day it starts on."""
    paused = sum(((last - first).days + 1) * 24 for first, last in period.pauses)
    if period.unit == "hours":
        return period.amount, period.amount + paused + (period.kind == "calendar")
    least = period.amount * 24
    if period.kind == "elapsed":
        return least, least + paused
    # A summer-time change shortens by an hour; the longest row of days off in the calendars is nine.
    days = period.amount if period.unit == "days" else period.amount * 7 // 5 + 2
    return least - 1, (days + 1 + 9) * 24 + paused
