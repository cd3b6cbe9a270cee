"""Answers in the shapes of other tools: read to the same Candidates, or named with their place and
the nearest shape that is read."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.prompts import write_prompts
from rtlbench.generate.recorded import CandidateFile
from rtlbench.intake.task_names import TaskNames
from rtlbench.rtl.extraction import extract
from tests.intake.shapes import MODEL, SHAPES, answer

UNNAMED = ("JSON by task", "lm-eval's samples")
"""Those that have no place for the model's name."""


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_answers(shape: str, tmp_path: Path, small_suite: Any) -> None:
    specs = small_suite.specs
    file = CandidateFile(SHAPES[shape](tmp_path, specs), TaskNames(specs))
    assert not file.problems, file.problems[0]
    assert file.models == {("unknown" if shape in UNNAMED else MODEL): 2 * len(specs)}
    for spec in specs:
        found = list(file.answers(spec.id))
        assert len({a.sample for a in found}) == 2
        for sample, each in enumerate(found):
            assert extract(each.text).rtl.split() == extract(answer(spec, sample)).rtl.split()
            assert each.spec_id == spec.id
            assert each.origin


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shape", ["our own lines", "CSV", "a JSON array", "inspect_ai's log"])
def test_standard_input_says_its_kind_by_its_first_bytes(
    shape: str, packed: bool, tmp_path: Path, small_suite: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = small_suite.specs
    data = SHAPES[shape](tmp_path, specs).read_bytes()
    came = io.BytesIO(gzip.compress(data) if packed else data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(came))
    file = CandidateFile("-", TaskNames(specs))
    assert not file.problems, file.problems[0]
    assert file.count([s.id for s in specs]) == 2 * len(specs)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["lm-eval's samples", "RTLLM's folder", "inspect_ai's log"])
