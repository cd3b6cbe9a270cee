"""One task and one answer an episode; the judging service has the say.

Nothing is judged here. Tasks are fresh ones, by a seed, from the part of the families' parameter
spaces that the benchmark never shows; the service knows them by their ids.
"""

from __future__ import annotations

import os
from itertools import count
from typing import Any
from uuid import uuid4

from openenv.core.env_server.interfaces import Environment
from openenv.core.env_server.types import State
from rtlbench import Client
from rtlbench.errors import HarnessError
from rtlbench.io.explain import cause, explain
from rtlbench.mutation.fresh import streamed
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome
from rtlbench.rewards import sparse
from rtlbench.runs.suite import find_spec
from rtlbench.suites.families import family_folders

try:
    from ..models import RtlAction, RtlObservation
except ImportError:  # started as `server.app`, as openenv.yaml says
    from models import RtlAction, RtlObservation  # type: ignore[no-redef]

DEFAULT_URL = "http://127.0.0.1:8765"
_episodes = count()


class RtlEnvironment(Environment[RtlAction, RtlObservation, State]):
    """Asks for RTL, and has the answer judged."""

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self) -> None:
        super().__init__()
        self._state = State(episode_id=str(uuid4()), step_count=0)
        self._spec: Spec | None = None
        self._client = Client(
            os.environ.get("RTLBENCH_JUDGE_URL") or DEFAULT_URL,
            token=os.environ.get("RTLBENCH_JUDGE_TOKEN"),
        )

    def reset(
        self, seed: int | None = None, episode_id: str | None = None, **kwargs: Any
    ) -> RtlObservation:
        """A task: the one whose id is `task`, or another for each seed, or the next one."""
        self._spec = find_spec((), kwargs["task"]) if kwargs.get("task") else _fresh(seed)
        self._state = State(episode_id=episode_id or str(uuid4()), step_count=0)
        return RtlObservation(task=self._spec.id, prompt=self._spec.prompt)

    def step(self, action: RtlAction, timeout_s: float | None = None, **_: Any) -> RtlObservation:  # noqa: ARG002
        """The verdict on an answer, which ends the episode."""
        if self._spec is None:
            raise ValueError("there is no task yet: reset first")
        self._state.step_count += 1
        answer = Candidate(text=action.answer, spec_id=self._spec.id, model="policy")
        found = self._client.judge(self._spec, answer)
        reward = sparse(found)
        if reward is None:
            raise HarnessError(f"not judged: {cause(found)}")
        return RtlObservation(
            task=self._spec.id, prompt=self._spec.prompt, explanation=explain(found), reward=reward,
            done=True, figures={
                "functional": float(found.functional is True), "score": found.score,
                "passed": float(found.outcome is Outcome.PASS),
                "all_io_used": float(found.all_io_used is True),
            },
        )  # fmt: skip

    @property
    def state(self) -> State:
        """The episode."""
        return self._state

    def close(self) -> None:
        """Let go of the service."""
        self._client.close()


def _fresh(seed: int | None) -> Spec:
    """The same task for the same seed; another each time without one."""
    folders = family_folders()
    first = next(_episodes) if seed is None else seed
    for number in count(first):
        spec = streamed(folders[number % len(folders)], 0, number // len(folders))
        if spec is not None:
            return spec
    raise AssertionError("count ends never")
