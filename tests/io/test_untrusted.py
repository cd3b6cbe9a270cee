"""A field that is given twice is refused by whoever reads it: which one counts nobody knows."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from rtlbench.dataset.reading import read_records
from rtlbench.errors import UserError
from rtlbench.generate.recorded import CandidateFile, RecordedTurns
from rtlbench.generate.source import Generation
from rtlbench.intake.task_names import TaskNames
from rtlbench.io.untrusted import from_json
from rtlbench.records.example import Broken
from rtlbench.traces.artefacts import task_of
from rtlbench.traces.trace_file import BrokenEvent, Event, read_events

TWINS = {
    "other value": b'"rtl": "module a; endmodule", "rtl": "module b; endmodule"',
    "same value": b'"rtl": "x", "rtl": "x"',
    "written otherwise": b'"rtl": "x", "\\u0072tl": "y"',
    "inside": b'"rtl": "x", "more": {"a": {"b": 1, "b": 2}}',
    "in a list": b'"rtl": "x", "more": [1, {"b": 1, "b": 1}]',
    "null": b'"rtl": "x", "rtl": null',
}


@pytest.mark.parametrize("name", TWINS)
def test_a_field_given_twice_is_refused(name: str) -> None:
    with pytest.raises(msgspec.DecodeError, match="is given twice"):
        from_json(b"{" + TWINS[name] + b"}")


def test_the_same_name_in_other_objects_is_none_of_this() -> None:
    text = b'{"a": {"x": 1}, "b": {"x": 1}, "c": [{"x": 1}, {"x": 1}], "X": 1, "x": 2}'
    assert from_json(text) == json.loads(text)


def test_numbers_of_any_length_are_let_through() -> None:
    assert from_json(b'{"a": 1.5, "b": ' + b"9" * 15 + b"}")["b"] == int("9" * 15)
    with pytest.raises(msgspec.DecodeError, match=r"(?i)expected|number"):
        from_json(b'{"a": ' + b"9" * 6000 + b"}", dict[str, str])


@pytest.mark.parametrize("name", TWINS)
def test_bench_and_filter_refuse_the_same_lines(tmp_path: Path, name: str) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"spec_id": "s", "instruction": "x", "output": "y", ' + TWINS[name] + b"}\n")
    answers = CandidateFile(path, TaskNames(ids={"s"}))
    assert answers.count(["s"]) == 0
    assert "is given twice" in str(answers.problems[0])
    (record,) = read_records(str(path))
    assert isinstance(record, Broken)
    assert "is given twice" in record.reason
    with pytest.raises(UserError, match="is given twice"):
        RecordedTurns(Generation(model="m"), str(path))


def test_a_task_file_and_an_event_name_each_field_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is given twice"):
        task_of(b'{"instruction": "a counter", "instruction": "a FIFO"}')
    event = {"stage": "Simulation", "timestamp": "t", "run_id": "r", "payload": {"status": "pass"}}
    text = json.dumps(event)
    path = tmp_path / "trace.jsonl"
    path.write_text(f'{text[:-2]}, "status": "fail"}}}}\n{text}\n')
    first, second = read_events(path)
    assert isinstance(first, BrokenEvent)
    assert "is given twice" in first.reason
    assert isinstance(second, Event)
