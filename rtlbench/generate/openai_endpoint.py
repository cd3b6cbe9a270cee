"""Answers from any OpenAI-compatible endpoint: vLLM, llama.cpp, `transformers serve`, hosted ones.

`openai:NAME` talks to `chat/completions`, `openai-text:NAME` to `completions` with the task and a
newline. Several requests are under way at a time; what passes by is tried again, after as long as
the endpoint asks for. What is promised of a seed is what the endpoint promises.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from openai import (
    APIConnectionError,
    APIStatusError,
    AsyncOpenAI,
    BadRequestError,
    OpenAIError,
    UnprocessableEntityError,
)
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    wait_exponential,
    wait_random,
)

from rtlbench.errors import UserError
from rtlbench.generate.answer import (
    ANSWERED,
    Answer,
    Generator,
    Request,
    answer_to,
    messages_for,
    without_second_copy,
)
from rtlbench.generate.course import Course, StoppedError
from rtlbench.generate.endpoint_errors import (
    MASKED,
    SHOWN,
    asked_to_wait,
    by_proxy,
    ended_by,
    ends_the_run,
    explained,
    headers_of,
    is_busy,
    is_refused,
    key_of,
    masked,
    masked_answer,
    passes_by,
    secrets_of,
    without_secrets,
)
from rtlbench.generate.failures import Failures
from rtlbench.generate.pacing import Pace
from rtlbench.generate.replies import Reply, read_reply, taken
from rtlbench.generate.source import OMITTABLE, Generation
from rtlbench.io.untrusted import one_line

TRIES = 8
FIRST_TRIES = 3
"""While nothing has come from there: the address may be wrong."""
REQUEST_ID = "X-Client-Request-Id"
OPENAI = "https://api.openai.com/v1"
_TEXT = "openai-text:"
_LONGER_EACH_TIME = wait_exponential(multiplier=0.5, max=60) + wait_random(0, 1)


class Sending:
    """One request on its way."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.begun = self.last_at = time.monotonic()
        self.tries = 0
        """Requests that left for it."""
        self.said: frozenset[str] = frozenset()
        """The parameters that the last of them said."""
        self.spoilt = 0
        """Those of them that failed, but not for the endpoint's being busy."""


