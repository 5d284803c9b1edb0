"""Charts with the tables that say the same."""

from collections.abc import Mapping, Sequence

import msgspec
import structlog
from markupsafe import Markup

from amends.application.ports.charts import Chart, ChartsUnavailable, Point
from amends.interfaces.web.visits import Visit

_log = structlog.get_logger()


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """A chart and its table: ``head`` names the columns, each row begins with what it is about.

    ``svg`` is empty where nothing could be drawn. ``note`` says how to read it.
    """

    key: str
    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    svg: Markup = Markup("")


class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """A panel before it is drawn: numbers by place and series, in the order they are to be shown.

    ``told`` puts a number into words for the table.
    """

    key: str
    title: str
    note: str
    kind: str
    place: str
    places: tuple[str, ...]
    series: tuple[str, ...]
    values: Mapping[tuple[str, str], float]
    told: Mapping[tuple[str, str], str]
    unit: str = ""


async def drawn(visit: Visit, sketches: Sequence[Sketch]) -> list[Panel]:
    """The panels; without their charts where none can be drawn, since the tables say all."""
    charts = [_chart(sketch) for sketch in sketches]
    # Nothing but zeros has no scale to be drawn by.
    wanted = [chart for chart in charts if any(point.value for point in chart.points)]
    try:
        found = dict(zip(map(_key, wanted), await visit.parts.charts.draw(wanted), strict=True))
    except ChartsUnavailable as error:
        _log.warning("charts_left_out", error=str(error))
        found = {}
    return [
        Panel(
            key=sketch.key,
            title=sketch.title,
            note=sketch.note,
            head=(sketch.place, *sketch.series),
            rows=tuple(
                (place, *(sketch.told.get((place, one), "–") for one in sketch.series))
                for place in sketch.places
                if any((place, one) in sketch.told for one in sketch.series)
            ),
            # Drawn by our own process from text that it escapes.
            svg=Markup(found.get(_key(chart), "")),  # noqa: S704
        )
        for sketch, chart in zip(sketches, charts, strict=True)
    ]


def _key(chart: Chart) -> bytes:
    return msgspec.json.encode(chart)


def _chart(sketch: Sketch) -> Chart:
    points = tuple(
        Point(place, one, sketch.values.get((place, one), 0))
        for place in sketch.places
        for one in sketch.series
        # Time goes on where nothing happened.
        if (place, one) in sketch.values or (sketch.values and sketch.kind == "columns")
    )
    return Chart(kind=sketch.kind, title=sketch.title, points=points, series=sketch.series, unit=sketch.unit)
