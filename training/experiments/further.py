"""What else is asked of some arms: several turns of refinement, and an adapter for each category.

An arm's specialised adapters learn from the same records as the arm, each from those of its
category, and answer that category's tasks through one router.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.generate.gguf import is_gguf
from rtlbench.pipeline.stages import ONE_OF, OUT, RTLBENCH, UNJUDGED, Stage
from rtlbench.suites.category import CATEGORIES
from training.experiments.arms import DATA, Arm
from training.experiments.plan import (
    BASE,
    HERE,
    RESULTS,
    SAME_ENGINE,
    TASKS,
    adapter_of,
    bench_stage,
    tasks_argv,
    tune_argv,
    tune_stage,
)
from training.experiments.settings import ExperimentSettings

ROUTES = "routes.toml"
TURNS = "turns"
"""The run's id, and so the folder of `refine.json` below `runs`."""


class Further(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[further]`: what is asked of some arms once all are judged."""

    turns: int = 0
    """Answers to a task, at most, each after what was wrong with the one before; 0 for none."""
    refined: tuple[str, ...] = ()
    """The arms that answer so; `base` for the model as it is."""
    specialised: tuple[str, ...] = ()
    """The arms that are also trained as an adapter for each category."""
    changes: tuple[str, ...] = ()
    """Of the recipe, for those: fewer steps each, so that all of them take as many as the arm."""


def refine_stage(arm: str, seed: int) -> str:
    """The stage in which an arm answers in several turns."""
    return f"refine_{arm}_s{seed}"


def specialised(arm: str) -> str:
    """What an arm's adapters for each category are called."""
    return f"{arm}_by_category"


def category_stage(arm: str, category: str, seed: int) -> str:
    """The stage that trains an arm's adapter for a category."""
    return tune_stage(f"{specialised(arm)}_{category}", seed)


def categories_of(settings: ExperimentSettings) -> Sequence[str]:
    """Those that are asked, each with an adapter of its own."""
    return settings.bench.categories or settings.categories or CATEGORIES


def further_of(
    settings: ExperimentSettings, arms: Sequence[Arm], wanted: Further, root: Path, work: Path
) -> list[Stage]:
    """All stages of it, once the arms are tuned.

    Args:
        arms: Those that are trained.
        root: The project's folder.
        work: The folder that stages go to.
    """
    stages: list[Stage] = []
    by_name = {arm.name: arm for arm in arms}
    for seed in settings.seeds:
        for name in wanted.refined if wanted.turns else ():
            if name in by_name or (name == BASE and seed == settings.seeds[0]):
                stages.append(_refine(settings, wanted, name, seed, work))
        for name in wanted.specialised:
            if name in by_name:
                stages += _specialise(settings, wanted, by_name[name], seed, root, work)
    return stages


def _refine(
    settings: ExperimentSettings, wanted: Further, name: str, seed: int, work: Path
) -> Stage:
    base, bench, needs = settings.base.model, settings.bench, [TASKS]
    argv = [
        *RTLBENCH, "refine", "--model", base, "--turns", str(wanted.turns),
        "--samples", str(bench.samples), "--sampling-seed", str(seed),
        "--runs", f"{OUT}/runs", "--run-id", TURNS, "-n", "1",
        *tasks_argv(bench, work), *bench.options, *(SAME_ENGINE if is_gguf(base) else ()),
    ]  # fmt: skip
    if name != BASE:
        argv += ["--adapter", adapter_of(work, name, seed)]
        needs.append(tune_stage(name, seed))
    return Stage(
        name=refine_stage(name, seed), argv=tuple(argv), needs=tuple(needs), tolerates=UNJUDGED
    )


def _specialise(
    settings: ExperimentSettings, wanted: Further, arm: Arm, seed: int, root: Path, work: Path
) -> list[Stage]:
    base, bench, own = settings.base.model, settings.bench, specialised(arm.name)
    stages: list[Stage] = []
    routes: list[str] = []
    tuned: list[str] = []
    for category in categories_of(settings):
        stage, name = category_stage(arm.name, category, seed), f"{own}_{category}_s{seed}"
        argv = tune_argv(settings.tune, root, str(work / arm.data / DATA), name, base,
                         f"train.seed={seed}")  # fmt: skip
        argv += [*(word for change in wanted.changes for word in ("--set", change)),
                 "--category", category]  # fmt: skip
        stages.append(Stage(name=stage, argv=tuple(argv), needs=(arm.data,)))
        routes += [category, f"{ONE_OF}{work / stage}/run_{name}_*"]
        tuned.append(stage)
    router = f"routes_{own}_s{seed}"
    written = (sys.executable, str(HERE / "routes.py"), base, f"{OUT}/{ROUTES}", *routes)
    stages.append(Stage(name=router, argv=written, needs=tuple(tuned)))
    asked = [
        *RTLBENCH, "bench", "--model", f"router:{work / router / ROUTES}",
        "--samples", str(bench.samples), "--sampling-seed", str(seed),
        "--results", f"{OUT}/{RESULTS}", "-n", "1", *tasks_argv(bench, work), *bench.options,
    ]  # fmt: skip
    stages.append(Stage(name=bench_stage(own, seed), argv=tuple(asked), needs=(TASKS, router),
                        tolerates=UNJUDGED))  # fmt: skip
    return stages
