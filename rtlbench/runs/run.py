"""Running the benchmark's pytest cases from a program: one call, one typed result."""

from __future__ import annotations

import io
import os
import re
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.generate.model_options import KNOBS, field
from rtlbench.io.shipped import shipped
from rtlbench.runs.samples import unwritable
from rtlbench.runs.session import default_results

TELL_EVERY = 30.0
"""Seconds between two lines on the progress, where there is no terminal for a bar."""


class BenchOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What to run; see `rtlbench bench --help`."""

    suite: str = "rtlbench"
    candidates: str | None = None
    model: Mapping[str, Any] = {}
    """What is said of the model that answers, by field of Generation."""
    samples: int | None = None
    simulator: str | None = None
    seed: int = 0
    formal: bool = False
    isolation: str | None = None
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
    return shipped("benchmarks", "test_benchmark.py").parent


def run_benchmark(options: BenchOptions) -> BenchResult:
    """Run the benchmark in this process (and its xdist workers).

    Raises:
        UserError: The benchmark's own files are missing.
    """
    results = options.results or default_results()
    watch = Watch(options.quiet)
    errors, output = io.StringIO(), io.StringIO()
    with redirect_stderr(errors), redirect_stdout(output) if options.quiet else nullcontext():
        try:
            code = pytest.main(_arguments(options, results), plugins=[watch])
        except OSError as e:  # pytest lets through what its junit.xml meets
            code = pytest.ExitCode.INTERRUPTED
            watch.unwritable = unwritable(Path(results), e)
    message = _message(code, errors.getvalue(), watch)
    if not message:
        broke = code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.INTERRUPTED)
        sys.stderr.write((output.getvalue() if broke else "") + errors.getvalue())
    if watch.unwritable and watch.unwritable not in watch.stop_reasons:
        sys.stderr.write(f"rtlbench: {watch.unwritable}\n")
    if watch.lost:
        sys.stderr.write(
            f"rtlbench: a worker died over {', '.join(watch.lost)}; "
            f"the same command with --results {watch.folder} goes on\n"
        )
    judged = code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    return BenchResult(
        exit_code=int(code),
        folder=watch.folder,
        all_judged=judged and watch.errors == 0 and watch.problems == 0,
        message=message,
    )


def _message(code: int, errors: str, watch: Watch) -> str:
    """What the user did wrong; empty where it is not that."""
    if code == pytest.ExitCode.NO_TESTS_COLLECTED and not watch.problems:
        return "no spec with answers fits the arguments for pytest (-k, -m): nothing was judged"
    return usage_message(code, errors, "bench")


def usage_message(code: int, errors: str, command: str) -> str:
    """What pytest refused in the call of one of our commands; empty where it refused nothing."""
    if code != pytest.ExitCode.USAGE_ERROR:
        return ""
    told = errors.strip().removeprefix("ERROR: ")
    argument = re.search(r"^pytest.*?: error: (.*)", told, re.M)
    return f"{argument.group(1)}; see `rtlbench {command} --help`" if argument else told


def pytest_arguments(cases: str, given: Mapping[str, object], workers: str) -> list[str]:
    """The call of one of our files of cases; options that are None are left out."""
    folder = benchmarks_folder()
    args = [str(folder / cases), "-c", os.devnull, "--rootdir", str(folder)]
    args += ["-qq", "-r", "N", "-p", "no:cacheprovider", "--import-mode=importlib"]
    # hypothesis's plugin takes a second of every run to say nothing.
    args += ["-p", "no:hypothesispytest"]
    args += [f"{name}={value}" for name, value in given.items() if value is not None]
    return [*args, *([] if workers == "1" else ["-n", workers])]


def _arguments(options: BenchOptions, results: str) -> list[str]:
    said = options.model
    given = {
        "--suite": options.suite,
        "--candidates": options.candidates,
        "--samples": options.samples,
        "--simulator": options.simulator,
        "--seed": options.seed,
        "--isolation": options.isolation,
        "--results": results,
        **{name: said.get(field(name)) for name, knob in KNOBS.items() if knob.metavar},
    }
    flags = [name for name, knob in KNOBS.items() if not knob.metavar and said.get(field(name))]
    args = pytest_arguments("test_benchmark.py", given, options.workers)
    args += ["--formal"] if options.formal else []
    args += flags
    args.append("--tb=short" if options.show_failures else "--tb=no")
    if not any(a.startswith("--junit") for a in options.pytest_args):
        args.append(f"--junitxml={Path(results) / 'junit.xml'}")
    return [*args, *options.pytest_args]


class Watch:
    """Counts what could not be judged, and says how far the run is: a bar, or a line at times."""

    def __init__(self, quiet: bool, noun: str = "answers") -> None:
        self.errors = 0
        self.problems = 0
        self.lost: list[str] = []
        """Cases whose worker died."""
        self.folder: str | None = None
        self.stop_reasons: tuple[str, ...] = ()
        """Why the session ended early, as pytest says itself."""
        self.unwritable = ""
        """Why junit.xml could not be written."""
        self._quiet, self._noun = quiet, noun
        self._total = 0
        self._done = 0
        self._told = self._begun = time.monotonic()
        self._progress: Any = None
        self._task: Any = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Without xdist's own lines on how its workers come up."""
        status = session.config.pluginmanager.get_plugin("terminaldistreporter")
        if status is not None:
            status.setstatus = status.ensure_show_status = lambda *_, **__: None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one case, or a subtest; `???` is a case whose worker died."""
        if report.when != "call" and report.failed:
            self.errors += 1
        if report.failed and report.when not in ("setup", "call", "teardown"):
            self.lost.append(report.nodeid.partition("[")[2].rstrip("]"))
        if not isinstance(report, pytest.SubtestReport):
            self._advance(getattr(report, "rtlbench_answers", 0))

    @pytest.hookimpl(trylast=True)
    def pytest_rtlbench_started(self, folder: str, answers: int, problems: int) -> None:
        """The session is set up: how many answers there are to judge."""
        self.folder, self.problems, self._total = folder, problems, answers
        terminal = sys.__stderr__
        if self._quiet or terminal is None or not terminal.isatty():
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(file=terminal)
        self._progress = Progress(*columns, console=console, transient=True)
        self._progress.start()
        self._task = self._progress.add_task(self._noun, total=answers)

    def pytest_rtlbench_selected(self, answers: int) -> None:
        """What -k and -m leave of them."""
        self._total = answers
        if self._progress is not None:
            self._progress.update(self._task, total=answers)

    def _advance(self, answers: int) -> None:
        self._done += answers
        if self._progress is not None:
            self._progress.advance(self._task, answers)
        elif not self._quiet and time.monotonic() - self._told > TELL_EVERY:
            self._told = time.monotonic()
            print(self._how_far(), file=sys.__stderr__, flush=True)

    def _how_far(self) -> str:
        spent = time.monotonic() - self._begun
        left = spent * (self._total - self._done) / self._done if self._done else 0.0
        told = f"judged {self._done} of {self._total} {self._noun}"
        return f"{told}, about {left / 60:.0f} min left" if self._done else told

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.TestReport | pytest.CollectReport, config: pytest.Config
    ) -> tuple[str, str, str] | None:
        """No letters, unless -v asks for lines."""
        if config.option.verbose > 0 or isinstance(report, pytest.CollectReport):
            return None
        is_error = report.when != "call" and report.failed
        return ("error" if is_error else report.outcome, "", "")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Take the bar away before the summary."""
        from rtlbench.runs.plugin import stop_reasons

        self.stop_reasons = stop_reasons(session)
        if self._progress is not None:
            self._progress.stop()
