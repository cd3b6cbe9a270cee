"""What differs between two configurations, for a refusal that names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

LONGEST = 20
"""Characters of a value that are shown."""


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


def in_words(
    before: msgspec.Struct | Mapping[str, Any],
    now: msgspec.Struct | Mapping[str, Any],
    longest: int = LONGEST,
) -> str:
    """`seed: 1 before, 2 now; tools.yosys: ...`; empty where nothing differs."""
    found = changes(before, now, longest)
    return "; ".join(f"{name}: {old} before, {new} now" for name, (old, new) in found.items())


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
