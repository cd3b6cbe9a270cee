"""Running the benchmark's pytest cases from a program: one call, one typed result."""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec
import pytest

import rtlbench
from rtlbench.errors import UserError


class BenchOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What to run; see `rtlbench bench --help`."""

    suite: str = "rtlbench"
    candidates: str | None = None
    samples: int | None = None
    simulator: str | None = None
    seed: int = 0
    results: str | None = None
    workers: str = "1"
    show_failures: bool = False
    quiet: bool = False
    pytest_args: tuple[str, ...] = ()


class BenchResult(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    exit_code: int
    """pytest's own."""
    folder: str | None
    all_judged: bool
    """True when every answer got a Verdict and every input line could be used."""
    message: str = ""
    """What the user did wrong, where that kept the run from starting."""


def benchmarks_folder() -> Path:
    """The pytest cases, of the checkout or of the installed package."""
    package = Path(rtlbench.__file__).parent
    for folder in (package.parent / "benchmarks", package / "_shipped" / "benchmarks"):
        if (folder / "test_benchmark.py").is_file():
            return folder
    raise UserError(f"no benchmarks folder beside {package}: reinstall rtlbench")


def run_benchmark(options: BenchOptions) -> BenchResult:
    """Run the benchmark in this process (and its xdist workers).

    Raises:
        UserError: The benchmark's own files are missing.
    """
    watch = _Watch(show=not options.quiet and sys.stderr.isatty())
    output = io.StringIO()
    if options.quiet:
        with redirect_stdout(output), redirect_stderr(output):
            code = pytest.main(_arguments(options), plugins=[watch])
    else:
        code = pytest.main(_arguments(options), plugins=[watch])
    message = ""
    if code == pytest.ExitCode.USAGE_ERROR:
        message = "the benchmark did not start; " + (output.getvalue().strip() or "see above")
    judged = code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    return BenchResult(
        exit_code=int(code),
        folder=watch.folder,
        all_judged=judged and watch.errors == 0 and watch.problems == 0,
        message=message,
    )


def _arguments(options: BenchOptions) -> list[str]:
    folder = benchmarks_folder()
    given = {
        "--suite": options.suite,
        "--candidates": options.candidates,
        "--samples": options.samples,
        "--simulator": options.simulator,
        "--seed": options.seed,
        "--results": options.results,
    }
    args = [str(folder / "test_benchmark.py"), "-c", os.devnull, "--rootdir", str(folder)]
    args += ["-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
    args += [f"{name}={value}" for name, value in given.items() if value is not None]
    args += [] if options.workers in ("0", "1") else ["-n", options.workers]
    args += ["--tb=short"] if options.show_failures else ["--tb=no", "-r", "N"]
    if options.results and not any(a.startswith("--junit") for a in options.pytest_args):
        args.append(f"--junitxml={Path(options.results) / 'junit.xml'}")
    return [*args, *options.pytest_args]


class _Watch:
    """Counts what could not be judged, and shows a progress bar at a terminal."""

    def __init__(self, *, show: bool) -> None:
        self.errors = 0
        self.problems = 0
        self.folder: str | None = None
        self._show = show
        self._progress: Any = None
        self._task: Any = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one case, or a subtest."""
        if report.when in ("setup", "teardown") and report.failed:
            self.errors += 1
        if report.when == "call" and not hasattr(report, "context"):
            answers = dict(report.user_properties).get("rtlbench_answers", 0)
            self._advance(int(str(answers)))

    @pytest.hookimpl(trylast=True)
    def pytest_rtlbench_started(self, folder: str, answers: int, problems: int) -> None:
        """The session is set up: how many answers there are to judge."""
        self.folder, self.problems = folder, problems
        if self._show:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

            columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
            self._progress.start()
            self._task = self._progress.add_task("answers", total=answers)

    def _advance(self, answers: int) -> None:
        if self._progress is not None:
            self._progress.advance(self._task, answers)

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """With a bar there are no letters."""
        if self._progress is None or report.when != "call":
            return None
        return (report.outcome, "", "")

    def pytest_sessionfinish(self) -> None:
        """Take the bar away before the summary."""
        if self._progress is not None:
            self._progress.stop()
