"""The pytest side: options, one case a Spec, results, the summary by category.

Registered as a pytest plugin by the installed package. It does nothing in a session whose tests
do not ask for its fixtures, and imports nothing heavy before one does. The results folder is
opened before anything is collected, so that a mistake in the options is one message. Under
pytest-xdist the controller opens it and writes run.json at the end; every worker appends its own
Verdicts to samples.jsonl. `--collect-only` writes nothing.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Generator, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rtlbench.errors import UserError
from rtlbench.hooks import JUDGED
from rtlbench.pytest_options import OPTIONS, add_options, is_worker, option

if TYPE_CHECKING:
    from rtlbench.generate.options import Generation
    from rtlbench.session import Session
    from rtlbench.spec import Spec
    from rtlbench.verdict import Verdict

pytest_plugins = ["rtlbench.dataset.plugin"]

_SESSION = pytest.StashKey["Session"]()
_KNOWN = pytest.StashKey[bool]()
_FOLDER = "rtlbench_results"
_SPECS = "rtlbench_specs"
SHOWN = 20
"""Problems of the input that the summary shows."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the benchmark."""
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Hooks for those who run the benchmark from a program."""
    from rtlbench import hooks

    pluginmanager.add_hookspecs(hooks)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Open the results folder before anything is printed, where the benchmark is asked for."""
    if not is_worker(session.config) and _wants_benchmark(session.config):
        try:
            _session(session.config)
        except UserError as e:
            raise pytest.UsageError(str(e)) from None


def pytest_configure(config: pytest.Config) -> None:
    """Have the tools of this process be shut away as asked, xdist's workers included."""
    wish = option(config, "--isolation")
    if wish is not None:
        from rtlbench.isolation.level import choose

        try:
            choose(wish)
        except UserError as e:
            raise pytest.UsageError(str(e)) from None


def _session(config: pytest.Config) -> Session:
    """The session of this process, made when it is first asked for.

    Raises:
        UserError: Something that the user named cannot be used.
    """
    if _SESSION not in config.stash:
        from rtlbench.session import Session, SessionOptions
        from rtlbench.suites import with_fresh

        samples = option(config, "--samples")
        if samples is not None and samples < 1:
            raise UserError("--samples: give a number of at least 1")
        fresh, count = option(config, "--fresh"), option(config, "--fresh-count")
        options = SessionOptions(
            suite=with_fresh(option(config, "--suite"), fresh, count),
            candidates=option(config, "--candidates"),
            generation=_generation_of(config),
            samples=samples,
            simulator=option(config, "--simulator"),
            seed=option(config, "--seed"),
            formal=option(config, "--formal"),
            results=_results_of(config),
        )
        ours = Session(options, _specs_of(config))
        if not is_worker(config) and not config.option.collectonly:
            ours.open()
            config.hook.pytest_rtlbench_started(
                folder=str(ours.folder.path),
                answers=ours.count,
                problems=ours.answers.problem_count,
            )
        config.stash[_SESSION] = ours
    return config.stash[_SESSION]


def _generation_of(config: pytest.Config) -> Generation | None:
    """The model that is asked; where no recorded answers are given, the shipped one."""
    from rtlbench.generate.knobs import KNOBS, field
    from rtlbench.generate.options import generation
    from rtlbench.session import shipped_model

    shipped = None if option(config, "--candidates") else shipped_model()
    return generation({field(name): option(config, name) for name in KNOBS}, shipped)


def _results_of(config: pytest.Config) -> str | None:
    if not is_worker(config):
        return option(config, "--results")  # type: ignore[no-any-return]
    folder = str(config.workerinput[_FOLDER])  # type: ignore[attr-defined]
    if not folder:
        raise UserError(
            "with -n, name the file or folder of the tests that ask for `rtl_spec`, "
            "or give --results FOLDER"
        )
    return folder


def _specs_of(config: pytest.Config) -> Sequence[Spec] | None:
    if not is_worker(config):
        return None
    import msgspec

    from rtlbench.spec import Spec

    return msgspec.json.decode(config.workerinput[_SPECS], type=list[Spec])  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand each xdist worker the results folder that the controller opened, and the Specs."""
    import msgspec

    ours = node.config.stash.get(_SESSION, None)
    node.workerinput[_FOLDER] = str(ours.folder.path.resolve()) if ours else ""
    node.workerinput[_SPECS] = msgspec.json.encode(list(ours.specs.values())) if ours else b"[]"


def _wants_benchmark(config: pytest.Config) -> bool:
    """Whether an option or an argument leads there: xdist's controller collects nothing."""
    named = {Path(str(a).split("::", maxsplit=1)[0]).name for a in config.args}
    if named and named <= {"test_specs.py", "test_dataset.py"}:
        return False  # the tasks themselves or training data are on trial, no answers
    telling = ("--suite", "--candidates", "--model", "--simulator", "--results")
    if any(option(config, n) != OPTIONS[n].get("default") for n in telling):
        return True
    start = config.invocation_params.dir
    paths = (start / str(a).split("::", maxsplit=1)[0] for a in config.args)
    return any(_asks_for_specs(f) for path in paths for f in _test_files(config, path))


def _test_files(config: pytest.Config, path: Path) -> Iterator[Path]:
    """The test files that pytest would collect from `path`."""
    if path.is_file():
        yield path
    pruned, patterns = config.getini("norecursedirs"), config.getini("python_files")
    for folder, folders, files in os.walk(path):
        folders[:] = [f for f in folders if not any(fnmatch(f, p) for p in pruned)]
        yield from (Path(folder) / f for f in files if any(fnmatch(f, p) for p in patterns))


