"""One refinement: generate, judge, tell what is wrong, and again.

Guarantee: what a model answered and what was said of it is on the disk before it is built upon, in
the run's folder: `turns/N/answers.jsonl` and `turns/N/samples.jsonl`, `trace.jsonl` with its files,
`refine.json`. A run that was killed goes on by its id; nothing is generated twice, nothing is lost.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

import rtlbench
from rtlbench.errors import UserError
from rtlbench.extensions import asked_checks
from rtlbench.generate.answer import ANSWERED, Request, Usage, usage_of
from rtlbench.generate.answers_file import AnswersFile
from rtlbench.generate.course import StoppedError, requests_sent
from rtlbench.generate.recorded import Problem
from rtlbench.generate.source import Generation, describe
from rtlbench.io.atomic import take, write_record
from rtlbench.io.progress import waiting
from rtlbench.refine.answers import (
    AnswerAsker,
    Budget,
    Meter,
    Tell,
    Wrong,
    first_request,
    next_request,
    same_again,
)
from rtlbench.refine.attempts import AnswerJudge, AttemptSummary, TaskAnswer, verifier_for
from rtlbench.refine.choice import TaskChoice, choose
from rtlbench.refine.report import (
    REFINE,
    RefineConfig,
    RefineReport,
    read_report,
    refuse_difference,
    turns_of,
)
from rtlbench.refine.tasks import Task
from rtlbench.refine.trace import RefineTrace
from rtlbench.rtl.versions import survey, tool_versions, usable
from rtlbench.runs.results import utc_now
from rtlbench.sandbox.sandbox import isolation
from rtlbench.scoring import weights_with
from rtlbench.simulation.simulators import choose_simulator
from rtlbench.traces.trace_file import TraceWriter
from rtlbench.verifier import Config

RUNS = "data/runs"
LOCK = ".lock"
WAIT = 5.0
"""Seconds to wait for a process that was killed a moment ago to let go."""
ANSWERS = "answers.jsonl"
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class RefineOptions(msgspec.Struct, frozen=True, kw_only=True):
    """One run; see `rtlbench refine --help`."""

    generation: Generation
    choice: TaskChoice = TaskChoice()
    budget: Budget = Budget()
    samples: int = 1
    simulator: str | None = None
    seed: int = 0
    """Of the stimulus in turn 1; each later turn has the next."""
    formal: bool = False
    feedback: bool = True
    """Whether the model is told what is wrong; else it is asked the task again."""
    runs: str = RUNS
    run_id: str = ""
    """Empty for a new one."""
    workers: int | None = None


class Refined(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended."""

    folder: Path
    report: RefineReport


def refine(options: RefineOptions, tell: Tell, note: Tell | None = None) -> Refined:
    """Run or go on with what `options` say.

    Args:
        tell: Called with what is begun.
        note: Called with what is to be shown in any case; as `tell` where there is none.

    Raises:
        StoppedError: Ctrl-C; what was answered is recorded.
        UserError: Something that was named cannot be used, or the run's folder holds another run.
        HarnessError: A tool is broken.
    """
    tools = survey()
    if missing := usable(tools):
        raise UserError("\n".join([*missing, "see `rtlbench doctor`"]))
    judged_by = Config(
        simulator=choose_simulator(options.simulator), seed=options.seed, formal=options.formal
    )
    folder = run_folder(options.runs, options.run_id)
    generator = describe(options.generation)
    tasks, problems = choose(options.choice, verifier_for(judged_by))
    config = RefineConfig(
        tasks=options.choice.in_words(),
        task_count=len(tasks),
        tasks_hash=_hash(tasks),
        samples=options.samples,
        simulator=judged_by.simulator,
        seed=options.seed,
        formal=options.formal,
        feedback=options.feedback,
        generator=generator,
        sampling=options.generation.sampling,
        tools={"rtlbench": rtlbench.__version__, **tool_versions(tools)},
        weights=weights_with(asked_checks()),
    )
    busy = f"{folder}: another process works on this run; wait, or end it"
    with take(folder / LOCK, busy, lambda e: _unwritable(folder, e), WAIT):
        run = _Run(folder, config, tasks, problems)
        tell(f"run {folder.name}: {len(tasks)} tasks, {options.samples} samples")
        return Refined(folder=folder, report=run.go(options, judged_by, note or tell))


def run_folder(runs: str, run_id: str) -> Path:
    """The folder of a run; without a `run_id`, of a new one.

    Raises:
        UserError: `run_id` cannot name a folder.
    """
    if run_id and not _RUN_ID.fullmatch(run_id):
        raise UserError(f"--run-id {run_id[:80]!r}: give letters, digits, `.`, `_` and `-`")
    return Path(runs) / (run_id or new_run_id())


