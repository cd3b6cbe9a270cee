"""The plugin's options: in the benchmark's sessions, and in nobody else's."""

from __future__ import annotations

import pytest

from rtlbench.runs.options import OPTIONS
from rtlbench.runs.run import benchmarks_folder

FOREIGN = """
def pytest_addoption(parser):
    parser.addoption("--seed", type=int, default=3)
    parser.addoption("--results", default="theirs")
"""
TEST = """
import sys

def test_theirs(pytestconfig):
    assert [pytestconfig.getoption(n) for n in ("--seed", "--results")] == [9, "here"]
    assert not [name for name in sys.modules if name.partition(".")[0] == "rtlbench"]
"""


@pytest.mark.parametrize("how", [(), ("-n", "1")])
def test_a_foreign_project_keeps_its_options_to_itself(
    pytester: pytest.Pytester, how: tuple[str, ...]
) -> None:
    pytester.makepyfile(conftest=FOREIGN, test_it=TEST)
    ran = pytester.runpytest_subprocess("--seed=9", "--results=here", *how)
    ran.assert_outcomes(passed=1)
    assert ran.ret == 0


def test_help_names_ours_where_the_benchmark_is_and_nowhere_else(
    pytester: pytest.Pytester,
) -> None:
    shown = pytester.runpytest_subprocess(str(benchmarks_folder()), "--help").stdout.str()
    assert all(f"  {name}" in shown for name in OPTIONS)
    foreign = pytester.runpytest_subprocess("--help").stdout.str()
    assert "rtlbench" not in foreign
    assert not [name for name in OPTIONS if f"  {name}" in foreign]


def test_a_clash_of_names_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(theirs="def pytest_addoption(parser):\n    parser.addoption('--model')\n")
    pytester.syspathinsert()
    ran = pytester.runpytest_subprocess("-p", "theirs", "-p", "rtlbench.runs.plugin")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["*--model: another plugin has an option of this name; *"])


def test_whoever_names_the_plugin_has_it(pytester: pytest.Pytester) -> None:
    shown = pytester.runpytest_subprocess("-p", "rtlbench.runs.plugin", "--help").stdout.str()
    assert all(f"  {name}" in shown for name in OPTIONS)
