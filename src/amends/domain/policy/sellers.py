"""What a seller sets: the terms of the shop as a pack of clauses, return addresses, and rules for answering.

The terms become a pack of the layer ``seller``, stack on the platform's, and are frozen with each order.
Addresses and rules are the seller's own business: they hold for any case, from the moment they are published.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from amends.domain.cases.model import Case, Goods, Kind, Remedy
from amends.domain.money import Money, is_currency
from amends.domain.policy.clauses import Clause, Conditions, Layer
from amends.domain.policy.parameters import Value
from amends.domain.policy.stack import Breach, Pack, breaches
from amends.domain.reasons import FAMILIES, REASONS, covers
from amends.domain.time import Period

DAYS_MAX = 365
RULES_MAX = 20
ADDRESSES_MAX = 20
TEXT_MAX = 500
_LABELS = ("buyer", "seller", "platform")
_CHANGE_OF_MIND = ("no_reason.changed_mind", "no_reason.wrong_size_ordered")


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where returns go from a buyer's country (ISO 3166-1 alpha-2); empty: from everywhere else."""

    text: str
    country: str = ""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer given by itself when a claim comes in; of several rules that fit, the first answers.

    It fits a claim for one of ``reasons`` (codes or branches; none: any) that asks for at most ``at_most``
    minor units of ``currency`` (empty: whatever it asks). ``does`` accept grants the request; offer offers
    ``share`` (basis points) of what was paid, the item kept.
    """

    name: str
    does: Literal["accept", "offer"] = "accept"
    reasons: tuple[str, ...] = ()
    at_most: int = 0
    currency: str = ""
    share: int = 0

    def fits(self, case: Case) -> bool:
        """Whether the rule answers this case."""
        if case.kind is not Kind.CLAIM:
            return False
        if self.reasons and not any(covers(code, case.reason) for code in self.reasons):
            return False
        return not self.currency or (case.currency == self.currency and case.wanted.amount <= self.at_most)

    def offered(self, most: int) -> Remedy:
        """What the rule offers where ``most`` minor units can be refunded."""
        return Remedy(amount=most * self.share // 10_000, goods=Goods.KEEP)


class SellerPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A seller's policy as the seller writes it; what is left alone stays as the platform has it.

    ``window_days`` after receipt for returns and claims. ``free_days`` of returns for any reason, paid by the
    seller (0: none). ``pays_way_back``: also when the buyer changed their mind. ``exchanges`` are reasons
    exchanged for besides the platform's. ``keep_below``: faulty goods that cost less need not come back.
    ``restocking`` is kept back of changed minds, in basis points. ``label`` says who provides it.
    ``sends_address``: an accepted return gets its address at once, by itself.
    """

    window_days: int | None = None
    free_days: int = 0
    pays_way_back: bool = False
    exchanges: tuple[str, ...] = ()
    keep_below: Money | None = None
    restocking: int = 0
    addresses: tuple[Address, ...] = ()
    label: str = "buyer"
    sends_address: bool = False
    rules: tuple[Rule, ...] = ()

    def address(self, country: str) -> str:
        """Where a return from ``country`` goes; empty where the policy names no place."""
        by_country = {one.country: one.text for one in self.addresses}
        return by_country.get(country) or by_country.get("", "")

    def rule_for(self, case: Case) -> Rule | None:
        """The rule that answers a case, if one does."""
        return next((rule for rule in self.rules if rule.fits(case)), None)


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a seller's policy; it never changes. Versions count from 1."""

    seller_id: str
    version: int
    published_at: datetime
    policy: SellerPolicy


class Mistake(NamedTuple):
    """Something wrong with a policy: the JSON pointer of the field, and how to mend it."""

    pointer: str
    detail: str


def mistakes(policy: SellerPolicy) -> Iterator[Mistake]:
    """What is wrong with a policy by itself, before any floor is looked at."""
    if policy.window_days is not None and not 1 <= policy.window_days <= DAYS_MAX:
        yield Mistake("/window_days", f"Give 1 to {DAYS_MAX} days, or leave it to the platform.")
    if not 0 <= policy.free_days <= DAYS_MAX:
        yield Mistake("/free_days", f"Give 0 to {DAYS_MAX} days; 0 offers no free returns.")
    if not 0 <= policy.restocking <= 10_000:
        yield Mistake("/restocking", "Give 0 to 10000 basis points: 1000 is 10 %.")
    if policy.keep_below is not None and not _sound(policy.keep_below):
        yield Mistake("/keep_below", "Give an amount above zero in a currency of ISO 4217.")
    if policy.label not in _LABELS:
        yield Mistake("/label", f"The label comes from one of {', '.join(_LABELS)}.")
    for n, code in enumerate(policy.exchanges):
        if not _known(code):
            yield Mistake(f"/exchanges/{n}", f"There is no reason {code!r}.")
    yield from _address_mistakes(policy)
    yield from _rule_mistakes(policy.rules)


def _sound(money: Money) -> bool:
    return money.amount > 0 and is_currency(money.currency)


def _known(code: str) -> bool:
    return code in FAMILIES or code in REASONS


def _address_mistakes(policy: SellerPolicy) -> Iterator[Mistake]:
    if len(policy.addresses) > ADDRESSES_MAX:
        yield Mistake("/addresses", f"Name at most {ADDRESSES_MAX} addresses.")
    countries = [one.country for one in policy.addresses]
    for n, one in enumerate(policy.addresses):
        if not one.text.strip() or len(one.text) > TEXT_MAX:
            yield Mistake(f"/addresses/{n}/text", f"Write the address, in at most {TEXT_MAX} characters.")
        if one.country and not (len(one.country) == 2 and one.country.isalpha() and one.country.isupper()):
            yield Mistake(f"/addresses/{n}/country", "Write a country as DE, or nothing for all others.")
        if one.country in countries[:n]:
            yield Mistake(f"/addresses/{n}/country", "There is an address for this country already.")
    if policy.sends_address and not policy.addresses:
        yield Mistake("/sends_address", "Name an address that can be sent.")


