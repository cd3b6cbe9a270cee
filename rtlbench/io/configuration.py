"""Configurations: TOML files that people write, where a mistake is one message that names the file,
and what differs between two, for a refusal that names it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.shipped import here_or_shipped

RecordT = TypeVar("RecordT")
LONGEST = 20
"""Characters of a value that are shown."""


def read_toml(path: Path, what: str, remedy: str = "") -> dict[str, Any]:
    """The tables in `path`, or in what ships under that name.

    Args:
        what: What the file is, for the message.
        remedy: What to do, for its end.

    Raises:
        UserError: It cannot be read, or is not TOML.
    """
    end = remedy and f"; {remedy}"
    try:
        return tomllib.loads(here_or_shipped(path).read_text(encoding="utf-8"))
    except OSError as e:
        raise UserError(f"{path}: cannot read the {what} ({e.strerror}){end}") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise UserError(f"{path}: the {what} is not TOML: {e}{end}") from e


def read_toml_as(path: Path, what: str, record: type[RecordT], remedy: str = "") -> RecordT:
    """The `record` that the tables in `path` make.

    Raises:
        UserError: As `read_toml`, or the tables make no such record.
    """
    tables = read_toml(path, what, remedy)
    try:
        return msgspec.convert(tables, record)
    except msgspec.ValidationError as e:
        raise UserError(f"{path}: {e}" + (remedy and f"; {remedy}")) from e


def changes(
    before: msgspec.Struct | Mapping[str, Any],
    now: msgspec.Struct | Mapping[str, Any],
    longest: int = LONGEST,
) -> dict[str, tuple[str, str]]:
    """Both values, in short, of every field that differs; nested ones are called `outer.inner`."""
    old, new = _flat(msgspec.to_builtins(before)), _flat(msgspec.to_builtins(now))
    return {
        name: (_short(old.get(name), longest), _short(new.get(name), longest))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    }


def leaves(record: msgspec.Struct) -> set[str]:
    """The name of every value, as `changes` calls it."""
    return set(_flat(msgspec.to_builtins(record)))


def in_words(
    before: msgspec.Struct | Mapping[str, Any],
    now: msgspec.Struct | Mapping[str, Any],
    longest: int = LONGEST,
) -> str:
    """`seed: 1 before, 2 now; tools.yosys: ...`; empty where nothing differs."""
    differing = changes(before, now, longest).items()
    return "; ".join(f"{name}: {old} before, {new} now" for name, (old, new) in differing)


def _flat(table: Mapping[str, Any], outer: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat.update(_flat(value, f"{outer}{name}."))
        else:
            flat[f"{outer}{name}"] = value
    return flat


def _short(value: object, longest: int) -> str:
    text = "none" if value in (None, "") else str(value)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
