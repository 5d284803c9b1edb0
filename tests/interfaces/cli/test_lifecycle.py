"""The document of the lifecycle says what the table says, and is as new as the table."""

import re
from functools import cache
from pathlib import Path

import pytest
from tests.domain.marketplace import terms_for

from amends.adapters.calendars import CALENDARS
from amends.domain.cases.lifecycle import CLOSED_MOVES, LIFECYCLE, ORDERS
from amends.domain.cases.model import State
from amends.domain.cases.prove import prove
from amends.interfaces.cli.lifecycle import lifecycle_markdown

# The proof is made once a process, so all that need it go together.
pytestmark = pytest.mark.xdist_group("proof")

DOCUMENT = Path(__file__).parents[3] / "docs" / "lifecycle.md"


@cache
def document() -> str:
    """The document under the terms of the default pack."""
    terms = terms_for()
    return lifecycle_markdown(prove(terms, CALENDARS), terms)


def section(title: str) -> str:
    """The part of the document under a heading."""
    return document().split(f"## {title}\n")[1].split("\n## ")[0]


@pytest.mark.row("X3")
def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), (
        "docs/lifecycle.md is older than the lifecycle;"
        " `python -m tests.interfaces.cli.test_lifecycle` writes it anew"
    )


def test_every_state_has_a_row_with_its_clock_and_its_moves() -> None:
    rows = {
        cells[0]: cells
        for cells in (re.split(r" \| ", line.strip("| ")) for line in section("Cases").splitlines())
    }
    for state, standing in LIFECYCLE.items():
        row = rows[state.value.replace("_", " ")]
        assert row[1] == " or ".join(role.value for role in standing.on)
        assert row[2] == f"`{standing.clock}`"
        assert standing.default.replace("_", " ") in row[4]
        for name in standing.moves:
            assert name.replace("_", " ") in row[5]
    assert rows["awaiting seller"][3] == "5 d"
    assert rows["refund initiated"][3].startswith("card 3-15")


def test_silence_is_drawn_dotted_and_each_command_once_for_each_way_it_leads() -> None:
    diagram = section("Cases").split("```")[1]
    for state, standing in LIFECYCLE.items():
        silent = f'{state.value} -.->|"{standing.default.replace("_", " ")}'
        assert (silent in diagram) == (set(standing.lapses_to) != {state}), state
    assert 'awaiting_seller -->|"accept offer (seller)<br/>settle blind (clock)"| settled' in diagram
    assert 'closed -->|"reopen (operator)"| mediating' in diagram
    assert "settled --> awaiting_instructions" in diagram
    assert CLOSED_MOVES.keys() == {"reopen"}
    drawn = set(re.findall(r"^    (\w+)(?:\[|\(\[)", diagram, re.MULTILINE))
    assert drawn == {state.value for state in State}


def test_every_stage_of_an_order_has_a_row() -> None:
    rows = section("Orders")
    for stage, standing in ORDERS.items():
        assert f"| {stage.value.replace('_', ' ')} |" in rows
        assert f"`{standing.clock}`" in rows or not standing.clock


def test_the_proof_is_told_with_its_longest_way() -> None:
    told = section("Every case ends")
    assert "No flaw was found: every case ends." in told
    longest = re.search(r"The longest way to the end takes ([\d.]+) days", told)
    assert longest
    assert float(longest[1]) == pytest.approx(prove_days(), abs=0.05)
    last = [line for line in told.splitlines() if line.startswith("| ")][-1]
    assert last.endswith("| closed |")


def prove_days() -> float:
    """The days of the longest way, from the rows of the table of states."""
    rows = [line.strip("| ").split(" | ") for line in section("Every case ends").splitlines()]
    known = {state.value.replace("_", " ") for state in LIFECYCLE}
    return max(float(row[-1]) for row in rows if row[0] in known)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
