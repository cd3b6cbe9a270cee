"""A results folder: `samples.jsonl` (rtlbench.runs.samples) and `run.json`.

Guarantee: a folder belongs to one configuration: resuming with another is refused, with the
difference named. run.json is replaced in one step, so that it is whole whatever happens; where a
power cut has torn it all the same, it is moved aside and written anew.

The summary is what a run says at its end, in plain text: the table by category within 80 columns,
what could not be read or judged, what the answers took, and where the results are.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Generator, Sampling, Usage
from rtlbench.generate.wording import Wording
from rtlbench.io.atomic import write_record
from rtlbench.io.configuration import in_words
from rtlbench.io.counted import many
from rtlbench.io.explain import aligned
from rtlbench.io.untrusted import one_line
from rtlbench.runs.command import Command
from rtlbench.runs.samples import SAMPLES, TORN, Samples
from rtlbench.runs.sums import SUMS, AnswersRecord, seal_of
from rtlbench.runs.tasks import TasksAsked
from rtlbench.runs.tasks import in_words as tasks_in_words
from rtlbench.runs.two_verdicts import SuiteComparison, WithoutErrata
from rtlbench.statistics import Figure, Summary

if TYPE_CHECKING:
    import pytest

    from rtlbench.runs.session import Session

RUN = "run.json"
RUN_TORN = "run.torn"
RUN_SCHEMA_VERSION = 4
RUN_WITHOUT_RECORD = 2
"""The version of runs that did not yet note how many answers they have."""
SHOWN = 20
"""Problems of the input that the summary shows."""
_COLUMNS = ("category", "answers", "score", "syntax", "synthesis", "all I/O used", "functional")


class RunConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What must be the same for two runs to be compared or one to be resumed."""

    suite: str
    """Its name, without the folder."""
    suite_hash: str
    """SHA-256 over the digests of the Specs."""
    simulator: str
    seed: int
    samples: int | None
    candidates: str
    """Name of the file of answers."""
    tools: dict[str, str]
    """Version by tool, rtlbench's own among them."""
    weights: dict[str, float]
    formal: bool = False
    """Whether answers were compared with the references formally."""
    judge: str = "reference"
    """Whose verdict counts: `own` is the suite's rule alone, `both` has it beside ours."""
    generator: Generator | None = None
    """Who answered, where the run itself asked a model."""
    sampling: Sampling | None = None
    """How it was asked."""
    wording: Wording | None = None
    """In which words."""


class ModelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one of several models whose answers a run judged."""

    total: Summary
    categories: dict[str, Summary]
    tasks: TasksAsked | None = None
    """How many tasks they speak of; None in runs before version 4."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """run.json."""

    status: str
    """`running`, `finished`, or `stopped` where it was cut short; a stopped run can go on."""
    started: str
    """UTC, ISO 8601."""
    finished: str | None = None
    rtlbench: str
    config: RunConfig
    isolation: str
    command: Command | None = None
    """How it was asked for; `rtlbench bench --like` asks for the same."""
    sampled_with: dict[str, str] = {}
    """Versions of the libraries that sampled, and the device, where the run itself asked."""
    problems: list[str] = []
    """Input that could not be used: the first of it, each with its place and remedy."""
    problem_count: int = 0
    usage: Usage | None = None
    """What the answers took, where the run itself asked a model."""
    total: Summary | None = None
    """None until the end, and where several models answered: nothing is averaged over them."""
    categories: dict[str, Summary] = {}
    tasks: TasksAsked | None = None
    """How many tasks the figures speak of; None where several models answered, and in runs before
    version 4, where tasks without an answer counted in no figure."""
    models: dict[str, ModelFigures] = {}
    """The figures by model, where there are several."""
    suite_rule: SuiteComparison | None = None
    without_errata: WithoutErrata | None = None
    """What the suite's own rule says of the same answers, where it was asked; None where several
    models answered."""
    record: AnswersRecord | None = None
    """What the lines of samples.jsonl were when the run ended."""
    seal: str = ""
    """SHA-256 over the rest of this document."""
    schema_version: int = RUN_SCHEMA_VERSION


class ResultsFolder(Samples):
    """One results folder: its Verdicts, and its run.json."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._run_was_torn = False

    def open(self, run: Run) -> None:
        """Make the folder, or make sure that it can be resumed with `run`; then write run.json.

        Raises:
            UserError: It belongs to another configuration, or cannot be read or written.
        """
        with self.exclusive():
            before = self._run_before()
            if before is not None:
                self._refuse_difference(before.config, run.config)
                self._refuse_unsummed(before)
            self.catch_up()
            self._replace_run(run)

    def read_run(self) -> Run | None:
        """run.json, or None where there is none.

        Raises:
            UserError: It is there and cannot be read, or another version wrote it.
        """
        path = self.path / RUN
        if not path.is_file():
            return None
        try:
            found = msgspec.json.decode(path.read_bytes(), type=Run)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
            raise UserError(f"{path}: not a run ({e}); move the folder elsewhere") from e
        if not RUN_WITHOUT_RECORD <= found.schema_version <= RUN_SCHEMA_VERSION:
            raise UserError(
                f"{path}: schema_version is {found.schema_version}, and up to {RUN_SCHEMA_VERSION} "
                "is read here; use the rtlbench that wrote it, or judge its answers again"
            )
        return found

    def write_run(self, run: Run) -> None:
        """Replace run.json in one step.

        Raises:
            UserError: It cannot be written; then it stays as it was.
        """
        with self.exclusive():
            self._replace_run(run)

    @property
    def repairs(self) -> list[str]:
        """What a power cut or a kill had torn here, and this process set right."""
        notes = []
        if self._run_was_torn:
            notes.append(
                f"run.json was torn and is kept as {RUN_TORN}: what the earlier answers were "
                "judged with is not known"
            )
        if self.torn:
            lines = _counted(self.torn, "torn line")
            notes.append(f"{lines} kept in {TORN}; the answers are judged again")
        if self.foreign:
            lines = f"{_counted(self.foreign, 'line')} {'was' if self.foreign == 1 else 'were'}"
            notes.append(
                f"{lines} not as a run had written, and kept in {TORN}; the answers are judged "
                "again"
            )
        if self.lost:
            lines = _counted(self.lost, "line")
            notes.append(f"{lines} on record not there; the answers are judged again")
        if self.older:
            lines = _counted(self.older, "answer")
            notes.append(f"{lines} from before a record was kept: nothing shows that none is lost")
        return notes

    def _run_before(self) -> Run | None:
        path = self.path / RUN
        if path.is_file() and _is_torn(path.read_bytes()):
            path.replace(self.path / RUN_TORN)
            self._run_was_torn = True
        return self.read_run()

    def _replace_run(self, run: Run) -> None:
        record = self.record() if run.status != "running" else None
        noted = msgspec.structs.replace(run, record=record, seal="")
        seal = seal_of(msgspec.json.encode(noted))
        write_record(self.path / RUN, msgspec.structs.replace(noted, seal=seal))

    def _refuse_unsummed(self, before: Run) -> None:
        """Where the sums are gone, run.json alone can say whether the lines are all there."""
        noted = before.record
        if noted is None or self.has_sums or not self.samples.is_file():
            return
        if noted != self.record():
            raise UserError(
                f"{self.samples}: its answers are not the {noted.lines} that {RUN} names, and "
                f"{SUMS} is gone; move {SAMPLES} elsewhere and run again: all are judged again"
            )

    def _refuse_difference(self, before: RunConfig, now: RunConfig) -> None:
        changed = in_words(_before_growing(before, now), now)
        if changed:
            raise UserError(
                f"{self.path}: holds results of another configuration ({changed}); "
                "choose another folder by --results"
            )


