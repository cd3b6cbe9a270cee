"""The plan of the experiment on real models: one TOML file, and what of it is asked of a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import structs

from rtlbench.errors import UserError
from rtlbench.io.configuration import read_toml_as
from training.experiments.arms import DATA, Arm, chosen_arms
from training.experiments.further import Further
from training.experiments.plan import BASE, MADE, SUITE
from training.experiments.settings import Base, Bench, ExperimentSettings, Raw, Tune

SHARED = "shared"
"""The work folder of what all models share."""


class ModelPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of `[[models]]`."""

    name: str
    """What the page calls it, and its work folder; `--model NAME=PLACE` says where it lies."""
    seeds: tuple[int, ...] = (1,)
    arms: tuple[str, ...] = ()
    """Instead of the plan's."""
    changes: tuple[str, ...] = ()
    """Of the recipe, after those of `[tune]`."""
    answers: int | None = None
    """Instead of `raw.answers`."""
    count: int | None = None
    """Instead of `bench.count`."""
    samples: int | None = None
    """Instead of `bench.samples`."""
    categories: tuple[str, ...] | None = None
    """Instead of `bench.categories`."""


class RealPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    models: tuple[ModelPlan, ...]
    arms: tuple[str, ...] = ("main",)
    categories: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    raw: Raw = Raw()
    tune: Tune
    bench: Bench = Bench()
    public: dict[str, str] = {}
    """Public suites' folders, from the project's folder."""
    public_arms: tuple[str, ...] = ()
    """The arms that are asked their problems; empty for all."""
    further: Further = Further()
    policy: str = "training/gate.toml"
    diagnostic: tuple[str, ...] = ("data/training/diagnostic_corpus_expanded.jsonl",)

    def arms_of(self, model: ModelPlan) -> list[Arm]:
        """The arms that a model is trained in."""
        return chosen_arms(",".join(model.arms or self.arms))

    def asked_in_public(self, arms: Sequence[Arm]) -> list[Arm]:
        """Those of `arms` that are asked the public suites' problems."""
        return [arm for arm in arms if not self.public_arms or arm.name in self.public_arms]


def read_plan(path: Path) -> RealPlan:
    """The plan in a TOML file.

    Raises:
        UserError: It cannot be read, or says what no plan can.
    """
    plan = read_toml_as(path, "plan", RealPlan)
    names = [m.name for m in plan.models]
    if not names or len(set(names)) != len(names):
        raise UserError(f"{path}: [[models]]: give at least one, each by a name of its own")
    for model in plan.models:
        if not _is_plain(model.name):
            raise UserError(f"{path}: name: {model.name!r} cannot be a folder's; use A-Z, 0-9, .-_")
        if not model.seeds or len(set(model.seeds)) != len(model.seeds):
            raise UserError(f"{path}: {model.name}: seeds: give at least one, each once")
        known = (BASE, *(arm.name for arm in plan.arms_of(model)))
        asked = (*plan.further.refined, *plan.further.specialised)
        if unknown := next((name for name in asked if name not in known), None):
            raise UserError(f"{path}: [further]: {model.name} has no arm {unknown}")
        if not 0 <= _answers(plan, model) < plan.raw.size:
            raise UserError(f"{path}: {model.name}: answers: give a number below raw.size")
    return plan


def places_of(plan: RealPlan, given: tuple[str, ...]) -> dict[str, str]:
    """Where models lie, by name, of options `NAME=PLACE`; a PLACE alone is the first model's.

    Raises:
        UserError: The plan has no such model, or nothing is there.
    """
    places: dict[str, str] = {}
    names = [m.name for m in plan.models]
    for word in given:
        name, equals, place = word.partition("=")
        if not equals:
            name, place = names[0], word
        if name not in names:
            raise UserError(f"--model {word}: the plan has {', '.join(names)}")
        if not Path(place).exists():
            raise UserError(f"--model {word}: there is no {place}")
        places[name] = str(Path(place).resolve())
    return places


def settings_of(plan: RealPlan, model: ModelPlan, place: str, root: Path, work: Path
                ) -> ExperimentSettings:  # fmt: skip
    """What one model's part is made of.

    Args:
        place: Its folder or file.
        root: The project's folder.
        work: The work folder of all.
    """
    own = {"count": model.count, "samples": model.samples, "categories": model.categories}
    shared = "" if model.categories else str(work / SHARED / SUITE / SUITE)
    bench = structs.replace(
        plan.bench,
        suite=shared,
        public={name: str((root / folder).resolve()) for name, folder in plan.public.items()},
        **{word: value for word, value in own.items() if value is not None},
    )
    return ExperimentSettings(
        categories=plan.categories,
        families=plan.families,
        raw=structs.replace(
            plan.raw, answers=_answers(plan, model), made=str(work / SHARED / MADE / DATA)
        ),
        base=Base(model=place),
        tune=structs.replace(plan.tune, changes=(*plan.tune.changes, *model.changes)),
        bench=bench,
        policy=plan.policy,
        diagnostic=plan.diagnostic,
        seeds=model.seeds,
    )


def shared_of(plan: RealPlan) -> ExperimentSettings:
    """What makes what all models share: the tasks, and a corpus of as many records as the one with
    the fewest answers of its own draws."""
    fewest = min(_answers(plan, model) for model in plan.models)
    raw = structs.replace(plan.raw, size=plan.raw.size - fewest, answers=0)
    return ExperimentSettings(
        categories=plan.categories, families=plan.families, raw=raw, base=Base(model=""),
        tune=plan.tune, bench=plan.bench,
    )  # fmt: skip


def _answers(plan: RealPlan, model: ModelPlan) -> int:
    return plan.raw.answers if model.answers is None else model.answers


def _is_plain(name: str) -> bool:
    return bool(name) and name != SHARED and not name.startswith(".") and all(
        c.isascii() and (c.isalnum() or c in ".-_") for c in name
    )


