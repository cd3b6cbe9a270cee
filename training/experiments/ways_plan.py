"""The plan of the experiment on four ways of learning from verdicts: one TOML file, and its stages.

All ways have one budget: so many of the base's own answers to the same tasks, judged, and as many
sequences that a gradient is taken of.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.configuration import read_toml_as
from rtlbench.pipeline.stages import OUT, Stage
from rtlbench.training.recipe import Recipe, read_recipe
from training.experiments.arms import Arm
from training.experiments.plan import BASE, HERE, StageMaker, tune_stage
from training.experiments.pool import MENDS, PAIRS, RIGHT
from training.experiments.settings import Base, Bench, ExperimentSettings, Tune

SFT, NEGATIVES, DPO, GRPO = "sft", "sft_negatives", "dpo", "grpo"
TITLES = {
    SFT: "SFT: the right answers",
    NEGATIVES: "SFT + negatives: these, and wrong ones with their Findings to mend",
    DPO: "DPO: pairs of a right and a wrong one",
    GRPO: "GRPO: while answering",
}
DATA = {SFT: (RIGHT,), NEGATIVES: (RIGHT, MENDS), DPO: (PAIRS,)}
"""What of the pool a way learns from; the last has answers of its own."""


class Budget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[budget]`: what each way may have."""

    tasks: int
    answers: int
    """To each task."""
    options: tuple[str, ...] = ()
    """How the base is asked for them: options of `rtlbench generate`."""

    @property
    def judged(self) -> int:
        """Answers that are judged, and sequences that are learnt."""
        return self.tasks * self.answers


class WaysPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    seeds: tuple[int, ...]
    families: tuple[str, ...]
    base: Base
    budget: Budget
    ways: dict[str, Tune]
    bench: Bench = Bench()


def read_plan(path: Path, root: Path) -> WaysPlan:
    """The plan in a TOML file.

    Args:
        root: The project's folder, from which recipes go.

    Raises:
        UserError: It cannot be read, or says what no plan can.
    """
    plan = read_toml_as(path, "plan", WaysPlan)
    if not plan.seeds or len(set(plan.seeds)) != len(plan.seeds):
        raise UserError(f"{path}: seeds: give at least one, each once")
    if not plan.families:
        raise UserError(f"{path}: families: name some")
    if plan.budget.tasks < 1 or plan.budget.answers < 2:
        raise UserError(f"{path}: [budget]: give tasks, and at least 2 answers to each")
    if not plan.base.model and not plan.base.recipe:
        raise UserError(f"{path}: [base]: give a model's folder, or a recipe to train one by")
    for way in plan.ways:
        if way not in TITLES:
            raise UserError(f"{path}: ways.{way}: there are {', '.join(TITLES)}")
        steps_of(plan, way, root)
    return plan


def steps_of(plan: WaysPlan, way: str, root: Path) -> int:
    """How many steps the budget gives a way.

    Raises:
        UserError: Not a whole number.
    """
    recipe = _recipe(plan, way, root)
    each = recipe.train.batch * recipe.train.accumulation
    if way == DPO:
        each *= 2  # a pair is two sequences
    elif way == GRPO:
        each = recipe.reinforce.tasks * recipe.reinforce.answers // recipe.reinforce.updates
    steps, rest = divmod(plan.budget.judged, each)
    if rest or not steps:
        raise UserError(
            f"ways.{way}: {plan.budget.judged} sequences cannot be learnt in steps of {each}"
        )
    return steps


def _recipe(plan: WaysPlan, way: str, root: Path) -> Recipe:
    tune = plan.ways[way]
    return read_recipe(root / tune.recipe, tune.changes)


def stages_of(plan: WaysPlan, root: Path, work: Path) -> list[Stage]:
    """All stages, those of one seed after those of another: what is cut off has whole seeds.

    Args:
        root: The project's folder, with `training/` in it.
        work: The folder that stages go to.
    """
    maker = _WaysMaker(plan, root, work)
    maker.tasks()
    maker.base()
    for seed in plan.seeds:
        maker.bench(BASE, seed, None)
        if set(DATA) & set(plan.ways):
            maker.pool(seed)
        for way in plan.ways:
            maker.learn(way, seed)
            maker.bench(way, seed, Arm(name=way, title=TITLES[way], data=pool_stage(seed)))
    return list(maker.stages.values())


def pool_stage(seed: int) -> str:
    """The stage that has the base answer and judges that."""
    return f"pool_s{seed}"


class _WaysMaker(StageMaker):
    """Collects the stages of this experiment."""

    def __init__(self, plan: WaysPlan, root: Path, work: Path) -> None:
        super().__init__(_settings(plan), root, work)
        self._plan, self._root, self._work = plan, root, work

    def pool(self, seed: int) -> None:
        """The base's answers to the tasks of a seed."""
        budget = self._plan.budget
        argv = [
            sys.executable, str(HERE / "pool.py"), "--model", self.model(),
            "--families", ",".join(self._plan.families), "--draw", str(seed),
            "--tasks", str(budget.tasks), "--answers", str(budget.answers),
            "--sampling-seed", str(seed), "--out", OUT, "-n", "1", *budget.options,
        ]  # fmt: skip
        self.add(pool_stage(seed), argv, self.needs_base())

    def learn(self, way: str, seed: int) -> None:
        """A model that has learnt by one way."""
        plan = self._plan
        tune, steps = plan.ways[way], steps_of(plan, way, self._root)
        changes = [f'model.base="{self.model()}"', f"train.seed={seed}",
                   f"train.max_steps={steps}", *tune.changes]  # fmt: skip
        if way == GRPO:
            changes.append(f"reinforce.families={list(plan.families)}")
        files = [str(self._work / pool_stage(seed) / name) for name in DATA.get(way, ())]
        script = {DPO: "dpo.py", GRPO: "grpo.py"}.get(way, "sft.py")
        argv = [
            sys.executable, str(self._root / "training" / script), str(self._root / tune.recipe),
            "--name", f"{way}_s{seed}", "--out", OUT, *(("-n", "1") if way == GRPO else ()),
            *(word for file in files for word in ("--data", file)),
            *(word for change in changes for word in ("--set", change)),
        ]  # fmt: skip
        needs = [pool_stage(seed)] if files else []
        self.add(tune_stage(way, seed), argv, [*needs, *self.needs_base()])


def _settings(plan: WaysPlan) -> ExperimentSettings:
    """What stages are made of that other experiments have, too."""
    return ExperimentSettings(
        families=plan.families, base=plan.base, bench=plan.bench, seeds=plan.seeds,
        tune=Tune(recipe=""),
    )  # fmt: skip


def ways_of(plan: WaysPlan) -> Sequence[str]:
    """The ways that are planned, in the order of the table."""
    return [way for way in TITLES if way in plan.ways]
