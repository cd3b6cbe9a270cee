"""Numbers of Verilog, read and written back in their own base and width."""

from __future__ import annotations

import re

_BASES = {"b": 2, "o": 8, "d": 10, "h": 16}
_FORMS = {"b": "b", "o": "o", "d": "d", "h": "x"}
_SIZED = re.compile(r"(\d+)?\s*'\s*([sS]?)([bodhBODH])\s*([0-9a-fA-F_]+)\Z")


def value_of(text: str) -> int | None:
    """The value of a number without x or z; None for anything else."""
    if text.replace("_", "").isdigit():
        return int(text.replace("_", ""))
    found = _SIZED.match(text)
    if found is None:
        return None
    try:
        return int(found[4].replace("_", ""), _BASES[found[3].lower()])
    except ValueError:
        return None


def rewritten(text: str, value: int) -> str | None:
    """The number `text` with another value, wrapped to its width; None where it has no room."""
    if text.replace("_", "").isdigit():
        return str(value) if value >= 0 else None
    found = _SIZED.match(text)
    if found is None:
        return None
    width = int(found[1] or 32)
    base = found[3].lower()
    return f"{found[1] or ''}'{found[2]}{found[3]}{value % (1 << width):{_FORMS[base]}}"
