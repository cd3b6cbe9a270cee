"""Recorded answers: what can be used is used, what cannot is named with its place and remedy."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.generate import recorded
from rtlbench.generate.recorded import CandidateFile
from rtlbench.intake.task_names import TaskNames

TASKS = TaskNames(ids={"counter_w4", "counter_w8", "edge_rise"})
GOOD = {"spec_id": "counter_w4", "rtl": "module m; endmodule"}

Writer = Callable[..., Path]


def only_problem(path: Path) -> str:
    file = CandidateFile(path, TASKS)
    assert file.problem_count == len(file.problems) == 1
    return str(file.problems[0])


def test_a_usable_line_becomes_a_candidate(write_answers: Writer) -> None:
    line = {**GOOD, "sample": 3, "model": "m", "finish_reason": "length", "extra": [1]}
    path = write_answers(line)
    (answer,) = CandidateFile(path, TASKS).answers("counter_w4")
    assert (answer.text, answer.sample, answer.model) == (GOOD["rtl"], 3, "m")
    assert (answer.finish_reason, answer.origin) == ("length", f"{path}:1")


def test_a_completion_serves_where_there_is_no_rtl(write_answers: Writer) -> None:
    path = write_answers({"spec_id": "counter_w4", "completion": "Sure: ..."})
    assert [a.text for a in CandidateFile(path, TASKS).answers("counter_w4")] == ["Sure: ..."]


def test_the_first_samples_of_a_spec_are_taken(write_answers: Writer) -> None:
    file = CandidateFile(write_answers(*({**GOOD, "sample": k} for k in range(5))), TASKS)
    assert [a.sample for a in file.answers("counter_w4", 2)] == [0, 1]


@pytest.mark.parametrize("line", [b'{"spec_id": "counter_w4", "rtl": "mod', b"\x00\xff\xfe", b"[]"])
def test_a_broken_line_is_named_and_the_others_are_read(
    write_answers: Writer, line: bytes
) -> None:
    path = write_answers(GOOD, line, {**GOOD, "sample": 1})
    file = CandidateFile(path, TASKS)
    assert [a.sample for a in file.answers("counter_w4")] == [0, 1]
    assert only_problem(path).startswith(f"{path}:2: not a")
    assert "mend or remove" in only_problem(path)


def test_an_unknown_spec_gets_a_suggestion(write_answers: Writer) -> None:
    path = write_answers({**GOOD, "spec_id": "counter_w5"})
    assert "unknown spec 'counter_w5'; did you mean counter_w" in only_problem(path)


def test_an_unknown_spec_like_no_other_points_to_the_list(write_answers: Writer) -> None:
    path = write_answers({**GOOD, "spec_id": "qqq" * 1000})
    assert "see `rtlbench specs list`" in only_problem(path)
    assert len(only_problem(path)) < len(str(path)) + 200


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"spec_id": "counter_w4"}, "neither `rtl` nor `completion`"),
        ({"rtl": "module m; endmodule"}, "spec_id"),
        ({**GOOD, "sample": "one"}, "`sample` must be a whole number"),
        ({**GOOD, "sample": -1}, "`sample` is -1; numbers begin at 0"),
        ({**GOOD, "completion": "module o; endmodule"}, "`completion` and `rtl` hold different"),
    ],
)
def test_a_missing_or_wrong_field_is_named(
    write_answers: Writer, line: dict[str, object], told: str
) -> None:
    assert told in only_problem(write_answers(line))


def test_a_sample_given_twice_is_used_once(write_answers: Writer) -> None:
    numbered = {**GOOD, "sample": 0}
    path = write_answers(numbered, {**numbered, "rtl": "module other; endmodule"})
    (answer,) = CandidateFile(path, TASKS).answers("counter_w4")
    assert answer.text == GOOD["rtl"]
    assert "already on line 1" in only_problem(path)


def test_the_same_sample_of_two_models_is_two_answers(write_answers: Writer) -> None:
    file = CandidateFile(write_answers({**GOOD, "model": "a"}, {**GOOD, "model": "b"}), TASKS)
    assert [a.model for a in file.answers("counter_w4")] == ["a", "b"]
    assert not file.problems


def test_bom_crlf_and_blank_lines_are_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "windows.jsonl"
    lines = [json.dumps({**GOOD, "sample": k}).encode() for k in range(2)]
    path.write_bytes(b"\xef\xbb\xbf" + lines[0] + b"\r\n\r\n  \n" + lines[1])
    file = CandidateFile(path, TASKS)
    assert [a.sample for a in file.answers("counter_w4")] == [0, 1]
    assert [a.origin for a in file.answers("counter_w4")] == [f"{path}:1", f"{path}:4"]
    assert not file.problems


@pytest.mark.parametrize("text", ["", "a" * 5_000_000, "\x00\x01\x1b[2J\x7f" * 100])
def test_odd_answers_are_answers(write_answers: Writer, text: str) -> None:
    file = CandidateFile(write_answers({**GOOD, "rtl": text}, {**GOOD, "sample": 1}), TASKS)
    assert [len(a.text) for a in file.answers("counter_w4")] == [len(text), len(GOOD["rtl"])]
    assert not file.problems


def test_a_line_without_end_is_a_problem_and_the_next_is_read(
    write_answers: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "MAX_LINE", 1 << 20)
    path = write_answers({**GOOD, "rtl": "a" * (5 << 20)}, {**GOOD, "sample": 1})
    file = CandidateFile(path, TASKS)
    assert [(a.sample, a.origin) for a in file.answers("counter_w4")] == [(1, f"{path}:2")]
    assert "is longer than 1 MB" in only_problem(path)


def test_problems_without_end_are_counted_and_not_kept(write_answers: Writer) -> None:
    file = CandidateFile(write_answers(*[b"{"] * 3000), TASKS)
    assert file.problem_count == 3000
    assert len(file.problems) == recorded.MAX_PROBLEMS


def test_a_huge_file_is_indexed_with_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.jsonl"
    text = "x" * 1_000_000
    with path.open("w") as file:
        for k in range(60):
            file.write(json.dumps({**GOOD, "sample": k, "rtl": text}) + "\n")
    tracemalloc.start()
    try:
        index = CandidateFile(path, TASKS)
        seen = sum(1 for _ in index.answers("counter_w4"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == 60
    assert peak < 10_000_000


@pytest.mark.parametrize(
    ("name", "told"),
    [("missing.jsonl", r"cannot read the candidates file .*--candidates"), (".", "no .v or .sv")],
)
def test_a_file_that_cannot_be_read_is_one_message(tmp_path: Path, name: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        CandidateFile(tmp_path / name, TASKS)


def test_lines_without_a_number_get_the_free_ones(write_answers: Writer) -> None:
    file = CandidateFile(write_answers(GOOD, {**GOOD, "sample": 0}, GOOD), TASKS)
    assert [a.sample for a in file.answers("counter_w4")] == [1, 0, 2]
    assert file.unnumbered == 2
    assert not file.problems
