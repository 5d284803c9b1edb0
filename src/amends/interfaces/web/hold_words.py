"""Payouts that are held, in words: why, and how each hold stands."""

from collections.abc import Mapping

from amends.domain.custody.holding import LAPSED
from amends.domain.custody.model import Hold
from amends.domain.records import COUNTERFEIT
from amends.interfaces.web.words import N_, Words

_REASONS: Mapping[str, str] = {
    COUNTERFEIT: N_("Goods like these are said to be counterfeit."),
    "found_counterfeit": N_("Goods like these were found to be counterfeit."),
    "not_found_counterfeit": N_("Goods like these were not found to be counterfeit."),
    LAPSED: N_("Nobody answered in time."),
}

STATES: Mapping[str, tuple[str, str]] = {
    "held": (N_("Held"), "turn"),
    "kept": (N_("Stays held"), "bad"),
    "released": (N_("Released"), "good"),
}
"""How a hold stands, and the tone of its badge."""


def hold_reason(words: Words, hold: Hold) -> str:
    """Why it was placed; what an operator wrote stays as it was written."""
    return words.say(_REASONS[hold.reason]) if hold.reason in _REASONS else hold.reason


def hold_note(words: Words, hold: Hold) -> str:
    """Why it was kept or released."""
    return words.say(_REASONS[hold.note]) if hold.note in _REASONS else hold.note
