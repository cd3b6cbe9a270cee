"""The gate's rules over finished runs. Pure: records in, a report out.

An answer that the harness could not judge speaks neither for nor against a model; a run with more
of them than the policy allows is refused rather than judged. Making a sample better never turns
a pass into a fail, and the order of the samples plays no part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from rtlbench.errors import UserError
from rtlbench.gate.policy import Policy, figure_of
from rtlbench.gate.runs import ALL, by_group, task_differences
from rtlbench.runs.finished import JudgedRun, Key
from rtlbench.runs.tasks import in_words
from rtlbench.statistics import (
    Difference,
    Figure,
    Judged,
    Summary,
    by_category,
    difference,
    holm,
    least_chance,
    summarise,
)
from rtlbench.suites.category import CATEGORIES

GATE_SCHEMA_VERSION = 1
WEAKEST = "weakest category"
ROUNDING = 1e-9
"""Of a mean over tasks."""

ChangeVerdict: TypeAlias = Literal["worse", "lower", "no difference", "better", "too few tasks"]
WORSE: Final = "worse"
LOWER: Final = "lower"
NO_DIFFERENCE: Final = "no difference"
BETTER: Final = "better"
TOO_FEW: Final = "too few tasks"


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One figure against the least that it must be."""

    figure: str
    of: str
    """A category, `all`, or `weakest category`."""
    least: float
    value: float | None
    """None where there was nothing to count, which meets nothing."""
    low: float | None
    high: float | None
    """The 95% interval; a rule goes by `value`."""
    passed: bool
    note: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One figure beside the baseline's."""

    figure: str
    of: str
    """A category, or `all`."""
    difference: Difference
    """Candidate less baseline."""
    p_worse: float
    """Corrected for the number of changes looked at."""
    p_better: float
    verdict: ChangeVerdict
    passed: bool


class GateReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `rtlbench gate --json` prints."""

    passed: bool
    candidate: str
    """Its results folder."""
    baseline: str | None
    answers: int
    tasks: int
    unjudged: int
    tasks_missing: int = 0
    """Without an answer; they count as wrong, and are none of `tasks`."""
    told: str = ""
    """How many tasks of the suite were answered, in words; empty where the run does not say."""
    is_partial: bool = False
    """Whether tasks without an answer are left out, which the policy then allows."""
    requirements: tuple[Requirement, ...]
    changes: tuple[Change, ...]
    allowed: tuple[str, ...]
    """What was allowed to differ between the two runs, and did."""
    schema_version: int = GATE_SCHEMA_VERSION


def judge_gate(
    policy: Policy, candidate: JudgedRun, baseline: JudgedRun | None, allowed: Sequence[str] = ()
) -> GateReport:
    """What `policy` says of `candidate`, beside `baseline` where there is one.

    Raises:
        UserError: A run is not fit to be judged by `policy`.
    """
    _refuse_unknown(policy, candidate)
    for run in (candidate, baseline):
        if run is not None:
            _refuse_unfit(policy, run)
    answers = _chosen(policy, candidate)
    given = answers.keys() - candidate.missing
    requirements = tuple(_requirements(policy, list(answers.values())))
    changes: tuple[Change, ...] = ()
    if baseline is not None:
        changes = tuple(_changes(policy, answers, _chosen(policy, baseline)))
    return GateReport(
        passed=all(r.passed for r in requirements) and all(c.passed for c in changes),
        candidate=candidate.folder,
        baseline=baseline.folder if baseline is not None else None,
        answers=len(given),
        tasks=len({task for task, _ in given}),
        unjudged=candidate.unjudged,
        tasks_missing=len({task for task, _ in answers.keys() - given}),
        told=in_words(candidate.run.tasks) if candidate.run.tasks is not None else "",
        is_partial=candidate.is_partial is True,
        requirements=requirements,
        changes=changes,
        allowed=tuple(allowed),
    )


def _refuse_unknown(policy: Policy, run: JudgedRun) -> None:
    """A rule that nothing can meet is a slip in a name."""
    there = sorted({judged.category or "none" for judged in run.answers.values()})
    for name in (*policy.run.categories, *policy.category):
        if name not in CATEGORIES and name not in there:
            raise UserError(
                f"the policy names a category {name}, which there is not; {run.folder} has "
                f"{', '.join(there) or 'none'}"
            )


def _refuse_unfit(policy: Policy, run: JudgedRun) -> None:
    if run.unjudged_share > policy.run.max_unjudged:
        raise UserError(
            f"{run.folder}: {run.unjudged} of {run.unjudged + run.judged} answers are not "
            f"judged, more than the policy's {policy.run.max_unjudged:.1%}: judge them (the same "
            "command goes on), see `rtlbench doctor`"
        )
    if run.is_partial and not policy.run.partial:
        assert run.run.tasks is not None
        raise UserError(
            f"{run.folder}: {in_words(run.run.tasks)}: its figures are about those alone; the same "
            "command without --partial counts the others as wrong, and `partial = true` in the "
            "policy's [run] takes it as it is"
        )
    tasks: dict[str, set[str]] = defaultdict(set)
    for judged in (j for k, j in run.answers.items() if k not in run.missing):
        tasks[judged.category or "none"].add(judged.spec_id or "")
    for category in policy.run.categories or sorted(tasks):
        if len(tasks[category]) < policy.run.least_tasks:
            raise UserError(
                f"{run.folder}: answers to {len(tasks[category])} tasks of {category}, and the "
                f"policy asks for {policy.run.least_tasks}: judge answers to more of them"
            )


def _chosen(policy: Policy, run: JudgedRun) -> dict[Key, Judged]:
    """The answers that the rules are about, in one order: intervals are drawn along it."""
    chosen = policy.run.categories
    ordered = sorted(run.answers.items(), key=lambda item: item[0])
    return {k: j for k, j in ordered if not chosen or j.category in chosen}


def _requirements(policy: Policy, answers: Sequence[Judged]) -> Iterable[Requirement]:
    categories = by_category(answers)
    total = summarise(answers)
    for figure, least in policy.require.items():
        yield _requirement(figure, ALL, least, total)
    for name, rules in policy.category.items():
        for figure, least in rules.items():
            yield _requirement(figure, name, least, categories.get(name))
    for figure, least in policy.weakest_category.items():
        yield _weakest(figure, least, categories)


def _requirement(figure: str, of: str, least: float, summary: Summary | None) -> Requirement:
    found = Figure(None) if summary is None else figure_of(summary, figure)
    return Requirement(
        figure=figure,
        of=of,
        least=least,
        value=found.value,
        low=found.low,
        high=found.high,
        passed=found.value is not None and found.value >= least,
        note="" if found.value is not None else "nothing to count",
    )


def _weakest(figure: str, least: float, categories: Mapping[str, Summary]) -> Requirement:
    """The requirement of the category with the lowest figure; one without any is the weakest."""
    if not categories:
        return _requirement(figure, WEAKEST, least, None)
    values = {name: figure_of(s, figure).value for name, s in categories.items()}
    name = min(values, key=lambda n: (-1.0 if (v := values[n]) is None else v, n))
    found = _requirement(figure, WEAKEST, least, categories[name])
    return msgspec.structs.replace(found, note=f"{name} {found.note}".strip())


def _changes(
    policy: Policy, one: Mapping[Key, Judged], other: Mapping[Key, Judged]
) -> Iterable[Change]:
    groups, before = by_group(one), by_group(other)
    together = ALL if ALL in groups else next(iter(groups), ALL)
    looked = [
        (figure, name, difference(task_differences(groups[name], before.get(name, {}), figure)))
        for figure in policy.baseline.figures
        for name in groups
    ]
    worse = holm([d.p_worse for _, _, d in looked])
    better = holm([d.p_better for _, _, d in looked])
    for (figure, name, found), p_worse, p_better in zip(looked, worse, better, strict=True):
        verdict = _verdict(policy.baseline.level, found, (p_worse, p_better), len(looked))
        is_strict = name == together and figure in policy.baseline.not_below
        if is_strict and verdict != WORSE and (found.value is None or found.value < -ROUNDING):
            verdict = LOWER
        told_enough = verdict != TOO_FEW or policy.baseline.too_few == "pass"
        yield Change(
            figure=figure,
            of=name,
            difference=found,
            p_worse=p_worse,
            p_better=p_better,
            verdict=verdict,
            passed=verdict not in (WORSE, LOWER) and told_enough,
        )


def _verdict(
    level: float, found: Difference, chances: tuple[float, float], looked: int
) -> ChangeVerdict:
    """What is said of a difference.

    Args:
        chances: Of a difference as low, and as high, were both the same; corrected.
        looked: How many differences are looked at.
    """
    worse, better = chances
    if worse < level:
        return WORSE
    if better < level:
        return BETTER
    # Lower, and so few tasks that no drop of theirs could have been called one.
    cannot_tell = least_chance(found.tasks) * looked >= level
    is_lower = found.value is None or found.value < 0.0
    return TOO_FEW if cannot_tell and is_lower else NO_DIFFERENCE
