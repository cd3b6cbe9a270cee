"""What the stages of the experiment on real models have left so far: true at any point of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.pipeline.stages import RECORD, Stage, read_record
from rtlbench.refine.report import RefineReport, read_report
from rtlbench.runs.finished import JudgedRun, read_run
from rtlbench.training.record import RUN, TrainingRun
from training.experiments.arms import DATA, Arm
from training.experiments.draw import records_of
from training.experiments.further import (
    TURNS,
    categories_of,
    category_stage,
    refine_stage,
    specialised,
)
from training.experiments.own_answers import SOURCE
from training.experiments.plan import (
    BASE,
    OWN,
    RESULTS,
    bench_stage,
    present,
    public_stage,
    tune_stage,
)
from training.experiments.real_plan import ModelPlan
from training.experiments.settings import ExperimentSettings


class SetCounts(msgspec.Struct, frozen=True, kw_only=True):
    """An arm's training data."""

    records: int
    right: int
    """Made right."""
    wrong: int
    """Made wrong."""
    own: int
    """The model's own answers, right or wrong."""
    other: int
    """Hand-written."""


class RealArm(msgspec.Struct, frozen=True, kw_only=True):
    """An arm, or the base, as far as it is."""

    name: str
    title: str
    threshold: float | None = None
    data: SetCounts | None = None
    same_as: str = ""
    """The arm of the same examples that was trained in its stead."""
    tuning: dict[int, TrainingRun] = {}
    """By seed."""
    runs: dict[int, JudgedRun] = {}
    """Of the fresh members, by seed."""
    public: dict[str, dict[int, JudgedRun]] = {}
    """By suite and seed."""
    turns: dict[int, RefineReport] = {}
    """Of the same tasks in several turns, by seed."""
    specialists: dict[int, dict[str, TrainingRun]] = {}
    """The adapters of each category, by seed and category."""
    routed: dict[int, JudgedRun] = {}
    """Of those adapters together, by seed."""


class ModelResult(msgspec.Struct, frozen=True, kw_only=True):
    """One model's part."""

    plan: ModelPlan
    settings: ExperimentSettings
    base: RealArm
    arms: tuple[RealArm, ...]
    own_answers: int
    """That the model gave; 0 where it was not asked yet."""
    done: int
    planned: int
    """Stages."""
    seconds: float
    """That the finished stages took, one after another."""

    def arm(self, name: str) -> RealArm | None:
        """The arm of that name, or the base."""
        return next((a for a in (self.base, *self.arms) if a.name == name), None)


def read_model(
    plan: ModelPlan, settings: ExperimentSettings, arms: Sequence[Arm], same: dict[str, str],
    stages: Sequence[Stage], work: Path,
) -> ModelResult:  # fmt: skip
    """What the finished stages in `work` say of one model.

    Args:
        arms: All that are planned.
        same: Those that are not trained, and the arm that is in their stead.
        stages: All that are planned.
    """
    done = [s.name for s in stages if is_done(work, s.name)]
    seeds = settings.seeds
    base = RealArm(
        name=BASE, title="before: the model as it is",
        runs=runs_of(work, {seeds[0]: bench_stage(BASE, seeds[0])}),
        public=_public(settings, work, BASE, seeds[:1]), turns=_turns(work, BASE, seeds[:1]),
    )  # fmt: skip
    return ModelResult(
        plan=plan,
        settings=settings,
        base=base,
        arms=tuple(_arm(settings, arm, work, same.get(arm.name, "")) for arm in arms),
        own_answers=len(records_of(work / OWN / DATA)) if OWN in done else 0,
        done=len(done),
        planned=len(stages),
        seconds=sum(read_record(work / name).seconds for name in done),
    )


def pairs_of(one: RealArm, other: RealArm) -> list[tuple[JudgedRun, JudgedRun]]:
    """Runs of an arm and another with the same seed; the base's only run stands beside each."""
    if other.name == BASE:
        return [(run, before) for run in one.runs.values() for before in other.runs.values()]
    return [(one.runs[s], other.runs[s]) for s in one.runs if s in other.runs]


def counts_of(path: Path) -> SetCounts:
    """What a file of training data is made of."""
    records = records_of(path)
    own = sum(r.metadata.get("source") == SOURCE for r in records)
    made = [r for r in records if "defect" in r.metadata]
    right = sum(r.metadata["defect"] is None for r in made)
    return SetCounts(
        records=len(records), right=right, wrong=len(made) - right, own=own,
        other=len(records) - own - len(made),
    )  # fmt: skip


def _arm(settings: ExperimentSettings, arm: Arm, work: Path, same: str) -> RealArm:
    seeds = settings.seeds
    has_data = is_done(work, arm.data)
    return RealArm(
        name=arm.name,
        title=arm.title,
        threshold=arm.threshold,
        data=counts_of(work / arm.data / DATA) if has_data else None,
        same_as=same,
        tuning={s: run for s in seeds if (run := tuning_of(work, tune_stage(arm.name, s)))},
        runs=runs_of(work, {s: bench_stage(arm.name, s) for s in seeds}),
        public=_public(settings, work, arm.name, seeds),
        turns=_turns(work, arm.name, seeds),
        specialists={s: found for s in seeds if (found := _specialists(settings, arm, work, s))},
        routed=runs_of(work, {s: bench_stage(specialised(arm.name), s) for s in seeds}),
    )


def _turns(work: Path, name: str, seeds: Sequence[int]) -> dict[int, RefineReport]:
    found = {}
    for seed in seeds:
        stage = refine_stage(name, seed)
        if is_done(work, stage):
            report = read_report(work / stage / "runs" / TURNS)
            assert report is not None
            found[seed] = report
    return found


def _specialists(
    settings: ExperimentSettings, arm: Arm, work: Path, seed: int
) -> dict[str, TrainingRun]:
    found = {c: tuning_of(work, category_stage(arm.name, c, seed)) for c in categories_of(settings)}
    return {category: run for category, run in found.items() if run is not None}


def _public(
    settings: ExperimentSettings, work: Path, name: str, seeds: Sequence[int]
) -> dict[str, dict[int, JudgedRun]]:
    found = {
        suite: runs_of(work, {s: public_stage(suite, name, s) for s in seeds})
        for suite in present(settings.bench.public)
    }
    return {suite: runs for suite, runs in found.items() if runs}


def runs_of(work: Path, stages: dict[int, str]) -> dict[int, JudgedRun]:
    """By seed, the finished ones of benchmarks of `stages`."""
    return {
        seed: read_run(work / name / RESULTS, name)
        for seed, name in stages.items()
        if is_done(work, name)
    }


def tuning_of(work: Path, name: str) -> TrainingRun | None:
    """What became of one stage of fine-tuning; None where it is not done."""
    if not is_done(work, name):
        return None
    paths = sorted((work / name).glob(f"run_*/{RUN}"))
    if len(paths) != 1:
        raise UserError(f"{work / name}: holds {len(paths)} adapters, not one; remove the folder")
    return msgspec.json.decode(paths[0].read_bytes(), type=TrainingRun)


def is_done(work: Path, stage: str) -> bool:
    """Whether a stage is finished."""
    return (work / stage / RECORD).is_file()
