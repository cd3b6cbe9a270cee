"""The parts of the page that speak of several turns and of an adapter for each category."""

from __future__ import annotations

from rtlbench.gate.text import NONE, markdown_table
from rtlbench.statistics import Figure
from rtlbench.training.record import TrainingRun
from training.experiments.figures import mean_of
from training.experiments.further import Further, categories_of
from training.experiments.page import shown
from training.experiments.plan import BASE
from training.experiments.real_outcome import ModelResult, RealArm

NOT_YET = "not yet"


def turns(result: ModelResult, wanted: Further) -> str:
    """How many tasks are solved by each turn."""
    rows = []
    for name in wanted.refined:
        arm = result.arm(name)
        if arm is None or arm.same_as:
            continue
        for seed in result.settings.seeds[: 1 if name == BASE else None]:
            report = arm.turns.get(seed)
            solved = [] if report is None else [percent_of(t.solved) for t in report.turns]
            rest = [NOT_YET if report is None else NONE] * (wanted.turns - len(solved))
            chains = NOT_YET if report is None else f"{report.chains:,}"
            rows.append((name, str(seed), chains, *solved, *rest))
    heads = ("arm", "seed", "tasks", *(f"solved by turn {k}" for k in range(1, wanted.turns + 1)))
    return markdown_table(heads, rows) + (
        "\nAfter each turn but the last, a wrong answer comes back with what the Verifier found "
        "([refinement.md](refinement.md)). A turn's stimulus is another one than the benchmark's.\n"
    )


def by_category(result: ModelResult, wanted: Further) -> str:
    """Each category by the arm's one adapter, and by that category's own."""
    rows = []
    for name in wanted.specialised:
        arm = result.arm(name)
        if arm is None or arm.same_as:
            continue
        for category in categories_of(result.settings):
            steps = [_steps(seed.get(category)) for seed in arm.specialists.values()]
            rows.append((name, category, _value(arm, category, own=False),
                         _value(arm, category, own=True), ", ".join(steps) or NOT_YET))  # fmt: skip
        rows.append((name, "all", _value(arm, "", own=False), _value(arm, "", own=True), ""))
    heads = ("arm", "functional, by category", "one adapter", "an adapter for each", "its steps")
    changes = ", ".join(f"`{c}`" for c in wanted.changes)
    return markdown_table(heads, rows) + (
        "\nEach learns from the arm's records of its category alone"
        + (f", with {changes}" if changes else "") + "; one base, one router.\n"
    )  # fmt: skip


def percent_of(figure: Figure | None) -> str:
    """A share with its interval."""
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return NONE
    return f"{figure.value:.1%} ({figure.low:.1%} to {figure.high:.1%})"


def _value(arm: RealArm, category: str, *, own: bool) -> str:
    runs = list((arm.routed if own else arm.runs).values())
    if not runs:
        return NOT_YET
    return shown(mean_of(runs, "functional", category) if category else
                 mean_of(runs, "functional"))  # fmt: skip


def _steps(run: TrainingRun | None) -> str:
    return NOT_YET if run is None or run.result is None else f"{run.result.steps:,}"
