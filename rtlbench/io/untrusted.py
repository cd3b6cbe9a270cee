"""Text from outside: JSON as it comes in, words that a candidate chose on their way out to people,
terminals, reports and models.

Names, strings and messages of tools that quote them may hold control characters, lines that look
like someone else's, or instructions to whoever reads them. Every Finding goes through `one_line`
before it leaves the Verifier; what a candidate names is shown between quotation marks.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")
MAX_MESSAGE = 300
MAX_NAME = 60


def printable(text: str) -> str:
    """`text` without control characters; line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


def one_line(text: str, limit: int = MAX_MESSAGE) -> str:
    """`text` as one printable line of at most `limit` characters."""
    line = printable(" ".join(text[: 4 * limit].split()))
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def quoted(name: str) -> str:
    """A name that a candidate chose: one printable line between quotation marks that it cannot
    close, at most MAX_NAME characters of it."""
    return f"`{one_line(name, MAX_NAME).replace('`', '?')}`"


@overload
def from_json(raw: bytes | str) -> Any: ...
@overload
def from_json(raw: bytes | str, kind: type[T]) -> T: ...
def from_json(raw: bytes | str, kind: Any = Any) -> Any:
    """The value that a line from outside holds; a field that is given twice is refused.

    msgspec lets the last of two equal keys win, other readers the first; which one was meant nobody
    knows.

    Args:
        kind: The type that the value is to have, as msgspec knows types.

    Raises:
        msgspec.DecodeError: It is no JSON, not of that type, or gives a field twice.
        UnicodeDecodeError: It is no text.
        RecursionError: It is nested too deeply.
    """
    found = msgspec.json.decode(raw, type=kind)
    # Numbers stay text: those of thousands of digits are no business of this look.
    json.loads(raw, object_pairs_hook=_refuse_twins, parse_int=str, parse_float=str)
    return found


def _refuse_twins(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise msgspec.DecodeError(f"field {name[:MAX_NAME]!r} is given twice")
        seen.add(name)