def test_both_doors_judge_them(
    shape: str, tmp_path: Path, small_suite: Any, rtlbench: Any, benchmark_file: Path
) -> None:
    given = SHAPES[shape](tmp_path, small_suite.specs)
    ran = rtlbench("bench", small_suite.option, "--candidates", given, "-n", 2)
    assert (ran.returncode, "10 pass" in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_prompts_go_out_and_are_known_again(tmp_path: Path, small_suite: Any) -> None:
    specs = small_suite.specs
    out = tmp_path / "prompts.jsonl"
    assert write_prompts(specs, str(out), "auto", samples=1, asked={}) == len(specs)
    answers = tmp_path / "answers.jsonl"
    with answers.open("w") as file:
        for line, spec in zip(out.read_text().splitlines(), specs, strict=True):
            sent = json.loads(line)
            assert sent["messages"] == [{"role": "user", "content": spec.prompt}]
            for key in ("prompt", "prompt_hash", "name", "spec_id"):
                file.write(json.dumps({key: sent[key], "response": spec.golden}) + "\n")
    found = CandidateFile(answers, TaskNames(specs))
    assert not found.problems
    assert all(found.count([s.id]) == 4 for s in specs)


def test_a_batch_goes_out_with_ids_that_come_back(tmp_path: Path, small_suite: Any) -> None:
    specs, out = small_suite.specs, tmp_path / "in.jsonl"
    asked = {"model": "openai:m", "temperature": 0.2}
    write_prompts(specs, str(out), "openai-batch", samples=2, asked=asked)
    sent = [json.loads(x) for x in out.read_text().splitlines()]
    assert len({x["custom_id"] for x in sent}) == 2 * len(specs)
    assert {(x["body"]["model"], x["body"]["temperature"]) for x in sent} == {("m", 0.2)}
    assert len({x["body"]["seed"] for x in sent}) == 2 * len(specs)
    names = TaskNames(specs)
    assert names.named(sent[-1]["custom_id"]) == (specs[-1].id, 1)


def test_a_folder_of_prompts(tmp_path: Path, small_suite: Any) -> None:
    specs = small_suite.specs
    write_prompts(specs, str(tmp_path / "p"), "auto", samples=1, asked={})
    assert [(tmp_path / "p" / f"{s.id}.txt").read_text() for s in specs] == [
        s.prompt for s in specs
    ]


ODD: dict[str, tuple[dict[str, Any], str]] = {
    "two answers": ({"completion": "a", "text": "b"}, "`completion` and `text` hold different"),
    "no answer": ({"completon": "a"}, "did you mean `completion` for `completon`?"),
    "another thing": ({"foo": 1}, "nearest is `spec_id` and `completion`"),
    "half a batch": ({"response": {}}, "field `response` must be text"),
    "half of lm-eval": ({"doc": {}}, "nearest is lm-eval's samples, which has `resps` besides"),
    "a negative number": ({"rtl": "a", "sample": -1}, "`sample` is -1; numbers begin at 0"),
    "a number of several": ({"completions": ["a", "b"], "sample": 1}, "holds 2 answers"),
    "none of several": ({"completions": []}, "holds no answer"),
    "a number for text": ({"rtl": 3}, "field `rtl` must be text, it is a number"),
    "no assistant": ({"messages": [{"role": "user", "content": "x"}]}, "no answer of an assist"),
    "a failed request": ({"custom_id": "{id}", "response": None, "error": {"message": "full"}},
                         "the request was failed: full"),
    "a filtered one": ({"choices": [{"finish_reason": "content_filter",
                                     "message": {"content": ""}}]}, "was filtered"),
    "a refused one": ({"choices": [{"message": {"refusal": "no"}}]}, "was refused: no"),
    "a broken log": ({"id": "{id}", "epoch": 1, "output": "x"}, "looks like inspect_ai's log"),
    "another's prompt": ({"rtl": "a", "prompt": "{other}"}, "and holds the prompt of"),
}  # fmt: skip


@pytest.mark.parametrize(("record", "told"), ODD.values(), ids=ODD)
def test_what_is_not_read_is_named(
    record: dict[str, Any], told: str, tmp_path: Path, small_suite: Any
) -> None:
    specs = small_suite.specs
    text = json.dumps({"spec_id": "{id}", **record}).replace("{id}", specs[0].id)
    text = text.replace('"{other}"', json.dumps(specs[1].prompt))
    path = tmp_path / "a.jsonl"
    path.write_text(text + "\n")
    file = CandidateFile(path, TaskNames(specs))
    assert [told in str(p) for p in file.problems] == [True], file.problems
    assert str(file.problems[0]).startswith(f"{path}:1: ")


def test_two_fields_that_say_the_same_are_one_answer(tmp_path: Path, small_suite: Any) -> None:
    spec = small_suite.specs[0]
    path = tmp_path / "a.jsonl"
    whole = f"Here:\n```verilog\n{spec.golden}```"
    path.write_text(json.dumps({"task_id": spec.id, "completion": whole, "rtl": spec.golden}))
    file = CandidateFile(path, TaskNames([spec]))
    assert ([a.text for a in file.answers(spec.id)], file.problems) == ([whole], [])


def test_the_last_task_in_a_prompt_with_examples_is_meant(
    tmp_path: Path, small_suite: Any
) -> None:
    first, second = small_suite.specs[:2]
    path = tmp_path / "a.jsonl"
    prompt = f"Task:\n{first.prompt}\nAnswer: x\nTask:\n{second.prompt}\nAnswer:"
    path.write_text(json.dumps({"prompt": prompt, "text": "module m; endmodule"}))
    file = CandidateFile(path, TaskNames(small_suite.specs))
    assert (file.has(first.id), file.has(second.id)) == (False, True)


@pytest.mark.parametrize(
    ("name", "told"), [("a.jsonl", "nearest is"), ("notes.txt", "see docs/answers.md")]
)
def test_a_folder_without_verilog_names_the_nearest_file(
    name: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("{}")
    with pytest.raises(UserError, match=told):
        CandidateFile(tmp_path, TaskNames(ids={"s"}))


def test_files_that_are_no_answers_are_named(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    for name in ("s/top.v", "s/part.v", "other.v"):
        (tmp_path / name).write_text("module m; endmodule")
    file = CandidateFile(tmp_path, TaskNames(ids={"s"}))
    told = sorted(str(p).removeprefix(f"{tmp_path}/").partition(";")[0] for p in file.problems)
    assert told == [
        "other.v: unknown spec 'other'",
        "s/part.v: 2 files without a number lie in one task's folder",
        "s/top.v: 2 files without a number lie in one task's folder",
    ]


@pytest.mark.slow
def test_models_are_never_averaged(
    small_suite: Any, write_answers: Any, answer_kinds: Any, rtlbench: Any, tmp_path: Path
) -> None:
    right, wrong = answer_kinds["right"], answer_kinds["wrong"]
    first, *rest = small_suite.specs
    lines = [right(first, 0), right(first, 1), *(wrong(s, 0) | {"model": "n"} for s in rest)]
    ran = rtlbench("bench", small_suite.option, "--candidates", write_answers(*lines), "-n", 1,
                   "--results", tmp_path / "r")  # fmt: skip
    assert "2 models answered: there are no figures over all" in ran.stdout, ran.stdout
    run = json.loads((tmp_path / "r" / "run.json").read_text())
    assert (run["total"], sorted(run["models"])) == (None, ["m", "n"])
    of_five = [run["models"][m]["total"]["functional"]["value"] for m in "mn"]
    assert of_five == [0.2, 0.0]
    assert "2 models answered there (m, n)" in rtlbench("compare", tmp_path / "r").stderr


@pytest.mark.slow
def test_uneven_samples_and_several_files_are_told(
    small_suite: Any, write_answers: Any, answer_kinds: Any, rtlbench: Any
) -> None:
    first, second, *_ = small_suite.specs
    right = answer_kinds["right"]
    path = write_answers(right(first, 0), right(first, 1), right(second, 0))
    ran = rtlbench("bench", small_suite.option, "--candidates", path, "-n", 1)
    assert "tasks have 1 to 2 answers" in ran.stdout, ran.stdout
    twice = rtlbench("bench", small_suite.option, "--candidates", path, "--candidates", path)
    assert (twice.returncode, "given 2 times" in twice.stderr) == (2, True)
