"""Finished runs, as the gate, the comparison, the cards and the night read them: results folders,
never written to. The one way in which figures come out of a folder.

Guarantee: a run is whole or refused. It is finished, it has one answer a task and sample, its
answers are as many and the same as run.json notes, each Verdict follows from its own Checks, and
run.json is as it was written. A run from before there was such a record is held to the figures
that its run.json names, and says so.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.untrusted import one_line
from rtlbench.records.verdict import Outcome
from rtlbench.runs.results import RUN, RUN_WITHOUT_RECORD, ResultsFolder, Run
from rtlbench.runs.samples import SAMPLES
from rtlbench.runs.sums import seal_of
from rtlbench.runs.tasks import counted
from rtlbench.statistics import Figure, Judged, Summary, by_category, summarise

AGAIN = (
    "judge again what is missing or changed: the same command with --results on this folder does "
    "(docs/verdicts.md)"
)
_EQUAL = 1e-6

Key = tuple[str, int]
"""Task and sample."""


class JudgedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A finished run."""

    name: str
    folder: str
    run: Run
    answers: dict[Key, Judged]
    """Without those that the harness could not judge; with those that are not there and count as
    wrong."""
    errors: frozenset[Key]
    """What the harness could not judge."""
    missing: frozenset[Key] = frozenset()
    """Those of `answers` that are not there."""
    model: str = ""
    """What the answers say that gave them; empty where they do not."""
    note: str = ""
    """What whoever reads its figures has to be told."""

    @property
    def unjudged(self) -> int:
        """Answers that the harness could not judge, and lines that it could not read."""
        return len(self.errors) + self.run.problem_count

    @property
    def unjudged_share(self) -> float:
        """Of all answers given, in [0, 1]."""
        return self.unjudged / max(1, self.unjudged + self.judged)

    @property
    def judged(self) -> int:
        """Answers that there are and that could be judged."""
        return len(self.answers) - len(self.missing)

    @property
    def given(self) -> frozenset[Key]:
        """All answers that could be read."""
        return (self.errors | self.answers.keys()) - self.missing

    @property
    def is_partial(self) -> bool | None:
        """Whether tasks without an answer are left out of its figures; None where nobody knows."""
        asked = self.run.tasks
        return None if asked is None else asked.is_partial and asked.unanswered > 0


def read_run(folder: Path, name: str = "", *, several_models: bool = False) -> JudgedRun:
    """The finished run of a results folder.

    Args:
        several_models: Take one in which several models answered, too.

    Raises:
        UserError: There is none, it is not finished, two answers claim the same sample, or it is
            not whole.
    """
    results = ResultsFolder(folder)
    run = results.read_run()
    if run is None:
        raise UserError(f"{folder}: no run.json there; give a results folder of `rtlbench bench`")
    if run.status != "finished":
        raise UserError(
            f"{folder}: the run is {one_line(run.status)}, not finished; the same command that "
            "began it goes on where it stopped"
        )
    if run.models and not several_models:
        raise UserError(
            f"{folder}: {len(run.models)} models answered there "
            f"({one_line(', '.join(run.models))}); judge each model's answers into a results "
            "folder of its own"
        )
    _refuse_changed(folder, run)
    _refuse_other_lines(results, run)
    every = _judged(results)
    note = _held_to_figures(folder, run, list(every.values())) if run.record is None else ""
    missing = _missing(run)
    every |= missing
    return JudgedRun(
        name=name or folder.name,
        folder=str(folder),
        run=run,
        answers={k: j for k, j in every.items() if j.outcome is not Outcome.ERROR},
        errors=frozenset(k for k, j in every.items() if j.outcome is Outcome.ERROR),
        missing=frozenset(missing),
        model=next((v.model for v in results.verdicts() if v.model), ""),
        note=note,
    )


def _missing(run: Run) -> dict[Key, Judged]:
    """The answers that are not there and count as wrong: numbered as if they were; of several
    models below 0, since another model may have answered the task."""
    numbers: Counter[str] = Counter()
    found: dict[Key, Judged] = {}
    for one in counted(run.tasks):
        task = one.spec_id or ""
        found[task, numbers[task]] = one
        numbers[task] += 1
    for asked in (figures.tasks for figures in run.models.values()):
        for one in counted(asked):
            task = one.spec_id or ""
            numbers[task] -= 1  # no sample's number
            found[task, numbers[task]] = one
    return found


def _refuse_changed(folder: Path, run: Run) -> None:
    """run.json says what it said when it was written."""
    if run.schema_version == RUN_WITHOUT_RECORD:
        return
    if run.record is None or run.seal != seal_of((folder / RUN).read_bytes()):
        raise UserError(f"{folder / RUN}: was changed since it was written; {AGAIN}")


def _refuse_other_lines(results: ResultsFolder, run: Run) -> None:
    """samples.jsonl has the lines that run.json names."""
    if run.record is None:
        return
    found = results.record()
    if found.lines != run.record.lines:
        raise UserError(
            f"{results.samples}: {found.lines} answers, and {RUN} names {run.record.lines}; {AGAIN}"
        )
    if found != run.record:
        raise UserError(
            f"{results.samples}: some of its {found.lines} answers are not as they were judged; "
            f"{AGAIN}"
        )


def _judged(results: ResultsFolder) -> dict[Key, Judged]:
    found: dict[Key, Judged] = {}
    for verdict in results.verdicts():
        key = (verdict.spec_id or "", verdict.sample)
        if key in found:
            raise UserError(
                f"{results.path}: two answers are sample {key[1]} of {one_line(key[0])}; judge "
                "each model's answers into a results folder of its own"
            )
        found[key] = Judged.of(verdict)
    return found


def _held_to_figures(folder: Path, run: Run, judged: Sequence[Judged]) -> str:
    """What to tell of a run without a record, whose answers give the figures that it names."""
    note = f"{folder}: from before runs kept a record of their answers"
    if run.models:  # nothing is averaged over them
        return f"{note}: nothing shows that none is lost"
    total, categories = summarise(judged), by_category(judged)
    named = {**run.categories, "": run.total}
    made: dict[str, Summary | None] = {**categories, "": total}
    if named.keys() != made.keys() or not all(_is_same(named[n], made[n]) for n in made):
        raise UserError(
            f"{folder / SAMPLES}: its answers do not give the figures that {RUN} names; {AGAIN}"
        )
    return f"{note}; their figures are those that {RUN} names"


def _is_same(one: Summary | None, other: Summary | None) -> bool:
    if one is None or other is None or one.outcomes != other.outcomes:
        return False
    pairs = [
        (getattr(one, n), getattr(other, n))
        for n in ("score", "syntax", "synthesis", "all_io_used", "functional", "passed")
    ]
    return all(_is_equal(a, b) for a, b in pairs)


def _is_equal(one: Figure, other: Figure) -> bool:
    if one.value is None or other.value is None:
        return one.value is other.value
    return math.isclose(one.value, other.value, abs_tol=_EQUAL)
