"""How well the analysis of traces finds what went wrong, on simulated parcels whose truth is known.

`python -m benchmarks.traces` prints the table; with `--write` it goes to docs/tracking.md.
"""

import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from amends.adapters.calendars import CALENDARS
from amends.adapters.carriers.numbers import PATTERNS
from amends.adapters.packs import load
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import resolve
from amends.domain.tracking.analysis import SIGNALS, analyse
from amends.simulation.traces import traced

DOCUMENT = Path(__file__).parents[1] / "docs" / "tracking.md"
NUMBER, SEED = 20_000, 2026
BEGIN, END = "<!-- measured -->", "<!-- end -->"


def table(number: int = NUMBER, seed: int = SEED) -> str:
    """Precision and recall of each signal, and of the presumption as a whole, as a Markdown table."""
    terms = resolve(load(("default",)), Facts(placed_at=datetime(2026, 3, 2, tzinfo=UTC), currency="EUR"))
    true, false, missed, all_of = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    arrived = presumed_wrongly = 0
    for one in traced(number, seed, PATTERNS, terms.terms_id):
        found = analyse(
            one.order, one.parcel, terms=terms, now=one.now, calendars=CALENDARS, background=one.background
        )
        signals = {finding.signal for finding in found.findings}
        all_of[one.fate] += 1
        for signal in SIGNALS:
            if signal in signals:
                (true if signal == one.fate or signal in _ALSO.get(one.fate, ()) else false)[signal] += 1
            elif signal == one.fate:
                missed[signal] += 1
        if one.fate == "arrived":
            arrived += 1
            presumed_wrongly += found.presumption == "missing"
    rows = ["| signal | parcels | precision | recall |", "|---|---|---|---|"]
    for signal in SIGNALS:
        told = true[signal] + false[signal]
        precision = f"{true[signal] / told:.3f}" if told else "-"
        hits = all_of[signal] - missed[signal]
        recall = f"{hits / all_of[signal]:.3f}" if all_of[signal] else "-"
        rows.append(f"| {signal.replace('_', ' ')} | {all_of[signal]} | {precision} | {recall} |")
    share = presumed_wrongly / arrived if arrived else 0.0
    rows.append("")
    rows.append(
        f"{number} parcels, seed {seed}. Of {arrived} that arrived as they should, {presumed_wrongly} "
        f"({share:.2%}) were presumed missing."
    )
    return "\n".join(rows)


# What else is true of a parcel by the nature of what happened to it.
_ALSO = {
    "invalid": ("stalled",),
    "unknown": ("stalled",),
    "origin_only": ("stalled",),
    "wrong_direction": ("stalled", "delivered_elsewhere"),
}


def main() -> None:
    """Print, or write into the document."""
    made = table()
    if "--write" not in sys.argv:
        sys.stdout.write(made + "\n")
        return
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
