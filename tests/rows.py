"""Tells which capabilities work: a pytest plugin that counts the tests marked `row`, by capability.

A capability works when at least one of its tests ran and none that ran failed. Skipped tests prove nothing.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

CAPABILITIES = Path(__file__).with_name("capabilities.toml")
_PROPERTY = "row"


def capabilities() -> dict[str, str]:
    """The ids of all capabilities with what they are, in reading order."""
    return tomllib.loads(CAPABILITIES.read_text(encoding="utf-8"))


class Tally:
    """The outcome of each marked test, gathered from the reports of its setup, call and teardown."""

    def __init__(self) -> None:
        self._passed: dict[str, bool] = {}
        self._ids: dict[str, tuple[str, ...]] = {}

    def add(self, report: pytest.TestReport) -> None:
        ids = tuple(str(value) for name, value in report.user_properties if name == _PROPERTY)
        if not ids:
            return
        self._ids[report.nodeid] = ids
        if report.failed:
            self._passed[report.nodeid] = False
        elif report.when == "call" and report.passed:
            self._passed.setdefault(report.nodeid, True)

    def lines(self, titles: Mapping[str, str]) -> Iterable[str]:
        """One line a capability, then how many of them work."""
        outcomes: dict[str, list[bool]] = defaultdict(list)
        for nodeid, passed in self._passed.items():
            for row in self._ids[nodeid]:
                outcomes[row].append(passed)
        for row in titles:
            yield f"{row} {_state(outcomes[row])}"
        working = sum(bool(outcomes[row]) and all(outcomes[row]) for row in titles)
        yield f"{working} of {len(titles)} rows work"


def _state(outcomes: list[bool]) -> str:
    if not outcomes:
        return "missing"
    failed = outcomes.count(False)
    if failed:
        return f"fails ({failed} of {len(outcomes)})"
    return f"works ({len(outcomes)} {'test' if len(outcomes) == 1 else 'tests'})"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rows", action="store_true", help="print which capabilities work, by their marked tests"
    )


def pytest_configure(config: pytest.Config) -> None:
    # With pytest-xdist the reports come together in the process that has no `workerinput`.
    if config.getoption("--rows") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Table(), "rows-table")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = capabilities()
    for item in items:
        for marker in item.iter_markers("row"):
            for row in marker.args:
                if row not in known:
                    raise pytest.UsageError(
                        f"{item.nodeid} is marked with {row!r}, which {CAPABILITIES.name} does not name"
                    )
                # Properties travel with the reports from worker processes; markers do not.
                if (_PROPERTY, row) not in item.user_properties:
                    item.user_properties.append((_PROPERTY, row))


class _Table:
    def __init__(self) -> None:
        self._tally = Tally()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._tally.add(report)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("capabilities")
        for line in self._tally.lines(capabilities()):
            terminalreporter.write_line(line)