def _before_growing(before: RunConfig, now: RunConfig) -> RunConfig:
    """`before`, save for what may differ when a run goes on: there are more samples, and the same
    model has another address."""
    asked = before.generator
    if asked is not None and now.generator is not None:
        asked = msgspec.structs.replace(asked, base_url=now.generator.base_url)
    grows = _samples(before) <= _samples(now)
    return msgspec.structs.replace(
        before, generator=asked, samples=now.samples if grows else before.samples
    )


def _samples(config: RunConfig) -> float:
    """How many answers a task; of recorded ones all there are, where no number is given."""
    if config.samples is None:
        return 1 if config.generator is not None else inf
    return config.samples


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _is_torn(text: bytes) -> bool:
    """Whether a document is cut off, or holds what a file system leaves of lost blocks."""
    if not text.strip() or b"\0" in text:
        return True
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        return "truncated" in str(e)
    return False


def utc_now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def write_summary(reporter: pytest.TerminalReporter, ours: Session) -> None:
    """The table by category, what could not be read, and where the results are."""
    _write_problems(reporter, ours)
    for text in ours.broken:
        reporter.write_line(f"not judged, the harness failed: {text}", red=True)
    for note in ours.notes:
        reporter.write_line(f"note: {note}", yellow=True)
    run = ours.folder.read_run()
    if run is not None and run.models:
        write_models(reporter, run.models)
    if run is not None and run.total is not None:
        if run.total.answers:
            reporter.write_line(summary_table(run.total, run.categories))
            write_tasks(reporter, run.tasks)
        else:
            reporter.write_line("no answers judged")
        if run.suite_rule is not None and run.config.judge == "both":
            write_comparison(reporter, run.suite_rule)
        if run.without_errata is not None:
            reporter.write_line(errata_in_words(run.without_errata))
        if run.usage is not None and run.config.generator is not None:
            reporter.write_line(f"{run.config.generator.name}: {usage_in_words(run.usage)}")
        if run.status == "stopped":
            reporter.write_line("cut short: the same command with --results goes on", yellow=True)
    reporter.write_line(f"results: {ours.folder.path} ({ours.seconds:.1f} s)")


def _write_problems(reporter: pytest.TerminalReporter, ours: Session) -> None:
    count = ours.answers.problem_count
    if count:
        lines = "1 line" if count == 1 else f"{count} lines"
        reporter.write_line(f"{lines} of input could not be used:", yellow=True)
    for problem in ours.problems[:SHOWN]:
        reporter.write_line(f"  {problem}")
    if count > SHOWN:
        reporter.write_line(f"  ... and {count - SHOWN} more")


def write_models(reporter: pytest.TerminalReporter, models: Mapping[str, ModelFigures]) -> None:
    """A table a model, where several answered."""
    for name, figures in models.items():
        reporter.write_line(f"model {one_line(name)}", bold=True)
        reporter.write_line(summary_table(figures.total, figures.categories))
        write_tasks(reporter, figures.tasks)
    told = f"{len(models)} models answered: there are no figures over all"
    reporter.write_line(told, yellow=True)


def write_tasks(reporter: pytest.TerminalReporter, asked: TasksAsked | None) -> None:
    """How many tasks were answered, and what becomes of the others."""
    if asked is not None:
        reporter.write_line(tasks_in_words(asked), yellow=asked.answered < asked.suite)


def write_comparison(reporter: pytest.TerminalReporter, found: SuiteComparison) -> None:
    """How often the suite's own rule agrees, and the first answers where it does not."""
    says = ", ".join(f"{n} {what}" for what, n in found.says.items())
    k = [f"pass@{k} {f.value:.3f}" for k, f in found.pass_at.items() if f.value is not None]
    reporter.write_line("   ".join([f"by the suite's rule: {says}", *k]))
    reporter.write_line(f"agreed on {found.agree} of {found.answers} answers")
    for line in found.differences[:SHOWN]:
        reporter.write_line(f"  {line}")
    more = len(found.differences) - SHOWN
    if more > 0:
        reporter.write_line(f"  ... and {more} more, in run.json")


