"""Runs beside each other, and the answers of a run by category and task.

Guarantee: two runs are comparable, or refused with every difference named.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from rtlbench.errors import UserError
from rtlbench.io.configuration import changes, leaves
from rtlbench.records.verdict import Outcome
from rtlbench.runs.finished import JudgedRun, Key
from rtlbench.runs.results import RunConfig
from rtlbench.statistics import Judged, pass_at_k

COMPARED = frozenset({"candidates", "generator"})
"""What two runs may always differ in: who answered is what they are compared for."""
IF_KNOWN = frozenset({"wording"})
"""What counts where both say it: of recorded answers it is not known."""
NEVER_ALLOWED = frozenset({"suite", "suite_hash"})
ANSWERS = "answers"
TASKS = "tasks"
"""What becomes of those without an answer, in two runs of the same answers."""


def differences(one: JudgedRun, other: JudgedRun) -> dict[str, str]:
    """What keeps two runs from being compared: both values, by name."""
    found = {
        name: f"{a} and {b}"
        for name, (a, b) in changes(one.run.config, other.run.config).items()
        if name.partition(".")[0] not in COMPARED | _unknown(one.run.config, other.run.config)
    }
    if one.run.isolation != other.run.isolation:
        found["isolation"] = f"{one.run.isolation} and {other.run.isolation}"
    first, second = len(one.given - other.given), len(other.given - one.given)
    if first or second:
        found[ANSWERS] = f"{first} that only the first has, {second} that only the second has"
    elif (counts := [_uncounted(run) for run in (one, other)]) and counts[0] != counts[1]:
        found[TASKS] = f"{counts[0]} and {counts[1]}"
    return found


def _uncounted(run: JudgedRun) -> str:
    """What becomes of the tasks without an answer."""
    wrong = len({task for task, _ in run.missing})
    return f"{wrong} without an answer count as wrong" if wrong else "none counts as wrong"


def _unknown(one: RunConfig, other: RunConfig) -> frozenset[str]:
    """What one of them does not say, or both say the same of: of recorded answers the hash of a
    wording may be all that is left."""
    known = ((n, getattr(one, n), getattr(other, n)) for n in IF_KNOWN)
    return frozenset(n for n, a, b in known if a is None or b is None or a.hash == b.hash)


def refuse_differences(one: JudgedRun, other: JudgedRun, allowed: Collection[str]) -> list[str]:
    """What was allowed to differ, and does.

    Args:
        allowed: Names of differences, or of their groups (`tools` for `tools.yosys`).

    Raises:
        UserError: Something else differs too.
    """
    if never := [name for name in allowed if name in NEVER_ALLOWED]:
        raise UserError(f"--allow {never[0]}: answers to other tasks cannot be compared")
    for name in allowed:
        if name not in _names(one) | _names(other):
            known = sorted(n for n in _names(one) | _names(other) if "." not in n)
            raise UserError(f"--allow {name}: no such difference; there are {', '.join(known)}")
    found = differences(one, other)
    refused = [n for n in found if n not in allowed and n.partition(".")[0] not in allowed]
    if refused:
        listed = "".join(f"\n  {name}: {found[name]}" for name in refused)
        names = dict.fromkeys(n.partition(".")[0] for n in refused if n not in NEVER_ALLOWED)
        remedy = "".join(f" --allow {n}" for n in names)
        judged = "judge both alike" + (f", or take it into account by{remedy}" if remedy else "")
        raise UserError(f"{one.folder} and {other.folder} differ in{listed}\n{judged}")
    return list(found)


def _names(run: JudgedRun) -> set[str]:
    """Everything in which a run can differ, and the groups of it."""
    inner = leaves(run.run.config)
    outer = {name.partition(".")[0] for name in inner}
    return {*inner, *outer, "sampling", "generator", "isolation", ANSWERS, TASKS} - NEVER_ALLOWED


ALL = "all"


def by_group(answers: Mapping[Key, Judged]) -> dict[str, dict[Key, Judged]]:
    """The answers of each category, by name, and last, where there are several, those of all."""
    groups: dict[str, dict[Key, Judged]] = defaultdict(dict)
    for key, judged in answers.items():
        groups[judged.category or "none"][key] = judged
    named = {name: groups[name] for name in sorted(groups)}
    return named if len(named) == 1 else {**named, ALL: dict(answers)}


def task_values(answers: Mapping[Key, Judged], figure: str) -> dict[str, float]:
    """A figure by task, over its samples; tasks where nothing can be said are left out."""
    samples: dict[str, list[float]] = defaultdict(list)
    for (task, _), judged in answers.items():
        value = _value(judged, figure)
        if value is not None:
            samples[task].append(value)
    told = {task: _of_task(values, figure) for task, values in samples.items()}
    return {task: value for task, value in told.items() if value is not None}


def task_differences(
    one: Mapping[Key, Judged], other: Mapping[Key, Judged], figure: str
) -> dict[str, float]:
    """First less second by task, over the samples that both have."""
    both = [
        key
        for key in one.keys() & other.keys()
        if _value(one[key], figure) is not None and _value(other[key], figure) is not None
    ]
    first, second = (task_values({k: run[k] for k in both}, figure) for run in (one, other))
    return {task: value - second[task] for task, value in first.items()}


def _value(judged: Judged, figure: str) -> float | None:
    """One answer's part in a figure, in [0, 1]; None where it has none."""
    if figure == "functional" or figure.startswith("pass@"):
        return None if judged.functional is None else float(judged.functional)
    told = {
        "score": judged.score,
        "syntax": judged.syntax_valid,
        "synthesis": judged.synthesizes is True,
        "all_io_used": judged.all_io_used is True,
        "passed": judged.outcome is Outcome.PASS,
    }
    return float(told[figure])


def _of_task(values: Sequence[float], figure: str) -> float | None:
    """A task's figure; None where it has too few samples."""
    if figure.startswith("pass@"):
        return pass_at_k(len(values), round(sum(values)), int(figure.removeprefix("pass@")))
    return math.fsum(values) / len(values)
