"""Chains: the answers of one sample to one task, turn by turn."""

from __future__ import annotations

import msgspec

from rtlbench.generate.answer import Answer
from rtlbench.records.candidate import Candidate
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.refine.feedback import feedback
from rtlbench.refine.task import Task
from rtlbench.rtl.extraction import extract
from rtlbench.statistics import Judged

Chain = tuple[str, int]
"""Task and sample."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a chain, and what is said of it."""

    task: Task
    answer: Answer
    turn: int
    verdict: Verdict

    @property
    def rtl(self) -> str:
        """The code in the answer, as it was judged."""
        top = self.task.spec.top if self.task.spec is not None else None
        return extract(self.answer.completion, top).rtl

    @property
    def candidate(self) -> Candidate:
        """The answer as the Verifier took it."""
        return self.task.candidate(self.answer)

    def feedback(self) -> str:
        """What the model is told of it; empty where it is not asked again."""
        return feedback(self.verdict, self.rtl)


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept in memory of an Attempt."""

    chain: Chain
    judged: Judged
    kinds: frozenset[tuple[str, str]]
    """Check and rule of every Finding."""
    asked: frozenset[str]
    """The Checks that came to a result."""
    feedback: str

    @staticmethod
    def of(attempt: Attempt) -> Judgement:
        """The part of `attempt` that is gone by later."""
        verdict = attempt.verdict
        told = {n: r for n, r in verdict.checks.items() if r.outcome is not Outcome.ERROR}
        judged = Judged.of(verdict)
        return Judgement(
            chain=(attempt.task.id, attempt.answer.sample),
            judged=msgspec.structs.replace(
                judged, spec_id=attempt.task.id, category=attempt.task.category or None
            ),
            kinds=frozenset((n, f.rule) for n, r in told.items() for f in r.findings),
            asked=frozenset(told),
            feedback=attempt.feedback(),
        )

    @property
    def goes_on(self) -> bool:
        """Whether the model is asked again: neither right, nor beyond the harness."""
        return bool(self.feedback)