def _rule_mistakes(rules: Sequence[Rule]) -> Iterator[Mistake]:
    if len(rules) > RULES_MAX:
        yield Mistake("/rules", f"Write at most {RULES_MAX} rules.")
    for n, rule in enumerate(rules):
        if not rule.name.strip() or len(rule.name) > 80:
            yield Mistake(f"/rules/{n}/name", "Name the rule, in at most 80 characters.")
        if rule.does == "offer" and not 1 <= rule.share <= 10_000:
            yield Mistake(f"/rules/{n}/share", "Offer 1 to 10000 basis points: 1000 is 10 %.")
        if rule.currency and not _sound(Money(rule.at_most, rule.currency)):
            yield Mistake(f"/rules/{n}/at_most", "Give an amount above zero in a currency of ISO 4217.")
        if rule.at_most and not rule.currency:
            yield Mistake(f"/rules/{n}/currency", "Say in which currency the amount is.")
        for m, code in enumerate(rule.reasons):
            if not _known(code):
                yield Mistake(f"/rules/{n}/reasons/{m}", f"There is no reason {code!r}.")


def pack_of(published: Published, platform: Sequence[Pack]) -> Pack:
    """The policy's terms as a pack that stands on the packs of the ``platform``."""
    clauses = tuple(_clauses(published, platform))
    text = msgspec.json.encode((published.seller_id, published.version, clauses), order="deterministic")
    return Pack(
        pack_id=f"seller-{published.seller_id}",
        version=published.version,
        layer=Layer.SELLER,
        title=f"Policy of {published.seller_id}",
        digest=hashlib.sha256(text).hexdigest(),
        file=f"seller-{published.seller_id}",
        clauses=clauses,
        state="published",
        published_from=published.published_at,
    )


def undercut(published: Published, platform: Sequence[Pack]) -> list[Breach]:
    """The floors and bounds this policy would break, with the clauses that set them."""
    own = pack_of(published, platform)
    return [breach for breach in breaches([*platform, own]) if breach.pack is own]


def allowed_pack(published: Published, platform: Sequence[Pack]) -> Pack:
    """The policy's terms without the clauses that break a floor or leave the bounds of the ``platform``.

    A policy is judged when it is published; a floor that came later takes its clause's place.
    """
    own = pack_of(published, platform)
    broken = {breach.clause.id for breach in undercut(published, platform)}
    if not broken:
        return own
    return replace(own, clauses=tuple(clause for clause in own.clauses if clause.id not in broken))


FIELDS = {
    "return.window": "window_days",
    "free_return.window": "free_days",
    "free_return.offered": "free_days",
    "freight.payer": "pays_way_back",
    "exchange.grounds": "exchanges",
    "returnless.below": "keep_below",
    "return.restocking": "restocking",
}
"""Which field of a policy sets a parameter."""


def _clauses(published: Published, platform: Sequence[Pack]) -> Iterator[Clause]:
    policy = published.policy
    source = f"the seller's policy, version {published.version}"

    def clause(
        name: str, sets: dict[str, Value | Money], sentence: str, *, reason: tuple[str, ...] = ()
    ) -> Clause:
        when = Conditions(seller=(published.seller_id,), reason=reason)
        return Clause(id=f"seller.{name}", sets=sets, sentence=sentence, citation=source, when=when)

    if policy.window_days is not None:
        window = Period(policy.window_days, "days")
        said = f"This seller gives {policy.window_days} days after receipt to ask for a return or refund."
        yield clause("return.window", {"return.window": window}, said)
    if policy.free_days:
        free: dict[str, Value | Money] = {
            "free_return.offered": True,
            "free_return.window": Period(policy.free_days, "days"),
        }
        said = f"This seller takes returns for any reason, free of charge, for {policy.free_days} days."
        yield clause("free_return", free, said)
    if policy.pays_way_back:
        said = "This seller pays the way back when the buyer changed their mind or ordered the wrong size."
        yield clause("freight.payer", {"freight.payer": "seller"}, said, reason=_CHANGE_OF_MIND)
    if policy.exchanges:
        grounds = tuple(dict.fromkeys((*_grounds(platform), *policy.exchanges)))
        said = "This seller exchanges goods for more reasons than the marketplace asks."
        yield clause("exchange.grounds", {"exchange.grounds": grounds}, said)
    if policy.keep_below is not None:
        said = "This seller does not ask for faulty goods back that cost less than an amount of its own."
        yield clause("returnless.below", {"returnless.below": policy.keep_below}, said)
    if policy.restocking:
        share = f"{policy.restocking / 100:g} %"
        said = f"This seller keeps back {share} when the buyer changed their mind or ordered the wrong size."
        yield clause("return.restocking", {"return.restocking": policy.restocking}, said)


def _grounds(platform: Sequence[Pack]) -> tuple[str, ...]:
    """The reasons the platform's packs exchange for in general."""
    found: list[str] = []
    for pack in platform:
        for clause in pack.clauses:
            grounds = clause.sets.get("exchange.grounds")
            if isinstance(grounds, tuple):
                found += [str(ground) for ground in grounds]
    return tuple(found)
