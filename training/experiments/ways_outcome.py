"""What the stages of the experiment on four ways have left so far: true at any point of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.pipeline.stages import Stage, read_record
from rtlbench.runs.finished import JudgedRun
from rtlbench.training.record import TrainingRun
from training.experiments.plan import BASE, bench_stage, tune_stage
from training.experiments.pool import COUNTS, PoolCounts
from training.experiments.real_outcome import is_done, runs_of, tuning_of
from training.experiments.ways_plan import TITLES, WaysPlan, pool_stage, ways_of


class WayOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """A way, or the base, as far as it is."""

    name: str
    title: str
    runs: dict[int, JudgedRun] = {}
    """Of the fresh members, by seed."""
    tuning: dict[int, TrainingRun] = {}
    """As well; none for the base."""


class WaysOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    base: WayOutcome
    ways: tuple[WayOutcome, ...]
    pools: dict[int, PoolCounts]
    """By seed."""
    seconds: dict[str, float]
    """That each finished stage took."""
    planned: int
    """Stages."""

    def way(self, name: str) -> WayOutcome | None:
        """The way of that name, or the base."""
        return next((w for w in (self.base, *self.ways) if w.name == name), None)


def read_ways(plan: WaysPlan, stages: Sequence[Stage], work: Path) -> WaysOutcome:
    """What the finished stages in `work` say.

    Args:
        stages: All that are planned.
    """
    done = [s.name for s in stages if is_done(work, s.name)]
    pools = {seed: work / pool_stage(seed) / COUNTS for seed in plan.seeds
             if pool_stage(seed) in done}  # fmt: skip
    return WaysOutcome(
        base=_way(plan, BASE, "the base, as it is", work),
        ways=tuple(_way(plan, way, TITLES[way], work) for way in ways_of(plan)),
        pools={seed: msgspec.json.decode(path.read_bytes(), type=PoolCounts)
               for seed, path in pools.items()},
        seconds={name: read_record(work / name).seconds for name in done},
        planned=len(stages),
    )  # fmt: skip


def _way(plan: WaysPlan, name: str, title: str, work: Path) -> WayOutcome:
    tuned = {} if name == BASE else {s: tuning_of(work, tune_stage(name, s)) for s in plan.seeds}
    return WayOutcome(
        name=name,
        title=title,
        runs=runs_of(work, {s: bench_stage(name, s) for s in plan.seeds}),
        tuning={seed: found for seed, found in tuned.items() if found is not None},
    )
