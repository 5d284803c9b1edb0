"""The process that draws: a line of JSON in, a line of JSON out; it ends when nobody asks for a while.

Started by `amends.adapters.charts.child_process`; heavy libraries are imported here alone.
"""

import json
import select
import sys
from typing import Any

import altair as alt
import msgspec
import vl_convert

from amends.adapters.charts.slimming import slimmed
from amends.application.ports.charts import Chart

IDLE_S = 60.0
# What Altair is told for a colour, and what the page's style sheet makes of it.
_SERIES = ("#a00001", "#a00002", "#a00003", "#a00004", "#a00005", "#a00006")
_INK, _LINE = "#a0000a", "#a0000b"
_COLOURS = {
    _INK: "var(--chart-ink)",
    _LINE: "var(--chart-line)",
    **{code: f"var(--chart-{n})" for n, code in enumerate(_SERIES, 1)},
}
# Room beside the bars, in pixels: for names, or for the scale.
_LABEL, _SCALE = 190, 40
_FONT = "Inter Variable, ui-sans-serif, sans-serif"


def svg(chart: Chart) -> str:
    """The chart as SVG whose colours are CSS variables."""
    drawn = slimmed(vl_convert.vegalite_to_svg(_spec(chart), vl_version="6.4"))
    for code, variable in _COLOURS.items():
        drawn = drawn.replace(code, variable)
    # The page says what the chart shows; the drawing alone is for eyes.
    return drawn.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)


def _spec(chart: Chart) -> dict[str, Any]:
    # What is nothing has its place, and no bar of no length.
    points = [{"at": one.at, "series": one.series, "value": one.value} for one in chart.points if one.value]
    places = list(dict.fromkeys(one.at for one in chart.points))
    beside = chart.kind == "pairs"
    lying = beside or chart.kind == "bars"
    # What is counted has no halves.
    top = _top(chart, beside=beside)
    ticks = list(range(int(top) + 1)) if top <= 5 and top % 1 == 0 else alt.Undefined
    amount: dict[str, Any] = {
        "title": chart.unit or None,
        "axis": alt.Axis(tickCount=5, format="~s", grid=True, values=ticks),
    }
    where: dict[str, Any] = {"title": None, "scale": alt.Scale(domain=places)}
    labels = (
        alt.Axis(labelLimit=_LABEL)
        if lying
        else alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=16)
    )
    across = alt.X("value:Q", **amount) if lying else alt.X("at:N", axis=labels, **where)
    up = alt.Y("at:N", axis=labels, **where) if lying else alt.Y("value:Q", **amount)
    legend = (
        None
        if len(chart.series) == 1
        else alt.Legend(title=None, orient="bottom", columns=3, labelLimit=_LABEL * 2, columnPadding=18)
    )
    # What is compared stands beside each other: stacked, it would look like a sum.
    offset = {"yOffset": alt.YOffset("series:N", sort=list(chart.series))} if beside else {}
    drawn = (
        alt.Chart(alt.InlineData(values=points))
        .mark_bar()
        .encode(
            x=across,
            y=up,
            color=alt.Color(
                "series:N",
                scale=alt.Scale(domain=list(chart.series), range=list(_SERIES[: len(chart.series)])),
                legend=legend,
            ),
            order=alt.Order("place:Q"),
            **offset,
        )
        .transform_calculate(place=f"indexof({json.dumps(chart.series)}, datum.series)")
        .properties(
            width=chart.width - (_LABEL if lying else _SCALE),
            height=alt.Step(18 if beside else 26) if lying else 200,
        )
        .configure(
            font=_FONT, background="transparent", padding={"left": 14, "right": 6, "top": 5, "bottom": 5}
        )
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=_INK,
            titleColor=_INK,
            gridColor=_LINE,
            domainColor=_LINE,
            tickColor=_LINE,
            labelFontSize=12,
        )
        .configure_legend(labelColor=_INK, labelFontSize=12)
    )
    spec: dict[str, Any] = drawn.to_dict()
    return spec


def _top(chart: Chart, *, beside: bool) -> float:
    """How far the longest bar reaches."""
    sums: dict[str, float] = {}
    for one in chart.points:
        sums[one.at] = max(sums.get(one.at, 0), one.value) if beside else sums.get(one.at, 0) + one.value
    return max(sums.values(), default=0)


def main() -> None:
    """Answer lines until nobody asks for `IDLE_S`, or whoever started it is gone."""
    read = msgspec.json.Decoder(list[Chart]).decode
    while select.select([sys.stdin.buffer], [], [], IDLE_S)[0]:
        line = sys.stdin.buffer.readline()
        if not line:
            return
        answer = msgspec.json.encode([svg(chart) for chart in read(line)])
        sys.stdout.buffer.write(answer + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