def errata_in_words(found: WithoutErrata) -> str:
    """What the figures are without the tasks whose own bench is at fault."""
    if not found.tasks:
        return "errata: none of these tasks is known to be at fault"
    named = ", ".join(one_line(t) for t in found.tasks[:SHOWN])
    more = f" and {len(found.tasks) - SHOWN} more" if len(found.tasks) > SHOWN else ""
    by = {"functional": found.functional, "by the suite's rule": found.passed}
    told = [f"{n} {f.value:.3f}" for n, f in by.items() if f is not None and f.value is not None]
    figures = ", ".join(told) or "no figure"
    tasks = many(len(found.tasks), "task")
    return f"errata: without {tasks} whose own bench is at fault ({named}{more}): {figures}"


def summary_table(total: Summary, categories: Mapping[str, Summary]) -> str:
    """The headline figures by category, with the 95% interval of the totals."""
    rows: list[Sequence[str]] = [_COLUMNS]
    rows += [(name, *_cells(summary)) for name, summary in categories.items()]
    rows.append(("all", *_cells(total)))
    score, *rates = _figures(total)
    rows.append(("95% interval", "", _span(score), *map(_percent_span, rates)))
    return "\n".join([*aligned(rows), _outcomes(total)])


def _figures(s: Summary) -> tuple[Figure, ...]:
    return (s.score, s.syntax, s.synthesis, s.all_io_used, s.functional)


def _cells(s: Summary) -> list[str]:
    score, *rates = _figures(s)
    shown = "-" if score.value is None else f"{score.value:.3f}"
    return [str(s.answers), shown, *(_percent(r) for r in rates)]


def _percent(figure: Figure) -> str:
    return "-" if figure.value is None else f"{100 * figure.value:.1f}%"


def _span(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return "-"
    return f"{figure.low:.2f}-{figure.high:.2f}"


def _percent_span(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return "-"
    return f"{100 * figure.low:.0f}-{100 * figure.high:.0f}%"


def _outcomes(total: Summary) -> str:
    counts = ", ".join(f"{n} {name}" for name, n in total.outcomes.items() if n)
    tasks = max((f.n for f in total.pass_at.values()), default=0)
    k = [_pass_at(k, f, tasks) for k, f in total.pass_at.items() if f.value is not None]
    cut = [f"{total.truncated} cut off"] if total.truncated else []
    return "   ".join([f"outcomes: {counts or 'none'}", *k, *cut])


def _pass_at(k: str, figure: Figure, tasks: int) -> str:
    """pass@k, with the tasks that have k samples where these are not all."""
    over = f" (over {figure.n} of {tasks} tasks)" if figure.n < tasks else ""
    return f"pass@{k} {figure.value:.3f}{over}"


def usage_in_words(usage: Usage) -> str:
    """What answers took: their number, tokens and cost in a line, as far as they are known."""
    words = [many(usage.answers, "answer")]
    if usage.completion_tokens is not None:
        words.append(f"{usage.completion_tokens:,} tokens")
    if usage.prompt_tokens is not None:
        words.append(f"{usage.prompt_tokens:,} of prompts")
    if usage.requests is not None:
        words.append(f"{usage.requests:,} requests")
    if usage.truncated:
        words.append(f"{usage.truncated:,} cut off")
    for name, count in (
        ("refused", usage.refused), ("filtered", usage.filtered), ("failed", usage.failed)
    ):
        if count:
            words.append(f"{count:,} not answered ({name})")
    for names, count in usage.omitted.items():
        words.append(f"{names} left out of {count:,}, as the endpoint refuses it")
    if usage.cost is not None:
        words.append(f"cost {usage.cost:.4g}")
    return ", ".join(words)
