"""Returns and refunds of an offer before it is bought: a fragment that shops frame on their product pages."""

from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from amends.domain.money import is_currency
from amends.domain.parties import Role
from amends.domain.policy.clauses import Facts
from amends.domain.policy.offers import never_returned
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.time import Period
from amends.interfaces.web.origin import HEADERS
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_, Words

_COUNTRY = r"^([A-Z]{2})?$"
_CHANGED_MIND, _FAULT = "no_reason.changed_mind", "quality.defective"
_POSTAGE = (
    (N_("Postage, change of mind"), _CHANGED_MIND),
    (N_("Postage, something wrong"), _FAULT),
)
_METHODS: dict[str, str] = {
    "card": N_("Money back on a card"),
    "bank_transfer": N_("Money back by bank transfer"),
    "wallet": N_("Money back to a wallet"),
}


class TermLine(msgspec.Struct, frozen=True):
    """One answer of the terms and the clause it rests on."""

    title: str
    value: str
    clause: ClauseText | None


@get("/embed/terms")
async def embedded(
    visit: NamedDependency[Visit],
    seller: Annotated[str, QueryParameter(pattern=r"^[A-Za-z0-9_-]{1,64}$")],
    currency: Annotated[str, QueryParameter(pattern=r"^[A-Z]{3}$")],
    category: Annotated[str, QueryParameter(max_length=200)] = "",
    price: Annotated[int, QueryParameter(ge=0, le=10**15)] = 0,
    buyer_country: Annotated[str, QueryParameter(pattern=_COUNTRY)] = "",
    seller_country: Annotated[str, QueryParameter(pattern=_COUNTRY)] = "",
    shipping_method: Annotated[str, QueryParameter(max_length=64)] = "",
    traits: Annotated[str, QueryParameter(max_length=200)] = "",
) -> Response[str]:
    """The terms an order of the offer would get now, for anybody; framed by the shops that were configured.

    ``price`` is one unit's in minor units; ``traits`` are separated by commas.
    """
    if not is_currency(currency):
        raise NotFoundException
    named = tuple(word.strip() for word in traits.split(",") if word.strip())
    facts = Facts(
        placed_at=visit.now,
        currency=currency,
        price=price,
        category=category,
        seller=seller,
        shipping_method=shipping_method,
        buyer_country=buyer_country,
        seller_country=seller_country,
        traits=named,
    )
    terms = await visit.parts.sellers.terms_for(facts)
    kept = never_returned(terms, category, named)
    answer = visit.page(
        "terms_embed.html",
        lines=term_lines(visit.words, terms, unreturnable=kept),
        unreturnable=kept,
        shop=visit.name_of(Role.SELLER, seller),
    )
    # What frames it is said by the policy, which browsers heed before x-frame-options.
    allowed = " ".join(visit.parts.embedders) or "'none'"
    policy = HEADERS["content-security-policy"]
    answer.headers["content-security-policy"] = policy.replace(
        "frame-ancestors 'none'", f"frame-ancestors {allowed}"
    )
    return answer


def term_lines(words: Words, terms: Terms, *, unreturnable: bool = False) -> tuple[TermLine, ...]:
    """What people ask before they buy, each with its clause."""
    lines: list[TermLine] = []

    def add(title: str, value: str, name: str, reason: str = "") -> None:
        lines.append(TermLine(words.say(title), value, terms.clauses.get(terms.get(name, reason).clause)))

    if unreturnable:
        add(N_("Change of mind"), words.say(N_("Cannot be returned")), "unreturnable.categories")
        keep = words.say(N_("Refund or exchange without sending it back"))
        add(N_("If something is wrong"), keep, "unreturnable.except")
    else:
        window = length(words, terms.period("return.window"))
        add(N_("Send it back"), words.say(N_("%(length)s after it arrives"), length=window), "return.window")
        for title, reason in _POSTAGE:
            buyer = terms.get("freight.payer", reason).value == "buyer"
            payer = N_("Paid by you") if buyer else N_("Paid by the seller")
            add(title, words.say(payer), "freight.payer", reason)
        kept = "return.restocking"
        share = terms.get(kept, _CHANGED_MIND).value if terms.has(kept, _CHANGED_MIND) else 0
        if share:
            add(N_("Kept back, change of mind"), words.percent(share), kept, _CHANGED_MIND)
        if terms.has("free_return.offered") and terms.get("free_return.offered").value:
            free = length(words, terms.period("free_return.window"))
            add(N_("Free return"), free, "free_return.offered")
    until = length(words, terms.period("protection.delivery"))
    sent = words.say(N_("%(length)s after it was sent"), length=until)
    add(N_("If it does not arrive: money back"), sent, "protection.delivery")
    until = length(words, terms.period("cancel.free_period"))
    unsent = words.say(N_("%(length)s, while it is not sent"), length=until)
    add(N_("Cancel for nothing"), unsent, "cancel.free_period")
    add(N_("Refund starts within"), length(words, terms.period("refund.initiate")), "refund.initiate")
    for method, title in _METHODS.items():
        name = f"refund.eta.{method}"
        if terms.has(name):
            low, high = terms.get(name).value
            ends = {"low": words.number(low), "high": words.number(high)}
            add(title, words.say(N_("%(low)s to %(high)s working days"), **ends), name)
    return tuple(lines)


def length(words: Words, period: Period) -> str:
    """A period as people say it: ``15 days``, ``24 hours``, ``3 working days``."""
    if period.unit == "working_days":
        return words.count("%(number)s working day", "%(number)s working days", period.amount)
    if period.unit == "hours" and period.amount % 24:
        return words.count("%(number)s hour", "%(number)s hours", period.amount)
    days = period.amount if period.unit == "days" else period.amount // 24
    return words.length(timedelta(days=days))


routes = Router("/", route_handlers=[embedded])
