"""Answers from a GGUF file by llama.cpp, in a process that is started for it and ends with it.

It is asked as any endpoint is, with the same sampling as transformers: temperature, then top-p, and
nothing else. Answers come token by token, so that one ends where all of it that counts is there.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Answer, Generator, Request
from rtlbench.generate.course import Course
from rtlbench.generate.ending import is_over
from rtlbench.generate.gguf import header_of, revision_of
from rtlbench.generate.llama_server import Listening, Serving
from rtlbench.generate.openai_endpoint import Endpoint, Sending
from rtlbench.generate.source import LLAMA_CPP, Generation
from rtlbench.io.untrusted import one_line

INSTALL = "pip install 'rtlbench[llamacpp]'"
_SAMPLERS = {"samplers": ["temperature", "top_p"], "cache_prompt": True}
"""The server's own chain has further ones, with tastes of their own."""
_SPARE = 128
"""Tokens that a chat template may add to a prompt."""
_FOR_EVER = 30 * 86400.0
"""Seconds: how long an answer takes depends on the machine, and nobody else is asked."""


class LlamaCpp:
    """A GGUF file, and llama.cpp to compute it.

    Raises:
        UserError: It cannot be read, or llama.cpp is not installed.
    """

    def __init__(self, asked: Generation, name: str) -> None:
        self.generator = self.describe(asked, name)
        self._asked, self._path = asked, Path(name).resolve()
        self._header = header_of(name)

    @staticmethod
    def describe(asked: Generation, name: str) -> Generator:
        """Who will answer, by the file.

        Raises:
            UserError: It cannot be read, or llama.cpp is not installed.
        """
        header_of(name)
        if find_spec("xllamacpp") is None or find_spec("openai") is None:
            raise UserError(f"{name}: --model-engine llama.cpp needs more packages; {INSTALL}")
        if asked.adapter is not None or asked.load_in_4bit:
            raise UserError(
                f"{name}: --adapter and --load-in-4bit are not for --model-engine llama.cpp; leave "
                "them out, or give --model-engine transformers"
            )
        try:
            revision = revision_of(Path(name))
        except OSError as e:
            raise UserError(f"{name}: cannot read the model ({e.strerror})") from e
        return Generator(source=LLAMA_CPP, model=Path(name).name, revision=revision)

    def answers(
        self, requests: Sequence[Request], course: Course | None = None
    ) -> Iterator[Answer]:
        """An Answer to each request, as they end.

        Raises:
            UserError: The server does not start, or ends.
        """
        slots = max(1, min(self._asked.batch_size, len(requests)))
        with started(self._serving(requests, slots)) as (address, key):
            asked = msgspec.structs.replace(
                self._asked, base_url=f"{address}/v1", concurrency=slots, max_concurrency=slots,
                request_timeout=_FOR_EVER, extra_body=self._body(),
            )  # fmt: skip
            chats = bool(self._header.words.get("tokenizer.chat_template"))
            endpoint = _Served(asked, self.generator, key, self._asked.sampling, is_text=not chats)
            yield from endpoint.answers(requests, course)

    def _body(self) -> str:
        given = self._asked.extra_body
        own = msgspec.json.decode(given, type=dict[str, Any]) if given else {}
        return msgspec.json.encode({**_SAMPLERS, **own}).decode()

    def _serving(self, requests: Sequence[Request], slots: int) -> Serving:
        # A token is a byte at least.
        longest = max(
            sum(len(m.content.encode()) for m in r.conversation) or len(r.prompt.encode())
            for r in requests
        )
        words = self._header.words
        room = int(words.get(f"{self._header.architecture}.context_length", 1 << 20))
        wanted = longest + self._asked.max_tokens + _SPARE
        return Serving(
            path=str(self._path), slots=slots, context=min(room, wanted), threads=_threads(),
            key=secrets.token_urlsafe(32),
        )  # fmt: skip


def _threads() -> int:
    """As many as torch would take."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said.isdecimal() and int(said):
        return int(said)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def started(serving: Serving) -> Iterator[tuple[str, str]]:
    """The address and the key of a server that runs within."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "rtlbench.generate.llama_server"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True,
        )  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(msgspec.json.encode(serving) + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                raise UserError(f"{serving.path}: llama.cpp cannot serve it ({_last_of(log)})")
            yield msgspec.json.decode(line, type=Listening).address, serving.key
        except BrokenPipeError as e:
            raise UserError(f"{serving.path}: llama.cpp cannot serve it ({_last_of(log)})") from e
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()


def _last_of(log: Any) -> str:
    log.seek(0)
    lines = [x for x in log.read()[-4000:].decode("utf-8", "replace").splitlines() if x.strip()]
    told = [x for x in lines if "rror" in x] or lines or ["it said nothing"]
    return one_line(told[-1], 300)


class _Served(Endpoint):
    """Our own server: it is there, and answers in a stream."""

    def __init__(
        self, asked: Generation, generator: Generator, key: str, sampling: Any, *, is_text: bool
    ) -> None:
        super().__init__(asked, generator.model)
        self.generator, self._key, self._sampling = generator, key, sampling
        self._has_text_alone = is_text
        self._reached = True

    @property
    def _is_text(self) -> bool:
        return self._has_text_alone

    def _client_options(self) -> dict[str, Any]:
        """No proxy is between us and the loopback."""
        from openai import DefaultAsyncHttpxClient

        return {"http_client": DefaultAsyncHttpxClient(trust_env=False)}

    def _count(self, tokens: int) -> None:
        """They were counted as they came."""

    async def _create(self, sending: Sending) -> Any:
        stream = await super()._create(sending)
        came = _Came(self._is_text)
        async with stream:
            async for chunk in stream:
                self._course.tokens += came.add(chunk)
                if came.has_new_line and is_over(came.text, sending.request.top):
                    break
        reply = came.reply()
        self._course.tokens += max(0, reply.usage.completion_tokens - came.tokens)
        return reply

    def _further(self) -> dict[str, Any]:
        return {"stream": True, "stream_options": {"include_usage": True}}


class _Came:
    """What has come of a streamed answer."""

    def __init__(self, is_text: bool) -> None:
        self._is_text = is_text
        self.text = ""
        self.has_new_line = False
        """Whether the last piece has one."""
        self._thought = ""
        self._finish = "stop"
        self.tokens = 0
        """Pieces, which are tokens but for letters that take several."""
        self._last: Any = None

    def add(self, chunk: Any) -> int:
        """Take a piece; how many tokens it is."""
        self._last = chunk
        self.has_new_line = False
        if not chunk.choices:
            return 0
        choice = chunk.choices[0]
        self._finish = choice.finish_reason or self._finish
        piece = choice.text if self._is_text else choice.delta.content
        thought = "" if self._is_text else getattr(choice.delta, "reasoning_content", None)
        self.text += piece or ""
        self._thought += thought or ""
        self.has_new_line = "\n" in (piece or "")
        count = int(bool(piece or thought))
        self.tokens += count
        return count

    def reply(self) -> Any:
        """As it would have come in one piece."""
        message = SimpleNamespace(content=self.text, reasoning_content=self._thought or None)
        choice = SimpleNamespace(text=self.text, message=message, finish_reason=self._finish)
        counted = SimpleNamespace(completion_tokens=self.tokens)
        usage = getattr(self._last, "usage", None) or counted
        return SimpleNamespace(choices=[choice], usage=usage, model=None, system_fingerprint=None)
