"""rtlbench as a resources server: `/verify` asks the judging service; nothing is judged here."""

from __future__ import annotations

import os
from typing import Any

from nemo_gym.base_resources_server import (
    BaseResourcesServerConfig,
    BaseVerifyRequest,
    BaseVerifyResponse,
    SimpleResourcesServer,
)
from pydantic import Field

from rtlbench import Client
from rtlbench.io.explain import cause, explain
from rtlbench.records.candidate import Candidate
from rtlbench.rewards import functions


class RtlConfig(BaseResourcesServerConfig):
    """As configs/rtlbench.yaml has it."""

    judge_url: str
    reward: str = "sparse"
    """`sparse` or `shaped`."""


class RtlVerifyRequest(BaseVerifyRequest):
    """A response, and whose it is."""

    verifier_metadata: dict[str, Any]
    """`spec_id`: the task."""


class RtlVerifyResponse(BaseVerifyResponse):
    """The reward, and what was found."""

    verifier_metadata: dict[str, Any] = Field(default_factory=dict)
    functional: bool | None = None
    score: float = 0.0
    explanation: str = ""


class RtlResourcesServer(SimpleResourcesServer):
    """Verdicts of a judging service, as rewards."""

    config: RtlConfig
    checkpoint_mode = "stateless"
    checkpoint_verify = "replay"

    async def verify(self, body: RtlVerifyRequest) -> RtlVerifyResponse:
        """1.0 for a right answer, 0.0 for a wrong one; masked where nobody could tell."""
        token = os.environ.get("RTLBENCH_JUDGE_TOKEN")
        task = str(body.verifier_metadata["spec_id"])
        answer = Candidate(text=body.response.output_text or "", spec_id=task, model="policy")
        with Client(self.config.judge_url, token=token) as client:
            found = await client.judge_async(task, answer)
        reward = getattr(functions, self.config.reward)(found)
        unknown = {"mask_sample": True, "failure_reason": cause(found)} if reward is None else {}
        return RtlVerifyResponse(
            **body.model_dump(), reward=reward or 0.0, functional=found.functional,
            score=found.score, explanation=explain(found), **unknown,
        )  # fmt: skip


if __name__ == "__main__":
    RtlResourcesServer.run_webserver()
