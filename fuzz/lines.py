"""Lines of a file that lose, double or change their place."""

from __future__ import annotations

from fuzz.choices import Choices

REARRANGEMENTS = ("dropped", "doubled", "moved")


def rearrange(c: Choices, lines: list[str], what: str) -> int:
    """Do to `lines`, of which there is one or more, one of `REARRANGEMENTS`, or nothing; a line
    that was drawn for it."""
    at, to = c.integer(0, len(lines) - 1), c.integer(0, len(lines) - 1)
    if what == "dropped":
        del lines[at : at + 1 + c.integer(0, 3)]
    elif what == "doubled":
        lines.insert(to, lines[at])
    elif what == "moved":
        lines.insert(to, lines.pop(at))
    return at
