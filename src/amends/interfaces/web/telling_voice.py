"""The voice in which events are told: remedies, refunds, amounts and reasons as parts of a sentence."""

from collections.abc import Callable
from typing import Any

from amends.domain.cases.model import EvidenceItem, Goods, Refund, Remedy
from amends.domain.chain import Recorded
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary as v
from amends.interfaces.web.words import N_, Words

Told = tuple[str, str]
"""The sentence of an event and its details, which may be empty."""


class Voice:
    """How events of one order are told to one reader. ``name`` gives a role's name as the reader knows it."""

    def __init__(self, words: Words, currency: str, name: Callable[[Role], str]) -> None:
        self.words = words
        self.currency = currency
        self.name = name

    def say(self, message: str, **values: object) -> str:
        return self.words.say(message, **values)

    def money(self, amount: int) -> str:
        return self.words.money(amount, self.currency)

    def remedy(self, remedy: Remedy) -> str:
        """A remedy in words, with its amount."""
        if remedy.exchange_variant:
            what = (
                N_("exchange for “%(variant)s”, the item goes back")
                if remedy.goods is Goods.RETURN
                else N_("exchange for “%(variant)s”")
            )
            return self.say(what, variant=remedy.exchange_variant)
        if remedy.amount == 0:
            return self.say(N_("no refund"))
        what = (
            N_("refund of %(amount)s once it is sent back")
            if remedy.goods is Goods.RETURN
            else N_("refund of %(amount)s, the item is kept")
        )
        return self.say(what, amount=self.money(remedy.amount))

    def reason(self, code: str) -> str:
        return self.say(v.REASONS[code]) if code in v.REASONS else code

    def refunds(self, refunds: tuple[Refund, ...]) -> str:
        shares = [
            self.say(
                N_("%(amount)s to %(method)s"),
                amount=self.money(r.amount),
                method=self.say(v.METHODS.get(r.method, r.method)),
            )
            for r in refunds
        ]
        return self.words.listing(shares)

    def items(self, items: tuple[EvidenceItem, ...]) -> str:
        # Several files sent at once share their words.
        return "; ".join(dict.fromkeys(item.note for item in items if item.note))

    def pieces(self, number: int) -> str:
        return self.words.count("%(number)s piece", "%(number)s pieces", number)

    def by_rule(self, told: str, rule: str) -> str:
        """What was done, and that a rule of the seller's did it by itself where one did."""
        if not rule:
            return told
        message = N_("%(told)s. Sent automatically by the seller’s rule “%(rule)s”.")
        return self.say(message, told=told, rule=rule)

    def quote(self, text: str) -> str:
        return self.say(N_("“%(text)s”"), text=text) if text else ""


Telling = Callable[[Voice, Any, Recorded], Told]
"""Tells events of one kind."""
