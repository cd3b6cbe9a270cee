"""What an experiment on filtering thresholds is made of: one TOML file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.configuration import read_toml_as


class Raw(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[raw]`: the noisy corpus that every arm is made from."""

    size: int = 2347
    defects: float = 0.55
    """Share of wrong answers."""
    seed: int = 1
    options: tuple[str, ...] = ()
    """Further options of `rtlbench corpus`, for all its corpora."""
    pool: int = 2600
    """Right examples that equal sizes are drawn from."""
    made: str = ""
    """A corpus that is there already, to draw from; else one is made."""
    answers: int = 0
    """Of `size`, records whose answers are the base's own."""
    answer_options: tuple[str, ...] = ()
    """How it is asked: options of `rtlbench generate`."""


class Base(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[base]`: the model that all arms start from."""

    model: str = ""
    """A folder, where it is there already; then the rest counts for nothing."""
    recipe: str = ""
    """Of training/tiny/train.py."""
    examples: int = 0
    """Of a noisy corpus of its own; 0 where the recipe makes its own examples."""
    options: tuple[str, ...] = ()
    """Further options of training/tiny/train.py."""


class Tune(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[tune]`: how each arm is fine-tuned."""

    recipe: str
    """Of training/sft.py."""
    changes: tuple[str, ...] = ()
    """`PART.WORD=VALUE`."""


class Bench(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[bench]`: how each arm is judged."""

    fresh: int | None = None
    """Seed that draws tasks which nobody has seen; without it the frozen ones are asked."""
    count: int | None = None
    """So many fresh tasks."""
    select: str = ""
    """pytest's `-k`: which of them."""
    samples: int = 5
    categories: tuple[str, ...] = ()
    """Of the tasks; empty for those of the corpora."""
    suite: str = ""
    """The families' folders, where they are copied already."""
    options: tuple[str, ...] = ()
    """Further options of `rtlbench bench`."""
    public: dict[str, str] = {}
    """Public suites by name, as `rtlbench bench --suite` has it, and where they lie."""
    public_options: tuple[str, ...] = ()
    """Further options of `rtlbench bench` there, such as `-k`."""


class ExperimentSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    categories: tuple[str, ...] = ()
    """Of the corpora and of the benchmark; empty for all."""
    families: tuple[str, ...] = ()
    """Of these categories alone; empty for all. A model this small has no time for more."""
    raw: Raw = Raw()
    base: Base
    tune: Tune
    bench: Bench = Bench()
    policy: str = "training/gate.toml"
    """What an arm has to meet."""
    diagnostic: tuple[str, ...] = ("data/training/diagnostic_corpus_expanded.jsonl",)
    """Hand-written examples that go into the strict arms; the expanded corpus holds the other."""
    seeds: tuple[int, ...] = (1, 2, 3)


def read_settings(path: Path) -> ExperimentSettings:
    """The settings in a TOML file.

    Raises:
        UserError: It cannot be read, or says what no settings can.
    """
    settings = read_toml_as(path, "settings", ExperimentSettings)
    if not settings.seeds or len(set(settings.seeds)) != len(settings.seeds):
        raise UserError(f"{path}: seeds: give at least one, each once")
    if not settings.base.model and not settings.base.recipe:
        raise UserError(f"{path}: [base]: give a model's folder, or a recipe to train one by")
    return settings


def place_in_project(path: Path, root: Path) -> str:
    """Where a file is, without the folders above the project at `root`."""
    full = path.resolve()
    return str(full.relative_to(root)) if full.is_relative_to(root) else path.name
