"""Extraction never raises, invents nothing, keeps line numbers, and is done in one go."""

from __future__ import annotations

from fuzz.choices import Choices
from fuzz.grammar import MODULES
from fuzz.target import Target, TextCase
from fuzz.texts import any_answer
from rtlbench.rtl.extraction import extract

_HOW = {"whole", "fence", "prose", "none"}
_BESIDE = {"dropped", "thinking"}


def make(c: Choices) -> TextCase:
    """An answer, with or without a top module asked for."""
    top = c.pick((None, *MODULES))
    return TextCase(any_answer(c), top.strip("\\ ") if top is not None else None)


def check(case: TextCase) -> bool:
    """True where RTL was found."""
    found = extract(case.text, case.top)
    given = case.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = found.rtl.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    how, *beside = found.how.split("+")
    assert how in _HOW, found.how
    assert set(beside) <= _BESIDE, found.how
    assert len(kept) <= len(given) + 1, "lines were added"
    for number, (old, new) in enumerate(zip([*given, ""], kept, strict=False), 1):
        assert _is_part(new, old), f"line {number} is not the answer's"
    # What is in a fence may be an answer again.
    if how in ("whole", "prose") and "```" not in case.text and "~~~" not in case.text:
        again = extract(found.rtl, case.top)
        assert again.rtl.split() == found.rtl.split(), f"a second look keeps less: {again.how}"
        assert again.truncated == found.truncated
    return found.how != "none"


def _is_part(new: str, old: str) -> bool:
    return len(new) <= len(old) and all(n in (o, " ") for n, o in zip(new, old, strict=False))


TARGET = Target(case=TextCase, make=make, check=check, share=10)
