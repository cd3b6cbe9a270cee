"""Who judges for a reward: one call for all answers of a step."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict


class Judging(Protocol):
    """A Judge, or whatever else gives its Verdicts."""

    def judge_each(
        self, tasks: Sequence[str | Spec | None], answers: Sequence[Candidate]
    ) -> list[Verdict]:
        """The Verdict of each answer to the task at its place."""
        ...


URL = "RTLBENCH_JUDGE_URL"
TOKEN = "RTLBENCH_JUDGE_TOKEN"
"""Environment variables: the judging service to ask, and its token where it has one."""


def usual() -> Judging:
    """The judging service that the environment names, else the Judge that this process shares."""
    if url := os.environ.get(URL):
        return _client(url, os.environ.get(TOKEN), os.getpid())
    from rtlbench.judging.judge import shared

    return shared()


@lru_cache(maxsize=1)
def _client(url: str, token: str | None, _process: int) -> Judging:
    """Of this process: a connection does not survive a fork."""
    from rtlbench.client.client import Client

    return Client(url, token=token)
