"""The client of a judging service: the calls of a Judge, judged elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Self, TypeAlias, TypeVar, overload

import msgspec

from rtlbench.client.messages import (
    MOST_ANSWERS,
    About,
    AnswerToJudge,
    ErrorResponse,
    JudgeRequest,
    JudgeResponse,
    TaskInfo,
    TasksResponse,
)
from rtlbench.errors import HarnessError, UserError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict
from rtlbench.scoring import fault_of

if TYPE_CHECKING:
    import httpx2
    import tenacity

TaskSent: TypeAlias = "str | Spec | TaskInfo | None"
AnswerSent: TypeAlias = str | Candidate
AnswersSent: TypeAlias = (
    list[str] | list[Candidate] | list[str | Candidate] | tuple[AnswerSent, ...]
)
ResponseType = TypeVar("ResponseType")

BUSY = frozenset({429, 502, 503, 504})
"""Answers of a service that is full, stops, or is not there yet: the same may work a little later.
Asking again is safe: a Verdict depends on the answer alone."""
BYTES = 2 << 20
"""Of answers in one request."""
LONGEST_WAIT = 30.0


class Client:
    """Has a judging service (`rtlbench serve`) judge; asks again while that is busy or gone.

    Args:
        url: Where it is, such as `http://judge:8765`.
        token: What it was started with, where it asks for one.
        timeout: Seconds that one request may take.
        patience: Seconds for which it is asked again before the call fails.

    Raises:
        UserError: The libraries for it are not installed.
    """

    def __init__(
        self, url: str, *, token: str | None = None, timeout: float = 900.0, patience: float = 600.0
    ) -> None:
        try:
            import httpx2
            import tenacity
        except ImportError as e:
            raise UserError(f"a Client needs {e.name}: pip install 'rtlbench[client]'") from e
        self.url = url.rstrip("/")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(base_url=self.url, headers=headers, timeout=timeout)
        self._transport_error = httpx2.TransportError
        self._retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((_BusyError, httpx2.TransportError)),
            wait=_wait,
            stop=tenacity.stop_after_delay(patience),
            reraise=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    @overload
    def judge(self, task: TaskSent, answers: AnswerSent) -> Verdict: ...

    @overload
    def judge(self, task: TaskSent, answers: AnswersSent) -> list[Verdict]: ...

    def judge(self, task: TaskSent, answers: AnswerSent | AnswersSent) -> Verdict | list[Verdict]:
        """The Verdict of one answer, or of each of several, in order.

        Raises:
            UserError: The service cannot use what it is given: the message says what.
            HarnessError: It cannot be reached, or fails, however often it is asked.
        """
        given = [answers] if isinstance(answers, str | Candidate) else list(answers)
        candidates = [
            Candidate(text=a, sample=k) if isinstance(a, str) else a for k, a in enumerate(given)
        ]
        verdicts = self.judge_each([task] * len(candidates), candidates)
        return verdicts[0] if isinstance(answers, str | Candidate) else verdicts

    @overload
    async def judge_async(self, task: TaskSent, answers: AnswerSent) -> Verdict: ...

    @overload
    async def judge_async(self, task: TaskSent, answers: AnswersSent) -> list[Verdict]: ...

    async def judge_async(
        self, task: TaskSent, answers: AnswerSent | AnswersSent
    ) -> Verdict | list[Verdict]:
        """As `judge`."""
        return await asyncio.to_thread(self.judge, task, answers)

    def judge_each(self, tasks: Sequence[TaskSent], answers: Sequence[Candidate]) -> list[Verdict]:
        """The Verdict of each answer to the task at its place.

        Raises:
            UserError: The service cannot use what it is given: the message says what.
            HarnessError: It cannot be reached, or fails, however often it is asked.
        """
        asked = [_answer(t, a) for t, a in zip(tasks, answers, strict=True)]
        verdicts: list[Verdict] = []
        for part in _parts(asked):
            body = msgspec.json.encode(JudgeRequest(answers=part))
            found = self._ask("POST", "/v1/judge", JudgeResponse, body).verdicts
            self._refuse_other(part, found)
            verdicts += found
        return verdicts

    def _refuse_other(self, asked: Sequence[AnswerToJudge], found: Sequence[Verdict]) -> None:
        """Raise HarnessError where what came are not the Verdicts of these answers, in order, each
        as its own Checks have it."""
        if len(found) != len(asked):
            raise HarnessError(f"{self.url}: {len(found)} verdicts came of {len(asked)} answers")
        for answer, verdict in zip(asked, found, strict=True):
            if verdict.candidate_hash != answer.candidate().digest():
                raise HarnessError(f"{self.url}: a verdict is of another answer than it was asked")
            if fault := fault_of(verdict):
                raise HarnessError(f"{self.url}: a verdict cannot be believed: {fault}")

    def tasks(self) -> list[TaskInfo]:
        """The tasks that the service judges by their id."""
        return self._ask("GET", "/v1/tasks", TasksResponse).tasks

    def about(self) -> About:
        """What the service judges by."""
        return self._ask("GET", "/v1/about", About)

    def _ask(
        self, method: str, path: str, shape: type[ResponseType], body: bytes | None = None
    ) -> ResponseType:
        try:
            response: httpx2.Response = self._retrying(self._once, method, path, body)
        except (_BusyError, self._transport_error) as e:
            raise HarnessError(f"{self.url}: {e or type(e).__name__}") from e
        try:
            return msgspec.json.decode(response.content, type=shape)
        except msgspec.DecodeError as e:
            raise HarnessError(f"{self.url}{path}: is no judging service of this kind: {e}") from e

    def _once(self, method: str, path: str, body: bytes | None) -> httpx2.Response:
        kind = {"content-type": "application/json"} if body is not None else {}
        response = self._http.request(method, path, content=body, headers=kind)
        if response.status_code in BUSY:
            after = response.headers.get("retry-after", "")
            raise _BusyError(_told(response), float(after) if after.isdecimal() else None)
        if response.status_code >= 500:
            raise HarnessError(f"{self.url}{path}: {_told(response)}")
        if response.status_code >= 400:
            raise UserError(f"{self.url}{path}: {_told(response)}")
        return response


class _BusyError(Exception):
    def __init__(self, told: str, after: float | None) -> None:
        super().__init__(told)
        self.after = after
        """Seconds after which it wants to be asked again."""


def _wait(state: tenacity.RetryCallState) -> float:
    """Seconds to wait: as long as the service says, else longer each time; never all at once."""
    import tenacity

    error = state.outcome.exception() if state.outcome is not None else None
    drawn = tenacity.wait_random_exponential(0.2, max=LONGEST_WAIT)(state)
    if isinstance(error, _BusyError) and error.after is not None:
        return min(error.after, LONGEST_WAIT) + min(drawn, 1.0)
    return drawn


def _told(response: httpx2.Response) -> str:
    """What a refusal says."""
    try:
        refusal = msgspec.json.decode(response.content, type=ErrorResponse)
    except msgspec.DecodeError:
        return f"status {response.status_code}"
    place = f"{refusal.field}: " if refusal.field else ""
    return f"{response.status_code}: {place}{refusal.error}"


def _answer(task: TaskSent, candidate: Candidate) -> AnswerToJudge:
    known = task is None or isinstance(task, str)
    return AnswerToJudge(
        text=candidate.text,
        task=task if task is None or isinstance(task, str) else task.id,
        digest=None if known else task.digest() if isinstance(task, Spec) else task.digest,  # type: ignore[union-attr]
        instruction=candidate.instruction,
        sample=candidate.sample,
        model=candidate.model,
        finish_reason=candidate.finish_reason,
    )


def _parts(answers: Sequence[AnswerToJudge]) -> Iterator[list[AnswerToJudge]]:
    """As many as one request may hold."""
    part: list[AnswerToJudge] = []
    size = 0
    for answer in answers:
        length = 4 * len(answer.text)
        if part and (len(part) == MOST_ANSWERS or size + length > BYTES):
            yield part
            part, size = [], 0
        part.append(answer)
        size += length
    if part:
        yield part
