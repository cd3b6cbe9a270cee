"""What a reply of an endpoint is: an answer, or one of the ways in which there is none.

An answer is what the model gave, right or wrong; a refusal is the model's, a filter the
endpoint's, and all else failed on the way. None of the last three says what the model can do, so
none of them is judged.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rtlbench.generate.answer import ANSWERED, Ended
from rtlbench.generate.endpoint_errors import masked_answer
from rtlbench.records.candidate import CUT_OFF

FILTERED = frozenset({"content_filter", "safety", "recitation", "prohibited_content", "blocklist"})
"""Finish reasons of endpoints that kept an answer back."""
FAILED = frozenset({"error", "failed", "malformed_function_call"})


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One reply, read."""

    text: str = ""
    reasoning: str | None = None
    """What was thought before, where the endpoint keeps that apart."""
    finish_reason: str | None = None
    ended: Ended = ANSWERED
    why: str = ""
    """Why there is no answer."""


def read_reply(reply: Any, *, is_text: bool) -> Reply:
    """What an endpoint's reply, with status 200, says.

    Args:
        is_text: Whether it is of `completions`, not of `chat/completions`.
    """
    choices = getattr(reply, "choices", None)
    if not isinstance(choices, list) or not choices:
        error = getattr(reply, "error", None)
        told = error.get("message", error) if isinstance(error, dict) else error
        return _none("failed", f"an error for an answer: {told}" if told else "no choices in it")
    choice = choices[0]
    finish = _text(getattr(choice, "finish_reason", None)) or None
    message = choice if is_text else getattr(choice, "message", None)
    content = getattr(message, "text" if is_text else "content", None)
    if none := _without_answer(message, content, finish):
        return none
    try:
        text = text_of(content)
    except TypeError as e:
        return _none("failed", str(e), finish)
    thought = getattr(message, "reasoning_content", None) or getattr(message, "reasoning", None)
    return Reply(text=text, reasoning=_text(thought) or None, finish_reason=finish)


def taken(reply: Any, secrets: tuple[str, ...]) -> dict[str, Any]:
    """What an endpoint says that a reply took, and of who gave it; by field of Answer."""
    usage = getattr(reply, "usage", None)
    details = getattr(usage, "completion_tokens_details", None)
    cached = getattr(usage, "prompt_tokens_details", None)
    found = {
        "prompt_tokens": _count(usage, "prompt_tokens"),
        "completion_tokens": _count(usage, "completion_tokens"),
        "reasoning_tokens": _count(details, "reasoning_tokens"),
        "cached_tokens": _count(cached, "cached_tokens"),
        "served_model": masked_answer(_text(getattr(reply, "model", None)), secrets) or None,
        "fingerprint": masked_answer(_text(getattr(reply, "system_fingerprint", None)), secrets)
        or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _count(place: object, name: str) -> int | None:
    value = getattr(place, name, None)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _without_answer(message: Any, content: object, finish: str | None) -> Reply | None:
    """Why there is no answer; None where there is one, empty perhaps."""
    reason = (finish or "").lower()
    if refusal := _text(getattr(message, "refusal", None)):
        return _none("refused", refusal, finish)
    if reason in FILTERED:
        return _none("filtered", f"kept back: {finish}", finish)
    if reason in FAILED:
        return _none("failed", f"ended by {finish}", finish)
    if content is None and reason != CUT_OFF:  # one that thought to its limit has answered nothing
        called = getattr(message, "tool_calls", None)
        return _none("failed", "a tool's call for an answer" if called else "no content", finish)
    return None


def text_of(content: object) -> str:
    """The text of an answer: a string, or parts that hold strings; what is no Unicode, a lone
    surrogate, becomes a question mark, for no file can hold it.

    Raises:
        TypeError: It is something else.
    """
    if content is None:
        return ""
    if isinstance(content, list):
        content = "".join(_part(part) for part in content)
    if not isinstance(content, str):
        raise TypeError(f"content is {type(content).__name__}, not text")
    return content.encode("utf-8", "replace").decode("utf-8")


def _part(part: object) -> str:
    fields = part if isinstance(part, dict) else getattr(part, "__dict__", {})
    return _text(fields.get("text", ""))


def _text(value: object) -> str:
    return text_of(value) if isinstance(value, str) else ""


def _none(ended: Ended, why: str, finish_reason: str | None = None) -> Reply:
    return Reply(ended=ended, why=text_of(str(why)), finish_reason=finish_reason)
