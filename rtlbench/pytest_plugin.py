"""The pytest side: options, one case a Spec, results, the summary by category.

Registered as a pytest plugin by the installed package. It does nothing in a session whose tests
do not ask for its fixtures. Under pytest-xdist the controller opens the results folder and
writes run.json at the end; every worker appends its own Verdicts to samples.jsonl.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.session import Session, SessionOptions
from rtlbench.spec import Spec
from rtlbench.verdict import Outcome, Verdict

_SESSION = pytest.StashKey[Session]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the benchmark."""
    group = parser.getgroup("rtlbench", "benchmark of RTL that models write")
    group.addoption("--candidates", metavar="FILE", help="answers, JSONL (default: those shipped)")
    group.addoption(
        "--suite", default="rtlbench", metavar="NAME[=FOLDER]", help="suite (default: rtlbench)"
    )
    group.addoption("--samples", type=int, metavar="N", help="judge the first N answers a spec")
    group.addoption("--simulator", metavar="NAME", help="icarus (default) or verilator")
    group.addoption(
        "--seed", dest="rtl_seed", type=int, default=0, metavar="S", help="seed of the stimulus"
    )
    group.addoption(
        "--results", metavar="FOLDER", help="results folder; a run that was cut off goes on there"
    )


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Hooks for those who run the benchmark from a program."""
    from rtlbench import hooks

    pluginmanager.add_hookspecs(hooks)


def _session(config: pytest.Config) -> Session:
    """The session of this process, made when it is first asked for."""
    if _SESSION not in config.stash:
        get = config.getoption
        samples = get("--samples")
        if samples is not None and samples < 1:
            raise pytest.UsageError("--samples: give a number of at least 1")
        options = SessionOptions(
            suite=get("--suite"),
            candidates=get("--candidates"),
            samples=samples,
            simulator=get("--simulator"),
            seed=get("rtl_seed"),
            results=_results_of(config),
        )
        try:
            config.stash[_SESSION] = Session(options, is_worker=_is_worker(config))
        except UserError as e:
            raise pytest.UsageError(str(e)) from None
        if not _is_worker(config):
            ours = config.stash[_SESSION]
            config.hook.pytest_rtlbench_started(
                folder=str(ours.folder.path), answers=ours.count, problems=len(ours.problems)
            )
    return config.stash[_SESSION]


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _results_of(config: pytest.Config) -> str | None:
    if _is_worker(config):
        return str(config.workerinput["rtlbench_results"])  # type: ignore[attr-defined]
    return config.getoption("--results")  # type: ignore[no-any-return]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each xdist worker the results folder that the controller opened."""
    if _wants_benchmark(node.config):
        node.workerinput["rtlbench_results"] = str(_session(node.config).folder.path)
    else:
        node.workerinput["rtlbench_results"] = str(Path("results") / "unused")


def _wants_benchmark(config: pytest.Config) -> bool:
    """Whether the arguments lead to the benchmark: the controller of xdist collects nothing."""
    return any(Path(str(a).split("::")[0]).name.startswith(("benchmarks", "test_benchmark"))
               for a in config.args)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case a Spec that has answers."""
    if "rtl_spec" in metafunc.fixturenames:
        session = _session(metafunc.config)
        specs = session.specs_with_answers()
        metafunc.parametrize("rtl_spec", specs, ids=[s.name for s in specs], scope="function")


@pytest.fixture
def verdicts(
    rtl_spec: Spec, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Iterator[Sequence[Verdict]]:
    """The Verdicts of a Spec's answers: judged now, or recorded by an earlier run.

    An answer that the harness could not judge makes this fixture an error, not the test a
    failure.
    """
    found = _session(request.config).judge(rtl_spec)
    record_property("rtlbench_answers", len(found))
    yield found
    broken = [v for v in found if v.outcome is Outcome.ERROR]
    if broken:
        from rtlbench.report.explain import explain

        told = "\n".join(explain(v) for v in broken[:5])
        pytest.fail(f"{len(broken)} answers could not be judged\n{told}", pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write run.json, on the controller."""
    config = session.config
    if _SESSION in config.stash and not _is_worker(config) and not config.option.collectonly:
        config.stash[_SESSION].finish()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table by category, what could not be read, and where the results are."""
    if _SESSION not in config.stash or config.option.collectonly:
        return
    ours = config.stash[_SESSION]
    run = ours.folder.read_run()
    terminalreporter.section("rtlbench")
    for problem in ours.problems[:20]:
        terminalreporter.write_line(f"not judged: {problem}", yellow=True)
    if len(ours.problems) > 20:
        terminalreporter.write_line(f"... and {len(ours.problems) - 20} more", yellow=True)
    if run is not None and run.total is not None:
        from rtlbench.report.terminal import summary_table

        width = terminalreporter._tw.fullwidth
        terminalreporter.write_line(summary_table(run.total, run.categories, width))
    terminalreporter.write_line(f"results: {ours.folder.path}")
