"""TOML files that people write: a mistake in one is one message that names the file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from rtlbench.errors import UserError

Kind = TypeVar("Kind")


def read_toml(path: Path, what: str, remedy: str = "") -> dict[str, Any]:
    """The tables in `path`.

    Args:
        what: What the file is, for the message.
        remedy: What to do, for its end.

    Raises:
        UserError: It cannot be read, or is not TOML.
    """
    end = remedy and f"; {remedy}"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise UserError(f"{path}: cannot read the {what} ({e.strerror}){end}") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise UserError(f"{path}: the {what} is not TOML: {e}{end}") from e


def read_toml_as(path: Path, what: str, kind: type[Kind], remedy: str = "") -> Kind:
    """The record of `kind` that the tables in `path` make.

    Raises:
        UserError: As `read_toml`, or the tables make no such record.
    """
    words = read_toml(path, what, remedy)
    try:
        return msgspec.convert(words, kind)
    except msgspec.ValidationError as e:
        raise UserError(f"{path}: {e}" + (remedy and f"; {remedy}")) from e
