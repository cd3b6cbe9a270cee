"""A text through the two Checks that stand before every tool."""

from __future__ import annotations

from rtlbench.checks import CHECKS
from rtlbench.checks.base import Context, Work
from rtlbench.records.candidate import Candidate
from rtlbench.records.verdict import Outcome
from rtlbench.rtl.extraction import Extraction
from rtlbench.rtl.preprocessing import prepare

NOTHING_KNOWN = Context(spec=None, worded=False, simulator=None, golden=None)


def judged(text: str) -> Work:
    """`text` after syntax and safety, taken whole.

    Raises:
        Exception: Whatever a Check raises: here nothing stands around it.
    """
    work = Work(Candidate(text=text), Extraction(text, "whole"), prepare(text), NOTHING_KNOWN)
    for name in ("syntax", "safety"):
        check = CHECKS[name]
        if all(work.passed(n) for n in check.needs):
            work.results[name] = check.run([work])[0]
    return work


def is_safe(work: Work) -> bool:
    """Whether the tools may see it."""
    assert all(r.outcome is not Outcome.ERROR for r in work.results.values())
    return work.passed("safety")
