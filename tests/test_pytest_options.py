"""The plugin's options beside those of a foreign conftest or plugin of the same names."""

from __future__ import annotations

import pytest

from rtlbench.pytest_options import OPTIONS

FOREIGN = """
def pytest_addoption(parser):
    group = parser.getgroup("{group}", "theirs")
    group.addoption("--seed", type=int, default=3)
    group.addoption("--results", default="theirs")
    parser.addoption("--samples", default="all")
"""
TEST = """
from rtlbench.pytest_options import option

def test_theirs(pytestconfig):
    names = ("--seed", "--results", "--samples")
    assert [pytestconfig.getoption(n) for n in names] == [9, "here", "all"]
    assert [option(pytestconfig, n) for n in names] == [0, None, None]
"""


@pytest.mark.parametrize("place", ["conftest", "plugin"])
@pytest.mark.parametrize("how", [(), ("-n", "1")])
def test_a_foreign_option_of_the_same_name_is_left_alone(
    pytester: pytest.Pytester, place: str, how: tuple[str, ...]
) -> None:
    name = "conftest" if place == "conftest" else "theirs"
    pytester.makepyfile(**{name: FOREIGN.format(group="general"), "test_it": TEST})
    given = () if place == "conftest" else ("-p", "theirs")
    ran = pytester.runpytest_subprocess(*given, "--seed=9", "--results=here", *how)
    ran.assert_outcomes(passed=1)
    assert ran.ret == 0


def test_help_names_ours(pytester: pytest.Pytester) -> None:
    said = pytester.runpytest_subprocess("--help").stdout.str()
    assert all(f"  {name}" in said for name in OPTIONS)
