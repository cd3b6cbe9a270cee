"""The Judge that a process's plain calls share; made by the first of them."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import overload

from rtlbench.judging.judge import AnswerGiven, Answers, Judge, TaskGiven
from rtlbench.records.verdict import Verdict


@overload
def judge(task: TaskGiven, answers: AnswerGiven) -> Verdict: ...


@overload
def judge(task: TaskGiven, answers: Answers) -> list[Verdict]: ...


def judge(task: TaskGiven, answers: AnswerGiven | Answers) -> Verdict | list[Verdict]:
    """The Verdict of one answer to a task, or of each of several, in order.

    The first call starts workers, which wait for further calls until the process ends.

    Args:
        task: The id of a task (`rtlbench specs list`), a Spec, or None for a Candidate with an
            instruction of its own.
        answers: One answer or a list; text (RTL, or a model's whole answer) or Candidates.

    Raises:
        UserError: There is no such task, or a tool is missing.
    """
    return shared().judge(task, answers)


@overload
async def judge_async(task: TaskGiven, answers: AnswerGiven) -> Verdict: ...


@overload
async def judge_async(task: TaskGiven, answers: Answers) -> list[Verdict]: ...


async def judge_async(
    task: TaskGiven, answers: AnswerGiven | Answers
) -> Verdict | list[Verdict]:
    """As `judge`; calls that run at the same time are judged together."""
    return await shared().judge_async(task, answers)


def shared() -> Judge:
    """The Judge that all of this process's calls share."""
    return _shared(os.getpid())


@lru_cache(maxsize=1)
def _shared(_process: int) -> Judge:
    """Of this process: one that a fork inherits has no workers."""
    return Judge()
