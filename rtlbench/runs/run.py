"""Running pytest cases of benchmarks/ from a program: one call, one typed result."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TextIO

import msgspec
import pytest

from rtlbench.generate.course import PACE
from rtlbench.io.progress import Phase, waiting
from rtlbench.io.shipped import shipped
from rtlbench.runs.options import SessionOptions, pytest_arguments
from rtlbench.runs.samples import unwritable
from rtlbench.runs.session import default_results

NOTED = ("rtlbench_answers", "rtlbench_passes")
"""What the plugin notes in the report of a case."""


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    exit_code: int
    """pytest's own."""
    folder: str | None
    """The results folder; None where none was opened."""
    all_judged: bool
    """True when every answer got a Verdict and every input line could be used."""
    interrupted: bool = False
    """Whether Ctrl-C ended it."""
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
        chosen = "what was chosen (-k, -m, --category)"
        message = f"no spec with answers fits {chosen}: nothing was judged"
    if not message:
        call.tell_errors(code, f"the same command with --results {watch.folder} goes on")
    judged = code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    return RunResult(
        exit_code=int(code),
        folder=watch.folder,
        all_judged=judged and watch.errors == 0 and watch.problems == 0,
        interrupted=watch.interrupted,
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
        with redirect_stderr(self._errors), redirect_stdout(shown), self._watch.waiting():
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


class MutedWhile:
    """A text stream that passes on what is written, except while a condition holds.

    xdist tells at length how its workers come up, and has no option for silence.
    """

    def __init__(self, stream: TextIO, is_muted: Callable[[], bool]) -> None:
        self._stream, self._is_muted = stream, is_muted

    def write(self, text: str) -> int:
        """Write `text`, or nothing."""
        return len(text) if self._is_muted() else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Written:
    """How many answers a model that is asked meanwhile has written; nothing once all are there.

    Args:
        path: Where they go, a line each.
        wanted: How many are judged.
    """

    def __init__(self, path: Path, wanted: int) -> None:
        self._path, self._wanted = path, wanted
        self._read_to = self._lines = 0

    def __call__(self) -> str:
        """In words."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read_to)
                new = file.read()
        except OSError:  # nothing is there yet
            new = b""
        self._read_to += len(new)
        self._lines += new.count(b"\n")
        if self._lines >= self._wanted:
            return ""
        return ", ".join(w for w in (f"{self._lines:,} written", self._pace()) if w)

    def _pace(self) -> str:
        try:
            return self._path.with_name(PACE).read_text()
        except (OSError, UnicodeDecodeError):
            return ""


class Watch:
    """Counts what could not be judged, and says how far the run is.

    Args:
        quiet: Whether to say nothing.
        command: The rtlbench command that calls pytest.
        noun: What is judged.
    """

    def __init__(self, *, quiet: bool, command: str, noun: str = "answers") -> None:
        self.quiet = quiet
        self.errors = 0
        self.problems = 0
        self.lost: list[str] = []
        """Cases whose worker died."""
        self.folder: str | None = None
        self.stop_reasons: tuple[str, ...] = ()
        """Why the session ended early, as pytest says itself."""
        self.interrupted = False
        self.unwritable = ""
        """Why junit.xml could not be written."""
        self._command, self._noun = command, noun
        self._starting = False
        self._wait = ExitStack()
        self._stream: TextIO | None = None
        self._phase: Phase | None = None

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Within, it is said how far the run is."""
        with self._wait:
            # pytest captures what is written to 2 while a case runs, whoever writes it.
            self._stream = self._wait.enter_context(_second_stderr())
            self._enter("reading the suite and the answers")
            yield

    def _enter(self, name: str, noun: str = "", total: int | None = None, ending: str = "") -> None:
        wait = waiting(name, noun, total, ending, quiet=self.quiet, stream=self._stream)
        self._phase = self._wait.enter_context(wait)

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_parse(self) -> Generator[None, pytest.Config, pytest.Config]:
        """An argument that pytest refuses is a mistake in the call of our command."""
        try:
            return (yield)
        except pytest.UsageError as e:
            if isinstance(e.__context__, argparse.ArgumentError):
                raise self._refused(str(e.__context__)) from None
            raise

    @pytest.hookimpl(trylast=True)
    def pytest_load_initial_conftests(self, parser: pytest.Parser, args: list[str]) -> None:
        """Likewise one that nobody knows once plugins and conftests are loaded."""
        _, unknown = parser.parse_known_and_unknown_args(args)
        if unknown:
            raise self._refused(f"unrecognized arguments: {' '.join(unknown)}")

    def _refused(self, why: str) -> pytest.UsageError:
        return pytest.UsageError(f"{why}; see `rtlbench {self._command} --help`")

    @pytest.hookimpl(tryfirst=True, optionalhook=True)
    def pytest_xdist_setupnodes(self, config: pytest.Config) -> None:
        """Workers of xdist's come up."""
        self._starting = config.option.verbose <= 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self) -> None:
        """They are up: the first case begins."""
        self._starting = False

    def is_starting(self) -> bool:
        """Whether workers are coming up and nothing else happens."""
        return self._starting

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one case, or a subtest; `???` is a case whose worker died."""
        if report.when != "call" and report.failed:
            self.errors += 1
        if report.failed and report.when not in ("setup", "call", "teardown"):
            self.lost.append(report.nodeid.partition("[")[2].rstrip("]"))
        if not isinstance(report, pytest.SubtestReport):
            judged, passed = (getattr(report, name, 0) for name in NOTED)
            if self._phase is not None and judged:
                self._phase.advance(judged, passed)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C; pytest's own stops, such as for a full disk, are kinds of it and no key."""
        if type(excinfo.value) is KeyboardInterrupt:
            self.interrupted = True
            self._wait.close()
            told = "rtlbench: stopping when what a model was asked has come in; again ends at once"
            print(told, file=sys.__stderr__, flush=True)

    @pytest.hookimpl(trylast=True)
    def pytest_rtlbench_started(self, folder: str, answers: int, problems: int) -> None:
        """The session is set up: how many answers there are to judge."""
        self.folder, self.problems = folder, problems
        self._enter("judging", self._noun, answers, "pass" if self._noun == "answers" else "")

    def pytest_rtlbench_selected(self, answers: int, written_to: str) -> None:
        """What -k and -m leave of them."""
        if self._phase is not None:
            self._phase.total = answers
            if written_to:
                self._phase.look = Written(Path(written_to), answers)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.TestReport | pytest.CollectReport, config: pytest.Config
    ) -> tuple[str, str, str] | None:
        """No letters, unless -v asks for lines."""
        if config.option.verbose > 0 or isinstance(report, pytest.CollectReport):
            return None
        is_error = report.when != "call" and report.failed
        return ("error" if is_error else report.outcome, "", "")

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """What is left to do takes its time, too; then the bar is away, before pytest's summary."""
        from rtlbench.runs.plugin import stop_reasons

        self._starting = False
        self.stop_reasons = stop_reasons(session)
        self._enter("summing up")
        try:
            yield
        finally:
            self._wait.close()


@contextmanager
def _second_stderr() -> Iterator[TextIO | None]:
    """Standard error as it is now, whatever is laid over it later; None where there is none."""
    try:
        handle = os.dup(sys.__stderr__.fileno())  # type: ignore[union-attr]
    except (AttributeError, OSError, ValueError):
        yield None
        return
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as stream:
        yield stream
