"""Words that a candidate chose, on their way to people, terminals, reports and models.

Names, strings and messages of tools that quote them may hold control characters, lines that look
like someone else's, or instructions to whoever reads them. Every Finding goes through `one_line`
before it leaves the Verifier; what a candidate names is shown between quotation marks.
"""

from __future__ import annotations

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
