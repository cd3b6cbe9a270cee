"""Tasks from the training part of the families: points that no benchmark shows.

A drawn point is used if its golden passes every Check, simulation included; so a wrong answer is
the model's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from rtlbench.dataset.corpus.drawing import training_members
from rtlbench.dataset.filter.matching import Matcher
from rtlbench.errors import UserError
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Record
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome
from rtlbench.refine.task import Task
from rtlbench.suites.cache import kept_as
from rtlbench.suites.families import family_folders, suite_digest
from rtlbench.suites.family import Member
from rtlbench.traces.task_file import TaskFile
from rtlbench.verifier import Verifier

ROUND = 64
"""Points that are tried together."""
MAX_BARREN = 20
"""Rounds in a row without one of use."""


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
    told = (str(seed), str(count), *categories, verifier.config.digest())
    rules = f"{suite_digest(family_folders())} {' '.join(told)}".encode()
    digest = hashlib.sha256(rules + Path(__file__).read_bytes()).hexdigest()
    chosen = kept_as(
        list[dict[str, Any]], digest, lambda: _draw(seed, count, categories, verifier), "training"
    )
    matcher = Matcher(())
    return [task for task in (_task(member, matcher) for member in chosen) if task is not None]


def _draw(
    seed: int, count: int, categories: Sequence[str], verifier: Verifier
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    drawn, barren = _members(seed, categories), 0
    matcher = Matcher(())
    while len(found) < count:
        members = islice(drawn, min(ROUND, count - len(found)))
        tasks = [task for member in members if (task := _task(member, matcher)) is not None]
        sound = _sound([t for t in tasks if t.id not in found], verifier)
        barren = 0 if sound else barren + 1
        if barren > MAX_BARREN:
            raise UserError(f"--training {seed}: only {len(found)} of {count} tasks can be drawn; "
                            "see `rtlbench doctor`")  # fmt: skip
        found.update({t.id: t.file.member for t in sound if t.file.member is not None})
    return list(found.values())


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
    record = Record(instruction="", output="", metadata={"member": member})
    spec = matcher.match(record).spec
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
