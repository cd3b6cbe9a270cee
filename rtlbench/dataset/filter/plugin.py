"""The filter's pytest side: options, one case a shard, the output at the end.

Loaded with rtlbench's pytest plugin; does nothing unless `--dataset` is given. The input is split
before anything is collected; under pytest-xdist the controller does that, workers judge shards,
and the controller writes the output at the end.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rtlbench.dataset.filter import (
    DEFAULT_AGREE,
    DEFAULT_NOTICED,
    ENGINES,
    PROCESSES,
    RAY,
    SELF,
    TRUST,
    UNPROVEN_FILE,
)
from rtlbench.errors import UserError
from rtlbench.io.counted import many
from rtlbench.records.tier import DEFAULT_ACCEPT, TIERS
from rtlbench.runs.hooks import JUDGED
from rtlbench.runs.options import is_worker

if TYPE_CHECKING:
    from rtlbench.dataset.filter.judge import JudgedRecord
    from rtlbench.dataset.filter.ray_engine import RayEngine
    from rtlbench.dataset.filter.report import FilterReport
    from rtlbench.dataset.filter.run import FilterRun

_RUN = pytest.StashKey["FilterRun"]()
_REPORT = pytest.StashKey["FilterReport | None"]()
_ENGINE = pytest.StashKey["RayEngine"]()
_WORK = "rtlbench_dataset_work"
_CONFIG = "rtlbench_dataset_config"
CASES = "test_dataset.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The filter's options; suite, simulator and seed are the benchmark's."""
    group = parser.getgroup("rtlbench dataset", "filter of training data")
    add = group.addoption
    add("--dataset", dest="rtl_dataset", metavar="FILE", help="training data to filter")
    add(
        "--threshold",
        dest="rtl_thresholds",
        type=float,
        action="append",
        metavar="T",
        help="keep what scores at least T (default 0.95); several are compared",
    )
    add(
        "--accept",
        dest="rtl_accept",
        choices=TIERS,
        metavar="TIER",
        default=DEFAULT_ACCEPT.value,
        help="least tier that is kept: proven, attested (default) or unproven",
    )
    add(
        "--testbench",
        dest="rtl_testbench",
        choices=TRUST,
        metavar="WHOSE",
        default=SELF,
        help="whose benches the records carry: trusted, or self (default)",
    )
    add(
        "--noticed",
        dest="rtl_noticed",
        type=float,
        default=DEFAULT_NOTICED,
        metavar="SHARE",
        help="of an answer's mutants that its own bench must notice to attest it",
    )
    add(
        "--agree",
        dest="rtl_agree",
        type=int,
        default=DEFAULT_AGREE,
        metavar="N",
        help="answers to the same words that must be one circuit to attest each other; 0: none",
    )
    add("--out", dest="rtl_out", metavar="FILE", help="where to write what is kept")
    add(
        "--no-second-look",
        dest="rtl_second_look",
        action="store_false",
        help="do not compare formally what passes simulation",
    )
    add(
        "--trust-metadata",
        dest="rtl_trust_metadata",
        action="store_true",
        help="metadata name a record's task whatever its instruction says",
    )
    add(
        "--references",
        dest="rtl_references",
        action="append",
        metavar="FILE|SUITE",
        help="references, or a suite, that records are held to by their words",
    )
    add(
        "--map",
        dest="rtl_columns",
        action="append",
        metavar="FIELD=COLUMN",
        help="read COLUMN for instruction, output or testbench",
    )
    add(
        "--library",
        dest="rtl_library",
        action="append",
        metavar="FOLDER",
        help="modules that complete records which use them and do not define them",
    )
    add(
        "--repair",
        dest="rtl_repair",
        action="store_true",
        help="write NAME.repair.jsonl: what was refused, with findings and simple mends",
    )
    add(
        "--report",
        dest="rtl_report",
        action="store_true",
        help="write NAME.report.html: what is in the data set, with examples",
    )
    add(
        "--against",
        dest="rtl_against",
        action="append",
        metavar="NAME[=FOLDER]",
        help="suite whose members the report looks for (default rtlbench)",
    )
    add("--cache", dest="rtl_cache", metavar="FOLDER", help="kept verdicts; `none` for none")
    add(
        "--engine",
        dest="rtl_engine",
        choices=ENGINES,
        default=PROCESSES,
        help="what judges shards: these processes, or Ray",
    )
    add(
        "--ray-address",
        dest="rtl_ray_address",
        metavar="ADDRESS",
        help="Ray cluster (default: one on this machine)",
    )
    add(
        "--ray-workers",
        dest="rtl_ray_workers",
        type=int,
        metavar="N",
        help="processes of Ray on this machine (default: one a core)",
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without a dataset there is nothing to filter: a folder's other tests run alone."""
    if collection_path.name != CASES or _dataset(config) or _is_named(config):
        return None
    return True


def _is_named(config: pytest.Config) -> bool:
    """Whether the filter's own file of cases is among the arguments."""
    return CASES in {Path(str(a).split("::", maxsplit=1)[0]).name for a in config.args}


def _dataset(config: pytest.Config) -> str | None:
    return config.getoption("rtl_dataset", None)  # type: ignore[no-any-return]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Split the input before anything is printed."""
    config = session.config
    if is_worker(config) or config.option.collectonly:
        return
    if not _dataset(config):
        if _is_named(config):
            raise pytest.UsageError("give the training data by --dataset FILE")
        return
    try:
        run = _open(config)
    except UserError as e:
        raise pytest.UsageError(str(e)) from None
    config.stash[_RUN] = run
    if config.getoption("rtl_engine") == RAY:
        try:
            config.stash[_ENGINE] = _ray(config, run)
        except UserError as e:
            run.close()
            raise pytest.UsageError(str(e)) from None
    config.hook.pytest_rtlbench_started(
        folder=str(run.out), answers=run.split.records, problems=run.split.broken
    )


def _open(config: pytest.Config) -> FilterRun:
    from rtlbench.dataset.filter.run import (
        DEFAULT_OUT,
        DEFAULT_THRESHOLD,
        FilterOptions,
        FilterRun,
    )
    from rtlbench.generate.source import field
    from rtlbench.runs.options import JUDGING, option

    dataset = _dataset(config)
    assert dataset is not None
    options = FilterOptions(
        dataset=dataset,
        out=config.getoption("rtl_out") or DEFAULT_OUT,
        thresholds=tuple(config.getoption("rtl_thresholds") or (DEFAULT_THRESHOLD,)),
        accept=config.getoption("rtl_accept"),
        testbench=config.getoption("rtl_testbench"),
        noticed=config.getoption("rtl_noticed"),
        agree=config.getoption("rtl_agree"),
        trust_metadata=config.getoption("rtl_trust_metadata"),
        references=tuple(config.getoption("rtl_references") or ()),
        columns=tuple(config.getoption("rtl_columns") or ()),
        second_look=config.getoption("rtl_second_look"),
        cache=config.getoption("rtl_cache"),
        library=tuple(config.getoption("rtl_library") or ()),
        repair=config.getoption("rtl_repair"),
        report=config.getoption("rtl_report"),
        against=tuple(config.getoption("rtl_against") or ("rtlbench",)),
        **{field(name): option(config, name) for name in ("--suite", *JUDGING)},
    )
    return FilterRun(options)


def _ray(config: pytest.Config, run: FilterRun) -> RayEngine:
    from rtlbench.dataset.filter.ray_engine import RayEngine
    from rtlbench.io.ray_cluster import RayCluster

    if config.getoption("numprocesses", None):
        raise UserError("--engine ray has workers of its own: leave out -n")
    cluster = RayCluster(
        address=config.getoption("rtl_ray_address"), workers=config.getoption("rtl_ray_workers")
    )
    return RayEngine(run.work, run.shards, run.config, run.tools, cluster)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each xdist worker where the shards are and how to judge them."""
    import msgspec

    run = node.config.stash.get(_RUN, None)
    node.workerinput[_WORK] = str(run.work.path.resolve()) if run else ""
    node.workerinput[_CONFIG] = msgspec.json.encode(run.config) if run else b""


def _place(config: pytest.Config) -> tuple[Path, Any]:
    """The work folder, and how its shards are judged."""
    if not is_worker(config):
        run = config.stash[_RUN]
        return run.work.path, run.config
    import msgspec

    from rtlbench.dataset.filter.shards import ShardConfig

    given = config.workerinput  # type: ignore[attr-defined]
    return Path(given[_WORK]), msgspec.json.decode(given[_CONFIG], type=ShardConfig)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case a shard."""
    if "dataset_shard" not in metafunc.fixturenames:
        return
    config = metafunc.config
    names: list[str] = []
    if _dataset(config) and not config.option.collectonly:
        from rtlbench.dataset.filter.shards import WorkFolder

        split = WorkFolder(_place(config)[0]).read_split()
        names = list(split.shards) if split is not None else []
    ids = [name.replace("-", "/", 1) for name in names]
    metafunc.parametrize("dataset_shard", names, ids=ids, scope="function")


@pytest.fixture
def judged_records(
    dataset_shard: str, request: pytest.FixtureRequest
) -> Iterator[list[JudgedRecord]]:
    """The records of a shard with their Verdicts: judged now, or by an earlier run."""
    from rtlbench.dataset.filter.shards import WorkFolder, judge_shard, read_judged

    folder, settings = _place(request.config)
    engine = request.config.stash.get(_ENGINE, None)
    try:
        if engine is not None:
            path = engine.judged(dataset_shard)
        else:
            path = judge_shard(WorkFolder(folder).shard(dataset_shard), settings)
    except UserError as e:
        request.session.shouldstop = str(e)  # it would keep every further shard from being judged
        pytest.fail(str(e), pytrace=False)
    found = list(read_judged(path))
    request.node.stash[JUDGED] = len(found)
    yield found


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the output, on the controller."""
    config = session.config
    if _RUN not in config.stash:
        return
    run = config.stash[_RUN]
    if _ENGINE in config.stash:
        config.stash[_ENGINE].close()
    try:
        config.stash[_REPORT] = run.finish(config.getoption("numprocesses", None) or 1)
    except UserError as e:
        session.exitstatus = pytest.ExitCode.INTERRUPTED
        run.notes.append(str(e))
    finally:
        run.close()
    if config.stash.get(_REPORT, None) is None and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.INTERRUPTED


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """What was kept, what could not be read, and where the output is: all else before."""
    yield
    if _RUN in config.stash:
        terminalreporter.section("rtlbench dataset")
        for line in _closing_lines(config.stash[_RUN], config.stash.get(_REPORT, None)):
            terminalreporter.write_line(line)


def _closing_lines(run: FilterRun, report: FilterReport | None) -> Iterator[str]:
    from rtlbench.dataset.filter.report import summary

    yield from run.notes
    if report is None:
        left, total = len(run.unfinished), len(run.shards)
        yield f"{left} of {total} shards are not judged: nothing is written; the same call goes on"
        return
    yield summary(report)
    if len(run.options.thresholds) > 1:
        yield from _sweep(run)
    if report.broken:
        yield f"{report.broken} lines were no record: {run.beside('broken.jsonl')}"
    if report.total.below:
        yield (
            f"{report.total.below} score enough and are not {run.rule.accept.value}: "
            f"{run.beside(UNPROVEN_FILE)}"
        )
    yield f"kept: {run.out} ({report.total.kept} of {many(report.total.records, 'record')})"


def _sweep(run: FilterRun) -> Iterator[str]:
    import msgspec

    from rtlbench.dataset.filter.report import Sweep, sweep_table

    text = run.out.with_name("sweep.json").read_bytes()
    yield sweep_table(msgspec.json.decode(text, type=Sweep).rows)
