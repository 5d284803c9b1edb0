"""Why a rule applies to an item: for each rule the clause that won, and the clauses it beat."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter

from amends.domain.policy.parameters import PARAMETERS
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.reasons import REASONS
from amends.domain.time import Period
from amends.interfaces.web import vocabulary
from amends.interfaces.web.offer_terms import length
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_, Words

TITLES: Mapping[str, str] = {
    "cancel.free_period": N_("Cancel at once, before shipping"),
    "cancel.shipping_charge": N_("Shipping may be kept when you cancel later"),
    "ship.handling": N_("Time the seller has to ship"),
    "protection.delivery": N_("Your money is held while it is on its way"),
    "return.window": N_("Time to ask for a return or refund"),
    "return.extension": N_("More time to return, counted from receipt"),
    "return.extension_until": N_("More time to return, until"),
    "withdrawal.offered": N_("Right to withdraw by law"),
    "withdrawal.window": N_("Time to withdraw"),
    "free_return.offered": N_("Free return for any reason"),
    "freight.payer": N_("Who pays the way back"),
    "return.ship_by": N_("Time to send it back"),
    "return.restocking": N_("Kept back of the price"),
    "unreturnable.categories": N_("Kinds of goods that cannot be returned"),
    "unreturnable.traits": N_("Goods that cannot be returned"),
    "condition.required": N_("Condition of what comes back"),
    "inspect.reject_grounds": N_("Grounds to reject a return"),
    "exchange.grounds": N_("Reasons for an exchange"),
    "negotiation.seller_response": N_("Time the seller has to answer"),
    "negotiation.limit": N_("Time until we step in"),
    "mediation.backstop": N_("Time until our decision takes effect by itself"),
    "refund.includes_shipping": N_("Shipping is refunded too"),
    "refund.initiate": N_("Time until a refund is started"),
    "refund.total_max": N_("Longest time until a refund is started"),
    "guarantee.counterfeit": N_("Guarantee: genuine or money back"),
    "guarantee.late": N_("Guarantee: on time"),
    "guarantee.conformity": N_("The seller answers for faults by law"),
    "guarantee.presumption": N_("A fault is presumed to have been there"),
}
WHY: Mapping[str, str] = {
    "highest_rank": N_("It is the most special rule for this item."),
    "floor": N_("It is a floor: no other rule may be less kind to the buyer."),
    "outranked": N_("A rule that goes before it, or a floor, took its place."),
    "floor_kept": N_("It is a floor, and the rule in force is at least as kind."),
}
_PARTIES: Mapping[str, str] = {"buyer": N_("The buyer"), "seller": N_("The seller")}


class Weighed(msgspec.Struct, frozen=True):
    """One clause that was weighed: its value and words, and why it won or lost."""

    value: str
    clause: ClauseText
    why: str


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter: what won and what it beat."""

    name: str
    title: str
    won: Weighed
    lost: tuple[Weighed, ...]


@get("/orders/{order_id:str}/lines/{line_id:str}/why")
async def why(
    visit: NamedDependency[Visit],
    order_id: FromPath[str],
    line_id: FromPath[str],
    reason: Annotated[str, QueryParameter(max_length=100)] = "",
) -> Response[str]:
    """The rules of an item as they stand for a reason, each with what it beat."""
    custody, _ = await visit.scene(order_id)
    line = custody.order.line(line_id)
    if line is None:
        raise NotFoundException
    terms = (await visit.parts.reader.terms_of([line.terms_id]))[line.terms_id]
    code = reason if reason in REASONS else ""
    words = visit.words
    rules = [
        _rule(words, terms, name, code)
        for name in TITLES
        if name in terms.values and terms.has(name, code) and not _idle(name, terms.get(name, code).value)
    ]
    return visit.page(
        "why.html",
        order=custody.order,
        line=line,
        rules=rules,
        reason=code,
        reasons=[(one, words.say(vocabulary.REASONS[one])) for one in REASONS],
        packs=terms.packs,
    )


def _idle(name: str, value: object) -> bool:
    """Whether there is no extension, which is nothing to explain."""
    nothing = value == "" or (isinstance(value, Period) and value.amount == 0)
    return name.startswith("return.extension") and nothing


def _rule(words: Words, terms: Terms, name: str, reason: str) -> Rule:
    shown = [
        (
            one.won,
            Weighed(
                value=_value(words, terms, name, one.value),
                clause=terms.clause(one.clause),
                why=words.say(WHY[one.why]) if one.why in WHY else one.why,
            ),
        )
        for one in terms.explain(name, reason)
    ]
    return Rule(
        name=name,
        title=words.say(TITLES[name]),
        won=next(one for won, one in shown if won),
        lost=tuple(one for won, one in shown if not won),
    )


def _value(words: Words, terms: Terms, name: str, value: object) -> str:
    """A value as people read it; lists are codes, which the clause's sentence says in words."""
    if isinstance(value, bool):
        return words.say(N_("Yes") if value else N_("No"))
    if isinstance(value, Period):
        return length(words, value)
    kind = PARAMETERS[name].type
    if isinstance(value, int):
        return words.money(value, terms.currency) if kind == "money" else words.percent(value)
    if kind == "date":
        return words.on(date.fromisoformat(str(value))) if value else words.say(N_("No"))
    return words.say(_PARTIES.get(value, value)) if isinstance(value, str) else ""


routes = Router("/", route_handlers=[why])
