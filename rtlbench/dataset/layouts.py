"""The layouts that training data comes in, as one table: which fields hold the instruction, the
answer and the testbench. docs/dataset.md shows it.

Field names are compared without regard to case. What a layout does not name goes into the
metadata, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from rtlbench.io.untrusted import from_json, one_line
from rtlbench.records.example import Record


class LayoutError(ValueError):
    """The object is no training example; the message says what it lacks."""


def reason_of(error: Exception) -> str:
    """Why something is no training example, in a line."""
    return one_line(str(error)) or type(error).__name__


class FieldPair(msgspec.Struct, frozen=True):
    """Names of the fields of one shape, in lower case."""

    instruction: str
    output: str


LAYOUTS: tuple[FieldPair, ...] = (
    FieldPair("instruction", "output"),
    FieldPair("instruction", "response"),
    FieldPair("instruction", "completion"),
    FieldPair("prompt", "completion"),
    FieldPair("prompt", "response"),
    FieldPair("prompt", "output"),
    FieldPair("problem", "solution"),
    FieldPair("question", "answer"),
    FieldPair("query", "response"),
    FieldPair("description", "code"),
    FieldPair("description", "verilog"),
)
CHATS = ("messages", "conversations")
"""A list of turns: `role` and `content`, or `from` and `value`."""
TESTBENCHES = ("testbench", "test_bench", "tb")
CONTEXTS = ("input", "context")
"""What some sets keep apart from the instruction and models read behind it."""
_ASKING = frozenset({"user", "human"})
_ANSWERING = frozenset({"assistant", "gpt", "model"})
_KNOWN_ROLES = _ASKING | _ANSWERING | {"system", "developer"}


def to_record(found: Any) -> Record:
    """The Record that a decoded line or row holds.

    Raises:
        LayoutError: It is none.
    """
    if not isinstance(found, dict):
        raise LayoutError(f"an object is expected, this is {_kind(found)}")
    fields = _lower(found)
    for name in CHATS:
        if fields.get(name) is not None:
            instruction, output, system = _from_chat(name, fields[name])
            return _record(fields, {name}, instruction, output, system)
    for shape in LAYOUTS:
        if fields.get(shape.instruction) is not None and fields.get(shape.output) is not None:
            return _from_pair(fields, shape)
    raise LayoutError(_what_lacks(fields))


def _lower(found: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in found.items():
        if name.lower() in fields:
            raise LayoutError(f"field {name.lower()!r} is given twice")
        fields[name.lower()] = value
    return fields


def _what_lacks(fields: Mapping[str, Any]) -> str:
    if not fields:
        return "the object is empty"
    named = ", ".join(list(fields)[:8])
    return f"no field pair such as instruction and output among: {named[:200]}"


def _from_pair(fields: Mapping[str, Any], shape: FieldPair) -> Record:
    used = {shape.instruction, shape.output}
    system = ""
    asked, answered = fields[shape.instruction], fields[shape.output]
    if _is_chat(asked):
        asked, _, system = _turns(shape.instruction, asked)
    if _is_chat(answered):
        _, answered, _ = _turns(shape.output, answered)
    instruction = _text(shape.instruction, asked, several=True)
    for name in CONTEXTS:
        if isinstance(fields.get(name), str):
            used.add(name)
            instruction = "\n\n".join(t for t in (instruction, fields[name]) if t.strip())
    return _record(fields, used, instruction, _text(shape.output, answered), system)


def _record(
    fields: Mapping[str, Any], used: set[str], instruction: str, output: str, system: str
) -> Record:
    given = fields.get("metadata")
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = _embedded(given)  # Parquet keeps free-form metadata as JSON text
    if given is not None and not isinstance(given, dict):
        raise LayoutError(f"metadata must be an object, it is {_kind(given)}")
    testbench_name = next((n for n in TESTBENCHES if fields.get(n) is not None), None)
    testbench = None if testbench_name is None else _text(testbench_name, fields[testbench_name])
    used |= {"metadata", *TESTBENCHES}
    others = {n: v for n, v in fields.items() if n not in used and v is not None}
    if system:
        others["system"] = system
    return Record(
        instruction=instruction,
        output=output,
        testbench=testbench if testbench is not None and testbench.strip() else None,
        metadata={**others, **(given or {})},
    )


def _embedded(text: str) -> Any:
    try:
        return from_json(text)
    except msgspec.DecodeError as e:
        raise LayoutError(f"metadata is not JSON: {e}") from e


def _text(name: str, value: Any, *, several: bool = False) -> str:
    """`value` as text; a list of one text is that text, and `several` texts are paragraphs."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        if len(value) == 1 or several:
            return "\n\n".join(value)
        raise LayoutError(f"field {name!r} holds {len(value)} texts: give each a line of its own")
    raise LayoutError(f"field {name!r} must be text, it is {_kind(value)}")


def _is_chat(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _from_chat(name: str, value: Any) -> tuple[str, str, str]:
    if not _is_chat(value):
        raise LayoutError(f"field {name!r} must be a list of turns, it is {_kind(value)}")
    asked, answered, system = _turns(name, value)
    if answered is None:
        raise LayoutError(f"field {name!r} holds no answer of an assistant")
    return asked, answered, system


def _turns(name: str, turns: list[dict[str, Any]]) -> tuple[str, str | None, str]:
    """All that was asked, the last answer, and the system's words."""
    said: list[tuple[str, str]] = [_turn(name, turn) for turn in turns]
    answers = [text for role, text in said if role in _ANSWERING]
    asked = [text for role, text in said if role in _ASKING]
    system = [text for role, text in said if role not in _ASKING | _ANSWERING]
    return "\n\n".join(asked), (answers[-1] if answers else None), "\n\n".join(system)


def _turn(name: str, turn: dict[str, Any]) -> tuple[str, str]:
    role = turn.get("role", turn.get("from"))
    if not isinstance(role, str) or role.lower() not in _KNOWN_ROLES:
        raise LayoutError(f"a turn of {name!r} has no known role: {str(role)[:40]}")
    content = turn.get("content", turn.get("value"))
    if isinstance(content, list) and _is_chat(content):
        content = [part.get("text", "") for part in content]
    return role.lower(), _text(f"{name}.content", content, several=True)


_Kind = Callable[[Any], bool]
_KINDS: tuple[tuple[str, _Kind], ...] = (
    ("nothing", lambda v: v is None),
    ("true or false", lambda v: isinstance(v, bool)),
    ("a number", lambda v: isinstance(v, int | float)),
    ("text", lambda v: isinstance(v, str)),
    ("a list", lambda v: isinstance(v, list)),
    ("an object", lambda v: isinstance(v, dict)),
)


def _kind(value: Any) -> str:
    return next((name for name, fits in _KINDS if fits(value)), type(value).__name__)
