"""The numbers of the policy in a reader's words, for the texts of the help centre."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from amends.application.words import N_, Words
from amends.domain.policy.parameters import PARAMETERS, Value
from amends.domain.policy.terms import Terms
from amends.domain.time import Period

# What lists of the policy hold, as it reads inside a sentence. Others are named by their own last word.
_NAMES: Mapping[str, str] = {
    "underwear": N_("underwear"),
    "lingerie": N_("lingerie"),
    "swimwear": N_("swimwear"),
    "earrings": N_("earrings"),
    "wigs": N_("wigs"),
    "custom": N_("made to order"),
    "perishable": N_("perishable"),
    "digital": N_("digital"),
    "opened_hygiene": N_("a hygiene or beauty product that was opened"),
    "branded": N_("branded"),
    "hazardous": N_("hazardous"),
    "unused": N_("unused"),
    "unworn": N_("unworn"),
    "unwashed": N_("unwashed"),
    "undamaged": N_("undamaged"),
    "tags": N_("with its tags"),
    "complete": N_("complete"),
    "packaging": N_("in its packaging"),
    "proof_of_purchase": N_("with proof of purchase"),
}


class Figures(Mapping[str, str]):
    """Every parameter that ``terms`` set, by its name, as ``words`` say it.

    Where a value depends on the reason of a request or on the way of refunding, it is the one that holds for
    no reason in particular.
    """

    def __init__(self, terms: Terms, words: Words) -> None:
        self._terms = terms
        self._words = words

    def __getitem__(self, name: str) -> str:
        value: Value = self._terms.get(name).value
        return said(PARAMETERS[name].type, value, self._terms.currency, self._words)

    def __iter__(self) -> Iterator[str]:
        return (name for name in PARAMETERS if self._terms.has(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def said(kind: str, value: Value, currency: str, words: Words) -> str:
    """A value of a parameter of that type: ``15 days``, ``$10.00``, ``20% to 40%``."""
    if isinstance(value, Period):
        return span(value, words)
    if isinstance(value, tuple):
        return _several(kind, value, words)
    if kind == "money":
        return words.money(int(value), currency)
    if kind == "percent":
        return words.percent(int(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return words.number(value)
    return str(value)


def _several(kind: str, value: tuple[int | str, ...], words: Words) -> str:
    if kind == "percents":
        low, high = (words.percent(int(one)) for one in value)
    elif kind == "working_days":
        low = words.number(int(value[0]))
        high = words.count("%(number)s working day", "%(number)s working days", int(value[1]))
    else:
        return words.listing(
            [words.say(_NAMES[one]) if one in _NAMES else _plain(one) for one in map(str, value)]
        )
    return high if low == high else words.say(N_("%(low)s to %(high)s"), low=low, high=high)


def _plain(name: str) -> str:
    return name.rpartition("/")[2].replace("_", " ")


def span(period: Period, words: Words) -> str:
    """A period as people say it: ``15 days``, ``24 hours``, ``3 working days``."""
    if period.unit == "working_days":
        return words.count("%(number)s working day", "%(number)s working days", period.amount)
    if period.unit == "hours" and (period.amount % 24 or period.amount <= 48):
        return words.count("%(number)s hour", "%(number)s hours", period.amount)
    days = period.amount if period.unit == "days" else period.amount // 24
    return words.length(timedelta(days=days))
