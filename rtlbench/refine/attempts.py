"""Attempts: a turn's answers with their Verdicts, made in batches and recorded.

They are judged on as many processes as are wanted. A Verdict of outcome `error` speaks of the
harness: its answer is judged again when a run goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from rtlbench.generate.answer import Answer
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.refine.feedback import feedback
from rtlbench.refine.tasks import Task
from rtlbench.rtl.extraction import extract
from rtlbench.runs.samples import Samples
from rtlbench.sandbox.pool import WorkerPool
from rtlbench.statistics import Judged
from rtlbench.verifier import BATCH, Config, Verifier

Chain = tuple[str, int]
"""Task and sample."""
TaskAnswer = tuple[Task, Answer]


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
        return extract(self.answer.completion, top, self.task.file.instruction).rtl

    @property
    def candidate(self) -> Candidate:
        """The answer as the Verifier took it."""
        return self.task.candidate(self.answer)

    def feedback(self) -> str:
        """What the model is told of it; empty where it is not asked again."""
        return feedback(self.verdict, self.rtl)


class AttemptSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept in memory of an Attempt."""

    chain: Chain
    judged: Judged
    kinds: frozenset[tuple[str, str]]
    """Check and rule of every Finding."""
    asked: frozenset[str]
    """The Checks that came to a result."""
    feedback: str

    @staticmethod
    def of(attempt: Attempt) -> AttemptSummary:
        """The part of `attempt` that is gone by later."""
        verdict = attempt.verdict
        results = {n: r for n, r in verdict.checks.items() if r.outcome is not Outcome.ERROR}
        judged = Judged.of(verdict)
        return AttemptSummary(
            chain=(attempt.task.id, attempt.answer.sample),
            judged=msgspec.structs.replace(
                judged, spec_id=attempt.task.id, category=attempt.task.category or None
            ),
            kinds=frozenset((n, f.rule) for n, r in results.items() for f in r.findings),
            asked=frozenset(results),
            feedback=attempt.feedback(),
        )

    @property
    def goes_on(self) -> bool:
        """Whether the model is asked again: neither right, nor beyond the harness."""
        return bool(self.feedback)


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Answers that one process judges together."""

    config: Config
    pairs: list[tuple[Spec | None, Candidate]]


class AnswerJudge:
    """Judges one turn after another.

    Raises:
        UserError: A tool is missing and nothing stands in for it.
    """

    def __init__(self, config: Config, workers: int | None) -> None:
        self._config = config
        self._workers = workers

    def judge(
        self, folder: Path, pairs: Sequence[TaskAnswer], turn: int
    ) -> Iterator[list[Attempt]]:
        """The answers of a turn with their Verdicts, batch by batch, those on record first.

        Args:
            folder: Where the turn's Verdicts are recorded.

        Raises:
            UserError: They cannot be recorded.
        """
        config = msgspec.structs.replace(self._config, seed=self._config.seed + turn - 1)
        verifier, samples = verifier_for(config), Samples(folder)
        recorded = samples.recorded()
        keyed = [(verifier.key(t.spec, t.candidate(a)), (t, a)) for t, a in pairs]
        known = [(k, p) for k, p in keyed if k in recorded]
        for at in range(0, len(known), BATCH):
            yield [
                _attempt(pair, _recorded(samples, recorded[key], pair), turn)
                for key, pair in known[at : at + BATCH]
            ]
        yield from self._judge_new([p for k, p in keyed if k not in recorded], config, samples)

    def _judge_new(
        self, pairs: Sequence[TaskAnswer], config: Config, samples: Samples
    ) -> Iterator[list[Attempt]]:
        turn = config.seed - self._config.seed + 1
        parts = [pairs[at : at + BATCH] for at in range(0, len(pairs), BATCH)]
        batches = [
            Batch(config=config, pairs=[(t.spec, t.candidate(a)) for t, a in part])
            for part in parts
        ]
        if not batches:
            return
        with WorkerPool(len(batches), self._workers) as pool:
            for part, verdicts in zip(parts, pool.map(judge_batch, batches), strict=True):
                samples.append(verdicts)
                yield [_attempt(p, v, turn) for p, v in zip(part, verdicts, strict=True)]


def _recorded(samples: Samples, offset: int, pair: TaskAnswer) -> Verdict:
    """The Verdict on record, made sure that it is of this answer.

    Raises:
        UserError: It is not, so that someone else must have written it.
    """
    task, answer = pair
    verdict = samples.read_at(offset)
    if (verdict.candidate_hash, verdict.sample) != (task.candidate(answer).digest(), answer.sample):
        raise samples.unfit(offset, "it has the key of another answer")
    return verdict


def _attempt(pair: TaskAnswer, verdict: Verdict, turn: int) -> Attempt:
    task, answer = pair
    return Attempt(task=task, answer=answer, turn=turn, verdict=verdict)


def judge_batch(batch: Batch) -> list[Verdict]:
    """A Verdict for each of a batch, in order.

    Raises:
        UserError: A tool is missing.
    """
    return verifier_for(batch.config).verify_mixed(batch.pairs)


@lru_cache(maxsize=2)
def verifier_for(config: Config) -> Verifier:
    """A Verifier, which keeps the goldens' netlists of the Specs that it saw.

    Raises:
        UserError: A tool is missing and nothing stands in for it.
    """
    return Verifier(config)
