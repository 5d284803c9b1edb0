"""Blind settlement (X6): two hidden limits, and what becomes of the case where they meet.

The limits never become part of a case or its events: the application gives both of them to one command,
and only the amount they meet at is recorded. Halfway is halfway: from it and its own limit each side can
work out the other's, once it is settled and no longer matters; nobody else can.
"""

from amends.domain.cases import commands as c
from amends.domain.cases.hearing import Hearing, remedy_refused
from amends.domain.cases.model import Case, Kind, Remedy, Settled, State
from amends.domain.cases.paying import Events
from amends.domain.cases.settling import settle
from amends.domain.parties import Role
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused

CHANGES = "blind.changes"
NEGOTIATING = frozenset({State.AWAITING_SELLER, State.AWAITING_BUYER})


def offered(case: Case, terms: Terms) -> bool:
    """Whether the sides may name hidden limits now: in a negotiation whose terms know of them."""
    return case.kind is Kind.CLAIM and case.state in NEGOTIATING and terms.has(CHANGES, case.reason)


def round_of(case: Case, side: Role) -> int:
    """How many offers the other side has made: only those give a side a new change of its limit."""
    return sum(offer.by is not side for offer in case.offers)


def meeting(buyer: int, seller: int, most: int) -> int | None:
    """Where two limits meet, in minor units: halfway; None where they do not.

    Half a unit goes to the buyer: still within the seller's limit, and the same whether the sum is odd or
    even in its last digits, which rounding half to even is not. ``most`` is what can still be refunded.
    """
    reach = min(seller, most)
    return None if buyer > reach else (buyer + reach + 1) // 2


def settle_blind(h: Hearing, case: Case, command: c.SettleBlind) -> Events | Refused:
    """Settle at once where both limits meet, the goods kept."""
    terms = h.terms_for(case.units)
    amount = meeting(command.buyer, command.seller, h.most(case)) if offered(case, terms) else None
    if amount is None:
        return Refused(kind="not_possible_now", detail="There are no limits that meet.")
    remedy = Remedy(amount=amount)
    return remedy_refused(h, case, remedy) or settle(
        h, case, remedy, Settled.BLIND, h.term(case, CHANGES).clause
    )
