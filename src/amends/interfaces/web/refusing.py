"""Refusals in words for people: what is wrong and how to mend it, never the words of the API."""

from datetime import datetime

from amends.domain.refusals import Refused
from amends.interfaces.web import vocabulary
from amends.interfaces.web.claim import CLOSED
from amends.interfaces.web.words import N_, Words

_AMOUNTS = frozenset({"most", "asked", "left"})

#: What to mend, by the last part of the pointer of an ``invalid`` or ``evidence_missing`` refusal.
POINTED: dict[str, str] = {
    "amount": N_("Enter an amount above zero, or ask for an exchange."),
    "units": N_("Choose at least one item, and each only once."),
    "reason": N_("Choose one of the reasons shown."),
    "story": N_("Say what happened, in your own words."),
    "variant": N_("Say what it is exchanged for."),
    "exchange_variant": N_("Say what it is exchanged for."),
    "goods": N_("The goods have been on their way back already: choose a refund, or none."),
    "difference": N_("The difference in price does not fit what was paid."),
    "address": N_("Enter the address to send it to."),
    "label": N_("Choose who provides the label."),
    "carrier": N_("Enter the carrier."),
    "tracking_number": N_("Enter the carrier’s tracking number: 8 to 40 letters and digits."),
    "freight": N_("Enter what you paid as a number, or leave it empty."),
    "receipt": N_("Enter the number or link of the receipt."),
    "scanned_at": N_("The scan lies in the future."),
    "inspections": N_("Record each returned piece once."),
    "accepted": N_("What did not arrive cannot be accepted."),
    "ground": N_("Choose one of the grounds on which it can be rejected."),
    "weight_g": N_("Enter the weight in grams, up to 1 000 000."),
    "days": N_("The terms do not allow so many days."),
    "until": N_("The terms do not allow so many days."),
    "note": N_("Say why, in a sentence."),
    "items": N_("Add at least one piece of evidence."),
    "evidence": N_("Add evidence that was not there before."),
    "of": N_("Choose whom you ask, and name at least one piece of evidence."),
    "reasons": N_("Give your reasons, and at least one fact with its clause."),
    "findings": N_("Give your reasons, and at least one fact with its clause."),
    "clause": N_("Choose a clause of this order’s terms."),
    "method": N_("Choose the balance, or a bank transfer and the account it should go to."),
    "destination": N_("Choose the balance, or a bank transfer and the account it should go to."),
}


_NUMBERS: dict[str, str] = {
    "length": N_("A tracking number has 8 to 40 letters and digits; this one has %(length)s."),
    "signs": N_("A tracking number has only letters and digits, from A to Z and 0 to 9."),
    "check_digit": N_(
        "A digit is mistyped: the check digit, last but two, would have to be %(expected)s, not %(digit)s. "
        "Look at the receipt once more."
    ),
}


def told(refused: Refused, words: Words, currency: str) -> str:
    """A refusal in words; amounts among its facts are minor units of ``currency``."""
    facts = refused.facts
    if refused.kind in {"invalid", "evidence_missing"}:
        if refused.pointer == "/tracking_number" and str(facts.get("why")) in _NUMBERS:
            return words.say(_NUMBERS[str(facts["why"])], **facts)
        last = refused.pointer.rpartition("/")[2]
        field = refused.pointer.split("/")[-2] if last.isdecimal() and "/" in refused.pointer else last
        return words.say(POINTED.get(field, vocabulary.REFUSALS[refused.kind]))
    if refused.kind == "remedy_closed" and str(facts.get("why")) in CLOSED:
        return words.say(CLOSED[str(facts["why"])])
    for kind, name, message in (
        ("window_closed", "closed_at", N_("The time for this ended on %(day)s.")),
        ("not_open_yet", "opens_at", N_("This is possible from %(day)s.")),
    ):
        moment = _moment(facts.get(name))
        if refused.kind == kind and moment is not None:
            return words.say(message, day=words.moment(moment))
    values = {
        name: words.money(value, currency) if name in _AMOUNTS and isinstance(value, int) else value
        for name, value in facts.items()
    }
    message = vocabulary.REFUSALS.get(refused.kind, vocabulary.REFUSALS["invalid"])
    try:
        return words.say(message, **values)
    except (KeyError, TypeError):
        return words.say(vocabulary.REFUSALS["invalid"])


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None
