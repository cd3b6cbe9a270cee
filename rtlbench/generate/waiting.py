"""Answers that another process generates meanwhile: who asks for a Spec's waits for them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from rtlbench.errors import HarnessError, UserError
from rtlbench.generate.answer import Answer, Request, Usage, requests_for, usage_of
from rtlbench.generate.answers_file import AnswersFile
from rtlbench.generate.child import Child, end_of, forget_end
from rtlbench.generate.make import Order, missing_of
from rtlbench.generate.options import Generation
from rtlbench.generate.recorded import Problem
from rtlbench.generate.source import describe
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec

ANSWERS = "answers.jsonl"
LOOK_EVERY = 0.1
"""Seconds."""


class GeneratedAnswers:
    """The answers of one model in a results folder, made by one process for all that judge.

    Args:
        samples: Answers to each Spec.

    Raises:
        UserError: The model cannot work, as far as that shows before it is loaded.
    """

    def __init__(
        self, folder: Path, specs: Iterable[Spec], generation: Generation, samples: int
    ) -> None:
        self.path = folder / ANSWERS
        self.generator = describe(generation)
        self.problems: list[Problem] = []
        self.problem_count = 0
        self._specs = {s.id: s for s in specs}
        self._generation = generation
        self._samples = samples
        self._file = AnswersFile(self.path)
        self._child: Child | None = None

    def count(self, spec_ids: Collection[str], samples: int | None = None) -> int:
        """How many there will be to these Specs."""
        return sum(self.has(each) for each in spec_ids) * (samples or self._samples)

    def has(self, spec_id: str) -> bool:
        """Whether there will be answers to a Spec."""
        return spec_id in self._specs

    def begin(self, spec_ids: Collection[str]) -> None:
        """Start generating what is missing of the answers to these Specs.

        Called once, in the process that leads.

        Raises:
            UserError: The folder holds other answers, or cannot be written to.
        """
        wanted = self._requests(s for s in self._specs.values() if s.id in spec_ids)
        self._file.catch_up()
        self._file.refuse_difference(wanted, self.generator, self._generation.sampling)
        forget_end(self.path.parent)
        if missing_of(wanted, self._file):
            order = Order(generation=self._generation, requests=wanted, path=str(self.path))
            self._child = Child(order)

    def end(self) -> None:
        """Stop generating."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def answers(self, spec_id: str, samples: int | None = None) -> Iterator[Candidate]:
        """The answers to a Spec, when all of them are there.

        Raises:
            UserError: Generating ended without them; the message says why.
            HarnessError: It ended well, and they are missing.
        """
        wanted = self._requests([self._specs[spec_id]])[:samples]
        while not self._are_there(wanted):
            ended = end_of(self.path.parent)
            if ended is not None and not self._are_there(wanted):
                if ended.message:
                    raise UserError(ended.message)
                raise HarnessError(f"no answers to {spec_id} were generated")
            time.sleep(LOOK_EVERY)
        for request in wanted:
            key = (request.spec_id, request.sample)
            yield _candidate(self._file.read(key), f"{self.path}:{self._file.places[key][1]}")

    def usage(self) -> Usage:
        """What all answers so far took."""
        self._file.catch_up()
        return usage_of(self._file.every())

    def _requests(self, specs: Iterable[Spec]) -> list[Request]:
        return requests_for(specs, self._samples, self._generation.sampling_seed)

    def _are_there(self, wanted: list[Request]) -> bool:
        self._file.catch_up()
        return not missing_of(wanted, self._file)


def _candidate(answer: Answer, origin: str) -> Candidate:
    return Candidate(
        text=answer.completion,
        spec_id=answer.spec_id,
        sample=answer.sample,
        model=answer.model,
        finish_reason=answer.finish_reason,
        origin=origin,
    )
