"""The stages that the arms of the threshold experiment take, and what each is made from.

First the ground: each arm's data, the tasks, the base. Only then is it known which arms have the
same examples; the others are fine-tuned and judged.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rtlbench.generate.gguf import is_gguf
from rtlbench.pipeline.stages import ONE_OF, OUT, RTLBENCH, UNJUDGED, Stage
from training.experiments.arms import DATA, Arm
from training.experiments.settings import Bench, ExperimentSettings, Tune

HERE = Path(__file__).parent
RESULTS = "results"
BASE = "base"
MODEL = "model"
SUITE = "suite"
TASKS = "tasks"
MADE = "made"
OWN = "own_answers"
FIRST = "keep_0.7"
SAME_ENGINE = ("--model-engine", "transformers")
"""For a GGUF file: what computes the arms, since no other takes adapters, computes the base too."""
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
    maker = StageMaker(settings, root, work)
    for arm in arms:
        maker.data(arm.data)
    maker.tasks()
    maker.base()
    return list(maker.stages.values())


def shared_ground_of(settings: ExperimentSettings, root: Path, work: Path) -> list[Stage]:
    """The stages that several experiments can share: a noisy corpus of the families alone, and the
    tasks.

    The arguments are those of `ground_of`.
    """
    maker = StageMaker(settings, root, work)
    maker.made()
    maker.tasks()
    return list(maker.stages.values())


def models_of(
    settings: ExperimentSettings, arms: Sequence[Arm], root: Path, work: Path
) -> list[Stage]:
    """The stages that fine-tune and judge `arms` with each seed, once the ground is done.

    The arguments are those of `ground_of`.
    """
    maker = StageMaker(settings, root, work)
    maker.bench(BASE, settings.seeds[0], None)
    for seed in settings.seeds:
        for arm in arms:
            maker.tune(arm, seed)
            maker.bench(arm.name, seed, arm)
    return list(maker.stages.values())


def public_of(
    settings: ExperimentSettings, arms: Sequence[Arm], root: Path, work: Path
) -> list[Stage]:
    """The stages that ask the base and `arms` the public suites' problems, once they are tuned.

    The arguments are those of `ground_of`.
    """
    maker = StageMaker(settings, root, work)
    maker.public(BASE, settings.seeds[0], None)
    for seed in settings.seeds:
        for arm in arms:
            maker.public(arm.name, seed, arm)
    return list(maker.stages.values())


def present(public: Mapping[str, str]) -> dict[str, str]:
    """Those public suites whose folders are there."""
    return {name: folder for name, folder in public.items() if Path(folder).is_dir()}


def bench_stage(arm: str, seed: int) -> str:
    """The stage that judges one arm with one seed."""
    return f"bench_{arm}_s{seed}"


def tune_stage(arm: str, seed: int) -> str:
    """The stage that fine-tunes one arm with one seed."""
    return f"tune_{arm}_s{seed}"


def public_stage(suite: str, arm: str, seed: int) -> str:
    """The stage that judges one arm with one seed on a public suite."""
    return f"public_{suite}_{arm}_s{seed}"


def tune_argv(
    tune: Tune, root: Path, data: str, name: str, base: str, *changes: str
) -> list[str]:
    """The call of training/sft.py by a recipe, with `changes` before those of the settings."""
    every = [f'model.base="{base}"', *changes, *tune.changes]
    return [
        sys.executable, str(root / "training/sft.py"), str(root / tune.recipe),
        "--data", data, "--name", name, "--out", OUT,
        *BY_SCORE, *(word for change in every for word in ("--set", change)),
    ]  # fmt: skip


def tasks_argv(bench: Bench, work: Path) -> list[str]:
    """The options that say which tasks are asked."""
    fresh = [] if bench.fresh is None else ["--fresh", str(bench.fresh)]
    count = [] if bench.count is None else ["--count", str(bench.count)]
    return ["--suite", f"rtlbench={bench.suite or work / SUITE / SUITE}", *fresh, *count]


def adapter_of(work: Path, arm: str, seed: int) -> str:
    """The adapter that one arm's fine-tuning with one seed made, as a stage's argument."""
    return f"{ONE_OF}{work / tune_stage(arm, seed)}/run_{arm}_s{seed}_*"


class StageMaker:
    """Collects stages, each once, with what they need."""

    def __init__(self, settings: ExperimentSettings, root: Path, work: Path) -> None:
        self.stages: dict[str, Stage] = {}
        self._settings, self._root, self._work = settings, root, work

    def data(self, name: str) -> None:
        """The stage `name`, that makes data."""
        kind, _, word = name.partition("_")
        raw = self._settings.raw
        if name == "raw":
            self._raw()
        elif name == "pool":
            self._corpus(name, raw.pool, 0.0, raw.seed + 1)
        elif kind == "keep":
            self._keep(name, float(word))
        elif kind == "strict":
            self._strict(name, word)
        elif kind == "proven":
            self._proven(name, float(word))
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
        self.add(BASE, argv, ["base_data"] if base.examples else [])

    def tune(self, arm: Arm, seed: int) -> None:
        """Fine-tuning on an arm's data."""
        tune, name = self._settings.tune, f"{arm.name}_s{seed}"
        argv = tune_argv(
            tune, self._root, self._path(arm.data), name, self.model(), f"train.seed={seed}"
        )
        self.add(tune_stage(arm.name, seed), argv, [arm.data, *self.needs_base()])

    def bench(self, name: str, seed: int, arm: Arm | None) -> None:
        """The benchmark of an arm, or of the base."""
        bench = self._settings.bench
        asked = [*self._tasks(), *bench.options, *(["-k", bench.select] if bench.select else [])]
        self._bench(bench_stage(name, seed), asked, (TASKS,), seed, arm)

    def public(self, name: str, seed: int, arm: Arm | None) -> None:
        """The public suites' problems, by the suites' rule and ours."""
        bench = self._settings.bench
        for suite, folder in present(bench.public).items():
            asked = ["--suite", f"{suite}={folder}", "--judge", "both", *bench.options,
                     *bench.public_options]  # fmt: skip
            self._bench(public_stage(suite, name, seed), asked, (), seed, arm)

    def _bench(
        self, stage: str, asked: list[str], needs: tuple[str, ...], seed: int, arm: Arm | None
    ) -> None:
        argv = [
            *RTLBENCH, "bench", "--model", self.model(),
            "--samples", str(self._settings.bench.samples), "--sampling-seed", str(seed),
            "--results", f"{OUT}/{RESULTS}", "-n", "1", *asked,
            *(SAME_ENGINE if is_gguf(self.model()) else ()),
        ]  # fmt: skip
        needs = (*needs, *self.needs_base())
        if arm is not None:
            argv += ["--adapter", adapter_of(self._work, arm.name, seed)]
            needs = (*needs, tune_stage(arm.name, seed))
        self.add(stage, argv, list(needs), tolerates=UNJUDGED)

    def tasks(self) -> None:
        """The tasks that are asked: the families' folders, and what is drawn of them, which is
        kept in rtlbench's cache for the benchmarks."""
        settings, needs = self._settings, []
        if not settings.bench.suite:
            argv = [
                sys.executable, str(HERE / "part_of_suite.py"), "--out", f"{OUT}/{SUITE}",
                *_listed("--categories", settings.bench.categories or settings.categories),
                *_listed("--families", settings.families),
            ]  # fmt: skip
            self.add(SUITE, argv, [])
            needs = [SUITE]
        self.add(TASKS, [*RTLBENCH, "specs", "list", "--json", *self._tasks()], needs)

    def _tasks(self) -> list[str]:
        return tasks_argv(self._settings.bench, self._work)

    def _corpus(self, name: str, size: int, defects: float, seed: int) -> None:
        settings = self._settings
        argv = [
            *RTLBENCH, "corpus", "--out", f"{OUT}/{DATA}", "--size", str(size), "--seed",
            str(seed), "--defects", str(defects), "-n", "1", "--force", *settings.raw.options,
            *_listed("--categories", settings.categories),
            *_listed("--families", settings.families),
        ]  # fmt: skip
        self.add(name, argv, [])

    def made(self) -> None:
        """The noisy corpus of the families alone."""
        raw = self._settings.raw
        self._corpus(MADE, raw.size - raw.answers, raw.defects, raw.seed)

    def _raw(self) -> None:
        """The noisy corpus; where the base's own answers are to be some of it, drawn with them."""
        raw = self._settings.raw
        if not raw.answers and not raw.made:
            self._corpus("raw", raw.size, raw.defects, raw.seed)
            return
        made = raw.made or self._path(MADE)
        needs: list[str] = []
        if not raw.made:
            self.made()
            needs.append(MADE)
        sources = [made]
        if raw.answers:
            self._own_answers(made, needs)
            sources.append(self._path(OWN))
            needs = [*needs, OWN]
        argv = [
            sys.executable, str(HERE / "draw.py"), *sources, "--count", str(raw.size),
            "--seed", str(raw.seed), "--out", f"{OUT}/{DATA}",
        ]  # fmt: skip
        self.add("raw", argv, needs)

    def _own_answers(self, made: str, needs: list[str]) -> None:
        raw = self._settings.raw
        self.base()
        argv = [
            sys.executable, str(HERE / "own_answers.py"), made, "--model", self.model(),
            "--count", str(raw.answers), "--sampling-seed", str(raw.seed),
            "--out", f"{OUT}/{DATA}", *raw.answer_options,
        ]  # fmt: skip
        self.add(OWN, argv, [*needs, *self.needs_base()])

    def _proven(self, name: str, threshold: float) -> None:
        """After the first that was filtered, which filled the cache."""
        self.data(FIRST)
        argv = self._filter_argv(self._path("raw"), threshold, ("--accept", "proven"))
        self.add(name, argv, ["raw", FIRST], UNJUDGED)

    def _keep(self, name: str, threshold: float) -> None:
        """The first that is kept of the raw corpus fills the cache for the others."""
        if name == FIRST:
            self._filter(name, "raw", threshold)
            return
        self.data(FIRST)
        self.add(name, self._filter_argv(self._path("raw"), threshold), ["raw", FIRST],
                  UNJUDGED)

    def _filter(self, name: str, source: str, threshold: float) -> None:
        self.data(source)
        self.add(name, self._filter_argv(self._path(source), threshold), [source], UNJUDGED)

    def _filter_argv(
        self, path: str, threshold: float, tier: Sequence[str] = BY_SCORE
    ) -> list[str]:
        return [
            *RTLBENCH, "filter", path, "--out", f"{OUT}/{DATA}", "--threshold", str(threshold),
            *tier, "--cache", str(self._cache()), "-n", "1",
        ]  # fmt: skip

    def _cache(self) -> Path:
        """Of Verdicts: beside the corpus, so that whoever draws from the same one has them."""
        made = self._settings.raw.made
        return (Path(made).parents[1] if made else self._work) / "cache"

    def _strict(self, name: str, threshold: str) -> None:
        kept = f"keep_{threshold}"
        self.data(kept)
        needs = [kept]
        for k, path in enumerate(self._settings.diagnostic):
            judged = f"diagnostic_{k}"
            self.add(judged, self._filter_argv(str(self._root / path), 0.95), [])
            needs.append(judged)
        argv = [
            *RTLBENCH, "combine", *(self._path(n) for n in needs), "--out", f"{OUT}/{DATA}",
            "--threshold", threshold, "--duplicates", "none", "--against", "none", "-n", "1",
            *BY_SCORE,
        ]  # fmt: skip
        self.add(name, argv, needs)

    def _draw(self, name: str, source: str, how_many: list[str], needs: list[str]) -> None:
        for need in (source, *needs):
            self.data(need)
        argv = [
            sys.executable, str(HERE / "draw.py"), self._path(source), *how_many,
            "--seed", str(self._settings.raw.seed), "--out", f"{OUT}/{DATA}",
        ]  # fmt: skip
        self.add(name, argv, [source, *needs])

    def add(
        self, name: str, argv: list[str], needs: list[str], tolerates: int | None = None
    ) -> None:
        """Another stage."""
        self.stages[name] = Stage(
            name=name, argv=tuple(argv), needs=tuple(needs), tolerates=tolerates
        )

    def _path(self, stage: str) -> str:
        return str(self._work / stage / DATA)

    def model(self) -> str:
        """Where the model that all start from is, or will be."""
        return self._settings.base.model or str(self._work / BASE / MODEL)

    def needs_base(self) -> list[str]:
        """What it waits for."""
        return [] if self._settings.base.model else [BASE]


def _listed(option: str, names: Sequence[str]) -> list[str]:
    return [option, ",".join(names)] if names else []
