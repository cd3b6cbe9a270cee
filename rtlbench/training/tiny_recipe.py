"""What a small model is made from: one TOML a model, in training/tiny/."""

from __future__ import annotations

from pathlib import Path

import msgspec

from rtlbench.io.toml_file import read_toml_as
from rtlbench.training.tiny_loop import Course
from rtlbench.training.tiny_model import Shape


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The examples; with a file from `--data` only `seed` of it counts."""

    examples: int = 60_000
    seed: int = 1
    categories: tuple[str, ...] = ()
    """Empty for the six that tiny_data names."""
    families: tuple[str, ...] = ()
    """Empty for all of the categories."""
    defects: float = 0.0
    """Share of answers with a defect, 0 to 1."""


class TinyRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recipe as written."""

    name: str
    data: Data = Data()
    shape: Shape = Shape()
    course: Course = Course()


def read_recipe(path: Path) -> TinyRecipe:
    """The recipe in the TOML file `path`.

    Raises:
        UserError: It cannot be read, or says what no recipe can.
    """
    return read_toml_as(path, "recipe", TinyRecipe, "see training/tiny/ for recipes that work")
