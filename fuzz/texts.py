"""Answers of every kind: raw text, generated Verilog, mutated goldens, in prose and fences."""

from __future__ import annotations

from fuzz.choices import Choices
from fuzz.goldens import mutated, one_a_family
from fuzz.grammar import NAMES, STRANGE, description
from rtlbench.rtl.preprocessing import MAX_BYTES

_PROSE = (
    "Here is the module counter:\n", "The module `m` has a port.\n", "Sure! ", "\n\n", "module\n",
    "1. **Reset**: synchronous\n", "> quoted\n", "<answer>\n", "</answer>\n", "", "`a`",
    "# Title\n",
)  # fmt: skip
_FENCES = ("```verilog\n", "```\n", "~~~\n", "````sv\n", "  ```systemverilog\n", "``` ", "\n```")
RAW = 0
"""The first choice of a raw text: the rest of a fuzzer's bytes are the text."""


def any_text(c: Choices) -> str:
    """An answer of any kind."""
    kind = c.integer(RAW, 7)
    if kind == RAW:
        return c.raw(1 << 16).decode("utf-8", "replace")
    if kind == 1 and c.one_in(16):
        return _amplified(c)
    text = description(c) if kind <= 4 else mutated(c, c.pick(one_a_family()).golden)
    return _with_accidents(c, text)


def raw_goldens() -> list[bytes]:
    """The choices that make `any_text` give a golden, byte by byte open to change."""
    return [bytes([RAW]) + spec.golden.encode() for spec in one_a_family()]


def any_answer(c: Choices) -> str:
    """An answer as a model gives it: texts among prose and fences."""
    if c.one_in(3):
        return any_text(c)
    parts = c.many(1, 6, _part)
    return "".join(parts)


def _part(c: Choices) -> str:
    kind = c.integer(0, 3)
    if kind == 0:
        return c.pick(_PROSE)
    if kind == 1:
        return c.pick(_FENCES)
    return any_text(c) if kind == 2 else description(c)


def _with_accidents(c: Choices, text: str) -> str:
    """Cut off, with other line ends, with something strange in its midst, or as it is."""
    if c.one_in(8):
        text = text[: c.integer(0, len(text))]
    if c.one_in(12):
        text = text.replace("\n", c.pick(("\r\n", "\r", " ")))
    if c.one_in(6):
        at = c.integer(0, len(text))
        text = text[:at] + c.pick(STRANGE) + text[at:]
    return text


def _amplified(c: Choices) -> str:
    """A few pieces again and again, up to the size that is read at all."""
    piece = "".join(c.many(1, 4, lambda c: c.pick((*STRANGE, *_PROSE, *_FENCES, *NAMES, " "))))
    count = c.pick((10, 300, 3_000, 40_000))
    head, tail = c.pick(("", "module m;\n", "(", "/*")), c.pick(("", "\nendmodule\n"))
    return (head + (piece or " ") * count)[: MAX_BYTES - 20] + tail
