"""Running the filter's pytest cases from a program: one call, one typed result."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from rtlbench.dataset.filter.filtering import FilterOptions
from rtlbench.runs.options import pytest_arguments
from rtlbench.runs.run import PytestCall
from rtlbench.runs.watch import Watch


class FilterResult(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    exit_code: int
    """pytest's own."""
    all_judged: bool
    """True when every record got a Verdict and every input line was a record."""
    message: str = ""
    """What the user did wrong, where that kept the run from starting."""


def run_filter(
    options: FilterOptions, workers: str = "1", quiet: bool = False, extra: tuple[str, ...] = ()
) -> FilterResult:
    """Filter in this process (and its xdist workers).

    Args:
        workers: Processes.
        quiet: Print nothing.
        extra: Further arguments for pytest.

    Raises:
        UserError: The pytest cases are missing.
    """
    watch = Watch(quiet=quiet, command="filter", noun="records")
    call = PytestCall("test_dataset.py", watch, workers)
    code = call.run([*_arguments(options), *_scheduling(workers), *extra])
    message = call.refusal(code)
    if not message:
        call.tell_errors(code, "the same command goes on")
    return FilterResult(
        exit_code=int(code),
        all_judged=code == pytest.ExitCode.OK and watch.problems == 0,
        message=message,
    )


def _arguments(options: FilterOptions) -> Iterator[str]:
    given = {"--dataset": options.dataset, "--out": options.out, "--cache": options.cache}
    yield from pytest_arguments(msgspec.structs.asdict(options))
    yield from (f"{name}={value}" for name, value in given.items() if value is not None)
    yield from (f"--threshold={t}" for t in options.thresholds)
    yield "--tb=short"


def _scheduling(workers: str) -> list[str]:
    """The largest shards come first; one at a time keeps all workers busy to the end."""
    return [] if workers == "1" else ["--maxschedchunk=1"]
