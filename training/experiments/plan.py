"""The stages that the arms of the threshold experiment take, and what each is made from.

First the ground: each arm's data, the tasks, the base. Only then is it known which arms have the
same examples; the others are fine-tuned and judged.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rtlbench.pipeline.stages import ONE_OF, OUT, RTLBENCH, Stage
from training.experiments.arms import DATA, Arm
from training.experiments.settings import ExperimentSettings

HERE = Path(__file__).parent
RESULTS = "results"
BASE = "base"
MODEL = "model"
SUITE = "suite"
TASKS = "tasks"
FIRST = "keep_0.7"
BY_SCORE = ("--accept", "unproven")
"""The experiment asks what a score alone is worth: tiers have no say in it."""


def ground_of(
    settings: ExperimentSettings, arms: Sequence[Arm], root: Path, work: Path
) -> list[Stage]:
    """The stages that all others need: the data of `arms`, the tasks, the base.

    Args:
        root: The project's folder, with `training/` in it.
        work: The folder that stages go to.
    """
    maker = _Maker(settings, root, work)
    for arm in arms:
        maker.data(arm.data)
    maker.tasks()
    maker.base()
    return list(maker.stages.values())


def models_of(
    settings: ExperimentSettings, arms: Sequence[Arm], root: Path, work: Path
) -> list[Stage]:
    """The stages that fine-tune and judge `arms` with each seed, once the ground is done.

    The arguments are those of `ground_of`.
    """
    maker = _Maker(settings, root, work)
    maker.bench(BASE, settings.seeds[0], None)
    for seed in settings.seeds:
        for arm in arms:
            maker.tune(arm, seed)
            maker.bench(arm.name, seed, arm)
    return list(maker.stages.values())


def bench_stage(arm: str, seed: int) -> str:
    """The stage that judges one arm with one seed."""
    return f"bench_{arm}_s{seed}"


def tune_stage(arm: str, seed: int) -> str:
    """The stage that fine-tunes one arm with one seed."""
    return f"tune_{arm}_s{seed}"


class _Maker:
    """Collects stages, each once, with what they need."""

    def __init__(self, settings: ExperimentSettings, root: Path, work: Path) -> None:
        self.stages: dict[str, Stage] = {}
        self._settings, self._root, self._work = settings, root, work

    def data(self, name: str) -> None:
        """The stage `name`, that makes data."""
        kind, _, word = name.partition("_")
        raw = self._settings.raw
        if name == "raw":
            self._corpus(name, raw.size, raw.defects, raw.seed)
        elif name == "pool":
            self._corpus(name, raw.pool, 0.0, raw.seed + 1)
        elif kind == "keep":
            self._keep(name, float(word))
        elif kind == "strict":
            self._strict(name, word)
        elif name == "as_v2":
            self._draw(name, "sure", ["--like", self._path("keep_0.7")], ["keep_0.7"])
        elif name == "as_v3":
            self._draw(name, "keep_0.7", ["--like", self._path("strict_0.95")], ["strict_0.95"])
        elif kind == "gold":
            self._draw(name, "sure", ["--count", word], [])
        elif name == "sure":
            self._filter(name, "pool", 0.95)

    def base(self) -> None:
        """The model that all start from."""
        base, raw = self._settings.base, self._settings.raw
        if base.model:
            return
        script, recipe = str(self._root / "training/tiny/train.py"), str(self._root / base.recipe)
        argv = [sys.executable, script, recipe, "--out", f"{OUT}/{MODEL}", *base.options]
        if base.examples:
            self._corpus("base_data", base.examples, raw.defects, raw.seed + 2)
            argv += ["--data", self._path("base_data")]
        self._add(BASE, argv, ["base_data"] if base.examples else [])

    def tune(self, arm: Arm, seed: int) -> None:
        """Fine-tuning on an arm's data."""
        tune = self._settings.tune
        changes = [f'model.base="{self._model()}"', f"train.seed={seed}", *tune.changes]
        argv = [
            sys.executable, str(self._root / "training/sft.py"), str(self._root / tune.recipe),
            "--data", self._path(arm.data), "--name", f"{arm.name}_s{seed}", "--out", OUT,
            *BY_SCORE, *(word for change in changes for word in ("--set", change)),
        ]  # fmt: skip
        self._add(tune_stage(arm.name, seed), argv, [arm.data, *self._needs_base()])

    def bench(self, name: str, seed: int, arm: Arm | None) -> None:
        """The benchmark of an arm, or of the base."""
        bench = self._settings.bench
        argv = [
            *RTLBENCH, "bench", *self._tasks(), "--model", self._model(),
            "--samples", str(bench.samples), "--sampling-seed", str(seed),
            "--results", f"{OUT}/{RESULTS}", "-n", "1", *bench.options,
            *(["-k", bench.select] if bench.select else []),
        ]  # fmt: skip
        needs = [TASKS, *self._needs_base()]
        if arm is not None:
            tuned = tune_stage(arm.name, seed)
            argv += ["--adapter", f"{ONE_OF}{self._work / tuned}/run_{arm.name}_s{seed}_*"]
            needs = [*needs, tuned]
        self._add(bench_stage(name, seed), argv, needs)

    def tasks(self) -> None:
        """The tasks that are asked: the families' folders, and what is drawn of them, which is
        kept in rtlbench's cache for the benchmarks."""
        settings = self._settings
        argv = [
            sys.executable, str(HERE / "part_of_suite.py"), "--out", f"{OUT}/{SUITE}",
            *_listed("--categories", settings.categories),
            *_listed("--families", settings.families),
        ]  # fmt: skip
        self._add(SUITE, argv, [])
        self._add(TASKS, [*RTLBENCH, "specs", "list", "--json", *self._tasks()], [SUITE])

    def _tasks(self) -> list[str]:
        bench = self._settings.bench
        fresh = [] if bench.fresh is None else ["--fresh", str(bench.fresh)]
        count = [] if bench.count is None else ["--count", str(bench.count)]
        return ["--suite", f"rtlbench={self._work / SUITE / SUITE}", *fresh, *count]

    def _corpus(self, name: str, size: int, defects: float, seed: int) -> None:
        settings = self._settings
        argv = [
            *RTLBENCH, "corpus", "--out", f"{OUT}/{DATA}", "--size", str(size), "--seed",
            str(seed), "--defects", str(defects), "-n", "1", *settings.raw.options,
            *_listed("--categories", settings.categories),
            *_listed("--families", settings.families),
        ]  # fmt: skip
        self._add(name, argv, [])

    def _keep(self, name: str, threshold: float) -> None:
        """The first that is kept of the raw corpus fills the cache for the others."""
        if name == FIRST:
            self._filter(name, "raw", threshold)
            return
        self.data(FIRST)
        self._add(name, self._filter_argv(self._path("raw"), threshold), ["raw", FIRST])

    def _filter(self, name: str, source: str, threshold: float) -> None:
        self.data(source)
        self._add(name, self._filter_argv(self._path(source), threshold), [source])

    def _filter_argv(self, path: str, threshold: float) -> list[str]:
        return [
            *RTLBENCH, "filter", path, "--out", f"{OUT}/{DATA}", "--threshold", str(threshold),
            *BY_SCORE, "--cache", str(self._work / "cache"), "-n", "1",
        ]  # fmt: skip

    def _strict(self, name: str, threshold: str) -> None:
        kept = f"keep_{threshold}"
        self.data(kept)
        needs = [kept]
        for k, path in enumerate(self._settings.diagnostic):
            judged = f"diagnostic_{k}"
            self._add(judged, self._filter_argv(str(self._root / path), 0.95), [])
            needs.append(judged)
        argv = [
            *RTLBENCH, "combine", *(self._path(n) for n in needs), "--out", f"{OUT}/{DATA}",
            "--threshold", threshold, "--duplicates", "none", "--against", "none", "-n", "1",
            *BY_SCORE,
        ]  # fmt: skip
        self._add(name, argv, needs)

    def _draw(self, name: str, source: str, how_many: list[str], needs: list[str]) -> None:
        for need in (source, *needs):
            self.data(need)
        argv = [
            sys.executable, str(HERE / "draw.py"), self._path(source), *how_many,
            "--seed", str(self._settings.raw.seed), "--out", f"{OUT}/{DATA}",
        ]  # fmt: skip
        self._add(name, argv, [source, *needs])

    def _add(self, name: str, argv: list[str], needs: list[str]) -> None:
        self.stages[name] = Stage(name=name, argv=tuple(argv), needs=tuple(needs))

    def _path(self, stage: str) -> str:
        return str(self._work / stage / DATA)

    def _model(self) -> str:
        return self._settings.base.model or str(self._work / BASE / MODEL)

    def _needs_base(self) -> list[str]:
        return [] if self._settings.base.model else [BASE]


def _listed(option: str, names: Sequence[str]) -> list[str]:
    return [option, ",".join(names)] if names else []
