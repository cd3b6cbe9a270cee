"""What ships beside the code: at the root of a checkout, inside an installed package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import rtlbench
from rtlbench.errors import UserError

MODEL = "tiny-rtl"


def shipped(*parts: str) -> Path:
    """The file or folder that ships under this name.

    Raises:
        UserError: It is not there.
    """
    package = Path(rtlbench.__file__).parent
    for place in (package / "_shipped", package.parent):
        if (path := place.joinpath(*parts)).exists():
            return path
    raise UserError(f"no {'/'.join(parts)} beside {package}: reinstall rtlbench")


def here_or_shipped(path: Path) -> Path:
    """`path`; where it is not there, what ships under that name, so that `training/gate.toml` means
    ours outside of a checkout, too."""
    if path.is_absolute() or path.exists() or ".." in path.parts:
        return path
    try:
        return shipped(*path.parts)
    except UserError:
        return path


def shipped_model() -> str | None:
    """The model that answers where neither answers nor a model are given; None where it, or the
    libraries that it needs, are not installed."""
    if any(find_spec(name) is None for name in ("torch", "transformers")):
        return None
    try:
        return str(shipped("models", MODEL, "config.json").parent)
    except UserError:
        return None


def shipped_answers() -> Path:
    """The answers that are judged where there is not even a model."""
    return shipped("data", "default_answers.jsonl")
