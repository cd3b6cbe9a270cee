"""Answers that say the same: each is judged once, whoever gave it and however often.

Models give the same answer again and again, with other comments. Tools see no comments
(rtlbench.rtl.preprocessing); so answers to one Spec whose text is the same from there on, line by
line, get the same results, at the same lines.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Sequence

from rtlbench.checks.base import Work

_LINE_END = re.compile(r"[ \t]+$", re.M)


def leaders(works: Sequence[Work]) -> list[Work]:
    """For each of `works` the first one that says the same: itself, where none before does."""
    first: dict[Hashable, Work] = {}
    return [first.setdefault(_what_it_says(w), w) for w in works]


def _what_it_says(work: Work) -> Hashable:
    """All that the Checks look at of a candidate that holds a module."""
    if work.source.refusals or not work.source.text.strip():
        return id(work)
    extraction = work.extraction
    told = extraction.truncated, extraction.left_out
    return id(work.context), work.words, text_of(work), work.source.line_map, *told


def text_of(work: Work) -> str:
    """What tools see, without the blanks in which lines and the text end: where comments were."""
    text = work.source.text
    return text if '"' in text else _LINE_END.sub("", text).rstrip()


def drawn_by(work: Work) -> str:
    """What random values that are tried on an answer are drawn by: the same for the same answer,
    whoever is judged beside it."""
    said = hashlib.sha256(text_of(work).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{work.context.seed}/{said}"
