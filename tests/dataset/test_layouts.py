"""The shapes of public training data, each to one Record."""

from __future__ import annotations

from typing import Any

import pytest

from rtlbench.dataset.layouts import LAYOUTS, to_record
from rtlbench.intake.field_values import LayoutError
from rtlbench.records.example import Record


@pytest.mark.parametrize("shape", LAYOUTS, ids=lambda s: f"{s.instruction}-{s.output}")
@pytest.mark.parametrize("spelt", [str.lower, str.title, str.upper])
def test_every_pair_of_fields_is_read_however_it_is_spelt(shape: Any, spelt: Any) -> None:
    found = to_record({spelt(shape.instruction): "do it", spelt(shape.output): "module m"})
    assert found == Record(instruction="do it", output="module m")


def test_lists_of_texts() -> None:
    found = to_record({"Instruction": ["first", "second"], "Response": ["module m"]})
    assert (found.instruction, found.output) == ("first\n\nsecond", "module m")


def test_an_input_stands_behind_the_instruction() -> None:
    found = to_record({"instruction": "do", "input": "with care", "output": "m"})
    assert found.instruction == "do\n\nwith care"
    assert to_record({"instruction": "do", "input": "", "output": "m"}).instruction == "do"


@pytest.mark.parametrize(
    ("field", "role", "content", "asks", "answers"),
    [
        ("messages", "role", "content", "user", "assistant"),
        ("conversations", "from", "value", "human", "gpt"),
    ],
)
def test_chats(field: str, role: str, content: str, asks: str, answers: str) -> None:
    said = [("system", "be good"), (asks, "one"), (answers, "no"), (asks, "two"), (answers, "m")]
    found = to_record({field: [{role: who, content: text} for who, text in said]})
    assert (found.instruction, found.output) == ("one\n\ntwo", "m")
    assert found.metadata == {"system": "be good"}


def test_chats_within_prompt_and_completion() -> None:
    parts = [{"type": "text", "text": "do it"}]
    found = to_record(
        {
            "prompt": [{"role": "user", "content": parts}],
            "completion": [{"role": "assistant", "content": "m"}],
        }
    )
    assert (found.instruction, found.output) == ("do it", "m")


def test_what_a_shape_does_not_name_goes_into_the_metadata() -> None:
    row = {"prompt": "a", "completion": "b", "tb": "t", "source": "x", "metadata": {"source": "y"}}
    found = to_record(row | {"spec_id": "s", "nothing": None})
    assert found.testbench == "t"
    assert found.metadata == {"source": "y", "spec_id": "s"}


def test_metadata_as_text_is_read_as_json() -> None:
    row = {"prompt": "a", "completion": "b"}
    assert to_record(row | {"metadata": '{"spec_id": "s"}'}).metadata == {"spec_id": "s"}
    with pytest.raises(LayoutError, match="not JSON"):
        to_record(row | {"metadata": '{"spec_id": '})


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ([], "a list"),
        ("text", "text"),
        ({}, "empty"),
        ({"a": 1}, "no field pair"),
        ({"instruction": "a", "output": None}, "no field pair"),
        ({"instruction": 3, "output": "b"}, "'instruction' must be text, it is a number"),
        ({"instruction": "a", "output": ["x", "y"]}, "holds 2 texts"),
        ({"instruction": "a", "output": {}}, "an object"),
        ({"instruction": "a", "output": "b", "metadata": 3}, "metadata must be an object"),
        ({"instruction": "a", "Instruction": "b", "output": "c"}, "given twice"),
        ({"messages": "hello"}, "a list of turns"),
        ({"messages": [{"role": "user", "content": "a"}]}, "no answer"),
        ({"messages": [{"role": "pirate", "content": "a"}]}, "no known role"),
        ({"messages": [{"role": "user", "content": 3}]}, "must be text"),
    ],
)
def test_what_is_no_record_is_told(row: Any, told: str) -> None:
    with pytest.raises(LayoutError, match=told):
        to_record(row)
