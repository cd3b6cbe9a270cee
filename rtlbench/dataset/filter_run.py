"""Running the filter's pytest cases from a program: one call, one typed result."""

from __future__ import annotations

import io
import os
import re
import sys
from contextlib import nullcontext, redirect_stderr, redirect_stdout

import msgspec
import pytest

from rtlbench.bench_run import Watch, benchmarks_folder
from rtlbench.dataset.filter import FilterOptions


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
    message = _message(code, errors.getvalue())
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


def _message(code: int, errors: str) -> str:
    if code != pytest.ExitCode.USAGE_ERROR:
        return ""
    told = errors.strip().removeprefix("ERROR: ")
    argument = re.search(r"^pytest.*?: error: (.*)", told, re.M)
    return f"{argument.group(1)}; see `rtlbench filter --help`" if argument else told


def _arguments(options: FilterOptions, workers: str) -> list[str]:
    folder = benchmarks_folder()
    given = {
        "--dataset": options.dataset,
        "--out": options.out,
        "--suite": options.suite,
        "--simulator": options.simulator,
        "--seed": options.seed,
        "--cache": options.cache,
    }
    args = [str(folder / "test_dataset.py"), "-c", os.devnull, "--rootdir", str(folder)]
    args += ["-qq", "-r", "N", "-p", "no:cacheprovider", "--import-mode=importlib", "--tb=short"]
    args += ["-p", "no:hypothesispytest"]  # it takes a second of every run to say nothing
    args += [f"{name}={value}" for name, value in given.items() if value is not None]
    args += [f"--threshold={t}" for t in options.thresholds]
    # The largest shards come first; one at a time keeps all workers busy to the end.
    args += [] if workers == "1" else ["-n", workers, "--maxschedchunk=1"]
    return args