def new_run_id() -> str:
    """The time and a few random digits, since two runs may begin in one second."""
    stamp = utc_now().replace(":", "").replace("-", "").replace("+0000", "Z")
    return f"{stamp}-{secrets.token_hex(3)}"


def _hash(tasks: Sequence[Task]) -> str:
    parts = (f"{t.id} {t.file.digest()} {t.spec.digest() if t.spec else ''}" for t in tasks)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _unwritable(folder: Path, error: OSError) -> str:
    why = error.strerror or error
    return f"{folder}: cannot write the run there ({why}); choose another folder by --runs"


class _Run:
    """A run whose folder nobody else writes to."""

    def __init__(
        self, folder: Path, config: RefineConfig, tasks: Sequence[Task], problems: list[Problem]
    ) -> None:
        self.folder = folder
        self._tasks = {t.id: t for t in tasks}
        before = read_report(folder)
        if before is not None:
            refuse_difference(folder, before.config, config)
        self._report = RefineReport(
            run_id=folder.name,
            status="running",
            started=before.started if before is not None else utc_now(),
            config=config,
            isolation=str(isolation()),
            problems=[str(p) for p in problems],
            chains=len(tasks) * config.samples,
        )
        self._write()
        self._trace = RefineTrace(TraceWriter(folder))
        self._trace.specs(tasks)
        self._turns: list[tuple[list[AttemptSummary], Usage]] = []

    def go(
        self, options: RefineOptions, judged_by: Config, note: Tell
    ) -> RefineReport:
        """All turns; the report, as it is written."""
        meter = Meter(options.budget)
        source = AnswerAsker(
            options.generation, self._report.config.generator, meter, note
        )
        judging = AnswerJudge(judged_by, options.workers)
        try:
            for turn in range(1, options.budget.turns + 1):
                requests = self._requests(turn)
                if not requests:
                    break
                folder = self.folder / "turns" / str(turn)
                answers = source.answer(requests, AnswersFile(folder / ANSWERS))
                pairs = [(self._tasks[a.spec_id], a) for a in answers if a.ended == ANSWERED]
                judged = self._judge(judging, folder, turn, pairs)
                usage = msgspec.structs.replace(
                    usage_of(answers), requests=requests_sent(folder / ANSWERS)
                )
                self._turns.append((judged, usage))
                if len(answers) < len(requests):
                    return self._sum_up("stopped", meter.used_up())
                self._sum_up("running")
        except (StoppedError, KeyboardInterrupt) as e:
            with suppress(UserError):
                self._sum_up("stopped", "interrupt")
            told = f"{e}; " if str(e) else ""
            raise StoppedError(
                f"{told}the same command with --run-id {self.folder.name} goes on"
            ) from e
        except BaseException:
            with suppress(UserError):
                self._sum_up("stopped", "error")
            raise
        return self._sum_up("finished")

    def _requests(self, turn: int) -> list[Request]:
        seed, samples = self._report.config.sampling.seed, self._report.config.samples
        if turn == 1:
            every = self._tasks.values()
            return [first_request(t, k, seed) for t in every for k in range(samples)]
        wrong = [j for j in self._turns[-1][0] if j.goes_on]
        if not self._report.config.feedback:
            return [same_again(self._tasks[j.chain[0]], j.chain[1], seed, turn) for j in wrong]
        file = AnswersFile(self.folder / "turns" / str(turn - 1) / ANSWERS)
        file.catch_up()
        return [
            next_request(
                self._tasks[j.chain[0]],
                j.chain[1],
                seed,
                Wrong(turn=turn - 1, answer=file.read(j.chain).completion, feedback=j.feedback),
            )
            for j in wrong
        ]

    def _judge(
        self, judging: AnswerJudge, folder: Path, turn: int, pairs: Sequence[TaskAnswer]
    ) -> list[AttemptSummary]:
        places = {(t.id, a.sample): k for k, (t, a) in enumerate(pairs)}
        summaries: list[AttemptSummary] = []
        with waiting(f"judging, turn {turn}", "answers", len(pairs)) as phase:
            for attempts in judging.judge(folder, pairs, turn):
                self._trace.attempts(attempts)
                summaries += map(AttemptSummary.of, attempts)
                phase.at(len(summaries))
        return sorted(summaries, key=lambda j: places[j.chain])

    def _sum_up(self, status: str, stopped_by: str = "") -> RefineReport:
        self._report = msgspec.structs.replace(
            self._report,
            status=status,
            stopped_by=stopped_by,
            finished=None if status == "running" else utc_now(),
            turns=turns_of(self._turns, self._report.chains),
        )
        self._write()
        return self._report

    def _write(self) -> None:
        try:
            write_record(self.folder / REFINE, self._report)
        except OSError as e:
            raise UserError(_unwritable(self.folder, e)) from e
