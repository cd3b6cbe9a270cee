"""The dataset filter: an input split into shards, each judged, and what is kept of them.

Guarantee: nothing is written under a final name before every shard is judged; the work folder
`OUT.work` beside the output holds what is done until then, and the same call goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from filelock import FileLock

import rtlbench
from rtlbench.dataset import most_frequent_first
from rtlbench.dataset.file_record import FileRecord, sealed
from rtlbench.dataset.files import (
    ENDINGS,
    file_hash,
    refuse_input_as_output,
    refuse_other_ending,
    writing,
)
from rtlbench.dataset.filter import (
    BROKEN_FILE,
    DEFAULT_AGREE,
    DEFAULT_NOTICED,
    REFUSED_FILE,
    SELF,
    TRUST,
    TRUSTED,
    UNPROVEN_FILE,
)
from rtlbench.dataset.filter.agreement import agreements
from rtlbench.dataset.filter.cache import VerdictCache, default_cache
from rtlbench.dataset.filter.judge import JudgedRecord
from rtlbench.dataset.filter.page import write_dataset_page
from rtlbench.dataset.filter.repair import repairs
from rtlbench.dataset.filter.report import FilterReport, FilterTally, Sweep, plot_sweep
from rtlbench.dataset.filter.shards import (
    ShardConfig,
    Split,
    WorkFolder,
    is_suite,
    judge_of,
    judge_records,
    judged_path,
)
from rtlbench.dataset.filter.tiers import (
    Agreement,
    Standing,
    TierRule,
    place_of,
    scores,
    standing_of,
)
from rtlbench.dataset.filter.wording import words_of
from rtlbench.dataset.filter.written import as_written
from rtlbench.dataset.layouts import columns_of
from rtlbench.dataset.similarity.signatures import sketch_library
from rtlbench.errors import UserError
from rtlbench.extensions import asked_checks
from rtlbench.io.atomic import take, write_record
from rtlbench.io.progress import waiting
from rtlbench.records.example import Placed
from rtlbench.records.tier import DEFAULT_ACCEPT, TIERS
from rtlbench.rtl.versions import survey, tool_versions, usable
from rtlbench.runs.options import pytest_arguments
from rtlbench.runs.run import PytestCall, Watch
from rtlbench.scoring import weights_with
from rtlbench.simulation.simulators import choose_simulator
from rtlbench.verifier import Config

DEFAULT_OUT = "data/rtl_verified_training.jsonl"
DEFAULT_THRESHOLD = 0.95
NO_CACHE = "none"
LEAST_AGREE = 2
PAGE = "report.html"
REPAIR = "repair.jsonl"


class FilterOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the user chose."""

    dataset: str
    """Path or URL."""
    out: str = DEFAULT_OUT
    thresholds: tuple[float, ...] = (DEFAULT_THRESHOLD,)
    """Files are written for the first; the sweep shows what each would keep."""
    accept: str = DEFAULT_ACCEPT.value
    """The least tier that is kept."""
    testbench: str = SELF
    """Who wrote what the records bring along: `trusted` or `self`."""
    noticed: float = DEFAULT_NOTICED
    """Share of an answer's mutants that its own bench must notice to attest it."""
    agree: int = DEFAULT_AGREE
    """Answers to the same words that must be one circuit to attest each other; 0: not asked."""
    suite: str = "rtlbench"
    trust_metadata: bool = False
    """Whether metadata name a record's Spec whatever its words say."""
    references: tuple[str, ...] = ()
    """Files of references, and suites, that records are held to by their words."""
    columns: tuple[str, ...] = ()
    """`FIELD=COLUMN`: what to read for instruction, output and testbench."""
    simulator: str | None = None
    seed: int = 0
    formal: bool = False
    """Whether to compare with the references formally, too."""
    second_look: bool = True
    """Whether what passes is compared formally for a moment, where `formal` is not asked for."""
    cache: str | None = None
    """Folder; None for the user's own, `none` for no cache."""
    library: tuple[str, ...] = ()
    """Folders of modules that complete records."""
    repair: bool = False
    """Whether to write what was refused as training data for mending."""
    report: bool = False
    """Whether to write a page about the data set."""
    against: tuple[str, ...] = ("rtlbench",)
    """Suites whose members the page looks for."""


