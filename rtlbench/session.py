"""One run of the benchmark in one process: which Specs, which answers, what is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

import rtlbench
from rtlbench.bench.simulators import default_simulator, get_simulator
from rtlbench.candidate import Candidate
from rtlbench.errors import UserError
from rtlbench.generate.recorded import CandidateFile, Problem
from rtlbench.metrics import by_category, summarise
from rtlbench.report.results import ResultsFolder, Run, RunConfig, utc_now
from rtlbench.scoring import WEIGHTS
from rtlbench.spec import Spec
from rtlbench.suites import read_suite
from rtlbench.tools.process import ISOLATION
from rtlbench.tools.versions import tool_versions
from rtlbench.verdict import Verdict
from rtlbench.verifier import BATCH, Config, Verifier


class SessionOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the user chose."""

    suite: str = "rtlbench"
    candidates: str | None = None
    samples: int | None = None
    simulator: str | None = None
    seed: int = 0
    results: str | None = None


def shipped_answers() -> Path:
    """The answers that are judged where none are given."""
    package = Path(rtlbench.__file__).parent
    for folder in (package.parent / "data", package / "_shipped" / "data"):
        if (path := folder / "default_answers.jsonl").is_file():
            return path
    raise UserError("the shipped answers are missing: reinstall rtlbench")


class Session:
    """Reads Specs and answers, judges, records.

    Raises:
        UserError: A file, folder, suite or simulator that was named cannot be used.
    """

    def __init__(self, options: SessionOptions, *, is_worker: bool) -> None:
        self.options = options
        self.specs = {s.id: s for s in read_suite(options.suite)}
        path = Path(options.candidates) if options.candidates else shipped_answers()
        self.answers = CandidateFile(path, self.specs)
        simulator = options.simulator or default_simulator()
        get_simulator(simulator)
        self.verifier = Verifier(Config(simulator=simulator, seed=options.seed))
        self.folder = ResultsFolder(self._place(is_worker))
        self._recorded: dict[str, int] | None = None
        if not is_worker:
            config = self._run_config(simulator, path)
            self.folder.open(config)
            self._run = Run(
                status="running",
                started=utc_now(),
                rtlbench=rtlbench.__version__,
                config=config,
                isolation=ISOLATION,
                problems=[str(p) for p in self.problems],
            )
            self.folder.write_run(self._run)

    @property
    def problems(self) -> list[Problem]:
        """Input that could not be used."""
        return self.answers.problems

    @property
    def count(self) -> int:
        """How many answers there are to judge."""
        places = self.answers.places.values()
        return sum(len(p[: self.options.samples]) for p in places)

    def specs_with_answers(self) -> list[Spec]:
        """The Specs that there is something to judge for, in the suite's order."""
        return [s for s in self.specs.values() if self.answers.places.get(s.id)]

    def judge(self, spec: Spec) -> list[Verdict]:
        """The Verdict of every answer to `spec`; those not yet recorded are made and recorded."""
        if self._recorded is None:
            self._recorded = self.folder.index()
        found: list[Verdict] = []
        answers = self.answers.answers(spec.id, self.options.samples)
        for batch in _batches(answers, BATCH):
            found += self._judge_batch(spec, batch)
        return found

    def _judge_batch(self, spec: Spec, batch: Sequence[Candidate]) -> list[Verdict]:
        assert self._recorded is not None
        keys = [self.verifier.key(spec, c) for c in batch]
        new = [c for c, k in zip(batch, keys, strict=True) if k not in self._recorded]
        made = self.verifier.verify(spec, new)
        self.folder.append(made)
        by_key = {v.key: v for v in made}
        return [by_key.get(k) or self.folder.read_at(self._recorded[k]) for k in keys]

    def finish(self) -> None:
        """Sum up everything recorded, in run.json."""
        judged = self.folder.judged()
        run = msgspec.structs.replace(
            self._run,
            status="finished",
            finished=utc_now(),
            total=summarise(judged),
            categories=by_category(judged),
        )
        self.folder.write_run(run)

    def _place(self, is_worker: bool) -> Path:
        if self.options.results:
            return Path(self.options.results)
        if is_worker:
            raise UserError("a worker needs the results folder of its controller")
        return Path("results") / utc_now().replace(":", "").replace("+0000", "Z")

    def _run_config(self, simulator: str, candidates: Path) -> RunConfig:
        digests = "".join(s.digest() for s in self.specs.values())
        return RunConfig(
            suite=self.options.suite,
            suite_hash=hashlib.sha256(digests.encode()).hexdigest(),
            simulator=simulator,
            seed=self.options.seed,
            samples=self.options.samples,
            candidates=candidates.name,
            tools=tool_versions(),
            weights=WEIGHTS,
        )


def _batches(items: Iterator[Candidate], size: int) -> Iterator[list[Candidate]]:
    while batch := list(islice(items, size)):
        yield batch
