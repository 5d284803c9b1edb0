"""A draft in the place of the pack it is to replace, and the terms it would have frozen."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from amends.domain.orders import Order
from amends.domain.policy.clauses import Facts, facts_of
from amends.domain.policy.packs import load_pack
from amends.domain.policy.stack import Pack, check_stack
from amends.domain.policy.terms import Terms, in_force, resolve

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_ENDS = datetime.max.replace(tzinfo=UTC)
_STANDINGS = ("", "new", "good", "strained")
_MEMO_MAX = 50_000


def drafted(text: str, file: str, packs: Sequence[Pack]) -> tuple[Pack, ...]:
    """The packs with the draft in force for all of the past: instead of its earlier versions, or on top.

    Raises `PackError` with every mistake by file and line, broken floors of the packs below included.
    """
    draft = load_pack(text, file)
    placed = replace(draft, state="published", published_from=_ALWAYS)
    stack = (*(pack for pack in packs if pack.pack_id != draft.pack_id), placed)
    check_stack(in_force(stack, _ENDS))
    return stack


class Resolver:
    """Terms under a stack of packs, found once for all lines of which policy asks the same."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.packs = tuple(packs)
        asked: set[str] = {"currency", "buyer_country", "seller_country"}
        for pack in packs:
            for clause in pack.clauses:
                when = clause.when
                given = {name for name in when.__struct_fields__ if getattr(when, name)}
                asked |= given & set(Facts.__struct_fields__)
                if {"price_from", "price_below"} & given:
                    asked.add("price")
                if {"placed_from", "placed_before"} & given:
                    asked.add("placed_at")
        self._asked = tuple(sorted(asked))
        # Between two of these instants the same versions are in force.
        self._edges = sorted({pack.published_from for pack in packs if pack.published_from is not None})
        self._memo: dict[tuple[object, ...], Terms] = {}

    def key(self, facts: Facts) -> tuple[object, ...]:
        """Everything policy asks of these facts: whatever has the same key has the same terms."""
        era = bisect_right(self._edges, facts.placed_at)
        return (era, *(getattr(facts, name) for name in self._asked))

    def resolve(self, facts: Facts, own: Sequence[Pack] = ()) -> Terms:
        """The terms of these facts; ``own`` is the seller's pack. Raises `LookupError` for none in force."""
        if own:
            return resolve((*self.packs, *own), facts)
        key = self.key(facts)
        terms = self._memo.get(key)
        if terms is None:
            if len(self._memo) >= _MEMO_MAX:
                self._memo.clear()
            terms = self._memo[key] = resolve(self.packs, facts)
        return terms


class Drafting:
    """Gives each line of a past order the terms the draft would have frozen at its purchase."""

    def __init__(self, packs: Sequence[Pack], stack: Sequence[Pack]) -> None:
        self._then = Resolver(packs)
        self._draft = Resolver(stack)
        self._standings: dict[tuple[object, ...], str] = {}
        self._judges = any(clause.when.seller_standing for pack in stack for clause in pack.clauses)

    def terms_of(self, order: Order, frozen: dict[str, Terms], own: Sequence[Pack] = ()) -> dict[str, Terms]:
        """The draft's terms by line id. ``frozen`` tells what the seller's record was at the purchase.

        ``own`` is the seller's pack at the purchase. Raises `LookupError` for none in force.
        """
        found = {}
        for line in order.lines:
            facts = facts_of(order, line)
            if self._judges:
                facts = msgspec.structs.replace(
                    facts, seller_standing=self._standing(facts, frozen[line.line_id], own)
                )
            found[line.line_id] = self._draft.resolve(facts, own)
        return found

    def _standing(self, facts: Facts, frozen: Terms, own: Sequence[Pack]) -> str:
        if own:
            return self._found(facts, frozen, own)
        key = (frozen.terms_id, *self._then.key(facts))
        known = self._standings.get(key)
        if known is None:
            if len(self._standings) >= _MEMO_MAX:
                self._standings.clear()
            known = self._standings[key] = self._found(facts, frozen, own)
        return known

    def _found(self, facts: Facts, frozen: Terms, own: Sequence[Pack]) -> str:
        for standing in _STANDINGS:
            like = self._then.resolve(msgspec.structs.replace(facts, seller_standing=standing), own)
            if like.terms_id == frozen.terms_id:
                return standing
        return ""
