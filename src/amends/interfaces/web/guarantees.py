"""The guarantees of the marketplace, each with the clauses behind it and the way to use it."""

from datetime import timedelta

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency

from amends.application.promises import Kept
from amends.application.words.speech import currency_of
from amends.domain.orders import Tier
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import ClauseText
from amends.interfaces.web.account_words import TIERS
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_


class Guarantee(msgspec.Struct, frozen=True):
    """One guarantee: its name, what it gives, what to do, how it was kept lately, and its clauses."""

    title: str
    text: str
    steps: str
    kept: str
    clauses: tuple[ClauseText, ...]


# Code, title, what it gives, what to do, and the parameters whose clauses say so by reason (D480-494).
_GUARANTEES: tuple[tuple[str, str, str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "arrives",
        N_("It arrives, or you get your money back"),
        N_("We hold your money until it is with you. If it does not come, all you paid for it comes back."),
        N_("Open the order and report that it has not arrived. The seller has to prove that you have it."),
        (
            ("protection.delivery", "not_received.overdue"),
            ("not_received.cap_includes_shipping", "not_received.overdue"),
            ("tracking.presumption", "not_received.overdue"),
        ),
    ),
    (
        "described",
        N_("It is as described, or you choose what makes it right"),
        N_("A refund, a part of the money while you keep it, a return, or an exchange."),
        N_("Open the order, say what is wrong and show it in a picture. The seller pays the way back."),
        (
            ("return.window", "not_as_described.look"),
            ("freight.payer", "not_as_described.look"),
            ("exchange.grounds", "not_as_described.wrong_item"),
        ),
    ),
    (
        "on_time",
        N_("It comes on time"),
        N_("If it comes after the promised day you choose: keep it with some money back, or return it."),
        N_("Open the order once it has come and say that it was late."),
        (("guarantee.late", "late.after_promise"), ("guarantee.late_partial", "late.after_promise")),
    ),
    (
        "genuine",
        N_("It is genuine"),
        N_(
            "A counterfeit is refunded in full and need not be sent back. "
            "The seller has to prove it is genuine."
        ),
        N_("Open the order and say that it is not genuine. You need not talk to the seller first."),
        (("guarantee.counterfeit", "fake.counterfeit"),),
    ),
)


@get("/guarantees")
async def guarantees(visit: NamedDependency[Visit]) -> Response[str]:
    """Every guarantee as it holds for an order placed now, for anybody to read."""
    country = visit.person.country if visit.person else ""
    terms = await visit.parts.sellers.terms_for(
        Facts(placed_at=visit.now, currency="EUR", buyer_country=country)
    )
    words = visit.words
    kept = await visit.parts.promises.kept(visit.now)
    least = int(terms.get("record.rates_from").value)
    listed = [
        Guarantee(
            words.say(title),
            words.say(text),
            words.say(steps),
            _kept(visit, kept.get(code), least),
            tuple(
                {
                    text.id: text
                    for name, reason in rests_on
                    for text in (terms.clause(terms.get(name, reason).clause),)
                }.values()
            ),
        )
        for code, title, text, steps, rests_on in _GUARANTEES
    ]
    return visit.page("guarantees.html", guarantees=listed, fast=await _fast(visit, country))


def _kept(visit: Visit, kept: Kept | None, least: int) -> str:
    """What became of the claims lately; nothing is told of a handful."""
    if kept is None or kept.claims < least:
        return ""
    say, words = visit.words.say, visit.words
    return say(
        N_(
            "In the last 90 days %(claims)s claims were closed; in %(share)s of them money went back, "
            "usually within %(length)s."
        ),
        claims=words.number(kept.claims),
        share=words.percent(kept.share // 100 * 100),
        length=words.length(timedelta(hours=max(1, kept.hours))),
    )


async def _fast(visit: Visit, country: str) -> list[tuple[str, str, ClauseText]]:
    """Up to what price each tier is refunded at once, with its clause; tiers without are left out."""
    currency = currency_of(country)
    rows = []
    for tier in Tier:
        facts = Facts(placed_at=visit.now, currency=currency, buyer_country=country, buyer_tier=tier.value)
        terms = await visit.parts.sellers.terms_for(facts)
        term = terms.get("fast_refund.limit")
        if term.value:
            title = visit.words.say(TIERS[tier])
            rows.append((title, visit.words.money(term.value, currency), terms.clause(term.clause)))
    return rows


routes = Router("/", route_handlers=[guarantees])
