"""What a model is asked in each turn. Pure.

The first turn is the task's own words, as everywhere. A later one repeats the task, the last
answer and what was found: as a conversation for those that chat, as one text for the rest. Earlier
answers are left out, so that a prompt does not grow from turn to turn.
"""

from __future__ import annotations

import msgspec

from rtlbench.generate.answer import Message, Request, request_seed
from rtlbench.refine.task import Task

MAX_REPEATED = 16_000
"""Characters of the last answer."""
CUT = "\n[...]"
NO_ANSWER = "(no answer)"
AGAIN = "Answer the task again, with the whole corrected code."


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
    asked, answered = task.file.instruction, _repeated(wrong.answer)
    again, turn = f"{wrong.feedback}\n\n{AGAIN}", wrong.turn + 1
    return Request(
        spec_id=task.id,
        sample=sample,
        prompt=f"{asked}\n\nYour previous answer:\n\n{answered}\n\n{again}",
        seed=request_seed(seed, f"{task.id}\0{turn}", sample),
        category=task.category,
        turn=turn,
        conversation=(
            Message("user", asked),
            Message("assistant", answered),
            Message("user", again),
        ),
    )


def _repeated(answer: str) -> str:
    if not answer.strip():
        return NO_ANSWER
    return answer if len(answer) <= MAX_REPEATED else answer[:MAX_REPEATED] + CUT
