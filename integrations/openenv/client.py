"""The client: `with RtlEnv(base_url=...).sync() as env: env.reset(); env.step(RtlAction(...))`."""

from __future__ import annotations

from typing import Any

from openenv.core import EnvClient
from openenv.core.client_types import StepResult
from openenv.core.env_server.types import State

from .models import RtlAction, RtlObservation


class RtlEnv(EnvClient[RtlAction, RtlObservation, State]):
    """An episode is one task and one answer."""

    def _step_payload(self, action: RtlAction) -> dict[str, Any]:
        return {"answer": action.answer}

    def _parse_result(self, payload: dict[str, Any]) -> StepResult[RtlObservation]:
        told = payload.get("observation", {})
        reward, done = payload.get("reward"), bool(payload.get("done", False))
        return StepResult(
            observation=RtlObservation(**told | {"reward": reward, "done": done}),
            reward=reward,
            done=done,
        )

    def _parse_state(self, payload: dict[str, Any]) -> State:
        return State(**payload)
