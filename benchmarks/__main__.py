"""All speed benchmarks in one run: `make bench`, or `python -m benchmarks --help`.

Figures are medians of rounds that take turns on one machine; ratios count, rates are this machine's.
"""

import argparse
import os
import platform
import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import lapses, pure, web
from benchmarks.town import town

REPORT = Path(__file__).parent.parent / "docs" / "performance.md"
_READING = "## What the figures say"
_PAIRS = (
    *(
        (
            f"V1 against ({letter}), {n} clients",
            f"V1 Amends, {n} connections",
            f"V1 pgbench {script}, {n} clients",
            goal,
        )
        for n in (32, 128)
        for letter, script, goal in (("a", "plain", 2.0), ("b", "by_hand", 1.0))
    ),
    ("V3 against pgbench", "V3 Amends, 32 connections", "V3 pgbench, 32 clients", 0.35),
)


def report(cases: int, rounds: int, seconds: int, app: str) -> list[str]:
    """Measure everything; the lines of the report."""
    setting = (
        f"Measured on {datetime.now(UTC):%d %B %Y} with {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, one server process, embedded PostgreSQL with fsync, {cases} cases;"
        f" medians of {rounds} rounds of {seconds} s, in turns. Rates are this machine's; the ratios are what"
        " counts. `make bench` measures again."
    )
    header = ["| figure | median | lowest to highest | p50 / p99 ms |", "|---|---|---|---|"]
    lines = ["# Performance", "", setting, "", *header]
    found: dict[str, float] = {}
    with town(cases, _progress) as place:
        for name, rates in web.measure(place, rounds=rounds, seconds=seconds, app=app):
            found[name] = web.median(rates)
            spread = f"{min(one.per_s for one in rates):.0f} to {max(one.per_s for one in rates):.0f}"
            best = sorted(rates, key=lambda one: one.per_s)[len(rates) // 2]
            times = f"{best.p50_ms:.1f} / {best.p99_ms:.1f}" if best.p99_ms else ""
            lines.append(f"| {name} | {found[name]:.0f} | {spread} | {times} |")
    lines += ["", "| ratio | measured | goal |", "|---|---|---|"]
    lines += [
        f"| {name} | {found[ours] / found[theirs]:.2f} | {goal} |" for name, ours, theirs, goal in _PAIRS
    ]
    for name, (typical, decile) in pure.measure().items():
        lines.append(
            f"| V7 decide and evolve, {name}: median (ninth decile) | {typical:.1f} us ({decile:.1f}) | 20 |"
        )
    for workers, goal in ((1, 0.5), (2, 0.8)):
        ratios = [lapses.ratio(workers, cases) for _ in range(rounds)]
        found_ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        lines.append(f"| V4 lapses against one SQL statement, {workers} worker(s) | {found_ratio} | {goal} |")
    return lines


def _progress(there: int) -> None:
    sys.stderr.write(f"\r{there} cases")
    sys.stderr.flush()


def main() -> None:
    """Measure and print; with --write also into docs/performance.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--app", default=web.APP, help="the factory of the application that is served")
    parser.add_argument("--write", action="store_true", help=f"also into {REPORT.name}")
    asked = parser.parse_args()
    lines = report(asked.cases, asked.rounds, asked.seconds, asked.app)
    print("\n".join(lines))
    if asked.write:
        # What people wrote about the figures stays below them.
        before = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
        _, mark, reading = before.partition(_READING)
        REPORT.write_text("\n".join(lines) + "\n" + (f"\n{mark}{reading}" if mark else ""), encoding="utf-8")


if __name__ == "__main__":
    main()