class FilterRun:
    """One run, in the process that leads it.

    Raises:
        UserError: An option makes no sense, a tool is missing, the input cannot be read, or
            another run is writing the same output.
    """

    def __init__(self, options: FilterOptions) -> None:
        _check(options)
        if options.report:
            sketch_library()  # its page looks for duplicates: told now, not after all was judged
        self.options = options
        self.rule = _rule(options)
        self.out = Path(options.out)
        found = survey()
        if missing := usable(found):
            raise UserError("\n".join([*missing, "see `rtlbench doctor`"]))
        self.tools = {"rtlbench": rtlbench.__version__, **tool_versions(found)}
        self.config = _config(options, self.tools)
        self.work = WorkFolder(self.out.with_name(f"{self.out.name}.work"))
        self._lock = self._locked()
        try:
            self.split: Split = self.work.split(options.dataset, self.config)
        except BaseException:
            self.close()
            raise
        self.notes: list[str] = []
        """What could not be done, for people; known at the end."""

    def _locked(self) -> FileLock:
        return take(
            Path(f"{self.work.path}.lock"),
            f"{self.out}: another run is writing it; wait, or choose --out",
            lambda e: f"{self.out}: cannot write there ({e.strerror}); choose another by --out",
        )

    @property
    def shards(self) -> list[str]:
        """Names of all shards, the largest first."""
        return list(self.split.shards)

    @property
    def unfinished(self) -> list[str]:
        """Names of the shards that are not judged yet."""
        return [s for s in self.shards if not judged_path(self.work.shard(s)).is_file()]

    def finish(self, workers: int = 1) -> FilterReport | None:
        """Write the output, if every shard is judged; else None, and the work stays.

        Args:
            workers: Processes that compare answers to the same words.

        Raises:
            UserError: It cannot be written.
        """
        if self.unfinished:
            return None
        try:
            report = self._write(workers)
        except OSError as e:
            told = f"{self.out}: cannot write beside it ({e.strerror}); mend that and run again"
            raise UserError(told) from e
        self.work.remove()
        return report

    def _write(self, workers: int) -> FilterReport:
        tally = FilterTally(self.options.thresholds, self.rule.accept)
        with waiting("comparing answers to the same words"):
            agreed = self._agreements(workers)
        with waiting("writing the records"):
            self._write_records(tally, agreed)
        report = sealed(self._report(tally))
        self._write_json("filter.json", report)
        if len(self.options.thresholds) > 1:
            self._write_sweep(tally)
        if self.options.report:
            with waiting("writing the page"):
                self._write_page(report, agreed, workers)
        if self.options.repair:
            self._write_repairs()
        return report

    def _write_repairs(self) -> None:
        def judge(placed: Sequence[Placed]) -> list[JudgedRecord]:
            return judge_records(placed, self.config)

        path, mended, count = self.beside(REPAIR), 0, 0
        threshold = self.options.thresholds[0]
        with writing(path) as file, waiting("mending", "records") as phase:
            for line in repairs(self._refused(), judge, threshold, self.rule):
                count += 1
                phase.advance()
                mended += line.mended is not None and line.mended.place != "refused"
                file.write(line)
        self.notes.append(f"to learn mending from: {path} ({count}, {mended} of them mended)")

    def _refused(self) -> Iterator[JudgedRecord]:
        for judged in self.work.judged():
            standing, threshold = standing_of(judged, self.rule), self.options.thresholds[0]
            if place_of(judged.verdict, standing, threshold, self.rule.accept) == "refused":
                yield judged

    def _write_page(
        self, report: FilterReport, agreed: Mapping[int, Agreement], workers: int
    ) -> None:
        def standing(judged: JudgedRecord) -> Standing:
            return standing_of(judged, self.rule, agreed.get(judged.placed.index))

        path, against = self.beside(PAGE), self.options.against
        write_dataset_page(
            path, self.work.judged, standing, report, against=against, workers=workers
        )
        self.notes.append(f"about the data set: {path}")

    def close(self) -> None:
        """Let others write the output."""
        Path(self._lock.lock_file).unlink(missing_ok=True)
        self._lock.release()

    def beside(self, ending: str) -> Path:
        """`NAME.ending` beside the output `NAME.jsonl`."""
        name = self.out.name
        while (suffix := Path(name).suffix) in ENDINGS:
            name = name.removesuffix(suffix)
        return self.out.with_name(f"{name}.{ending}")

    def _agreements(self, workers: int) -> Mapping[int, Agreement]:
        if not self.rule.agree:
            return {}
        work, config = self.work, self.config
        return agreements(self._unjudged, work.path, config, self.rule.agree, workers)

    def _unjudged(self) -> Iterator[JudgedRecord]:
        """What scores and has words that say something, and whose function nothing has judged."""
        least = min(self.options.thresholds)
        for judged in self.work.judged():
            is_open = judged.verdict.functional is None and scores(judged.verdict, least)
            if is_open and words_of(judged.placed.record.instruction):
                yield judged

    def _write_records(self, tally: FilterTally, agreed: Mapping[int, Agreement]) -> None:
        threshold = self.options.thresholds[0]
        names = {"below": UNPROVEN_FILE, "refused": REFUSED_FILE}
        with ExitStack() as stack:
            places = {p: stack.enter_context(writing(self.beside(n))) for p, n in names.items()}
            places["kept"] = stack.enter_context(writing(self.out))
            broken = stack.enter_context(writing(self.beside(BROKEN_FILE)))
            for judged in self.work.judged():
                standing = standing_of(judged, self.rule, agreed.get(judged.placed.index))
                tally.add(judged, standing)
                place = place_of(judged.verdict, standing, threshold, self.rule.accept)
                places[place].write(as_written(judged, standing, threshold, self.rule, self.tools))
            for line in self.work.broken():
                broken.write(line)

    def _report(self, tally: FilterTally) -> FilterReport:
        return FilterReport(
            dataset=Path(self.options.dataset).name,
            threshold=self.options.thresholds[0],
            rule=self.rule,
            total=tally.total,
            tiers=tally.tiers,
            evidence=most_frequent_first(tally.evidence),
            broken=self.split.broken,
            categories=tally.categories,
            reasons=most_frequent_first(tally.reasons),
            scores=tally.histogram(),
            matches=dict(sorted(tally.matches.items())),
            suite=self.options.suite.partition("=")[0],
            trust_metadata=self.options.trust_metadata,
            references=[Path(r).name for r in self.options.references],
            columns=self.config.columns,
            simulator=self.config.verifier.simulator,
            seed=self.options.seed,
            weights=weights_with(asked_checks()),
            tools=self.tools,
            isolation=dict(sorted(tally.isolation.items())),
            files=self._files(tally),
        )

    def _files(self, tally: FilterTally) -> dict[str, FileRecord]:
        """What was written, as it now lies there."""
        total = tally.total
        counts = {self.out: total.kept, self.beside(UNPROVEN_FILE): total.below,
                  self.beside(REFUSED_FILE): total.refused,
                  self.beside(BROKEN_FILE): self.split.broken}
        return {p.name: FileRecord(records=n, sha256=file_hash(str(p))) for p, n in counts.items()}

    def _write_sweep(self, tally: FilterTally) -> None:
        rows = tally.sweep()
        name = Path(self.options.dataset).name
        self._write_json("sweep.json", Sweep(dataset=name, records=tally.records, rows=rows))
        told = plot_sweep(rows, self.out.with_name("sweep.svg"))
        self.notes += [told] if told else []

    def _write_json(self, name: str, document: msgspec.Struct) -> None:
        write_record(self.out.with_name(name), document)


