"""Each remedy by itself: when it is open for a request, for how much, and what closes it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from amends.domain.bundles import rest_of
from amends.domain.cases.dues import freight_left
from amends.domain.cases.model import Goods
from amends.domain.policy.requests import Closed, Open, Request
from amends.domain.policy.severity import suggestions
from amends.domain.policy.units import taken_units
from amends.domain.policy.windows import ship_window
from amends.domain.reasons import covers
from amends.domain.time import deadline


def _refund(request: Request) -> Open | Closed:
    """The whole price, the goods kept: where there is nothing to send back, or nothing need be."""
    special = _REFUNDS.get(request.reason.family)
    if special is not None:
        return special(request)
    if request.reason.code == "not_as_described.empty_parcel":
        return Open(request.clause("return.window"))
    needless = _no_return_needed(request)
    if needless is not None:
        return Open(needless.clause, facts=needless.facts)
    return Closed("return_required", request.clause("returnless.below"), {"price": request.price})


def _refund_missing(request: Request) -> Open | Closed:
    amount = request.left(with_shipping=request.flag("not_received.cap_includes_shipping"))
    return Open(request.clause("not_received.cap_includes_shipping"), amount=amount)


def _refund_fake(request: Request) -> Open | Closed:
    clause = request.clause("guarantee.counterfeit")
    if not request.flag("guarantee.counterfeit"):
        return Closed("not_offered", clause)
    return Open(clause, facts={"marks_seller": request.flag("guarantee.counterfeit_marks_seller")})


def _refund_after_return(request: Request) -> Open | Closed:
    return Open(request.clause("return.claim_window"))


_REFUNDS: Mapping[str, Callable[[Request], Open | Closed]] = {
    "not_received": _refund_missing,
    "fake": _refund_fake,
    "return": _refund_after_return,
}


def _partial(request: Request) -> Open | Closed:
    if request.reason.family == "late":
        price = request.left(with_shipping=False)
        share = min(request.price * request.number("guarantee.late_partial") // 10_000, price)
        clause = request.clause("guarantee.late_partial")
        return Open(clause, amount=share, suggested=(share, share))
    if request.reason.code == "return.freight":
        amount = freight_left(request.cases, request.units)
        return Open(request.clause("freight.payer"), amount=amount, facts={"freight": amount})
    listed = suggestions(request.terms, request.reason, request.price, request.refundable)
    picked = next((one for one in listed if one.severity == request.severity), None)
    facts: dict[str, object] = {
        "bands": {one.severity: (one.low, one.high) for one in listed},
        "suggestions": {one.severity: {"amount": one.amount, "clause": one.clause} for one in listed},
    }
    return Open(
        (picked or listed[0]).clause, facts=facts, suggested=(picked.low, picked.high) if picked else None
    )


def _return(request: Request) -> Open | Closed:
    needless = _no_return_needed(request)
    if needless is not None:
        return needless
    barred = _unreturnable(request) or _part_alone(request)
    if barred is not None:
        return barred
    facts: dict[str, object] = {
        "condition": list(request.words("condition.required")),
        "condition_graded": list(request.words("condition.graded")),
        "condition_clause": request.clause("condition.required"),
    }
    kept = _restocking(request)
    if not kept:
        return Open(request.clause("return.window"), Goods.RETURN, facts=facts)
    facts |= {"restocking": kept, "restocking_clause": request.clause("return.restocking")}
    return Open(request.clause("return.window"), Goods.RETURN, amount=request.refundable - kept, facts=facts)


def _restocking(request: Request) -> int:
    """What the seller keeps back of a return that nobody but the buyer caused, in minor units."""
    # Terms frozen before there was such a thing say nothing of it.
    if request.reason.code not in _RESTOCKED or not request.terms.has(
        "return.restocking", request.reason.code
    ):
        return 0
    share = request.left(with_shipping=False) * request.number("return.restocking") // 10_000
    return min(share, request.refundable)


# A free return costs nothing by its name; a withdrawal what the law lets the terms keep back.
_RESTOCKED = frozenset({"no_reason.changed_mind", "no_reason.wrong_size_ordered", "no_reason.withdrawal"})


def _exchange(request: Request) -> Open | Closed:
    clause = request.clause("exchange.grounds")
    if not any(covers(ground, request.reason.code) for ground in request.words("exchange.grounds")):
        return Closed("not_exchangeable", clause)
    empty = request.reason.code == "not_as_described.empty_parcel"
    if empty or _no_return_needed(request) is not None:
        return Open(clause)
    barred = _unreturnable(request) or _part_alone(request)
    return barred or Open(clause, Goods.RETURN, facts=_which_first(request))


def _which_first(request: Request) -> dict[str, object]:
    """Whether the replacement waits for the goods, or what is put down for them where it comes first."""
    facts: dict[str, object] = {
        "return_first": request.flag("exchange.return_first"),
        "first_clause": request.clause("exchange.return_first"),
    }
    if not facts["return_first"] and request.terms.has("exchange.hold", request.reason.code):
        facts["hold"] = request.price * request.number("exchange.hold") // 10_000
    return facts


def _cancellation(request: Request) -> Open | Closed:
    """At once in the free period or once the seller is late; in between the seller is asked (C36, A53)."""
    order, code = request.custody.order, request.reason.code
    ship = ship_window(order, request.terms, request.calendars)
    free = request.terms.get("cancel.free_period", code)
    free_until = deadline(order.placed_at, free.value, request.calendars)
    whole, goods = request.left(with_shipping=True), request.left(with_shipping=False)
    overdue = ship.closes_at is not None and request.now >= ship.closes_at
    if overdue or request.now < free_until:
        clause = ship.clause if overdue else free.clause
        until = None if overdue else free_until
        return _cancel(request, clause, whole, until, {"at_once": True})
    asked = request.terms.get("cancel.request_period", code)
    until = deadline(order.placed_at, asked.value, request.calendars)
    charged = request.flag("cancel.shipping_charge")
    answer = request.terms.get("cancel.seller_response", code)
    facts: dict[str, object] = {
        "at_once": False,
        "shipping_charge": whole - goods if charged else 0,
        "shipping_charge_clause": request.clause("cancel.shipping_charge"),
        "seller_answers_by": deadline(request.now, answer.value, request.calendars).isoformat(),
        "seller_silence": answer.default,
    }
    return _cancel(request, asked.clause, goods if charged else whole, until, facts)


def _cancel(
    request: Request, clause: str, amount: int, until: datetime | None, facts: dict[str, object]
) -> Open:
    purchase = sum(unit.paid for line in request.custody.order.lines for unit in line.units)
    fast = 0 < purchase <= request.number("fast_refund.limit")
    wait = request.terms.period("cancel.payout_not_before", request.reason.code)
    sent = request.now if fast else request.at_the_latest(deadline(request.now, wait, request.calendars))
    told = {"fast_refund": fast, "fast_refund_clause": request.clause("fast_refund.limit")}
    return Open(
        clause,
        amount=amount,
        deadline=until,
        facts={**facts, **told, "paid_from": sent.isoformat()},
        sent=(sent, sent),
    )


JUDGES: Mapping[str, Callable[[Request], Open | Closed]] = {
    "refund": _refund,
    "partial": _partial,
    "return": _return,
    "exchange": _exchange,
    "cancellation": _cancellation,
}
"""What each remedy needs, by its name."""


def _never_returned(request: Request) -> bool:
    segments = request.line.category.split("/")
    return bool(
        set(segments) & set(request.words("unreturnable.categories"))
        or set(request.line.traits) & set(request.words("unreturnable.traits"))
    )


def _excepted(request: Request) -> bool:
    return any(covers(prefix, request.reason.code) for prefix in request.words("unreturnable.except"))


def _unreturnable(request: Request) -> Closed | None:
    if not _never_returned(request):
        return None
    facts: dict[str, object] = {"category": request.line.category, "traits": list(request.line.traits)}
    return Closed("unreturnable", request.clause("unreturnable.categories"), facts)


def _part_alone(request: Request) -> Closed | None:
    """A part of a bundle without the others, where they come back only together."""
    # Terms frozen before there was such a thing say nothing of it.
    said = request.terms.has("return.bundle_parts", request.reason.code)
    if request.line.bundle is None or not said or request.flag("return.bundle_parts"):
        return None
    chosen = (*request.units, *request.beside)
    gone = taken_units(request.custody, request.cases)
    rest = [unit for unit in rest_of(request.custody.order.lines, chosen) if unit not in gone]
    if not rest:
        return None
    facts: dict[str, object] = {
        "bundle": request.line.bundle.title,
        "units": [unit.key for unit in rest],
    }
    return Closed("bundle_whole", request.clause("return.bundle_parts"), facts)


def _no_return_needed(request: Request) -> Closed | None:
    """Why faulty goods stay with the buyer: they cannot be returned, or returning them makes no sense."""
    if not request.reason.fault or "refund" not in request.reason.remedies:
        return None
    if _never_returned(request):
        if not _excepted(request):
            return None
        facts: dict[str, object] = {"category": request.line.category, "traits": list(request.line.traits)}
        return Closed("no_return_needed", request.clause("unreturnable.except"), facts)
    return _not_worth_returning(request)


def _not_worth_returning(request: Request) -> Closed | None:
    unsafe = sorted(set(request.line.traits) & set(request.words("returnless.traits")))
    if unsafe:
        return Closed("no_return_needed", request.clause("returnless.traits"), {"unsafe": unsafe})
    price = request.price
    below = request.number("returnless.below")
    if price < below:
        return Closed(
            "no_return_needed", request.clause("returnless.below"), {"price": price, "below": below}
        )
    share, freight = request.number("returnless.freight_share"), request.return_freight
    if freight is not None and freight * 10_000 > price * share:
        facts: dict[str, object] = {"price": price, "freight": freight, "share": share}
        return Closed("no_return_needed", request.clause("returnless.freight_share"), facts)
    return None
