"""`recorded:FILE` as a source: each answer from its line, and one message where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.answer import Request
from rtlbench.generate.source import Generation, describe, open_source


def request(spec_id: str, sample: int = 0, turn: int = 1) -> Request:
    return Request(spec_id=spec_id, sample=sample, turn=turn, prompt="p", seed=1)


@pytest.fixture
def asked(tmp_path: Path) -> Generation:
    """Three recorded answers."""
    lines = [
        {"spec_id": "b", "sample": 1, "rtl": "module b; endmodule", "more": 1},
        {"spec_id": "a", "completion": "first"},
        {"spec_id": "a", "turn": 2, "completion": "second", "finish_reason": "length"},
    ]
    path = tmp_path / "told.jsonl"
    path.write_text("\n".join(json.dumps(x) for x in lines) + "\n\n")
    return Generation(model=f"recorded:{path}")


def test_each_answer_comes_from_its_line(asked: Generation) -> None:
    requests = [request("a", turn=2), request("b", 1), request("a")]
    found = list(open_source(asked).answers(requests))
    assert [a.completion for a in found] == ["second", "module b; endmodule", "first"]
    assert found[0].finish_reason == "length"
    assert {a.model for a in found} == {"told"}
    assert len(found[0].generator.revision) == 64


def test_other_answers_are_another_generator(asked: Generation) -> None:
    before = describe(asked)
    with Path(asked.model.partition(":")[2]).open("a") as file:
        file.write('{"spec_id": "c", "completion": ""}\n')
    assert describe(asked) != before


def test_what_is_not_there_is_one_message(asked: Generation) -> None:
    source = open_source(asked)
    with pytest.raises(UserError, match=r"no answer to b, sample 0, turn 1; add a line"):
        list(source.answers([request("a"), request("b")]))


@pytest.mark.parametrize(
    ("line", "told"),
    [("{", "not an answer"), ('{"sample": 0}', "spec_id"), ('{"spec_id": "a"}', "has an answer")],
)
def test_a_broken_line_is_one_message(asked: Generation, line: str, told: str) -> None:
    with Path(asked.model.partition(":")[2]).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(UserError, match=told) as raised:
        open_source(asked)
    assert ".jsonl:5: " in str(raised.value)


def test_a_missing_file_is_one_message() -> None:
    with pytest.raises(UserError, match="cannot read the answers"):
        describe(Generation(model="recorded:/nowhere/at/all.jsonl"))
