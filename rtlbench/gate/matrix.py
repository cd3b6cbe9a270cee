"""Several runs side by side: every figure with its interval, and whether it differs from the
first run's beyond chance. Pure: records in, records out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.gate.policy import figure_of
from rtlbench.gate.runs import ALL, by_group, task_differences
from rtlbench.generate.adapters import folder_revision
from rtlbench.runs.finished import JudgedRun
from rtlbench.runs.tasks import TasksAsked
from rtlbench.statistics import Difference, Figure, difference, holm, summarise
from rtlbench.training.record import RUN, TrainingRun

COMPARISON_SCHEMA_VERSION = 1
LEVEL = 0.05
OVERALL = ("score", "syntax", "synthesis", "all_io_used", "functional", "pass@1", "pass@5")
"""Figures of the whole run; a category has its average score."""


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """What the model behind a run was trained on; None where that is not known."""

    examples: int | None = None
    least_score: float | None = None
    """Of an example, where all of them were judged."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one run."""

    figure: str
    of: str
    """A category, or `all`."""
    value: Figure
    change: Difference | None = None
    """This run less the first; None for the first itself."""
    p: float | None = None
    """The chance of so large a change, either way, were both the same; corrected for the number of
    this run's figures."""
    is_significant: bool = False


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    name: str
    folder: str
    training: Training
    answers: int
    unjudged: int
    """Answers that the harness could not judge, which are left out."""
    tasks: TasksAsked | None = None
    """How many tasks were answered, and what becomes of the others; None where it is not known."""
    cells: tuple[Cell, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What `rtlbench compare --json` prints."""

    runs: tuple[Column, ...]
    level: float = LEVEL
    allowed: tuple[str, ...] = ()
    """What was allowed to differ between runs, and did."""
    schema_version: int = COMPARISON_SCHEMA_VERSION


def compare_runs(
    runs: Sequence[JudgedRun], training: Sequence[Training], allowed: Sequence[str] = ()
) -> Comparison:
    """The matrix of `runs`, the first of them being what the others are compared with.

    Args:
        training: What is known of the model behind each run.
    """
    columns = tuple(
        Column(
            name=run.name,
            folder=run.folder,
            training=facts,
            answers=run.judged,
            unjudged=run.unjudged,
            tasks=run.run.tasks,
            cells=_cells(run) if run is runs[0] else _compared(run, runs[0]),
        )
        for run, facts in zip(runs, training, strict=True)
    )
    return Comparison(runs=columns, allowed=tuple(allowed))


def _cells(run: JudgedRun) -> tuple[Cell, ...]:
    ordered = dict(sorted(run.answers.items(), key=lambda item: item[0]))
    groups, total = by_group(ordered), summarise(ordered.values())
    cells = [Cell(figure=name, of=ALL, value=figure_of(total, name)) for name in OVERALL]
    for category, answers in groups.items():
        if category != ALL:
            cells.append(Cell(figure="score", of=category, value=summarise(answers.values()).score))
    return tuple(cells)


def _compared(run: JudgedRun, first: JudgedRun) -> tuple[Cell, ...]:
    groups, before = by_group(run.answers), by_group(first.answers)
    cells = _cells(run)
    changes = []
    for cell in cells:
        one = run.answers if cell.of == ALL else groups[cell.of]
        other = first.answers if cell.of == ALL else before.get(cell.of, {})
        changes.append(difference(task_differences(one, other, cell.figure)))
    chances = holm([min(1.0, 2 * min(c.p_worse, c.p_better)) for c in changes])
    return tuple(
        msgspec.structs.replace(cell, change=change, p=p, is_significant=p < LEVEL)
        for cell, change, p in zip(cells, changes, chances, strict=True)
    )


ADAPTER = "adapter_config.json"


def training_of(run: JudgedRun, models: Path) -> Training:
    """The facts about the adapter that gave the answers of `run`, looked for below `models`."""
    generator = run.run.config.generator
    if generator is None or not generator.adapter_revision:
        return Training()
    for place in sorted(models.rglob(ADAPTER)):
        folder = place.parent
        if folder.name == generator.adapter and _is(folder, generator.adapter_revision):
            return _facts(folder)
    return Training()


def _is(folder: Path, revision: str) -> bool:
    try:
        return folder_revision(folder) == revision
    except OSError:
        return False


def _facts(folder: Path) -> Training:
    try:
        found = msgspec.json.decode((folder / RUN).read_bytes(), type=TrainingRun)
    except (OSError, msgspec.DecodeError):
        return Training()
    if found.examples is None:
        return Training()
    least = [f.least_score for f in found.inputs.data]
    known = [s for s in least if s is not None]
    return Training(
        examples=found.examples.trained,
        least_score=min(known) if known and len(known) == len(least) else None,
    )
