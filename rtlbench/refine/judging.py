"""The Verdicts of a turn: made in batches, on as many processes as are wanted, and recorded.

A Verdict of outcome `error` speaks of the harness: its answer is judged again when a run goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from rtlbench.generate.answer import Answer
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict
from rtlbench.refine.chain import Attempt
from rtlbench.refine.task import Task
from rtlbench.runs.samples import Samples
from rtlbench.sandbox.pool import Crew
from rtlbench.verifier import BATCH, Config, Verifier

Pair = tuple[Task, Answer]


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Answers that one process judges together."""

    config: Config
    pairs: list[tuple[Spec | None, Candidate]]


class Judging:
    """Judges one turn after another.

    Raises:
        UserError: A tool is missing and nothing stands in for it.
    """

    def __init__(self, config: Config, workers: int | None) -> None:
        self._config = config
        self._workers = workers

    def judge(self, folder: Path, pairs: Sequence[Pair], turn: int) -> Iterator[list[Attempt]]:
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
        self, pairs: Sequence[Pair], config: Config, samples: Samples
    ) -> Iterator[list[Attempt]]:
        turn = config.seed - self._config.seed + 1
        parts = [pairs[at : at + BATCH] for at in range(0, len(pairs), BATCH)]
        batches = [
            Batch(config=config, pairs=[(t.spec, t.candidate(a)) for t, a in part])
            for part in parts
        ]
        if not batches:
            return
        with Crew(len(batches), self._workers) as crew:
            for part, verdicts in zip(parts, crew.map(judge_batch, batches), strict=True):
                samples.append(verdicts)
                yield [_attempt(p, v, turn) for p, v in zip(part, verdicts, strict=True)]


def _recorded(samples: Samples, offset: int, pair: Pair) -> Verdict:
    """The Verdict on record, made sure that it is of this answer.

    Raises:
        UserError: It is not, so that someone else must have written it.
    """
    task, answer = pair
    found = samples.read_at(offset)
    if (found.candidate_hash, found.sample) != (task.candidate(answer).digest(), answer.sample):
        raise samples.unfit(offset, "it has the key of another answer")
    return found


def _attempt(pair: Pair, verdict: Verdict, turn: int) -> Attempt:
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
