"""What goes over the wire between a client and the judging service."""

from __future__ import annotations

from typing import Annotated

import msgspec

from rtlbench.records.candidate import Candidate
from rtlbench.records.verdict import Verdict

MOST_ANSWERS = 256
"""In one request."""


class AnswerToJudge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer to judge."""

    text: str
    """RTL, or a model's whole answer."""
    task: str | None = None
    """The id of a task that the service judges; none where `instruction` is all there is."""
    digest: str | None = None
    """The task's content hash: judged only if the service's task is that very one."""
    instruction: str = ""
    """The words that it answers, where they are not the task's own."""
    sample: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    model: str = "unknown"
    finish_reason: str | None = None

    def candidate(self) -> Candidate:
        """What the Judge takes."""
        return Candidate(
            text=self.text,
            instruction=self.instruction,
            spec_id=self.task,
            sample=self.sample,
            model=self.model,
            finish_reason=self.finish_reason,
        )


class JudgeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/judge`."""

    answers: Annotated[list[AnswerToJudge], msgspec.Meta(min_length=1, max_length=MOST_ANSWERS)]


class JudgeResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The Verdict of each answer, in order."""

    verdicts: list[Verdict]


class TaskInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a client needs of a task to have it answered; nothing of how it is judged."""

    id: str
    category: str
    family: str
    difficulty: str
    title: str
    prompt: str
    top: str
    digest: str


class TasksResponse(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/tasks`."""

    tasks: list[TaskInfo]


class About(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/about`: what the service judges by."""

    rtlbench: str
    """Its version."""
    simulator: str
    seed: int
    formal: bool
    isolation: str
    tools: dict[str, str]
    """Version by tool."""


class ErrorResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why nothing was judged."""

    error: str
    field: str | None = None
    """The path of what cannot be used, such as `answers[0].text`."""
