"""The one statement that writes what a batch decided: of its parts, those that have rows.

A batch of offers has nothing for half the tables, and even an empty array costs something; so each mixture of
parts is a statement of its own, made when it is first needed and prepared once per connection.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from amends.adapters.postgres.packed import Pack, pack_of, place
from amends.adapters.postgres.statements import statements

Part = Mapping[str, Sequence[Any]]
"""The columns of one part by name, all equally long."""

_PARTS = statements("write_batch")
_GUARD = "guard"
_PLACE = re.compile(r"(?<!:):([a-z_]+)::([a-z]+)\[\]")
_Place = tuple[str, str, Pack]


def statement(parts: Mapping[str, Part]) -> tuple[str, list[Any]]:
    """The statement for these parts of `write_batch.sql`, and its arguments.

    Raises `ValueError` for what cannot be packed.
    """
    text, places = _composed(tuple(parts))
    return text, [pack(parts[part][column]) for part, column, pack in places]


@cache
def _composed(names: tuple[str, ...]) -> tuple[str, tuple[_Place, ...]]:
    places: list[_Place] = []

    def numbered(part: str) -> str:
        def number(found: re.Match[str]) -> str:
            column, kind = found.groups()
            places.append((part, column, pack_of(kind)))
            return place(len(places), kind)

        return _PLACE.sub(number, _PARTS[part])

    parts = [f"{name} as ({numbered(name)})" for name in names]
    # What the main query reads comes before what only writes: the guard's orders are locked first.
    first = f"select from {_GUARD}" if _GUARD in names else "select"
    return f"with {', '.join(parts)} {first}", tuple(places)
