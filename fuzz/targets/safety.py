"""What passes the safety Check holds no word that must not reach a tool, by a lexer that is not
slang's, and the text that the tools get is judged as the answer was."""

from __future__ import annotations

import re

from fuzz.choices import Choices
from fuzz.judged import is_safe, judged
from fuzz.target import Target, TextCase
from fuzz.texts import any_text, raw_goldens
from rtlbench.rtl.refused_forms import ALLOWED_SYSTEM_NAMES

_WORD = re.compile(r'"(?:\\.|[^"\\\n])*"|\\\S+|(?P<word>\$?[A-Za-z_][\w$]*)|[\d.][\w.$]*', re.S)
_NEVER = frozenset(
    "force release deassign bind fork forever wait randcase randsequence program class final "
    "specify config covergroup checker primitive include".split()
)
"""Reserved words: where one stands, it is used."""


def make(c: Choices) -> TextCase:
    """A text of any kind."""
    return TextCase(any_text(c))


def check(case: TextCase) -> bool:
    """True where it passes."""
    work = judged(case.text)
    if not is_safe(work):
        assert work.cleared is None, "a text is set although it was refused"
        assert any(r.findings for r in work.results.values()), "refused without a reason"
        return False
    assert work.cleared is not None
    words = {m["word"] for m in _WORD.finditer(work.cleared.text) if m["word"]}
    assert not words & _NEVER, words & _NEVER
    called = {w for w in words if w.startswith("$")} - ALLOWED_SYSTEM_NAMES
    assert not called, called
    again = judged(work.cleared.text)
    assert is_safe(again), "the tools' text is refused"
    assert again.cleared is not None
    assert again.cleared.text == work.cleared.text, "the tools' text is changed by a second look"
    return True


TARGET = Target(case=TextCase, make=make, check=check, share=15, seeds=raw_goldens)
