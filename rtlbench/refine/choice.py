"""Which tasks: a suite's, a file's, or drawn from the training part of the families.

A drawn point, which no benchmark shows, is used if its golden passes every Check, simulation
included; so a wrong answer is the model's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.dataset.corpus import training_members
from rtlbench.dataset.filter.matching import Matcher
from rtlbench.errors import UserError
from rtlbench.generate.recorded import Problem
from rtlbench.io.cache import kept_as
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome
from rtlbench.refine.tasks import Task, read_tasks, task_of_spec
from rtlbench.runs.suite import read_suite
from rtlbench.suites.families import Member, family_folders, suite_digest
from rtlbench.traces.artefacts import TaskFile
from rtlbench.verifier import Verifier

ROUND = 64
"""Points that are tried together."""
MAX_BARREN = 20
"""Rounds in a row without one of use."""


class TaskChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks: a suite's, of a file, or drawn for training."""

    suite: str = "rtlbench"
    names: tuple[str, ...] = ()
    """Only tasks whose `category/id` has one of these in it."""
    categories: tuple[str, ...] = ()
    """Of these only; empty for all."""
    instructions: str | None = None
    """A file of free instructions, instead of the suite's tasks."""
    training: int | None = None
    """The seed of tasks drawn from the families' training part, instead."""
    count: int = 0
    """How many of those."""

    def in_words(self) -> str:
        """What a report calls it."""
        if self.instructions is not None:
            return f"instructions {Path(self.instructions).name}"
        if self.training is not None:
            return f"training {self.training} x {self.count}"
        return f"suite {self.suite.partition('=')[0]}"


def choose(choice: TaskChoice, verifier: Verifier) -> tuple[list[Task], list[Problem]]:
    """The tasks, and input that cannot be used.

    Raises:
        UserError: There are none, or something that was named is not there.
    """
    problems: list[Problem] = []
    if choice.training is not None:
        tasks = draw_tasks(choice.training, choice.count, choice.categories, verifier)
    elif choice.instructions is not None:
        tasks, problems = read_tasks(Path(choice.instructions), read_suite(choice.suite))
    else:
        tasks = [task_of_spec(spec) for spec in read_suite(choice.suite)]
    known = sorted({t.category for t in tasks})
    if unknown := [c for c in choice.categories if c not in known]:
        raise UserError(f"no category {unknown[0]!r}; there are {', '.join(known)}")
    chosen = [t for t in tasks if _fits(t, choice)]
    if not chosen:
        raise UserError(f"-k {' '.join(choice.names)}: no task fits")
    return chosen, problems


def _fits(task: Task, choice: TaskChoice) -> bool:
    name = f"{task.category}/{task.id}".lower()
    named = not choice.names or any(part.lower() in name for part in choice.names)
    return named and (not choice.categories or task.category in choice.categories)


def draw_tasks(seed: int, count: int, categories: Sequence[str], verifier: Verifier) -> list[Task]:
    """`count` tasks of the families in turn; the same for the same seed.

    The first time takes a good part of a second a task; then the choice is kept in the user's
    cache folder.

    Args:
        categories: Of these only; empty for all.

    Raises:
        UserError: There is no such category, or so many cannot be drawn.
    """
    if seed < 0 or count < 1:
        raise UserError("--training needs a seed of 0 or more, and --count a number of at least 1")
    words = (str(seed), str(count), *categories, verifier.config.digest())
    rules = f"{suite_digest(family_folders())} {' '.join(words)}".encode()
    digest = hashlib.sha256(rules + Path(__file__).read_bytes()).hexdigest()
    chosen = kept_as(
        list[dict[str, Any]], digest, lambda: _draw(seed, count, categories, verifier), "training"
    )
    matcher = Matcher(())
    return [task for task in (_task(member, matcher) for member in chosen) if task is not None]


def _draw(
    seed: int, count: int, categories: Sequence[str], verifier: Verifier
) -> list[dict[str, Any]]:
    chosen: dict[str, dict[str, Any]] = {}
    drawn, barren = _members(seed, categories), 0
    matcher = Matcher(())
    while len(chosen) < count:
        members = islice(drawn, min(ROUND, count - len(chosen)))
        tasks = [task for member in members if (task := _task(member, matcher)) is not None]
        sound = _sound([t for t in tasks if t.id not in chosen], verifier)
        barren = 0 if sound else barren + 1
        if barren > MAX_BARREN:
            raise UserError(f"--training {seed}: only {len(chosen)} of {count} tasks can be drawn; "
                            "see `rtlbench doctor`")  # fmt: skip
        chosen.update({t.id: t.file.member for t in sound if t.file.member is not None})
    return list(chosen.values())


def _members(seed: int, categories: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Points of the families in turn, without end, as training data name them."""
    folders = family_folders()
    known = sorted({f.parent.name for f in folders})
    if unknown := [c for c in categories if c not in known]:
        raise UserError(f"no category {unknown[0]!r}; there are {', '.join(known)}")
    chosen = [f for f in folders if not categories or f.parent.name in categories]
    draws = [(folder.name, training_members(folder, seed)) for folder in chosen]
    while True:
        for family, members in draws:
            yield _described(family, next(members))


def _described(family: str, member: Member) -> dict[str, Any]:
    return {
        "family": family,
        "phrasing": member.phrasing,
        "params": member.params,
        "names": member.names,
        "top": member.top,
        "difficulty": member.difficulty,
    }


def _task(member: dict[str, Any], matcher: Matcher) -> Task | None:
    """The task of a point, by the way that training data take to it; None where it is none."""
    spec = matcher.member_spec(member)
    if spec is None:
        return None
    file = TaskFile(instruction=spec.prompt, category=spec.category, member=member)
    return Task(id=spec.id, file=file, spec=spec)


def _sound(tasks: Sequence[Task], verifier: Verifier) -> list[Task]:
    pairs: list[tuple[Spec | None, Candidate]] = [
        (t.spec, Candidate(text=t.spec.golden)) for t in tasks if t.spec is not None
    ]
    verdicts = verifier.verify_mixed(pairs)
    return [
        task
        for task, verdict in zip(tasks, verdicts, strict=True)
        if verdict.outcome is Outcome.PASS and verdict.functional
    ]
