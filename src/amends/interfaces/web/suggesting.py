"""What the terms suggest for keeping flawed goods, by how bad it is: a band, an amount and a clause each."""

from collections.abc import Iterable

import msgspec

from amends.application.ports import CaseFile
from amends.domain.policy.severity import Suggestion, price_of, suggestions
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.reasons import REASONS
from amends.domain.refunds import max_refund
from amends.interfaces.web.reading import line_of
from amends.interfaces.web.words import N_, Words

SEVERITY: dict[str, str] = {
    "cosmetic": N_("Cosmetic, it works"),
    "flaw": N_("Works, with a flaw"),
    "impaired": N_("Its main use is impaired"),
    "useless": N_("Useless"),
}


class SuggestedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One severity in words; ``field`` is the amount as it is typed."""

    severity: str
    label: str
    band: str
    amount: str
    field: str
    clause: ClauseText | None


def suggested_rows(
    words: Words, currency: str, listed: Iterable[Suggestion], terms: Terms | None
) -> tuple[SuggestedRow, ...]:
    """Suggestions in the reader's words; ``terms`` hold the clauses' texts."""
    return tuple(
        SuggestedRow(
            severity=one.severity,
            label=words.say(SEVERITY[one.severity]),
            band=_band(words, currency, one),
            amount=words.money(one.amount, currency),
            field=words.amount_field(one.amount, currency),
            clause=terms.clauses.get(one.clause) if terms else None,
        )
        for one in listed
    )


def _band(words: Words, currency: str, one: Suggestion) -> str:
    if one.low == one.high:
        return words.money(one.high, currency)
    ends = {"low": words.money(one.low, currency), "high": words.money(one.high, currency)}
    return words.say(N_("%(low)s to %(high)s"), **ends)


def suggested_in(file: CaseFile) -> tuple[Suggestion, ...]:
    """What the terms suggest for a case; nothing where severity has no bearing, or nothing is left."""
    case, order = file.case, file.custody.order
    reason, left = REASONS.get(case.reason), max_refund(file.custody, case.units)
    if reason is None or not left:
        return ()
    terms = file.terms[line_of(case, file.custody).terms_id]
    return suggestions(terms, reason, price_of(order, case.units), left)


def suggested_for(words: Words, file: CaseFile) -> tuple[SuggestedRow, ...]:
    """The same in words."""
    terms = file.terms[line_of(file.case, file.custody).terms_id]
    return suggested_rows(words, file.case.currency, suggested_in(file), terms)
