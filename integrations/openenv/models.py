"""What goes to and fro: an answer, and what is said of it."""

from __future__ import annotations

from pydantic import Field

from openenv.core.env_server.types import Action, Observation


class RtlAction(Action):
    """A model's answer."""

    answer: str = Field(description="RTL, or a whole answer with prose and fences")


class RtlObservation(Observation):
    """The task, and after an answer what the Verifier found."""

    task: str = Field(default="", description="id of the task")
    prompt: str = Field(default="", description="what is asked")
    explanation: str = Field(default="", description="what was found, with the first mismatch")
    figures: dict[str, float] = Field(
        default_factory=dict, description="functional, passed, score, all_io_used"
    )
