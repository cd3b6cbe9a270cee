"""Running pytest cases of benchmarks/ from a program: one call, one typed result."""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import msgspec
import pytest

from rtlbench.io.shipped import shipped
from rtlbench.runs.options import SessionOptions, pytest_arguments
from rtlbench.runs.samples import unwritable
from rtlbench.runs.session import default_results
from rtlbench.runs.watch import MutedWhile, Watch


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    exit_code: int
    """pytest's own."""
    folder: str | None
    """The results folder; None where none was opened."""
    all_judged: bool
    """True when every answer got a Verdict and every input line could be used."""
    message: str = ""
    """What the user did wrong, where that kept the run from starting."""


def benchmarks_folder() -> Path:
    """The pytest cases, of the checkout or of the installed package."""
    return shipped("benchmarks", "test_benchmark.py").parent


def run_benchmark(
    options: SessionOptions,
    *,
    workers: str = "1",
    show_failures: bool = False,
    quiet: bool = False,
    extra: tuple[str, ...] = (),
) -> RunResult:
    """Run the benchmark in this process (and its xdist workers).

    Args:
        workers: Processes.
        show_failures: Whether to print why each wrong answer is wrong.
        quiet: Whether to print nothing.
        extra: Further arguments for pytest.

    Raises:
        UserError: The benchmark's own files are missing.
    """
    options = msgspec.structs.replace(options, results=options.results or default_results())
    folder = Path(options.results or "")
    given = {**msgspec.structs.asdict(options), **options.model}
    args = [*pytest_arguments(given), "--tb=short" if show_failures else "--tb=no"]
    if not any(a.startswith("--junit") for a in extra):
        args.append(f"--junitxml={folder / 'junit.xml'}")
    watch = Watch(quiet=quiet, command="bench")
    call = PytestCall("test_benchmark.py", watch, workers)
    try:
        code = call.run([*args, *extra])
    except OSError as e:  # pytest lets through what its junit.xml meets
        code = pytest.ExitCode.INTERRUPTED
        watch.unwritable = unwritable(folder, e)
    message = call.refusal(code)
    if code == pytest.ExitCode.NO_TESTS_COLLECTED and not watch.problems:
        message = "no spec with answers fits the arguments for pytest (-k, -m): nothing was judged"
    if not message:
        call.tell_errors(code, f"the same command with --results {watch.folder} goes on")
    judged = code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    return RunResult(
        exit_code=int(code),
        folder=watch.folder,
        all_judged=judged and watch.errors == 0 and watch.problems == 0,
        message=message,
    )


class PytestCall:
    """One call of pytest with one of our files of cases.

    Args:
        cases: The file's name in benchmarks/.
        workers: Processes.
    """

    def __init__(self, cases: str, watch: Watch, workers: str) -> None:
        self._cases, self._watch, self._workers = cases, watch, workers
        self._errors, self._output = io.StringIO(), io.StringIO()

    def run(self, args: list[str]) -> int | pytest.ExitCode:
        """pytest's exit code; what it prints is kept back where the watch is quiet."""
        quiet = self._watch.quiet
        shown = self._output if quiet else MutedWhile(sys.stdout, self._watch.is_starting)
        with redirect_stderr(self._errors), redirect_stdout(shown):
            return pytest.main([*self._fixed(), *args], plugins=[self._watch])

    def _fixed(self) -> list[str]:
        folder = benchmarks_folder()
        args = [str(folder / self._cases), "-c", os.devnull, "--rootdir", str(folder)]
        args += ["-qq", "-r", "N", "-p", "no:cacheprovider", "--import-mode=importlib"]
        # hypothesis's plugin takes a second of every run to say nothing.
        args += ["-p", "no:hypothesispytest"]
        return [*args, *([] if self._workers == "1" else ["-n", self._workers])]

    def refusal(self, code: int) -> str:
        """What pytest, or a plugin of ours, refused; empty where nothing was refused."""
        if code != pytest.ExitCode.USAGE_ERROR:
            return ""
        return self._errors.getvalue().strip().removeprefix("ERROR: ")

    def tell_errors(self, code: int, remedy: str) -> None:
        """Print, on stderr, what went wrong on the way.

        Args:
            remedy: What to do where a worker died.
        """
        watch = self._watch
        broke = code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.INTERRUPTED)
        output = self._output.getvalue() if broke else ""
        sys.stderr.write(output + self._errors.getvalue())
        if watch.unwritable and watch.unwritable not in watch.stop_reasons:
            sys.stderr.write(f"rtlbench: {watch.unwritable}\n")
        if watch.lost:
            sys.stderr.write(f"rtlbench: a worker died over {', '.join(watch.lost)}; {remedy}\n")
