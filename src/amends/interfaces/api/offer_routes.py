"""The terms of an offer before it is bought, for product pages."""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from amends.domain.money import is_currency
from amends.domain.policy.clauses import Facts
from amends.domain.policy.offers import never_returned
from amends.domain.policy.parameters import TRAITS
from amends.interfaces.api.bodies import ID
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.order_routes import TermView, terms_view
from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import ApiRequest, says, shown

_COUNTRY = r"^([A-Z]{2})?$"


class OfferTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The terms an order of this offer would be bought under now; each value with the clause that sets it.

    ``returnable`` says whether such goods are taken back for a change of mind. Money is in minor units of
    ``currency``.
    """

    terms_id: str
    currency: str
    packs: tuple[str, ...]
    reason: str
    returnable: bool
    terms: tuple[TermView, ...]


def offer_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The routes about what is on offer."""

    @get(
        "/terms",
        name="get_offer_terms",
        summary="Read the terms of an offer",
        description="The terms of returns and refunds that an order of this offer would get if placed now: "
        "what product pages show before purchase. `price` is one unit's, in minor units of `currency`; "
        "`traits` are separated by commas. The page /embed/terms takes the same and answers in words.",
        tags=["House"],
        opt=says(OfferTerms),
    )
    async def get_offer_terms(
        request: ApiRequest,  # noqa: ARG001
        currency: Annotated[str, QueryParameter(pattern=r"^[A-Z]{3}$", description="ISO 4217.")],
        seller: Annotated[str, QueryParameter(pattern=ID, description="The seller's id.")],
        category: Annotated[str, QueryParameter(max_length=200, description="A path: `home/lighting`.")] = "",
        price: Annotated[int, QueryParameter(ge=0, le=10**15, description="Minor units.")] = 0,
        buyer_country: Annotated[str, QueryParameter(pattern=_COUNTRY)] = "",
        seller_country: Annotated[str, QueryParameter(pattern=_COUNTRY)] = "",
        shipping_method: Annotated[str, QueryParameter(max_length=64)] = "",
        traits: Annotated[str, QueryParameter(max_length=200)] = "",
        reason: Annotated[str, QueryParameter(max_length=64, description="Of the tree of reasons.")] = "",
    ) -> Response[bytes]:
        if not is_currency(currency):
            fail("invalid", f"{currency!r} is no currency of ISO 4217.", parameter="currency")
        named = tuple(word.strip() for word in traits.split(",") if word.strip())
        unknown = set(named) - set(TRAITS)
        if unknown:
            known = ", ".join(TRAITS)
            fail("invalid", f"{min(unknown)!r} is no trait: they are {known}.", parameter="traits")
        facts = Facts(
            placed_at=desk.parts.clock.now(),
            currency=currency,
            price=price,
            category=category,
            seller=seller,
            shipping_method=shipping_method,
            buyer_country=buyer_country,
            seller_country=seller_country,
            traits=named,
        )
        terms = await desk.parts.sellers.terms_for(facts)
        view = terms_view(terms, reason, "")
        return shown(
            OfferTerms(
                terms_id=terms.terms_id,
                currency=terms.currency,
                packs=terms.packs,
                reason=reason,
                returnable=not never_returned(terms, category, named),
                terms=view.terms,
            )
        )

    return [get_offer_terms]
