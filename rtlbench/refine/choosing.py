"""From a Choice to Tasks."""

from __future__ import annotations

from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.generate.recorded import Problem
from rtlbench.refine.instructions import read_tasks
from rtlbench.refine.settings import Choice
from rtlbench.refine.task import Task, task_of_spec
from rtlbench.refine.training import draw_tasks
from rtlbench.suites import read_suite
from rtlbench.verifier import Verifier


def choose(choice: Choice, verifier: Verifier) -> tuple[list[Task], list[Problem]]:
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
    found = [t for t in tasks if _fits(t, choice)]
    if not found:
        raise UserError(f"-k {' '.join(choice.names)}: no task fits")
    return found, problems


def _fits(task: Task, choice: Choice) -> bool:
    name = f"{task.category}/{task.id}".lower()
    named = not choice.names or any(part.lower() in name for part in choice.names)
    return named and (not choice.categories or task.category in choice.categories)
