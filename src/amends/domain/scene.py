"""Everything a decision about one order may look at: the order in custody, its cases, the rules in force."""

from collections.abc import Mapping

import msgspec

from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.policy.terms import Terms
from amends.domain.time import Calendars


class Rules(msgspec.Struct, frozen=True):
    """The terms frozen at purchase by their id, and the holiday calendars clocks may name."""

    terms: Mapping[str, Terms]
    calendars: Calendars


class Scene(msgspec.Struct, frozen=True):
    """One order and its cases at one moment; ``custody`` is None while the order is unknown."""

    custody: Custody | None
    cases: Mapping[str, Case]
