"""A prepared text holds no directive, comment or foreign character, knows its lines, and
prepared again stays as it is."""

from __future__ import annotations

import re

from fuzz.choices import Choices
from fuzz.target import Target, TextCase
from fuzz.texts import any_text, raw_goldens
from rtlbench.rtl.preprocessing import Source, prepare

_LEXED = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\\\S+|(?P<left>//|/\*|\(\*(?!\s*\))|`|[^\x00-\x7f])', re.S
)


def make(c: Choices) -> TextCase:
    """A text of any kind."""
    return TextCase(any_text(c))


def check(case: TextCase) -> bool:
    """True where the tools may see it."""
    source = prepare(case.text)
    if source.refusals:
        assert source.text == ""
        assert all(f.line is None or 1 <= f.line <= _lines(case.text) for f in source.refusals)
        return False
    left = next((m for m in _LEXED.finditer(source.text) if m["left"]), None)
    assert left is None, f"left at {left.start()}: {left.group()!r}"
    check_lines(case.text, source)
    if not source.text.strip():
        return False  # nothing but comments and directives: no module will be found
    again = prepare(source.text)
    assert not again.refusals, again.refusals[0].message
    assert again.text == source.text, "prepared again it is another text"
    return True


def check_lines(text: str, source: Source) -> None:
    """Every line came from a line that exists, in order; without macros, from itself."""
    count = _lines(text)
    origins = [source.original_line(n) for n in range(1, source.text.count("\n") + 2)]
    assert all(1 <= n <= count for n in origins), "a line came from nowhere"
    if not source.line_map:
        assert origins == list(range(1, count + 1)), "lines moved"


def _lines(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


TARGET = Target(case=TextCase, make=make, check=check, share=10, seeds=raw_goldens)
