"""The parts of the page that speak of several turns and of an adapter for each category."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rtlbench.gate.runs import ALL
from rtlbench.gate.text import NONE, markdown_table
from rtlbench.runs.finished import JudgedRun
from rtlbench.training.record import TrainingRun
from training.experiments.figures import sure_mean_of
from training.experiments.further import Further, categories_of
from training.experiments.page import NOT_YET, percent_of, shown
from training.experiments.plan import BASE
from training.experiments.real_outcome import ModelResult, RealArm


def turns(result: ModelResult, wanted: Further) -> str:
    """How many tasks are solved by each turn."""
    rows = []
    for arm in _trained(result, wanted.refined):
        for seed in result.settings.seeds[: 1 if arm.name == BASE else None]:
            report = arm.turns.get(seed)
            solved = [] if report is None else [percent_of(t.solved) for t in report.turns]
            rest = [NOT_YET if report is None else NONE] * (wanted.turns - len(solved))
            chains = NOT_YET if report is None else f"{report.chains:,}"
            rows.append((arm.name, str(seed), chains, *solved, *rest))
    heads = ("arm", "seed", "tasks", *(f"solved by turn {k}" for k in range(1, wanted.turns + 1)))
    return markdown_table(heads, rows) + (
        "\nAfter each turn but the last, a wrong answer comes back with what the Verifier found "
        "([refinement.md](refinement.md)). A turn's stimulus is another one than the benchmark's.\n"
    )


def by_category(result: ModelResult, wanted: Further) -> str:
    """Each category by the arm's one adapter, and by that category's own."""
    rows = []
    for arm in _trained(result, wanted.specialised):
        for category in categories_of(result.settings):
            steps = [_steps(seed.get(category)) for seed in arm.specialists.values()]
            rows.append((arm.name, category, *_values(arm, category),
                         ", ".join(steps) or NOT_YET))  # fmt: skip
        rows.append((arm.name, "all", *_values(arm, ALL), ""))
    heads = ("arm", "functional, by category", "one adapter", "an adapter for each", "its steps")
    changes = ", ".join(f"`{c}`" for c in wanted.changes)
    return markdown_table(heads, rows) + (
        "\nEach learns from the arm's records of its category alone"
        + (f", with {changes}" if changes else "") + "; one base, one router.\n"
    )  # fmt: skip


def _trained(result: ModelResult, names: Sequence[str]) -> Iterator[RealArm]:
    """Those that are no other's twins."""
    for name in names:
        arm = result.arm(name)
        if arm is not None and not arm.same_as:
            yield arm


def _values(arm: RealArm, of: str) -> tuple[str, str]:
    """By the arm's one adapter, and by those of the categories."""
    one, own = ([*runs.values()] for runs in (arm.runs, arm.routed))
    return _value(one, of), _value(own, of)


def _value(runs: Sequence[JudgedRun], of: str) -> str:
    return shown(sure_mean_of(runs, "functional", of)) if runs else NOT_YET


def _steps(run: TrainingRun | None) -> str:
    return NOT_YET if run is None or run.result is None else f"{run.result.steps:,}"
