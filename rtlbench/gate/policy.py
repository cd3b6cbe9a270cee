"""What a run has to meet: a TOML file.

    [require]                      # the least that the whole run must have
    all_io_used = 0.85
    [weakest_category]             # the least that every category must have
    score = 0.65
    [category.fsm]                 # the least that one category must have
    score = 0.70
    [baseline]                     # what must not be worse than the baseline's, beyond chance
    figures = ["score", "functional"]
    [run]
    categories = ["fsm", "edge_detect"]
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.configuration import read_toml, read_toml_as
from rtlbench.statistics import PASS_AT, Figure, Summary

EXAMPLE = "[require] functional = 0.7"
FIGURES = (
    "score", "syntax", "synthesis", "all_io_used", "functional", "passed",
    *(f"pass@{k}" for k in PASS_AT),
)


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must not be worse than the baseline's."""

    figures: tuple[str, ...] = ("score", "functional")
    """Of each category and of all together."""
    level: float = 0.05
    """A drop that chance makes less often than this, corrected for their number, is a drop."""
    not_below: tuple[str, ...] = ()
    """Of these figures, those of all together must not be lower at all, chance or not."""
    too_few: Literal["pass", "fail"] = "pass"
    """What a lower figure is where there are too few tasks to tell."""


class Conditions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run must be like to be judged at all."""

    categories: tuple[str, ...] = ()
    """The rules are about these, and each must be there; empty for those of the run."""
    least_tasks: int = 1
    """Tasks that each category must have."""
    max_unjudged: float = 0.01
    """Share of answers, 0 to 1, that the harness could not judge or read."""
    partial: bool = False
    """Whether a run may leave tasks without an answer out of its figures (`--partial`)."""


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of the gate; figures are shares from 0 to 1."""

    require: dict[str, float] = {}
    weakest_category: dict[str, float] = {}
    category: dict[str, dict[str, float]] = {}
    baseline: Baseline = Baseline()
    run: Conditions = Conditions()


def read_policy(path: Path) -> Policy:
    """The Policy of a TOML file.

    Raises:
        UserError: It cannot be read, or a rule makes no sense.
    """
    policy, tables = read_toml_as(path, "policy", Policy), read_toml(path, "policy")
    if fault := _fault(policy) or _without_rule(tables):
        raise UserError(f"{path}: {fault}")
    return policy


def figure_of(summary: Summary, name: str) -> Figure:
    """The figure that a policy calls `name`."""
    if name.startswith("pass@"):
        return summary.pass_at.get(name.removeprefix("pass@"), Figure(None))
    figure = getattr(summary, name)
    assert isinstance(figure, Figure)
    return figure


def _without_rule(tables: Mapping[str, Any]) -> str:
    """What asks for nothing, though it looks as if it did; the defaults are nobody's rules."""
    if not tables.keys() - {"run"}:
        return f"holds no rule; write one, such as {EXAMPLE}"
    rules = {n: tables[n] for n in ("require", "weakest_category") if n in tables}
    rules |= {f"category.{n}": table for n, table in tables.get("category", {}).items()}
    for name, table in rules.items():
        if not table:
            return f"[{name}]: holds no rule; write one below it, or leave the table out"
    beside = tables.get("baseline")
    if not rules and (beside is None or beside.get("figures") == []):
        return f"holds no rule; write one, such as {EXAMPLE}"
    return ""


def _fault(policy: Policy) -> str:
    """What makes no sense; empty where all does."""
    for table, rules in least_by_table(policy).items():
        for name, least in rules.items():
            if name not in FIGURES:
                return f"[{table}] {name}: no such figure; there are {', '.join(FIGURES)}"
            if not 0.0 <= least <= 1.0:
                return f"[{table}] {name} = {least:g}: give a share from 0 to 1"
    return _fault_beside(policy)


def refuse_without_rule(policy: Policy, path: Path) -> None:
    """Make sure that something is asked of a run that has no baseline beside it.

    Raises:
        UserError: All rules are beside a baseline.
    """
    if not any(least_by_table(policy).values()):
        raise UserError(
            f"{path}: its rules are all beside a baseline, and none is given: give --baseline "
            f"RESULTS, or a policy with a rule on the run itself, such as {EXAMPLE}"
        )


def least_by_table(policy: Policy) -> dict[str, dict[str, float]]:
    """Every rule on the run by itself: the least of each figure, by the table that asks for it."""
    tables = {"require": policy.require, "weakest_category": policy.weakest_category}
    return tables | {f"category.{name}": table for name, table in policy.category.items()}


def _fault_beside(policy: Policy) -> str:
    for name in policy.baseline.figures:
        if name not in FIGURES:
            return f"[baseline] figures: no figure {name}; there are {', '.join(FIGURES)}"
    if outside := [n for n in policy.baseline.not_below if n not in policy.baseline.figures]:
        return f"[baseline] not_below: {outside[0]} is not among the figures"
    if not 0.0 < policy.baseline.level < 1.0:
        return f"[baseline] level = {policy.baseline.level:g}: give a chance between 0 and 1"
    if not 0.0 <= policy.run.max_unjudged <= 1.0:
        return f"[run] max_unjudged = {policy.run.max_unjudged:g}: give a share from 0 to 1"
    chosen = policy.run.categories
    if outside := [c for c in policy.category if chosen and c not in chosen]:
        return f"[category.{outside[0]}]: is not among the categories of [run]"
    return ""
