"""What is in the parcels of a return, in words: the pieces by name, what has yet to be sent, which parcel."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from amends.domain.cases.model import Case
from amends.domain.cases.parcels import to_inspect, unsent
from amends.domain.custody.model import Custody
from amends.domain.orders import Unit
from amends.interfaces.web.words import N_, Words


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of one line that are in no parcel yet; ``field`` asks how many of them are in this one."""

    field: str
    title: str
    pieces: int


def in_parcel_field(line_id: str) -> str:
    """The field that says how many pieces of a line are in a parcel."""
    return f"in_parcel_{line_id}"


def left_to_send(case: Case, custody: Custody) -> tuple[Left, ...]:
    """What could go into this parcel or into a later one; nothing where there is no choice."""
    rest = Counter(unit.line_id for unit in unsent(case))
    if sum(rest.values()) <= 1:
        return ()
    return tuple(
        Left(field=in_parcel_field(line_id), title=_title(custody, line_id), pieces=pieces)
        for line_id, pieces in rest.items()
    )


def contents(words: Words, custody: Custody, units: Sequence[Unit]) -> str:
    """Pieces in words: "2 × Lamp, Vase"."""
    counted = Counter(unit.line_id for unit in units)
    return words.listing(
        [
            words.say(N_("%(number)s × %(item)s"), number=words.number(pieces), item=_title(custody, line_id))
            if pieces > 1
            else _title(custody, line_id)
            for line_id, pieces in counted.items()
        ]
    )


def unit_name(words: Words, case: Case, custody: Custody, unit: Unit) -> str:
    """One piece: its line's title, numbered where the case has several of that line."""
    same = [one for one in case.units if one.line_id == unit.line_id]
    title = _title(custody, unit.line_id)
    if len(same) == 1 or unit not in same:
        return title
    number = words.number(same.index(unit) + 1)
    return words.say(N_("%(item)s, piece %(number)s"), item=title, number=number)


def inspected_names(words: Words, case: Case, custody: Custody) -> tuple[str, ...]:
    """The pieces the seller has to look at, in the order of the form."""
    return tuple(unit_name(words, case, custody, unit) for unit in to_inspect(case))


def parcel_choices(case: Case) -> tuple[tuple[str, str], ...]:
    """The parcels of a return that goes in several; nothing where there is no choice."""
    sent = case.parcels if len(case.parcels) > 1 else ()
    return tuple((one.tracking_number, f"{one.carrier} {one.tracking_number}") for one in sent)


def _title(custody: Custody, line_id: str) -> str:
    line = custody.order.line(line_id)
    return line.title if line is not None else line_id
