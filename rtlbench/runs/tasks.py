"""Which of a suite's tasks a run is about, and which of those have no answer. Pure.

Guarantee: a task that was selected and has no answer counts as wrong in every figure, as often as
the other tasks have answers, unless the run is partial; either is said. A task whose request ended
without an answer says nothing of the model: it is counted apart, and in no figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import msgspec

from rtlbench.records.spec import Spec
from rtlbench.statistics import Judged, missing


class MissingTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task without an answer, which counts as wrong."""

    spec_id: str
    category: str
    samples: int
    """As how many answers it counts."""
    has_function: bool = True
    """Whether something judges the function of its answers."""


class TasksAsked(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a suite's tasks the figures of a run, or of one of its models, speak of."""

    suite: int
    selected: int
    """Of the suite's; the others were left out by `-k`, `-m` or the like."""
    answered: int
    """Of those selected."""
    open: int = 0
    """Of those selected, whose requests ended without an answer; they count in no figure."""
    is_partial: bool = False
    """Whether the other tasks are left out of the figures, instead of counting as wrong."""
    missing: tuple[MissingTask, ...] = ()
    """Those that count as wrong."""

    @property
    def unanswered(self) -> int:
        """Those selected that nobody answered, whether they count as wrong or not."""
        return self.selected - self.answered - self.open


def tasks_asked(  # noqa: PLR0913 - what is known of the tasks, each by its name
    specs: Collection[Spec],
    judged: Sequence[Judged],
    *,
    selected: Collection[str],
    answered: Collection[str],
    unanswered: Collection[str] = (),
    is_partial: bool = False,
    has_function: bool = True,
) -> TasksAsked:
    """The tasks of a run, or of one of its models.

    Args:
        judged: Its answers.
        selected: Ids of the tasks that the run is about; those in `judged` are among them.
        answered: Ids of tasks that have an answer, judged or not.
        unanswered: Ids of tasks whose requests ended without an answer.
        has_function: Whether function is judged at all.
    """
    done = {j.spec_id for j in judged} | set(answered)
    asked = [s for s in specs if s.id in {*selected, *(j.spec_id for j in judged)}]
    left = [s for s in asked if s.id not in done]
    missed = [s for s in left if s.id not in unanswered]
    samples = usual_samples(judged)
    return TasksAsked(
        suite=len(specs),
        selected=len(asked),
        answered=len(asked) - len(left),
        open=len(left) - len(missed),
        is_partial=is_partial,
        missing=() if is_partial else tuple(
            MissingTask(
                spec_id=s.id, category=s.category, samples=samples,
                has_function=has_function and s.judge != "none",
            )
            for s in missed
        ),
    )  # fmt: skip


def usual_samples(judged: Iterable[Judged]) -> int:
    """How many answers most tasks have; of two numbers that are as common, the larger."""
    counts = Counter(Counter(j.spec_id for j in judged).values())
    return max(counts, key=lambda n: (counts[n], n), default=1)


def counted(asked: TasksAsked | None) -> list[Judged]:
    """What counts beside a run's answers: those that are not there."""
    return [
        missing(m.spec_id, m.category, has_function=m.has_function)
        for m in (asked.missing if asked is not None else ())
        for _ in range(m.samples)
    ]


def in_words(asked: TasksAsked) -> str:
    """How many tasks were answered, and what becomes of the others; one line."""
    of = f"{asked.selected} tasks"
    if asked.selected < asked.suite:
        of = f"{asked.selected} selected of the suite's {asked.suite} tasks"
    parts = [f"answered {asked.answered} of {of}"]
    if asked.unanswered:
        left_out = "the others are left out (--partial)"
        wrong = "the others count as wrong (--partial leaves them out)"
        parts.append(left_out if asked.is_partial else wrong)
    if asked.open:
        parts.append(f"{asked.open} asked without an answer, which count in no figure")
    return "; ".join(parts)
