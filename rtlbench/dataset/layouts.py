"""The layouts that training data comes in, as one table: which fields hold the instruction, the
answer and the testbench. docs/dataset.md shows it.

Field names are compared without regard to case. What a layout does not name goes into the
metadata, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.intake.field_values import (
    LayoutError,
    best_answer,
    description_of,
    from_chat,
    is_chat,
    kind_of,
    text_of,
    turns_of,
)
from rtlbench.io.untrusted import from_json
from rtlbench.records.example import Record

MAPPED = ("instruction", "output", "testbench")
"""The fields for which a user can name a column."""


def columns_of(pairs: Iterable[str]) -> dict[str, str]:
    """What `FIELD=COLUMN` pairs say, by field.

    Raises:
        UserError: One is no such pair, or names a field that is none or twice.
    """
    columns: dict[str, str] = {}
    for pair in pairs:
        field, _, column = pair.partition("=")
        if field not in MAPPED or not column or field in columns:
            raise UserError(
                f"--map {pair}: give FIELD=COLUMN once a FIELD, which is one of {', '.join(MAPPED)}"
            )
        columns[field] = column
    return columns


class FieldPair(msgspec.Struct, frozen=True):
    """Names of the fields of one shape, in lower case."""

    instruction: str
    output: str


LAYOUTS: tuple[FieldPair, ...] = tuple(
    FieldPair(instruction, output)
    for instruction, outputs in (
        ("instruction", ("output", "response", "completion", "answer", "solution", "code")),
        ("prompt", ("completion", "response", "output", "chosen", "canonical_solution")),
        ("prompt", ("reward_model.ground_truth",)),
        ("problem", ("solution", "answer", "code")),
        ("question", ("answer", "solution", "response", "generated_verilog", "ground_truth")),
        ("query", ("response", "answer")),
        ("nl", ("rtl", "verilog", "code")),
        ("spec", ("code", "rtl", "verilog")),
        ("llm_response", ("full_code", "verilog_code")),
        ("description", ("code", "verilog", "rtl")),
        ("input", ("output",)),
    )
    for output in outputs
)
"""The first pair of which both are there holds; `a.b` is field `b` of the object `a`."""
WORDLESS = ("text", "content", "code", "verilog", "rtl")
"""A field that may stand without any words: source code as it was collected."""
CHATS = ("messages", "conversations")
"""A list of turns: `role` and `content`, or `from` and `value`."""
TESTBENCHES = ("testbench", "test_bench", "tb", "test")
CONTEXTS = ("input", "context", "ioheader")
"""What some sets keep apart from the instruction and models read behind it."""


def to_record(decoded: Any, columns: Mapping[str, str] | None = None) -> Record:
    """The Record that a decoded line or row holds.

    Args:
        columns: Of `instruction`, `output` and `testbench` those that are to be read from another
            field, by its name.

    Raises:
        LayoutError: It is none.
    """
    if not isinstance(decoded, dict):
        raise LayoutError(f"an object is expected, this is {kind_of(decoded)}")
    fields = _mapped(_lower(decoded), columns or {})
    for name in CHATS if not columns else ():
        if fields.get(name) is not None:
            instruction, output, system = from_chat(name, fields[name])
            return _record(fields, {name}, instruction, output, system)
    fields = _with_inner(fields)
    for shape in LAYOUTS:
        if fields.get(shape.instruction) is not None and fields.get(shape.output) is not None:
            return _from_pair(fields, shape)
    for name in WORDLESS:
        if fields.get(name) is not None and not _is_worded(fields):
            return _record(fields, {name}, "", text_of(name, fields[name]), "")
    raise LayoutError(_what_lacks(fields))


def _mapped(fields: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """The fields, those that `columns` names under the names that are read."""
    if not columns:
        return fields
    taken = {target: _at(fields, column.lower()) for target, column in columns.items()}
    lacking = [columns[t] for t, value in taken.items() if value is None and t != "testbench"]
    if lacking:
        raise LayoutError(f"no field {lacking[0]!r} among: {', '.join(list(fields)[:8])[:200]}")
    named = {column.lower() for column in columns.values()} | set(columns)
    return {n: v for n, v in fields.items() if n not in named} | taken


def _with_inner(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, and those of objects in them that a layout names."""
    dotted = (s.output for s in LAYOUTS if "." in s.output)
    inner = {name: _at(fields, name) for name in dotted}
    return fields | {name: value for name, value in inner.items() if value is not None}


def _at(fields: Mapping[str, Any], name: str) -> Any:
    if name in fields:
        return fields[name]
    outer, _, inner = name.partition(".")
    found = fields.get(outer)
    return found.get(inner) if isinstance(found, dict) else None


def _is_worded(fields: Mapping[str, Any]) -> bool:
    """Whether a field that usually holds words is there, though no layout fits."""
    named = {s.instruction for s in LAYOUTS}
    return any(isinstance(v, str) and v.strip() for n, v in fields.items() if n in named)


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
    if shape.instruction == "description":
        asked = description_of(asked)
    answered = best_answer(answered, fields.get("score"))
    if is_chat(asked):
        asked, _, system = turns_of(shape.instruction, asked)
    if is_chat(answered):
        _, answered, _ = turns_of(shape.output, answered)
    instruction = text_of(shape.instruction, asked, several=True)
    for name in CONTEXTS:
        if name != shape.instruction and isinstance(fields.get(name), str):
            used.add(name)
            instruction = "\n\n".join(t for t in (instruction, fields[name]) if t.strip())
    return _record(fields, used, instruction, text_of(shape.output, answered), system)


def _record(
    fields: Mapping[str, Any], used: set[str], instruction: str, output: str, system: str
) -> Record:
    given = fields.get("metadata")
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = _embedded(given)  # Parquet keeps free-form metadata as JSON text
    if given is not None and not isinstance(given, dict):
        raise LayoutError(f"metadata must be an object, it is {kind_of(given)}")
    testbench_name = next((n for n in TESTBENCHES if fields.get(n) is not None), None)
    testbench = None if testbench_name is None else text_of(testbench_name, fields[testbench_name])
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
