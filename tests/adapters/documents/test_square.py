"""Square codes: what is drawn is the code, module by module, with its quiet zone."""

import re

import pytest
import segno

from amends.adapters.documents.child_process import ChildPapers

QUIET = 4
_STROKE = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")


def modules(drawn: str) -> set[tuple[int, int]]:
    """The dark modules of an SVG whose second path is strokes of one module's height, as (row, column)."""
    path = re.findall(r'<path[^>]* d="([^"]+)"', drawn)[-1]
    x = y = 0.0
    dark = set()
    for what, first, second in _STROKE.findall(path):
        if what == "h":
            dark |= {(int(y), int(x) + step) for step in range(int(first))}
            x += float(first)
        else:
            x = float(first) + (x if what == "m" else 0)
            y = float(second) + (y if what == "m" else 0)
    return dark


@pytest.mark.row("F3")
@pytest.mark.parametrize("code", ["4821-9930", "0000-0001"])
def test_a_drop_off_code_is_drawn_module_by_module(code: str) -> None:
    drawn = ChildPapers().code(code).decode()
    told = segno.make(code, error="m", micro=False)
    wanted = {
        (row + QUIET, column + QUIET)
        for row, line in enumerate(told.matrix)
        for column, dark in enumerate(line)
        if dark
    }
    assert modules(drawn) == wanted
    side = len(told.matrix) + 2 * QUIET
    assert f'height="{side * 4}"' in drawn
    # A page may be dark; a code is not.
    assert 'fill="#fff"' in drawn
