"""The lifecycle table as a constraint of the `events` table, so that no program can record what cannot
happen.

`python -m amends.adapters.postgres.lifecycle_guard` prints the statements. When the table changes, they
become a new migration; a test compares the constraint in force with the table.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable

from amends.domain.cases.lifecycle import allowed_moves, allowed_order_moves

NAME = "events_follow_the_lifecycle"


def guard(cases: Iterable[tuple[str, str]], orders: Iterable[tuple[str, str]]) -> str:
    """The SQL that puts the constraint in force, for (from, to) pairs of a case's and of an order's
    events."""
    return (
        f"alter table events drop constraint if exists {NAME};\n\n"
        f"alter table events add constraint {NAME} check (case when stream = order_id then\n"
        f"{_choices(orders)}\nelse\n{_choices(cases)}\nend);\n"
    )


def _choices(moves: Iterable[tuple[str, str]]) -> str:
    targets: dict[str, list[str]] = defaultdict(list)
    for start, to in sorted(moves):
        targets[start].append(to)
    lines = []
    for start, ends in targets.items():
        listed = ", ".join(f"'{end}'" for end in ends)
        lines.append(f"        when '{start}' then to_state in ({listed})")
    return "    case from_state\n" + "\n".join(lines) + "\n        else false\n    end"


if __name__ == "__main__":
    sys.stdout.write(guard(allowed_moves(), allowed_order_moves()))
