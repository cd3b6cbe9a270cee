"""The ways in which endpoints were seen to misbehave, each with a name, and how a request that
meets it is to end."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Sequence
from email.utils import formatdate
from itertools import chain, zip_longest
from typing import Any

import msgspec

CODE = "module m; endmodule"
KEY = "sk-odd-0123456789abcdef0123456789"
"""What the endpoint wants; some ways show it."""
Headers = dict[str, str]


class Sends(msgspec.Struct, frozen=True, kw_only=True):
    """What goes over the wire."""

    body: bytes = b""
    status: int = 200
    headers: Headers = {}
    how: str = "whole"
    """`whole`; `chunked`; `cut` in the middle; `drip`, byte by byte; `drop` before anything;
    `reset` in the headers; `silent`; `garbage` for a status line."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way to misbehave."""

    does: Callable[[], Sends]
    ends: str
    """As `Answer.ended`, or `stops the run`."""
    tries: int = 0
    """How many requests meet it before one is answered; 0: each does."""
    about: str


def completion(content: Any, finish: str | None = "stop", **message: Any) -> dict[str, Any]:
    """A reply as the documents have it, save for what is given."""
    said = {"role": "assistant", "content": content, **message}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "odd-1",
            "choices": [{"index": 0, "message": said, "finish_reason": finish}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}}  # fmt: skip


def right() -> Sends:
    """An answer that nothing is wrong with."""
    return Sends(body=_json(completion(CODE)))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _reply(value: Any, **more: Any) -> Callable[[], Sends]:
    body = value if isinstance(value, bytes) else _json(value)
    return lambda: Sends(body=body, **more)


def _error(status: int, message: Any = "spoilt", headers: Headers | None = None, **more: Any) \
        -> Callable[[], Sends]:
    told = {"error": {"message": message, "type": "fault", **more}}
    return lambda: Sends(body=_json(told), status=status, headers=headers or {})


def _how(how: str) -> Callable[[], Sends]:
    return lambda: Sends(body=_json(completion(CODE)), how=how)


def _later() -> Sends:
    return _error(429, headers={"retry-after": formatdate(usegmt=True)})()


def _again(does: Callable[[], Sends], about: str) -> Way:
    """What passes by: the next request is answered."""
    return Way(does=does, ends="answered", tries=1, about=about)


def _fails(does: Callable[[], Sends], about: str) -> Way:
    return Way(does=does, ends="failed", about=about)


def _answers(does: Callable[[], Sends], about: str) -> Way:
    return Way(does=does, ends="answered", about=about)


def _without(reply: dict[str, Any], *names: str) -> dict[str, Any]:
    return {n: v for n, v in reply.items() if n not in names}


