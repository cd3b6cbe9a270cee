"""The pytest side: options, one case a Spec, results, the summary by category.

Asked for by benchmarks/conftest.py, or by whoever wants it: `-p rtlbench.runs.plugin`, or
`pytest_plugins` in a conftest. It imports nothing heavy before answers are to be judged. The
results folder is opened before anything is collected where the session is known to judge answers
(`pytest_rtlbench_is_asked`), else when the first test asks for `rtl_spec`. Under pytest-xdist the
controller opens it and writes run.json at the end; every worker appends its own Verdicts to
samples.jsonl. `--collect-only` writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rtlbench.errors import UserError
from rtlbench.runs.hooks import JUDGED, PASSED
from rtlbench.runs.options import (
    add_options,
    given_options,
    is_worker,
    option,
    session_options,
)

if TYPE_CHECKING:
    from rtlbench.records.spec import Spec
    from rtlbench.records.verdict import Verdict
    from rtlbench.runs.session import Session

SESSION = pytest.StashKey["Session"]()
_KNOWN = pytest.StashKey[bool]()
_FAILED = pytest.StashKey[list[Any]]()
"""All failures, while only some are in pytest's own list."""
MANY = 20
"""Failed answers above which they are grouped by what they broke."""
_FOLDER = "rtlbench_results"
_SPECS = "rtlbench_specs"
_ANSWERS = "rtlbench_answers"
_CHOSEN = "rtlbench_chosen"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the benchmark."""
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Hooks for those who run the benchmark from a program or a conftest."""
    from rtlbench.runs import hooks

    pluginmanager.add_hookspecs(hooks)


@pytest.hookimpl(trylast=True)
def pytest_rtlbench_is_asked(config: pytest.Config) -> bool | None:
    """Where nobody else knows: who gives one of the benchmark's options wants it."""
    return bool(given_options(config)) or None


def pytest_configure(config: pytest.Config) -> None:
    """Have the tools of this process be shut away as asked, xdist's workers included."""
    config.pluginmanager.register(_Rest())
    wish = option(config, "--isolation")
    if wish is not None:
        from rtlbench.sandbox.level import choose

        try:
            choose(wish)
        except UserError as e:
            raise pytest.UsageError(str(e)) from None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Open the results folder before anything is printed, where the benchmark is asked for."""
    config = session.config
    try:
        if not is_worker(config) and config.hook.pytest_rtlbench_is_asked(config=config):
            session_of(config)
    except UserError as e:
        raise pytest.UsageError(str(e)) from None


def session_of(config: pytest.Config) -> Session:
    """The session of this process, made when it is first asked for.

    Raises:
        UserError: Something that the user named cannot be used.
    """
    if SESSION not in config.stash:
        from rtlbench.runs.session import Session

        given = given_options(config)
        specs = None
        if is_worker(config):
            given["results"], specs = _handed_on(config)
            if answers := config.workerinput[_ANSWERS]:  # type: ignore[attr-defined]
                given["candidates"] = answers
        with _standard_input(config, given):
            ours = Session(session_options(given), specs)
        ours.selection = (config.option.keyword, config.option.markexpr)
        if not is_worker(config) and not config.option.collectonly:
            ours.open()
            config.hook.pytest_rtlbench_started(
                folder=str(ours.folder.path),
                answers=ours.count,
                problems=ours.answers.problem_count,
            )
        config.stash[SESSION] = ours
    return config.stash[SESSION]


@contextmanager
def _standard_input(config: pytest.Config, given: Mapping[str, Any]) -> Iterator[None]:
    """Ours within, not the empty one of pytest's capturing, where answers come from there."""
    capturing = config.pluginmanager.get_plugin("capturemanager")
    if capturing is None or given.get("candidates") != "-":
        yield
        return
    capturing.suspend_global_capture(in_=True)
    try:
        yield
    finally:
        capturing.resume_global_capture()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand each xdist worker the results folder that the controller opened, and the Specs."""
    import msgspec

    ours = node.config.stash.get(SESSION, None)
    node.workerinput[_FOLDER] = str(ours.folder.path.resolve()) if ours else ""
    node.workerinput[_ANSWERS] = ours.handed_on if ours else ""
    node.workerinput[_SPECS] = msgspec.json.encode(list(ours.specs.values())) if ours else b"[]"


def _handed_on(config: pytest.Config) -> tuple[str, list[Spec]]:
    """What the controller gave this worker.

    Raises:
        UserError: The controller did not know that answers are to be judged.
    """
    import msgspec

    from rtlbench.records.spec import Spec

    given = config.workerinput  # type: ignore[attr-defined]
    if not given[_FOLDER]:
        raise UserError("with -n, the tests that ask for `rtl_spec` need --results FOLDER")
    return str(given[_FOLDER]), msgspec.json.decode(given[_SPECS], type=list[Spec])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case a Spec; of those without answers only what -k and -m choose is of interest
    (`pytest_collection_modifyitems`)."""
    if "rtl_spec" in metafunc.fixturenames:
        try:
            every = session_of(metafunc.config).specs.values()
        except UserError as e:
            pytest.exit(str(e), returncode=pytest.ExitCode.USAGE_ERROR)
        _know_marks(metafunc.config, {name for s in every for name in _marks(s)})
        cases = [
            pytest.param(s, id=s.name, marks=[getattr(pytest.mark, m) for m in _marks(s)])
            for s in every
        ]
        metafunc.parametrize("rtl_spec", cases, scope="function")