def _asks_for_specs(path: Path) -> bool:
    """Whether a test in the file takes `rtl_spec`."""
    try:
        text = path.read_bytes()
        if b"rtl_spec" not in text:
            return False
        nodes = list(ast.walk(ast.parse(text)))
    except (OSError, SyntaxError, ValueError):
        return False  # pytest will say so
    tests = (n for n in nodes if isinstance(n, ast.FunctionDef) and n.name.startswith("test"))
    return any(a.arg == "rtl_spec" for t in tests for a in t.args.args)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case a Spec that has answers."""
    if "rtl_spec" in metafunc.fixturenames:
        try:
            specs = _session(metafunc.config).specs_with_answers()
        except UserError as e:
            pytest.exit(str(e), returncode=pytest.ExitCode.USAGE_ERROR)
        metafunc.parametrize("rtl_spec", specs, ids=[s.name for s in specs], scope="function")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Without workers of xdist's, the cases are known now."""
    if not is_worker(session.config):
        _cases_known(session.config, [item.nodeid for item in session.items])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: Sequence[str]) -> None:
    """With them, when the first worker has told of its cases: all have the same."""
    if _KNOWN not in node.config.stash:
        _cases_known(node.config, ids)


def _cases_known(config: pytest.Config, ids: Sequence[str]) -> None:
    """Tell how much these cases judge, and have a model, if one is asked, answer it."""
    if _SESSION not in config.stash or config.option.collectonly:
        return
    config.stash[_KNOWN] = True
    ours = config.stash[_SESSION]
    named = {node_id.partition("[")[2].rstrip("]") for node_id in ids}
    chosen = {s.id for s in ours.specs.values() if s.name in named}
    # A case with more parameters than the Spec has a name of its own kind.
    known = {s.name for s in ours.specs.values()} | {""}
    selected = chosen if named <= known else ours.specs.keys()
    config.hook.pytest_rtlbench_selected(answers=ours.count_of(selected))
    try:
        ours.begin_generating(selected)
    except UserError as e:
        raise pytest.UsageError(str(e)) from None


@pytest.fixture
def verdicts(rtl_spec: Spec, request: pytest.FixtureRequest) -> Iterator[Sequence[Verdict]]:
    """The Verdicts of a Spec's answers: judged now, or recorded by an earlier run.

    An answer that the harness could not judge makes this fixture an error, not the test a
    failure.
    """
    from rtlbench.verdict import Outcome

    try:
        found = _session(request.config).judge(rtl_spec)
    except UserError as e:
        request.session.shouldstop = str(e)  # it would keep every further case from its Verdicts
        pytest.fail(str(e), pytrace=False)
    request.node.stash[JUDGED] = len(found)
    yield found
    broken = [v for v in found if v.outcome is Outcome.ERROR]
    if broken:
        from rtlbench.report.explain import explain

        told = "\n".join(explain(v) for v in broken[:5])
        pytest.fail(f"{len(broken)} of {len(found)} answers could not be judged\n{told}", False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note in a case's report how much it judged; xdist carries the note along."""
    report = yield
    if call.when == "call" and JUDGED in item.stash:
        report.rtlbench_answers = item.stash[JUDGED]  # type: ignore[attr-defined]
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write run.json, on the controller. A run that judged nothing does not look like a success."""
    config = session.config
    if _SESSION not in config.stash or is_worker(config) or config.option.collectonly:
        return
    ours = config.stash[_SESSION]
    ours.end_generating()
    cut = bool(session.shouldstop or session.shouldfail) or exitstatus not in (
        pytest.ExitCode.OK,
        pytest.ExitCode.TESTS_FAILED,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    )
    try:
        ours.finish("stopped" if cut else "finished")
    except UserError as e:
        session.exitstatus = pytest.ExitCode.INTERRUPTED
        if str(e) not in stop_reasons(session):
            ours.notes.append(str(e))
    if exitstatus == pytest.ExitCode.OK and not ours.count:
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


def stop_reasons(session: pytest.Session) -> tuple[str, str]:
    """Why the session, or xdist's, stops before its end: pytest says so itself."""
    crew = session.config.pluginmanager.get_plugin("dsession")
    return str(session.shouldstop), str(getattr(crew, "shouldstop", ""))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """The table by category, what could not be read, and where the results are: all else before."""
    yield
    if _SESSION in config.stash and not config.option.collectonly:
        terminalreporter.section("rtlbench")
        _summary(terminalreporter, config.stash[_SESSION])


def _summary(reporter: pytest.TerminalReporter, ours: Session) -> None:
    from rtlbench.report.terminal import summary_table

    count = ours.answers.problem_count
    if count:
        lines = "1 line" if count == 1 else f"{count} lines"
        reporter.write_line(f"{lines} of input could not be used:", yellow=True)
    for problem in ours.problems[:SHOWN]:
        reporter.write_line(f"  {problem}")
    if count > SHOWN:
        reporter.write_line(f"  ... and {count - SHOWN} more")
    for text in ours.broken:
        reporter.write_line(f"not judged, the harness failed: {text}", red=True)
    for note in ours.notes:
        reporter.write_line(f"note: {note}", yellow=True)
    run = ours.folder.read_run()
    if run is not None and run.total is not None:
        if run.total.answers:
            reporter.write_line(summary_table(run.total, run.categories))
        else:
            reporter.write_line("no answers judged")
        if run.usage is not None and run.config.generator is not None:
            from rtlbench.report.usage import in_words

            reporter.write_line(f"{run.config.generator.name}: {in_words(run.usage)}")
        if run.status == "stopped":
            reporter.write_line("cut short: the same command with --results goes on", yellow=True)
    reporter.write_line(f"results: {ours.folder.path} ({ours.seconds:.1f} s)")