_GOOD = completion(CODE)
_SHORT = {"retry-after": "0"}
PASSING: dict[str, Way] = {
    "busy-wait": _again(_error(429, headers={"retry-after": "0.3"}), "429 with Retry-After"),
    "busy": _again(_error(429), "429 without"),
    "busy-date": _again(_later, "429 with a date in Retry-After"),
    "busy-nonsense": _again(_error(429, headers={"retry-after": "soon"}), "429, `soon`"),
    "busy-long": Way(does=_error(429, headers={"retry-after": "0.1"}), ends="answered", tries=12,
                       about="429 twelve times"),
    "overloaded": _again(_error(529, headers=_SHORT), "529"),
    "unavailable": _again(_error(503, headers=_SHORT), "503 with Retry-After"),
    "timeout-408": _again(_error(408, headers=_SHORT), "408"),
    "conflict": _again(_error(409, headers=_SHORT), "409"),
    "broken-500": _again(_error(500, headers=_SHORT), "500"),
    "gateway-html": _again(_reply(b"<html>Bad gateway</html>", status=502), "502 in HTML"),
    "gateway-late": _again(_error(504), "504"),
    "dropped": _again(_how("drop"), "the connection is closed without a word"),
    "reset": _again(_how("reset"), "the connection is closed in the headers"),
    "cut": _again(_how("cut"), "the connection is closed in the answer"),
    "garbage": _again(_how("garbage"), "no HTTP at all"),
    "silent": _again(_how("silent"), "nothing comes within --request-timeout"),
    "drip": _again(_how("drip"), "an answer byte by byte, longer than --request-timeout"),
}  # fmt: skip
FAILING: dict[str, Way] = {
    "context": _fails(_error(400, "beyond the context", code="context_length_exceeded"),
                      "400: the prompt is beyond the context"),
    "refused-text": _fails(_reply(b"no", status=400), "400 in plain text"),
    "too-large": _fails(_error(413), "413"),
    "unprocessable": _fails(_reply({"detail": [{"loc": ["seed"]}]}, status=422), "422"),
    "legal": _fails(_error(451), "451"),
    "broken-for-ever": _fails(_error(500, headers=_SHORT), "500 each time"),
    "error-in-200": _fails(_reply({"error": {"message": "full"}}), "200 with an error"),
    "error-text-in-200": _fails(_reply({"error": "full"}), "200 with the text of one"),
    "empty-object": _fails(_reply({}), "200, an empty object"),
    "no-choices": _fails(_reply({**_GOOD, "choices": []}), "no choices in it"),
    "null-choices": _fails(_reply({**_GOOD, "choices": None}), "null for choices"),
    "list": _fails(_reply([]), "a list"),
    "string": _fails(_reply("hello"), "a string"),
    "html": _fails(_reply(b"<html>busy</html>"), "200 in HTML"),
    "cut-json": _fails(_reply(_json(_GOOD)[:60]), "JSON that breaks off"),
    "no-utf8": _fails(_reply(b'{"choices": "\xff"}'), "bytes that are no UTF-8"),
    "nothing": _fails(_reply(b""), "200 without a body"),
    "finish-error": _fails(_reply(completion("x", "error")), "finish reason `error`"),
    "bad-call": _fails(_reply(completion("", "malformed_function_call")), "a call gone wrong"),
    "null": _fails(_reply(completion(None)), "null for content"),
    "null-thought": _fails(_reply(completion(None, reasoning_content="hm")), "thoughts alone"),
    "tool": _fails(_reply(completion(None, "tool_calls", tool_calls=[
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}])),
        "a tool's call"),
    "number": _fails(_reply(completion(3)), "a number for content"),
    "object": _fails(_reply(completion({"text": CODE})), "an object for content"),
    "no-message": _fails(_reply({**_GOOD, "choices": [{"index": 0}]}), "a choice of nothing"),
    "key-in-error": _fails(_error(400, f"bad header: Bearer {KEY}"), "the key in the error"),
}  # fmt: skip
KEPT_BACK: dict[str, Way] = {
    "filter": Way(does=_reply(completion("mod", "content_filter")), ends="filtered",
                  about="finish reason `content_filter`"),
    "safety": Way(does=_reply(completion(None, "SAFETY")), ends="filtered", about="`SAFETY`"),
    "filter-400": Way(does=_error(400, "policy", code="content_filter"), ends="filtered",
                      about="400 with the code `content_filter`"),
    "refusal": Way(does=_reply(completion(None, refusal="I can't.")), ends="refused",
                   about="a refusal"),
}  # fmt: skip
ODD: dict[str, Way] = {
    "right": _answers(right, "nothing is wrong"),
    "parts": _answers(_reply(completion([{"type": "text", "text": "module m; "},
                                         {"type": "text", "text": "endmodule"}])), "in parts"),
    "thinking": _answers(_reply(completion(CODE, reasoning_content="hm")), "thoughts beside"),
    "surrogate": _answers(_reply(completion("// \ud800\n" + CODE)), "a lone surrogate"),
    "cut-off": _answers(_reply(completion("module m;", "length")), "cut off by the limit"),
    "empty": _answers(_reply(completion("")), "an empty text"),
    "no-finish": _answers(_reply(completion(CODE, None)), "no finish reason"),
    "no-usage": _answers(_reply(_without(_GOOD, "usage")), "no usage"),
    "bad-usage": _answers(_reply({**_GOOD, "usage": {"prompt_tokens": "many"}}), "words for usage"),
    "usage-list": _answers(_reply({**_GOOD, "usage": [1, 2]}), "a list for usage"),
    "bare": _answers(_reply({"choices": _GOOD["choices"]}), "choices and nothing else"),
    "unknown-fields": _answers(_reply({**_GOOD, "extra": {"a": [1]}}), "fields nobody knows"),
    "chunked": _answers(_how("chunked"), "in chunks"),
    "packed": _answers(_reply(gzip.compress(_json(_GOOD)), headers={"content-encoding": "gzip"}),
                       "packed by gzip"),
    "latin": _answers(_reply(_json(_GOOD), headers={
        "content-type": "application/json; charset=latin-1"}), "another charset in the header"),
    "long": _answers(_reply(completion("// x\n" * 200_000 + CODE)), "a megabyte"),
    "key-in-answer": _answers(_reply(completion(f"// {KEY}\n{CODE}")), "the key in the answer"),
}  # fmt: skip
ENDING: dict[str, Way] = {
    "wrong-key": Way(does=_error(401), ends="stops the run", about="401"),
    "unpaid": Way(does=_error(402), ends="stops the run", about="402"),
    "forbidden": Way(does=_error(403), ends="stops the run", about="403"),
    "no-model": Way(does=_error(404), ends="stops the run", about="404"),
    "no-model-400": Way(does=_error(400, code="model_not_found"), ends="stops the run",
                        about="400 with `model_not_found`"),
    "no-quota": Way(does=_error(429, code="insufficient_quota"), ends="stops the run",
                    about="429 with `insufficient_quota`"),
}  # fmt: skip
ENDURED: dict[str, Way] = {**PASSING, **FAILING, **KEPT_BACK, **ODD}
"""Those that no run ends for."""
WAYS: dict[str, Way] = {**ENDURED, **ENDING}


def plan(seed: int, prompts: Sequence[str]) -> dict[str, str]:
    """The way that meets each prompt: drawn by the seed, all of them, answered and failing ones in
    turn, since many failures in a row end a run."""
    rng = random.Random(seed)
    failing, others = list(FAILING), [n for n in ENDURED if n not in FAILING]
    rng.shuffle(failing)
    rng.shuffle(others)
    pairs = chain.from_iterable(zip_longest(others, failing))
    order = [name for name in pairs if name is not None]
    return {prompt: order[k % len(order)] for k, prompt in enumerate(prompts)}
