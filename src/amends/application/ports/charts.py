"""Charts as SVG. Whatever a chart shows stands in a table beside it, so a page does without."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec


class Point(NamedTuple):
    """One value: where it stands, which series it belongs to, how much. All but ``value`` are words."""

    at: str
    series: str
    value: float


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """``kind`` is bars (one bar a place, lying, series stacked), pairs (lying, the series beside each other,
    to compare them) or columns (standing, in the order given).

    ``title`` is what somebody hears who does not see it. ``series`` gives the order of the series.
    """

    kind: str
    title: str
    points: tuple[Point, ...]
    series: tuple[str, ...]
    unit: str = ""
    width: int = 520


class ChartsUnavailable(Exception):
    """No chart could be drawn in time; the tables say the same."""


class Charts(Protocol):
    """Draws charts."""

    async def draw(self, charts: Sequence[Chart]) -> Sequence[str]:
        """One ``<svg>`` for each chart, its colours as CSS variables. Raises `ChartsUnavailable`."""
