"""Who judges for a reward: one call for all answers of a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict


class Judging(Protocol):
    """A Judge, or whatever else gives its Verdicts."""

    def judge_each(
        self, tasks: Sequence[str | Spec | None], answers: Sequence[Candidate]
    ) -> list[Verdict]:
        """The Verdict of each answer to the task at its place."""
        ...


def usual() -> Judging:
    """The Judge that this process shares."""
    from rtlbench.judging.shared import shared

    return shared()