def _marks(spec: Spec) -> list[str]:
    """What `-m` chooses it by: `-m "fsm and hard"`."""
    return [mark_name(name) for name in (spec.category, spec.difficulty) if name]


def mark_name(category: str) -> str:
    """What `-m` calls a category or a difficulty."""
    return re.sub(r"\W", "_", category)


def _know_marks(config: pytest.Config, names: set[str]) -> None:
    """Tell pytest of the marks, those of tasks without answers among them."""
    known = {str(line).partition(":")[0] for line in config.getini("markers")}
    for name in sorted(names - known):
        config.addinivalue_line("markers", f"{name}: tasks of this category or difficulty")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note which tasks were chosen, and take out the cases that there is nothing to judge for."""
    if SESSION not in config.stash:
        return
    ours = config.stash[SESSION]
    specs = [(item, _spec_of(item)) for item in items]
    ours.chosen = {spec.id for _, spec in specs if spec is not None}
    items[:] = [i for i, spec in specs if spec is None or ours.answers.has(spec.id)]


def _spec_of(item: pytest.Item) -> Spec | None:
    call = getattr(item, "callspec", None)
    return call.params.get("rtl_spec") if call is not None else None


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take from an xdist worker which tasks were chosen: the controller collects none itself."""
    told = getattr(node, "workeroutput", {}).get(_CHOSEN, ())
    if SESSION in node.config.stash:
        node.config.stash[SESSION].chosen.update(told)


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
    if SESSION not in config.stash or config.option.collectonly:
        return
    config.stash[_KNOWN] = True
    ours = config.stash[SESSION]
    named = {node_id.partition("[")[2].rstrip("]") for node_id in ids}
    chosen = {s.id for s in ours.specs.values() if s.name in named}
    # A case with more parameters than the Spec has a name of its own kind.
    known = {s.name for s in ours.specs.values()} | {""}
    selected = chosen if named <= known else ours.specs.keys()
    asked = ours.generated
    config.hook.pytest_rtlbench_selected(
        answers=ours.count_of(selected), written_to=str(asked.path) if asked is not None else ""
    )
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
    from rtlbench.records.verdict import Outcome

    try:
        ours = session_of(request.config)
        found = ours.judge(rtl_spec)
        unanswered = ours.unanswered(rtl_spec)
    except UserError as e:
        request.session.shouldstop = str(e)  # it would keep every further case from its Verdicts
        pytest.fail(str(e), pytrace=False)
    request.node.stash[JUDGED] = len(found)
    request.node.stash[PASSED] = sum(v.outcome is Outcome.PASS for v in found)
    yield found
    broken = [v for v in found if v.outcome is Outcome.ERROR]
    if broken:
        from rtlbench.io.explain import explain

        told = "\n".join(explain(v) for v in broken[:5])
        pytest.fail(f"{len(broken)} of {len(found)} answers could not be judged\n{told}", False)
    if unanswered:
        told = "\n".join(unanswered[:5])
        pytest.fail(f"{len(unanswered)} requests ended without an answer\n{told}", False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note in a case's report how much it judged, and of a wrong answer why it is; xdist carries
    the notes along."""
    report = yield
    if call.excinfo is not None:
        from rtlbench.runs.terminal import WrongAnswer, note_reason

        if isinstance(call.excinfo.value, WrongAnswer):
            note_reason(report, call.excinfo.value)
    if call.when == "call" and JUDGED in item.stash:
        report.rtlbench_answers = item.stash[JUDGED]  # type: ignore[attr-defined]
        report.rtlbench_passes = item.stash.get(PASSED, 0)  # type: ignore[attr-defined]
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write run.json, on the controller. A run that judged nothing does not look like a success."""
    config = session.config
    if SESSION not in config.stash or config.option.collectonly:
        return
    ours = config.stash[SESSION]
    if is_worker(config):
        config.workeroutput[_CHOSEN] = sorted(ours.chosen)  # type: ignore[attr-defined]
        return
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
    elif exitstatus == pytest.ExitCode.OK and ours.missing:  # which count as wrong
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Of many failures some of each kind in full; and, all else before, the table by category, what
    could not be read, and where the results are."""
    failed = terminalreporter.stats.get("failed", [])
    is_shown = config.option.tbstyle != "no"
    if SESSION in config.stash and len(failed) > MANY and is_shown:
        from rtlbench.runs.terminal import examples

        terminalreporter.stats["failed"] = examples(failed)
        config.stash[_FAILED] = failed
    verbose = config.option.verbose
    yield
    config.option.verbose = verbose
    if SESSION in config.stash and not config.option.collectonly:
        from rtlbench.runs.results import write_summary

        terminalreporter.section("rtlbench")
        write_summary(terminalreporter, config.stash[SESSION])


class _Rest:
    """Comes after pytest's own list of failures, and before its short summary."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """The wrong answers that were not shown in full, by name."""
        if SESSION not in config.stash:
            return
        # By this pytest's short summary gives a reason whole; else only where the line has room.
        if config.option.verbose >= 0:
            config.option.verbose = max(config.option.verbose, 2)
        failed = config.stash.get(_FAILED, None)
        if failed is not None:
            from rtlbench.runs.terminal import write_rest

            terminalreporter.stats["failed"] = failed
            terminalreporter.section("wrong answers by the first rule that they broke")
            write_rest(terminalreporter, failed)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Have a case a sample in junit.xml, which pytest has written by now."""
    path = config.getoption("xmlpath", None)
    if not path or is_worker(config) or SESSION not in config.stash or config.option.collectonly:
        return
    from rtlbench.runs.junit import by_sample

    ours = config.stash[SESSION]
    # What kept pytest from writing a whole file it has said itself; a folder that cannot be read,
    # the session has.
    with suppress(OSError, SyntaxError, UserError):
        by_sample(Path(path), ours.specs.values(), ours.folder.verdicts(), ours.missing)


def stop_reasons(session: pytest.Session) -> tuple[str, str]:
    """Why the session, or xdist's, stops before its end: pytest says so itself."""
    dsession = session.config.pluginmanager.get_plugin("dsession")
    return str(session.shouldstop), str(getattr(dsession, "shouldstop", ""))
