"""What an experiment's stages left: runs by arm and seed, and facts of their training data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from rtlbench.gate.runs import refuse_differences
from rtlbench.pipeline.stages import Stage, read_record, seconds_of
from rtlbench.runs.finished import JudgedRun, read_run
from rtlbench.training.record import RUN, TrainingRun
from training.experiments.arms import DATA, Arm
from training.experiments.draw import records_of
from training.experiments.plan import BASE, MODEL, RESULTS, bench_stage, tune_stage
from training.experiments.settings import ExperimentSettings
from training.tiny.run import MADE_FROM, MadeFrom


class ArmData(msgspec.Struct, frozen=True, kw_only=True):
    """An arm's training data."""

    records: int
    right: int
    """Those without a known defect."""
    trained: int
    """Those that were short enough to be learnt from."""


class ArmOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """An arm, or the base, judged."""

    name: str
    title: str
    threshold: float | None
    data: ArmData | None
    runs: tuple[JudgedRun, ...]
    """One a seed."""
    tuning: tuple[TrainingRun, ...] = ()
    """As well; none for the base."""


class ExperimentResult(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    settings: ExperimentSettings
    base: ArmOutcome
    made_from: MadeFrom | None
    """What the base was made from, where it is one of ours."""
    arms: tuple[ArmOutcome, ...]
    same: dict[str, str] = {}
    """Arms that were not trained, and the arm of the same examples that was: what
    `training.experiments.arms.distinct` found."""
    seconds: float
    """That all stages took, one after another."""
    busy: float
    """Seconds in which one or more of them ran; where the experiment was stopped in between, that
    does not count."""
    main_busy: float | None = None
    """Of those, the seconds in which a stage ran that V1, V2 and V3 take; None where there are no
    other arms."""

    def arm(self, name: str) -> ArmOutcome | None:
        """The arm of that name, where it was run."""
        return next((a for a in self.arms if a.name == name), None)


def read_outcome(
    settings: ExperimentSettings, arms: Sequence[Arm], work: Path, stages: Sequence[Stage],
    main: Sequence[Stage] = (),
) -> ExperimentResult:
    """What the finished stages in `work` say.

    Args:
        arms: Those that were trained.
        stages: All that were run, for their time.
        main: Those of them that V1, V2 and V3 take, where there are others.

    Raises:
        UserError: Two runs cannot be compared.
    """
    base = ArmOutcome(
        name=BASE,
        title="base, not fine-tuned",
        threshold=None,
        data=None,
        runs=(_run(work, BASE, settings.seeds[0]),),
    )
    found = tuple(_arm(settings, arm, work) for arm in arms)
    for arm in found:
        for run in arm.runs:
            refuse_differences(run, found[0].runs[0], ("sampling",))
    return ExperimentResult(
        settings=settings,
        base=base,
        made_from=_made_from(Path(settings.base.model or work / BASE / MODEL)),
        arms=found,
        seconds=sum(seconds_of(work, s.name) for s in stages),
        busy=_busy(work, stages),
        main_busy=_busy(work, main) if main else None,
    )


def _made_from(model: Path) -> MadeFrom | None:
    try:
        return msgspec.json.decode((model / MADE_FROM).read_bytes(), type=MadeFrom)
    except (OSError, msgspec.DecodeError):
        return None


def _busy(work: Path, stages: Sequence[Stage]) -> float:
    return union([_times(work, s.name) for s in stages])


def _times(work: Path, stage: str) -> tuple[float, float]:
    """When a stage began and ended, in seconds."""
    done = read_record(work / stage)
    end = datetime.fromisoformat(done.finished).timestamp()
    return end - done.seconds, end


def union(spans: Sequence[tuple[float, float]]) -> float:
    """How long one or more of these spans of time, (begin, end), last."""
    total, reached = 0.0, float("-inf")
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return total


def _arm(settings: ExperimentSettings, arm: Arm, work: Path) -> ArmOutcome:
    tuning = tuple(_tuning(work, arm.name, seed) for seed in settings.seeds)
    return ArmOutcome(
        name=arm.name,
        title=arm.title,
        threshold=arm.threshold,
        data=_data(work / arm.data / DATA, tuning[0]),
        runs=tuple(_run(work, arm.name, seed) for seed in settings.seeds),
        tuning=tuning,
    )


def _data(path: Path, tuning: TrainingRun) -> ArmData:
    records = records_of(path)
    return ArmData(
        records=len(records),
        right=sum(r.metadata.get("defect") is None for r in records),
        trained=tuning.examples.trained if tuning.examples is not None else 0,
    )


def _run(work: Path, arm: str, seed: int) -> JudgedRun:
    return read_run(work / bench_stage(arm, seed) / RESULTS, f"{arm}, seed {seed}")


def _tuning(work: Path, arm: str, seed: int) -> TrainingRun:
    (path,) = (work / tune_stage(arm, seed)).glob(f"run_*/{RUN}")
    return msgspec.json.decode(path.read_bytes(), type=TrainingRun)
