"""Verdicts for who learns by doing: answers are judged while others are still being written.

Guarantee: an answer's Verdict is that of the Judge, whenever it was asked for. Where a task's own
golden is not right, nothing is known of its answers, and their outcome is `error`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future

from msgspec.structs import replace

from rtlbench.judging.judge import Judge
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.rewards.functions import right


class EarlyVerdicts:
    """The Verdicts of one batch of answers after another.

    Args:
        judge: Who judges.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._specs: dict[str, Spec] = {}
        self._asked: dict[tuple[str, str], Future[Verdict]] = {}
        self.waited = 0.0
        """Seconds that the last `judge_each` waited."""
        self.early = 0
        """Answers of it that had been asked for before."""

    def begin(self, specs: Sequence[Spec]) -> None:
        """Take answers to `specs`; what was asked for before is forgotten."""
        self._specs = {spec.id: spec for spec in specs}
        self._asked = {}

    def ask(self, answers: Sequence[tuple[str, str]]) -> None:
        """Have answers judged, each with its task's id; the task's golden with the first."""
        new = dict.fromkeys(pair for pair in answers if pair not in self._asked)
        goldens = dict.fromkeys((task, self._specs[task].golden) for task, _ in new)
        pairs = [pair for pair in [*goldens, *new] if pair not in self._asked]
        specs = [self._specs[task] for task, _ in pairs]
        asked = self._judge.submit(specs, [Candidate(text=text) for _, text in pairs])
        self._asked.update(zip(pairs, asked, strict=True))

    def judge_each(
        self, tasks: Sequence[str | Spec | None], answers: Sequence[Candidate]
    ) -> list[Verdict]:
        """The Verdict of each answer to the task at its place."""
        pairs = [(str(task), a.text) for task, a in zip(tasks, answers, strict=True)]
        self.early = sum(pair in self._asked for pair in pairs)
        begun = time.perf_counter()
        self.ask(pairs)
        sound = {task: right(self._golden(task)) for task in {task for task, _ in pairs}}
        found = [self._asked[pair].result() for pair in pairs]
        self.waited = time.perf_counter() - begun
        return [
            v if sound[task] else replace(v, outcome=Outcome.ERROR)
            for v, (task, _) in zip(found, pairs, strict=True)
        ]

    def _golden(self, task: str) -> Verdict:
        return self._asked[task, self._specs[task].golden].result()