def _check(options: FilterOptions) -> None:
    if not options.thresholds:
        raise UserError("--threshold: give at least one")
    for threshold in options.thresholds:
        if not 0.0 <= threshold <= 1.0:
            raise UserError(f"--threshold {threshold:g}: give a number from 0 to 1")
    if not 0.0 <= options.noticed <= 1.0:
        raise UserError(f"--noticed {options.noticed:g}: give a number from 0 to 1")
    refuse_input_as_output(Path(options.out), [options.dataset])
    refuse_other_ending(Path(options.out))
    columns_of(options.columns)


def _rule(options: FilterOptions) -> TierRule:
    if options.agree and options.agree < LEAST_AGREE:
        raise UserError(f"--agree {options.agree}: give {LEAST_AGREE} or more, or 0 for none")
    fields = TierRule.__struct_fields__
    given = {n: v for n, v in msgspec.structs.asdict(options).items() if n in fields}
    for name, choices in (("accept", TIERS), ("testbench", TRUST)):
        if given[name] not in choices:
            raise UserError(f"--{name} {given[name]}: choose one of {', '.join(choices)}")
    return msgspec.convert(given, TierRule)


def _config(options: FilterOptions, tools: dict[str, str]) -> ShardConfig:
    judge = judge_of(tools)
    cache = None if options.cache == NO_CACHE else options.cache or str(default_cache())
    if cache is not None:
        try:
            VerdictCache(Path(cache), judge).close()
        except UserError:
            if options.cache is not None:
                raise
            cache = None  # a home that cannot be written to costs time, nothing else
    simulator = choose_simulator(options.simulator)
    return ShardConfig(
        suite=_absolute(options.suite),
        trust_metadata=options.trust_metadata,
        references=tuple(_absolute_reference(r) for r in options.references),
        carried=options.testbench == TRUSTED,
        library=tuple(str(Path(f).resolve()) for f in options.library),
        columns=columns_of(options.columns),
        verifier=Config(
            simulator=simulator,
            seed=options.seed,
            formal=options.formal,
            second_look=options.second_look and not options.formal,
        ),
        judge=judge,
        cache=str(Path(cache).resolve()) if cache is not None else None,
    )


