"""Running the filter's pytest cases from a program: one call, one typed result."""

from __future__ import annotations

import io
import sys
from contextlib import nullcontext, redirect_stderr, redirect_stdout

import msgspec
import pytest

from rtlbench.dataset.filter.filtering import FilterOptions
from rtlbench.runs.run import Watch, pytest_arguments, usage_message


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
    watch = Watch(quiet, "records")
    errors, output = io.StringIO(), io.StringIO()
    with redirect_stderr(errors), redirect_stdout(output) if quiet else nullcontext():
        code = pytest.main([*_arguments(options, workers), *extra], plugins=[watch])
    message = usage_message(code, errors.getvalue(), "filter")
    if not message:
        broke = code == pytest.ExitCode.INTERNAL_ERROR
        sys.stderr.write((output.getvalue() if broke else "") + errors.getvalue())
    if watch.lost:
        told = ", ".join(watch.lost)
        sys.stderr.write(f"rtlbench: a worker died over {told}; the same command goes on\n")
    return FilterResult(
        exit_code=int(code),
        all_judged=code == pytest.ExitCode.OK and watch.problems == 0,
        message=message,
    )


def _arguments(options: FilterOptions, workers: str) -> list[str]:
    given = {
        "--dataset": options.dataset,
        "--out": options.out,
        "--suite": options.suite,
        "--simulator": options.simulator,
        "--seed": options.seed,
        "--cache": options.cache,
    }
    args = [*pytest_arguments("test_dataset.py", given, workers), "--tb=short"]
    args += [f"--threshold={t}" for t in options.thresholds]
    args += ["--formal"] if options.formal else []
    # The largest shards come first; one at a time keeps all workers busy to the end.
    return args if workers == "1" else [*args, "--maxschedchunk=1"]
