"""What a testbench says of a design, read from what it prints: right, wrong, or nothing.

In the order of weight:

- `severity`: `$error` or `$fatal`, a failed assertion, `$stop` where the testbench also knows
  `$finish`;
- `count`: a number of errors, failures or mismatches, none or some; of passes out of all;
- `word`: pass, success, correct, or fail, error, mismatch, timeout and their like.

One line that says wrong outweighs all that say right. A count of none in no samples says nothing.
What says nothing may still tell, by silence: rtlbench.checks.record_testbench.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Says = Literal["right", "wrong", "nothing"]
By = Literal["severity", "count", "word", "silence"]
TOLD = 200

_SEVERITY = re.compile(r"^(?:ERROR|FATAL):|%(?:Error|Fatal)\b")
_MESSAGE = re.compile(r"^(?:WARNING|INFO): \S+:\d+: ")
_BAD = r"(?:fail|error|mismatch|incorrect|wrong|violat|unexpected|bug)"
_END = r"(?=\s*(?:$|[^\w\s'.:]|\.(?!\d)|in\b|out\b|of\b|and\b|total\b|samples?\b|pass|fail|error))"
_OF = r"(?:\s*(?:/|out\s+of|of|in)\s*(\d+))?"
_COUNTS = (
    re.compile(rf"(?<![\w.'])(\d+){_OF}\s+(?:[a-z]+\s+){{0,2}}?{_BAD}\w*", re.I),
    re.compile(
        rf"{_BAD}\w*\s*(?:\(s\)|\b(?:count|counter|total|number|samples?|vectors?|tests?|cases?|"
        rf"bits?|found|detected|s)\b|\s)*(?:[:=]+|\bis\b|\bare\b|\bwas\b|\bwere\b)?\s*"
        rf"(\d+)\b{_OF}(?:\s+samples?)?{_END}",
        re.I,
    ),
)
_PASSES = (
    re.compile(
        r"(?<![\w.'])(\d+)\s*(?:/|out\s+of|of)\s*(\d+)\s+(?:[a-z]+\s+){0,2}?pass(?:ed)?\b", re.I
    ),
    re.compile(
        r"(?<![a-z])pass(?:ed|es)?\s*[:=]?\s*(\d+)\s*(?:/|out\s+of|of)\s*(\d+)(?![\w.])", re.I
    ),
    re.compile(r"(?<![\w.'])(\d+)()\s+(?:[a-z]+\s+){0,2}?pass(?:ed|es)?\b", re.I),
    re.compile(r"(?<![a-z])pass(?:ed|es)?\s*[:=]\s*(\d+)()(?![\w.])", re.I),
)
_NONE = re.compile(
    rf"\b(?:no|zero|without|0)\s+(?:[a-z]+\s+){{0,2}}{_BAD}\w*|{_BAD}\w*[- ]free\b"
    rf"|\bnever\s+{_BAD}\w*|{_BAD}\w*\s*[:=]\s*none\b",
    re.I,
)
_COMPLAINT = re.compile(
    rf"{_BAD}|\bnot\s+(?:pass|correct|ok|equal|match)|\bdid(?:n't| not)\b|\bbad\b|!!!", re.I
)
_TIMEOUT = re.compile(r"time[- ]?d?[- ]?out\b|\bwatchdog\b|\bhang(?:s|ing)?\b", re.I)
_PRAISE = re.compile(
    r"(?<![a-z])pass(?:ed|es)?(?![a-z_])|\bsuccess|\bcorrect|\bok\b|\bmatch(?:es|ed)?\b|\bgood\b",
    re.I,
)
_PASSED = re.compile(r"(?<![a-z])(?:pass(?:ed|es)?|ok)(?![a-z_])", re.I)
_FAILED = re.compile(r"fail|\bnot\s+pass", re.I)
_HEADING = re.compile(
    r"^\W*(?:test(?:ing|s)?|check(?:ing)?|case|scenario|section|start(?:ing)?|running|begin\w*)\b",
    re.I,
)


class Reading(msgspec.Struct, frozen=True):
    """What a testbench says, by what, and the line that says it."""

    says: Says
    by: By
    told: str = ""


NOTHING = Reading("nothing", "silence")


_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"((?:\\.|[^"\\\n])*)"', re.S)


def has_praise(testbench: str) -> bool:
    """Whether a testbench has a word for right."""
    strings = (m[1] for m in _STRING.finditer(testbench) if m[1])
    return any(re.search(r"(?<![a-z])pass(?:ed|es)?(?![a-z_])|\bsuccess", s, re.I) for s in strings)


def read_words(printed: str, *, clean_exit: bool = True) -> Reading:
    """What the lines `printed` by a testbench say.

    Args:
        clean_exit: Whether the simulator ended without complaint: `$fatal` ends it otherwise.
    """
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    readings = [r for line in lines if (r := _read_line(line)) is not None]
    wrong = [r for r in readings if r.says == "wrong"]
    if not wrong and not clean_exit:
        return Reading("wrong", "severity", lines[-1][:TOLD] if lines else "it ends by $fatal")
    timeout = _timeout(lines)
    if timeout and not wrong and not _counted_after(lines, timeout):
        wrong = [Reading("wrong", "word", timeout[:TOLD])]
    if wrong:
        return wrong[0]
    right = [r for r in readings if r.says == "right"]
    counted = [r for r in right if r.by == "count"]
    return (counted or right or [NOTHING])[-1]


def _timeout(lines: list[str]) -> str:
    return next((line for line in lines if _TIMEOUT.search(line)), "")


def _counted_after(lines: list[str], line: str) -> bool:
    """Whether a count follows: then the time was limited, and what was counted counts."""
    rest = lines[lines.index(line) + 1 :]
    return any((r := _read_line(later)) is not None and r.by == "count" for later in rest)


def _read_line(line: str) -> Reading | None:
    """What one line says; None where that is nothing."""
    told = line[:TOLD]
    if _SEVERITY.search(line):
        return Reading("wrong", "severity", told)
    text = _MESSAGE.sub("", line)
    counts = [m for pattern in _COUNTS for m in pattern.finditer(text)]
    passes = [m for pattern in _PASSES for m in pattern.finditer(text)]
    some_fail = any(m[2] and int(m[1]) < int(m[2]) for m in passes)
    if some_fail or any(int(m[1]) for m in counts):
        return Reading("wrong", "count", told)
    rest = _without_counts(text)
    if _complains(rest):
        return Reading("wrong", "word", told)
    of_none = any(m[2] is not None and int(m[2]) == 0 for m in counts)
    if of_none or (passes and not counts and not any(int(m[1]) for m in passes)):
        return None
    if counts or any(m[2] for m in passes):
        return Reading("right", "count", told)
    return Reading("right", "word", told) if rest != text or _PRAISE.search(rest) else None


def _without_counts(text: str) -> str:
    """`text` without what says that nothing is wrong."""
    for pattern in (_NONE, *_COUNTS):
        text = pattern.sub(" ", text)
    return text


def _complains(text: str) -> bool:
    if not _COMPLAINT.search(text):
        return False
    if _FAILED.search(text):
        return not (_HEADING.search(text) and text.rstrip().endswith((":", "...")))
    if _PASSED.search(text):
        return False  # "error flag: PASS"
    return not (_HEADING.search(text) and not re.search(r"\bexpected\b|\bgot\b", text, re.I))