def _absolute_reference(name: str) -> str:
    """A suite or a file as every process finds it."""
    if is_suite(name):
        return _absolute(name)
    return name if "://" in name else str(Path(name).resolve())


def _absolute(suite: str) -> str:
    """A suite's name with its folder as every process finds it."""
    name, equals, folder = suite.partition("=")
    return f"{name}{equals}{Path(folder).resolve()}" if equals else suite


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
    watch = Watch(quiet=quiet, command="filter", noun="records")
    call = PytestCall("test_dataset.py", watch, workers)
    code = call.run([*_arguments(options), *_scheduling(workers), *extra])
    message = call.refusal(code)
    if not message:
        call.tell_errors(code, "the same command goes on")
    return FilterResult(
        exit_code=int(code),
        all_judged=code == pytest.ExitCode.OK and watch.problems == 0,
        message=message,
    )


def _arguments(options: FilterOptions) -> Iterator[str]:
    given = {
        "--dataset": options.dataset,
        "--out": options.out,
        "--cache": options.cache,
        "--accept": options.accept,
        "--testbench": options.testbench,
        "--noticed": options.noticed,
        "--agree": options.agree,
    }
    yield from pytest_arguments(msgspec.structs.asdict(options))
    yield from (f"{name}={value}" for name, value in given.items() if value is not None)
    yield from (f"--threshold={t}" for t in options.thresholds)
    yield from (f"--map={c}" for c in options.columns)
    yield from (f"--references={r}" for r in options.references)
    if options.trust_metadata:
        yield "--trust-metadata"
    yield from (f"--against={name}" for name in options.against)
    yield from (f"--library={folder}" for folder in options.library)
    if options.report:
        yield "--report"
    if options.repair:
        yield "--repair"
    if not options.second_look:
        yield "--no-second-look"
    yield "--tb=short"


def _scheduling(workers: str) -> list[str]:
    """The largest shards come first; one at a time keeps all workers busy to the end."""
    return [] if workers == "1" else ["--maxschedchunk=1"]
