"""The answers of a turn: what is not recorded yet is asked for, while the budget lasts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from rtlbench.errors import UserError
from rtlbench.generate.answer import Answer, Generator, Request
from rtlbench.generate.answers_file import AnswersFile
from rtlbench.generate.make import missing_of
from rtlbench.generate.options import Generation
from rtlbench.generate.source import Source, open_source
from rtlbench.refine.settings import Budget

Tell = Callable[[str], None]
"""Called with how far it is, in words."""


class Meter:
    """What a run has used of its budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._begun = time.monotonic()
        self.tokens = 0

    def add(self, answer: Answer) -> None:
        """Count what an answer took, as far as its source says."""
        self.tokens += (answer.prompt_tokens or 0) + (answer.completion_tokens or 0)

    def used_up(self) -> str:
        """What is used up, `tokens` or `seconds`; empty while nothing is."""
        limit, seconds = self._budget.tokens, self._budget.seconds
        if limit is not None and self.tokens >= limit:
            return "tokens"
        over = seconds is not None and time.monotonic() - self._begun >= seconds
        return "seconds" if over else ""


class Answering:
    """Asks one source, which is opened when the first answer is missing.

    Raises:
        UserError: The source cannot be opened.
    """

    def __init__(
        self, generation: Generation, generator: Generator, meter: Meter, tell: Tell
    ) -> None:
        self._generation = generation
        self._generator = generator
        self._meter = meter
        self._tell = tell
        self._source: Source | None = None

    def answer(self, requests: Sequence[Request], file: AnswersFile) -> list[Answer]:
        """The answers to `requests`, in order; fewer where the budget ends.

        Raises:
            UserError: The file holds answers to other questions, or the source gives up; what
                was answered is recorded.
        """
        with file.exclusive():
            file.refuse_difference(requests, self._generator, self._generation.sampling)
            for answer in file.every():
                self._meter.add(answer)
            self._ask(missing_of(requests, file), file, len(requests))
            keys = [(r.spec_id, r.sample) for r in requests]
            return [file.read(key) for key in keys if key in file.places]

    def _ask(self, missing: Sequence[Request], file: AnswersFile, wanted: int) -> None:
        if not missing or self._meter.used_up():
            return
        if self._source is None:
            self._source = open_source(self._generation)
        for made, answer in enumerate(self._source.answers(missing), 1):
            file.append([answer])
            self._meter.add(answer)
            self._tell(f"{wanted - len(missing) + made} of {wanted} answers")
            if self._meter.used_up():
                return
        left = missing_of(missing, file)
        if left:
            raise UserError(
                f"{self._generator.name}: left {len(left)} requests without an answer, the first "
                f"to {left[0].spec_id}; run the same command again"
            )
