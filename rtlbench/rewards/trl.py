"""Rewards as TRL's trainers call them: `GRPOTrainer(reward_funcs=[shaped_reward], ...)`.

A row of the data set names its task in a column `spec_id`; without one, the answer is held to the
words of its prompt, by the static Checks alone, and only `shaped_reward` has something to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from rtlbench.records.candidate import Candidate
from rtlbench.rewards import functions
from rtlbench.rewards.judging import Judging, usual
from rtlbench.rewards.messages import Told, said_by


class RewardFunction(Protocol):
    """What TRL takes."""

    __name__: str

    def __call__(
        self, prompts: Sequence[Told], completions: Sequence[Told], **columns: Any
    ) -> list[float | None]:
        """A reward for each completion; None leaves it out."""
        ...


def reward_function(
    reward: functions.Reward, name: str, judge: Judging | None = None
) -> RewardFunction:
    """`reward` as TRL calls it.

    Args:
        name: What TRL's logs call it.
        judge: Who judges (default: the Judge that the process shares).
    """

    def called(
        prompts: Sequence[Told], completions: Sequence[Told], **columns: Any
    ) -> list[float | None]:
        tasks = columns.get("spec_id") or [None] * len(completions)
        answers = [
            _candidate(p, c, t) for p, c, t in zip(prompts, completions, tasks, strict=True)
        ]
        verdicts = (judge or usual()).judge_each(tasks, answers)
        return [reward(v) for v in verdicts]

    called.__name__ = called.__qualname__ = name
    called.__doc__ = reward.__doc__
    return called


def _candidate(prompt: Told, completion: Told, task: str | None) -> Candidate:
    words = said_by("user", prompt) if task is None else ""
    return Candidate(
        text=said_by("assistant", completion), instruction=words, spec_id=task, model="policy"
    )


right_reward = reward_function(functions.sparse, "right")
"""1.0 for a right answer, 0.0 for a wrong one, None where the harness could not tell."""
shaped_reward = reward_function(functions.shaped, "shaped")
"""0.9 to 1.0 for a right answer, 0.0 to 0.5 for a wrong one, None likewise."""