class Endpoint:
    """One model at one endpoint; nothing is sent before it is asked."""

    def __init__(self, asked: Generation, name: str) -> None:
        self.generator = self.describe(asked, name)
        self._asked = asked
        self._sampling = asked.sampling
        """As it is recorded."""
        self._key = key_of(asked)
        self._secrets = secrets_of(asked, _url(asked))
        self._limit_name = "max_tokens"
        self._refused: set[str] = set()
        """Parameters that the endpoint has refused by name."""
        self._reached = False
        """Whether a request was answered."""
        self._is_there = False
        """Whether something there refused one: the address is right."""
        self._client: Any = None
        self._course = Course()
        most = asked.max_concurrency or asked.concurrency
        self.pace = Pace(asked.concurrency, most, asked.requests_per_minute, self._is_stopping)

    def _is_stopping(self) -> bool:
        return self._course.stopping

    @staticmethod
    def describe(asked: Generation, name: str) -> Generator:
        """Who will answer.

        Raises:
            UserError: The model's name, the key or a usable address is missing.
        """
        url = _url(asked)
        key = key_of(asked)
        if not url.startswith(("http://", "https://")):
            shown = url if not set("@?") & set(url) else "(an address with secrets in it)"
            raise UserError(
                f"--base-url {shown}: give an http or https address, often ending in /v1"
            )
        if not name:
            raise UserError(f"--model {asked.model}: name the endpoint's model behind the colon")
        if asked.adapter or asked.load_in_4bit:
            raise UserError(
                "--adapter and --load-in-4bit are for local models; an endpoint has its own"
            )
        if not key and url == OPENAI:
            raise UserError(
                f"--model {asked.model}: set {asked.api_key_env} to the API key, "
                "or give another endpoint by --base-url"
            )
        headers_of(asked)
        source = "openai-text" if asked.model.startswith(_TEXT) else "openai"
        return Generator(source=source, model=name, base_url=without_secrets(url))

    def answers(
        self, requests: Sequence[Request], course: Course | None = None
    ) -> Iterator[Answer]:
        """An Answer to each request, as they come; of one without an answer, why there is none.

        Raises:
            UserError: The endpoint refuses all, or fails too often; what was under way is waited
                for.
        """
        self._course = course or Course()
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            self._client = self._connected()
            try:
                yield from self._in_turn(loop, requests)
            finally:
                loop.run_until_complete(self._client.close())

    def _connected(self) -> AsyncOpenAI:
        try:
            return AsyncOpenAI(
                api_key=self._key or "none",
                base_url=_url(self._asked).partition("?")[0],
                default_query=dict(parse_qsl(urlsplit(_url(self._asked)).query)),
                default_headers=headers_of(self._asked),
                timeout=self._asked.request_timeout,
                max_retries=0,
                **self._client_options(),
            )
        except (ImportError, ValueError) as e:  # a proxy of a kind that takes more, or is none
            raise UserError(
                f"{self.generator.base_url}: cannot be asked{by_proxy(self.generator.base_url)} "
                f"({one_line(str(e), 120)}); mend that variable, or name this host in NO_PROXY"
            ) from e

    def _client_options(self) -> dict[str, Any]:
        """How the client is made besides."""
        return {}

    def _further(self) -> dict[str, Any]:
        """What a request says besides."""
        return {}

    def _in_turn(
        self, loop: asyncio.AbstractEventLoop, requests: Sequence[Request]
    ) -> Iterator[Answer]:
        """Keep as many requests under way as the pace allows; after a failure, or when asking is
        to stop, see those to their end."""
        waiting = list(requests)
        failure: BaseException | None = None
        where = self.generator.base_url
        failures = Failures(self._asked, where, len(requests), self._course)
        under_way: set[asyncio.Task[Answer]] = set()
        waiting.reverse()
        try:
            while under_way or self._goes_on(waiting, failure):
                # The first request goes alone: it shows whether address and key are right.
                room = self.pace.room if self._reached else 1
                while self._goes_on(waiting, failure) and len(under_way) < room:
                    under_way.add(loop.create_task(self._answer(waiting.pop())))
                done, under_way = loop.run_until_complete(
                    asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                )
                for task in done:
                    if not isinstance(task.exception(), StoppedError):
                        failure = failure or task.exception()
                    if task.exception() is None:
                        yield task.result()
                        failure = failure or failures.too_many(task.result())
        finally:
            for task in under_way:
                task.cancel()
        if failure is not None:
            raise failure

    def _goes_on(self, waiting: Sequence[Request], failure: BaseException | None) -> bool:
        return bool(waiting) and failure is None and not self._is_stopping()

    async def _answer(self, request: Request) -> Answer:
        begun = time.monotonic()
        sending = Sending(request)
        try:
            answered = await self._reply(sending)
            reply = read_reply(answered, is_text=self._is_text)
        except (OpenAIError, TimeoutError, ValueError, LookupError, AttributeError, TypeError) as e:
            told = explained(e, self.generator.base_url, self.generator.model, self._secrets)
            if ends_the_run(e, self.generator.model):
                raise UserError(told) from e
            answered, reply = None, Reply(ended=ended_by(e), why=told)
        took = taken(answered, self._secrets)
        self._count(int(took.get("completion_tokens") or 0))
        why = masked(reply.why[:MASKED], self._secrets)[:SHOWN]
        thought = masked_answer(reply.reasoning or "", self._secrets)
        return answer_to(
            request,
            masked_answer(self._text(reply.text, request), self._secrets),
            self.generator,
            self._sampling,
            finish_reason=masked_answer(reply.finish_reason or "", self._secrets) or None,
            ended=reply.ended,
            why="" if reply.ended == ANSWERED else one_line(why),
            reasoning=thought or None,
            seconds=round(time.monotonic() - begun, 3),
            latency=round(time.monotonic() - sending.last_at, 3),
            tries=sending.tries,
            omitted=tuple(sorted(self._refused)),
            cost=self._cost(took),
            **took,
        )

    def _count(self, tokens: int) -> None:
        """Note that so many have come, with an answer that is there."""
        self._course.tokens += tokens

    def _text(self, text: str, request: Request) -> str:
        return without_second_copy(text, request.top) if self._is_text else text

    async def _reply(self, sending: Sending) -> Any:
        tries = AsyncRetrying(
            retry=retry_if_exception(passes_by),
            stop=partial(self._enough, sending),
            wait=self._wait,
            sleep=self.pace.sleep,
            reraise=True,
        )
        async for attempt in tries:
            with attempt:
                reply = await self._send(sending)
        self._reached = True
        self.pace.answered()
        return reply

    async def _send(self, sending: Sending) -> Any:
        """Send a request when it is its turn.

        Raises:
            StoppedError: Asking was stopped before.
        """
        async with self.pace.turn() as sending.last_at:
            if self._is_stopping():
                raise StoppedError("asking was stopped")
            while True:
                try:
                    return await self._create(sending)
                except (BadRequestError, UnprocessableEntityError) as e:
                    if not self._does_without(e, sending):
                        raise

    def _does_without(self, error: APIStatusError, sending: Sending) -> bool:
        """Whether to send the request again without the parameter that the endpoint refuses by
        name, or with the limit under another one."""
        told = str(error)
        if "max_completion_tokens" in told and "max_tokens" in sending.said:
            self._limit_name = "max_completion_tokens"  # some models know this name alone
            return True
        refused = [n for n in OMITTABLE & sending.said if is_refused(error, n)]
        self._refused.update(refused)
        return bool(refused)

    async def _create(self, sending: Sending) -> Any:
        request, sampling = sending.request, self._asked.sampling
        said: dict[str, Any] = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": request.seed,
            self._limit_name: sampling.max_tokens,
            **({"stop": list(sampling.stop)} if sampling.stop else {}),
        }
        left_out = {*sampling.omitted, *self._refused}
        if "max_tokens" in left_out:
            left_out.add("max_completion_tokens")
        said = {name: value for name, value in said.items() if name not in left_out}
        sending.said = frozenset(said)
        asked: dict[str, Any] = {
            "model": self.generator.model,
            **said,
            "extra_body": msgspec.json.decode(sampling.extra_body) if sampling.extra_body else None,
            "extra_headers": {REQUEST_ID: self._course.sent(request)},
            **self._further(),
        }
        sending.tries += 1
        async with asyncio.timeout(self._asked.request_timeout):
            if self._is_text:
                return await self._client.completions.create(prompt=request.prompt + "\n", **asked)
            messages = messages_for(request.prompt, request.conversation)
            return await self._client.chat.completions.create(messages=messages, **asked)

    def _enough(self, sending: Sending, state: RetryCallState) -> bool:
        """Whether to try no more: after some tries; with a busy endpoint, after some time."""
        error = state.outcome.exception() if state.outcome else None
        self._is_there = self._is_there or isinstance(error, APIStatusError)
        if is_busy(error):
            self.pace.busy(sending.last_at)
            return self.pace.without_answer(sending.begun) > self._asked.patience
        sending.spoilt += 1
        is_lost = isinstance(error, APIConnectionError) and not (self._reached or self._is_there)
        return sending.spoilt >= (FIRST_TRIES if is_lost else TRIES)

    def _wait(self, state: RetryCallState) -> float:
        """Seconds before the next try: what the endpoint asks for, of all requests; else longer
        from try to try."""
        asked = asked_to_wait(state.outcome.exception() if state.outcome else None)
        if asked is None:
            return _LONGER_EACH_TIME(state)
        self.pace.hold(asked)
        return asked

    @property
    def _is_text(self) -> bool:
        return self.generator.source == "openai-text"

    def _cost(self, took: Mapping[str, Any]) -> float | None:
        prices = (self._asked.prompt_price, self._asked.completion_price)
        counts = (took.get("prompt_tokens"), took.get("completion_tokens"))
        if prices == (None, None) or counts == (None, None):
            return None
        return float(sum((p or 0.0) * (n or 0) for p, n in zip(prices, counts, strict=True))) / 1e6


def _url(asked: Generation) -> str:
    return asked.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI
