"""Answers of models in the shapes that tools write them: one decoded record in, answers out.

`SHAPES` is the table, looked through from above: the first whose fields are all there holds;
docs/answers.md shows it. What is no answer is a LayoutError, which says what lacks and which shape
is nearest. Fields that disagree on what the answer is are refused, for nobody knows which counts.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from rtlbench.intake.field_values import LayoutError, kind_of
from rtlbench.rtl.extraction import extract

Fields = Mapping[str, Any]
TEXTS = (
    "completion", "rtl", "text", "response", "output", "solution", "generation", "answer", "code",
    "verilog", "generated_code", "prediction", "completions", "responses", "outputs", "solutions",
    "generations", "resps",
)  # fmt: skip
"""What holds the answer, or several; the first that is there is read, the others must agree."""
IDS = ("spec_id", "task_id", "custom_id", "problem_id", "id", "name", "task", "problem")
PROMPTS = (
    "prompt", "prompt_hash", "instruction", "question", "input", "query", "problem", "description",
)  # fmt: skip
MODELS = ("model", "model_name", "model_id")
FILTERED = frozenset({"content_filter", "refusal", "safety"})
CUT = frozenset({"length", "max_tokens", "model_length"})
_SHOWN = 8


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One answer as somebody gave it."""

    text: str
    names: tuple[str, ...] = ()
    """What may be the task's id or name."""
    prompts: tuple[str, ...] = ()
    """What may be its words, or their hash."""
    sample: int | None = None
    """From 0; None where nobody numbered it."""
    model: str = ""
    finish_reason: str | None = None
    ended: str = "answered"
    why: str = ""


class Shape(msgspec.Struct, frozen=True):
    """What one kind of record looks like."""

    name: str
    fields: tuple[str, ...]
    """All of them are there."""
    read: Callable[[Fields], list[Given]]


def answers_in(record: Any) -> list[Given]:
    """The answers that a decoded record holds.

    Raises:
        LayoutError: It holds none, or its fields disagree.
    """
    if not isinstance(record, dict):
        raise LayoutError(f"not an answer: an object is expected, this is {kind_of(record)}")
    fields = {str(n).lower(): v for n, v in record.items() if v is not None}
    shape = next((s for s in SHAPES if all(f in fields for f in s.fields)), None)
    try:
        found = shape.read(fields) if shape is not None else _flat(fields)
    except (AttributeError, TypeError, ValueError, KeyError) as e:
        if shape is None or isinstance(e, LayoutError):
            raise
        raise LayoutError(f"looks like {shape.name} and is none") from e
    if not found:
        raise LayoutError("holds no answer, not even an empty one")
    return found


def _flat(fields: Fields) -> list[Given]:
    """A record with an id or the prompt, and a field that holds the answer or several."""
    held = [(n, _texts_of(n, fields[n])) for n in TEXTS if n in fields]
    ended = fields.get("ended")
    if not held and ended in (None, "answered"):
        raise LayoutError(_what_lacks(fields))
    name, texts = held[0] if held else ("", [""])
    for other, found in held[1:]:
        if not _agree(texts, found):
            raise LayoutError(
                f"fields `{name}` and `{other}` hold different answers; leave one of them out"
            )
    sample = _sample_of(fields)
    if sample is not None and len(texts) > 1:
        raise LayoutError(f"field `{name}` holds {len(texts)} answers and `sample` numbers one")
    return [_given(fields, text, sample) for text in texts]


def _agree(some: list[str], others: list[str]) -> bool:
    """Whether they are the same, or the RTL in each other."""
    if [t.strip() for t in some] == [t.strip() for t in others]:
        return True
    rtl = [[extract(t).rtl.split() for t in texts] for texts in (some, others)]
    return rtl[0] == rtl[1] and all(rtl[0])


def _given(fields: Fields, text: str, sample: int | None, **more: Any) -> Given:
    reason = fields.get("finish_reason", fields.get("stop_reason"))
    known: dict[str, Any] = {"names": tuple(_names(fields)), "prompts": tuple(_prompts(fields)),
                             "model": _model_of(fields)}  # fmt: skip
    if fields.get("ended") is not None:
        known |= {"ended": str(fields["ended"]), "why": str(fields.get("why", ""))}
    return Given(text=text, sample=sample, **{**known, **_finish(reason), **more})


def _finish(reason: Any) -> dict[str, Any]:
    """What a finish reason says, in our words."""
    if not isinstance(reason, str):
        return {}
    if reason.lower() in FILTERED:
        return {"ended": "filtered", "why": reason, "finish_reason": reason}
    return {"finish_reason": "length" if reason.lower() in CUT else reason}


def _names(fields: Fields) -> Iterator[str]:
    inner = (fields.get(n) for n in ("doc", "metadata"))
    for place in (fields, *(i for i in inner if isinstance(i, dict))):
        for name in IDS:
            value = place.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool):
                yield str(value)


def _prompts(fields: Fields) -> Iterator[str]:
    for name in PROMPTS:
        value = fields.get(name)
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from _said_by_users(value)
    if isinstance(fields.get("messages"), list):
        yield from _said_by_users(fields["messages"])


def _said_by_users(turns: list[Any]) -> Iterator[str]:
    """The last turn first: earlier ones may be examples."""
    for turn in reversed(turns):
        if isinstance(turn, dict) and turn.get("role", turn.get("from")) in ("user", "human"):
            yield _content(turn)


def _model_of(fields: Fields) -> str:
    return next((fields[n] for n in MODELS if isinstance(fields.get(n), str)), "")


def _sample_of(fields: Fields) -> int | None:
    value = fields.get("sample")
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < _SHOWN:
        value = int(value)  # a table's cell
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise LayoutError(f"`sample` must be a whole number from 0, it is {kind_of(value)}")
    if value < 0:
        raise LayoutError(f"`sample` is {value}; numbers begin at 0, or leave the field out")
    return value


def _texts_of(name: str, value: Any) -> list[str]:
    """The texts in a field: one, several, turns of a chat, or lists of those."""
    if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        turns = [v for v in value if "role" in v or "from" in v]
        if turns:
            return [_last_answer(name, turns)]
    if isinstance(value, list):
        return [text for each in value for text in _texts_of(name, each)]
    if isinstance(value, dict):
        value = next((value[n] for n in ("content", "text", "generated_text") if n in value), value)
    if not isinstance(value, str):
        raise LayoutError(f"field `{name}` must be text, it is {kind_of(value)}")
    return [value]


def _last_answer(name: str, turns: list[dict[str, Any]]) -> str:
    said = [t for t in turns if t.get("role", t.get("from")) in ("assistant", "gpt", "model")]
    if not said:
        raise LayoutError(f"field `{name}` holds no answer of an assistant")
    return _content(said[-1])


def _content(turn: Mapping[str, Any]) -> str:
    content = turn.get("content", turn.get("value"))
    if isinstance(content, list):
        parts = [p.get("text", "") if isinstance(p, dict) else p for p in content]
        return "".join(p for p in parts if isinstance(p, str))
    return content if isinstance(content, str) else ""


def _messages(fields: Fields) -> list[Given]:
    if any(n in fields for n in TEXTS):
        return _flat(fields)
    turns = [t for t in fields["messages"] if isinstance(t, dict)]
    return [_given(fields, _last_answer("messages", turns), _sample_of(fields))]


def _choices(fields: Fields) -> list[Given]:
    """A reply of an OpenAI endpoint, as it came."""
    found = []
    for choice in fields["choices"]:
        message = choice.get("message") or {}
        refusal = message.get("refusal")
        text = _content(message) if message else str(choice.get("text", ""))
        ended: dict[str, Any] = {"ended": "refused", "why": str(refusal)} if refusal else {}
        finish = _finish(choice.get("finish_reason", choice.get("stop_reason")))
        found.append(_given(fields, text, None, **{**finish, **ended}))
    if not found:
        told = fields.get("error")
        why = str(told.get("message", told) if isinstance(told, dict) else told or "no choices")
        return [_given(fields, "", None, ended="failed", why=why[:200])]
    return found


def _batch(fields: Fields) -> list[Given]:
    """A line of OpenAI's batch output."""
    response = fields["response"] if isinstance(fields["response"], dict) else {}
    held = response.get("body")
    body: dict[str, Any] = held if isinstance(held, dict) else {}
    own = {"custom_id": fields["custom_id"], "model": body.get("model")}
    return _choices({**own, "choices": body.get("choices") or [],
                     "error": fields.get("error") or body.get("error")})  # fmt: skip


def _batch_error(fields: Fields) -> list[Given]:
    return _batch({**fields, "response": {}})


def _inspect(fields: Fields) -> list[Given]:
    """A sample of an inspect_ai log; epochs count from 1."""
    output = fields["output"]
    own = {"id": fields["id"], "metadata": fields.get("metadata"), "input": fields.get("input"),
           "model": fields.get("model") or output.get("model"), "error": fields.get("error"),
           "choices": output.get("choices") or []}  # fmt: skip
    return [
        msgspec.structs.replace(given, sample=int(fields["epoch"]) - 1)
        for given in _choices({n: v for n, v in own.items() if v is not None})[:1]
    ]


def _lm_eval(fields: Fields) -> list[Given]:
    """A line of lm-eval's `samples_*.jsonl`: `resps` as given, before any filter."""
    texts = _texts_of("resps", fields["resps"])
    inner = fields["doc"] if isinstance(fields["doc"], dict) else {}
    asked = list(_strings(fields.get("arguments")))[:1]
    prompts = (*asked, *_prompts(inner))
    return [
        _given({"doc": inner}, text, number, prompts=prompts) for number, text in enumerate(texts)
    ]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _outputs(fields: Fields) -> list[Given]:
    """vLLM's RequestOutput: a prompt and `outputs`, each with its text."""
    outputs = fields["outputs"]
    if not isinstance(outputs, list) or not all(isinstance(o, dict) for o in outputs):
        return _flat(fields)
    return [
        _given(fields, _texts_of("outputs", o)[0], None, **_finish(o.get("finish_reason")))
        for o in outputs
    ]


SHAPES: tuple[Shape, ...] = (
    Shape("OpenAI batch output", ("custom_id", "response"), _batch),
    Shape("OpenAI batch output, an error", ("custom_id", "error"), _batch_error),
    Shape("inspect_ai's log", ("id", "epoch", "output"), _inspect),
    Shape("lm-eval's samples", ("doc", "resps"), _lm_eval),
    Shape("a reply of an endpoint", ("choices",), _choices),
    Shape("vLLM's outputs", ("prompt", "outputs"), _outputs),
    Shape("chat messages", ("messages",), _messages),
)
_PLAIN = ("spec_id", "completion")


def _what_lacks(fields: Fields) -> str:
    """Why a record is no answer, and the shape that it resembles most."""
    if not fields:
        return "the object is empty; give `spec_id` and `completion`"
    named = ", ".join(list(fields)[:_SHOWN])[:200]
    shapes = [s for s in SHAPES if any(f in fields for f in s.fields)]
    nearest = max(shapes, key=lambda s: sum(f in fields for f in s.fields), default=None)
    close = [
        f"`{near[0]}` for `{name}`"
        for name in fields
        if name not in (*IDS, *PROMPTS, *MODELS)
        and (near := difflib.get_close_matches(name, TEXTS[:12], 1, 0.7))
    ]
    if nearest is not None:
        lacking = ", ".join(f"`{f}`" for f in nearest.fields if f not in fields)
        return f"no answer among: {named}; nearest is {nearest.name}, which has {lacking} besides"
    hint = f"; did you mean {close[0]}?" if close else "; nearest is `spec_id` and `completion`"
    return f"has neither `rtl` nor `completion` nor another answer among: {named}{hint}"
