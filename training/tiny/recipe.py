"""What a small model is made from: one TOML a model, in training/tiny/."""

from __future__ import annotations

from pathlib import Path

import msgspec

from rtlbench.io.configuration import read_toml_as


class TinyData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The examples; with a file from `--data` only `seed` of it counts."""

    examples: int = 60_000
    seed: int = 1
    categories: tuple[str, ...] = ()
    """Empty for the six of training.tiny.data.CATEGORIES."""
    families: tuple[str, ...] = ()
    """Empty for all of the categories."""
    defects: float = 0.0
    """Share of answers with a defect, 0 to 1."""


class ModelShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How large the model is."""

    vocabulary: int = 4096
    hidden: int = 256
    layers: int = 4
    heads: int = 4
    inner: int = 640
    positions: int = 1024
    """Tokens of prompt and answer together."""


class Course(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the model is trained."""

    epochs: float = 1.0
    batch_tokens: int = 8192
    learning_rate: float = 8e-3
    """Of AdamW: embeddings and norms, or all."""
    muon: bool = True
    muon_rate: float = 2e-2
    """Muon's own, for the matrices."""
    warmup: float = 0.02
    """Share of the steps, as the two that follow."""
    decay: float = 0.4
    on_prompts: float = 0.3
    weight_decay: float = 0.05
    compiled: bool = True
    """By torch.compile, where there is a C++ compiler: a minute first, then half as fast again."""
    seed: int = 0


class TinyRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recipe as written."""

    name: str
    data: TinyData = TinyData()
    shape: ModelShape = ModelShape()
    course: Course = Course()


def read_recipe(path: Path) -> TinyRecipe:
    """The recipe in the TOML file `path`.

    Raises:
        UserError: It cannot be read, or says what no recipe can.
    """
    return read_toml_as(path, "recipe", TinyRecipe, "see training/tiny/ for recipes that work")
