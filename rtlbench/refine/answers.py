"""What a model is asked in each turn, and its answers, while the budget lasts.

The first turn is the task's own words, as everywhere. A later one repeats the task, the last
answer and what was found: as a conversation for those that chat, as one text for the rest. Earlier
answers are left out, so that a prompt does not grow from turn to turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Answer, Generator, Message, Request, request_seed
from rtlbench.generate.answers_file import AnswersFile, begin_asking, missing_of
from rtlbench.generate.course import Course, StoppedError, log_of
from rtlbench.generate.source import AnswerSource, Generation, open_source
from rtlbench.io.progress import waiting
from rtlbench.refine.tasks import Task

MAX_REPEATED = 16_000
"""Characters of the last answer."""
CUT = "\n[...]"
NO_ANSWER = "(no answer)"
AGAIN = "Answer the task again, with the whole corrected code."
TURNS = 3
Tell = Callable[[str], None]
"""Called with how far it is, in words."""


def first_request(task: Task, sample: int, seed: int) -> Request:
    """What is asked in turn 1: what a benchmark would ask."""
    return Request(
        spec_id=task.id,
        sample=sample,
        prompt=task.file.instruction,
        seed=request_seed(seed, task.id, sample),
        category=task.category,
    )


def same_again(task: Task, sample: int, seed: int, turn: int) -> Request:
    """The task alone, in a later turn: another draw, without a word on the last answer."""
    return msgspec.structs.replace(
        first_request(task, sample, seed),
        seed=request_seed(seed, f"{task.id}\0{turn}", sample),
        turn=turn,
    )


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """A wrong answer, and what is to be said of it."""

    turn: int
    answer: str
    """As the model gave it."""
    feedback: str
    """rtlbench.refine.feedback's words."""


def next_request(task: Task, sample: int, seed: int, wrong: Wrong) -> Request:
    """What is asked in the turn after `wrong`."""
    question, answered = task.file.instruction, _repeated(wrong.answer)
    again, turn = f"{wrong.feedback}\n\n{AGAIN}", wrong.turn + 1
    return Request(
        spec_id=task.id,
        sample=sample,
        prompt=f"{question}\n\nYour previous answer:\n\n{answered}\n\n{again}",
        seed=request_seed(seed, f"{task.id}\0{turn}", sample),
        category=task.category,
        turn=turn,
        conversation=(
            Message("user", question),
            Message("assistant", answered),
            Message("user", again),
        ),
    )


def _repeated(answer: str) -> str:
    if not answer.strip():
        return NO_ANSWER
    return answer if len(answer) <= MAX_REPEATED else answer[:MAX_REPEATED] + CUT


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """How far it goes. A larger budget goes on where a smaller one ended."""

    turns: int = TURNS
    tokens: int | None = None
    """Of prompts and answers, all turns together; None for no limit."""
    seconds: float | None = None
    """From the start of the command on; None for no limit."""


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


class AnswerAsker:
    """Asks one source, which is opened when the first answer is missing.

    Args:
        note: Called with what is to be shown in any case.

    Raises:
        UserError: The source cannot be opened.
    """

    def __init__(
        self, generation: Generation, generator: Generator, meter: Meter, note: Tell
    ) -> None:
        self._generation = generation
        self._generator = generator
        self._meter = meter
        self._note = note
        self._source: AnswerSource | None = None

    def answer(self, requests: Sequence[Request], file: AnswersFile) -> list[Answer]:
        """How each of `requests` ended, in order; fewer where the budget ends. What failed in an
        earlier run is asked again.

        Raises:
            StoppedError: Ctrl-C, and what was under way has come in.
            UserError: The file holds answers to other questions, or the source gives up.

        In each case what was answered is recorded.
        """
        with file.exclusive():
            file.refuse_difference(requests, self._generator, self._generation.sampling)
            course = Course(log_of(file.path))
            missing = begin_asking(requests, file, course)
            for answer in file.every():
                self._meter.add(answer)
            with course.stopped_by_signals(self._note):
                self._ask(missing, file, len(requests), course)
            ended = (file.ended((r.spec_id, r.sample)) for r in requests)
            return [answer for answer in ended if answer is not None]

    def _ask(
        self, missing: Sequence[Request], file: AnswersFile, wanted: int, course: Course
    ) -> None:
        if not missing or self._meter.used_up():
            return
        if self._source is None:
            self._source = open_source(self._generation)
        with waiting("asking", "answers", wanted) as phase:
            phase.look = course.pace
            phase.at(wanted - len(missing))
            for answer in self._source.answers(missing, course):
                file.append([answer])
                self._meter.add(answer)
                phase.advance()
                # What is under way may have been paid for: it is waited for.
                course.stopping = course.stopping or bool(self._meter.used_up())
        left = missing_of(missing, file)
        if self._meter.used_up():
            return
        if course.stopping:
            raise StoppedError(f"stopped with {wanted - len(left)} of {wanted} answers")
        if left:
            raise UserError(
                f"{self._generator.name}: left {len(left)} requests without an answer, the first "
                f"to {left[0].spec_id}; run the same command again"
            )
