"""What `make rows` says of passing, failing, skipped and unmarked tests."""

from pathlib import Path

import pytest

from tests.rows import capabilities

ROOT = Path(__file__).parent.parent

pytest_plugins = ["pytester"]


@pytest.fixture
def marked_tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini("[pytest]\nmarkers = row(*ids): proves\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makeconftest('pytest_plugins = ["tests.rows"]')
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.row("B1")
        def test_one(): pass

        @pytest.mark.row("B1", "B2")
        def test_two(): pass

        @pytest.mark.row("B2")
        def test_wrong(): assert False

        @pytest.mark.row("B3")
        def test_skipped(): pytest.skip("no browser")

        @pytest.mark.row("B4")
        @pytest.mark.xfail(reason="not yet")
        def test_expected_to_fail(): assert False

        @pytest.fixture
        def broken():
            yield
            raise RuntimeError("cannot clean up")

        @pytest.mark.row("B5")
        def test_that_leaves_a_mess(broken): pass

        def test_unmarked(): assert False
        """
    )
    return pytester


@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_line_a_capability_and_the_sum(marked_tests: pytest.Pytester, processes: list[str]) -> None:
    result = marked_tests.runpytest_subprocess("-m", "row", "--rows", *processes)

    lines = result.outlines
    assert "B1 works (2 tests)" in lines
    assert "B2 fails (1 of 2)" in lines
    assert "B3 missing" in lines
    assert "B4 missing" in lines
    assert "B5 fails (1 of 1)" in lines
    assert f"1 of {len(capabilities())} rows work" in lines


def test_a_mark_that_names_no_capability_is_refused(
    pytester: pytest.Pytester, marked_tests: pytest.Pytester
) -> None:
    marked_tests.makepyfile(test_typo="import pytest\n@pytest.mark.row('B99')\ndef test_it(): pass\n")

    result = marked_tests.runpytest_subprocess("--rows")

    result.stderr.fnmatch_lines(["*is marked with 'B99', which capabilities.toml does not name"])


def test_without_the_option_nothing_is_printed(marked_tests: pytest.Pytester) -> None:
    result = marked_tests.runpytest_subprocess("-m", "row")

    result.stdout.no_fnmatch_line("*rows work")
