"""Answers a seller's policy gives by itself: a rule that fits a new claim, an accepted return's address.

Nothing is decided here: an answer is the seller's own command with a key of its own, so however often the
errand is run it acts once, and a seller who was quicker is left alone.
"""

from hashlib import sha256

import msgspec

from amends.application.ports import Envelope, Errand, Reader
from amends.application.ports.sellers import SellerPolicies
from amends.domain.cases.commands import AcceptOffer, GiveInstructions, MakeOffer
from amends.domain.cases.model import Case, State
from amends.domain.cases.negotiation import latest
from amends.domain.custody.model import Custody
from amends.domain.parties import Actor, Role
from amends.domain.policy.sellers import SellerPolicy
from amends.domain.refunds import max_refund

Answering = AcceptOffer | GiveInstructions | MakeOffer

#: The name a policy's own address goes by in the timeline.
ADDRESS_RULE = "return address"


class StandingAnswers:
    """Finds what a seller's policy answers to a case."""

    def __init__(self, policies: SellerPolicies, reader: Reader) -> None:
        self._policies = policies
        self._reader = reader

    async def envelope(self, errand: Errand) -> Envelope | None:
        """The answer to the case of a ``case.answer`` errand; None where the seller has to answer."""
        seller_id = str(errand.body["seller_id"])
        # What is in force when it is asked: a rule the seller took back answers no more.
        published = await self._policies.in_force(seller_id, errand.due_at)
        if published is None or not (published.policy.rules or published.policy.sends_address):
            return None
        file = await self._reader.case_file(errand.case_id)
        command = None if file is None else answer(published.policy, file.case, file.custody)
        if file is None or command is None:
            return None
        case = file.case
        return Envelope(
            command=command,
            actor=Actor(Role.SELLER, case.seller_id),
            order_id=case.order_id,
            case_id=case.case_id,
            key=f"rule:{errand.errand_id}",
            fingerprint=sha256(msgspec.json.encode(command)).digest(),
        )


def answer(policy: SellerPolicy, case: Case, custody: Custody) -> Answering | None:
    """What the policy answers to a case as it stands, or None."""
    if case.state is State.AWAITING_INSTRUCTIONS and policy.sends_address:
        address = policy.address(custody.order.buyer_country)
        if not address:
            return None
        return GiveInstructions(address=address, label=policy.label, rule=ADDRESS_RULE)
    if case.state is not State.AWAITING_SELLER or latest(case, Role.SELLER) is not None:
        return None
    rule = policy.rule_for(case)
    if rule is None:
        return None
    if rule.does == "accept":
        asked = latest(case, Role.BUYER)
        return AcceptOffer(offer_id=asked.offer_id if asked else None, rule=rule.name)
    offered = rule.offered(max_refund(custody, case.units))
    return MakeOffer(remedy=offered, rule=rule.name) if offered.amount else None
