"""The plugins of benchmark and dataset filter, and the options and summary of test_specs.py.

test_specs.py runs only where it is named.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.runs.options import option

pytest_plugins = ["rtlbench.runs.plugin", "rtlbench.dataset.filter.plugin"]
collect_ignore = ["test_specs.py"]
_COUNTS = "mutants"
_OTHERS = {"test_specs.py", "test_dataset.py"}


def pytest_rtlbench_is_asked(config: pytest.Config) -> bool:
    """Answers are judged here, unless only the tasks themselves or training data are on trial."""
    named = {Path(str(a).split("::", maxsplit=1)[0]).name for a in config.args}
    return not named or not named <= _OTHERS


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much is asked of each task."""
    group = parser.getgroup("rtlbench specs", "validation of the tasks themselves")
    group.addoption("--mutants", type=int, default=50, metavar="N", help="mutants of each golden")
    group.addoption("--prove-killed", type=int, default=0, metavar="N",
                    help="killed mutants of each golden that are proved too")
    group.addoption("--part", default="1/1", metavar="K/N", help="every N-th task, from the K-th")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case a task."""
    if "member" not in metafunc.fixturenames:
        return
    from rtlbench.runs.suite import read_suite

    try:
        specs = read_suite(option(metafunc.config, "--suite"))
        first, step = _part(metafunc.config.getoption("--part"))
    except UserError as e:
        pytest.exit(str(e), returncode=pytest.ExitCode.USAGE_ERROR)
    chosen = specs[first - 1 :: step]
    metafunc.parametrize("member", chosen, ids=[s.name for s in chosen])


def _part(text: str) -> tuple[int, int]:
    first, _, step = text.partition("/")
    if not (first.isdecimal() and step.isdecimal() and 1 <= int(first) <= int(step)):
        raise UserError(f"--part {text}: give K/N, such as 2/7")
    return int(first), int(step)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The sums over all cases."""
    import msgspec

    from rtlbench.mutation.classification import MutantCounts

    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    found = [v for r in reports for k, v in r.user_properties if k == _COUNTS]
    if found:
        from rtlbench.cli.specs import words

        total = sum((msgspec.json.decode(v, type=MutantCounts) for v in found), MutantCounts())
        terminalreporter.write_line(f"{total.made} mutants: {words(total)}")
        terminalreporter.write_line(
            f"simulation and formal: {total.agree} agree, {total.disagree} disagree"
        )
