"""Training data as it is published: a record of each set's shape, written by us, is read right."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from rtlbench.dataset.layouts import columns_of, to_record
from rtlbench.dataset.reading import read_records
from rtlbench.errors import UserError
from rtlbench.intake.field_values import LayoutError
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Broken, Placed
from rtlbench.rtl.extraction import extract
from rtlbench.verifier import Verifier

WORDS = "Write a module gate_and. Output y is 1 while a and b are 1."
HEADER = "module gate_and(input a, input b, output y);\n"
BODY = "  assign y = a & b;\nendmodule\n"
CODE = HEADER + BODY
WRONG = CODE.replace("&", "|")
CHAT = [{"role": "system", "content": "You write Verilog."}, {"role": "user", "content": WORDS}]
VERL = {"style": "rule", "ground_truth": CODE}
LEVELS = {
    "block_summary": "and",
    "detailed_global_summary": f"<s>[INST] <<SYS>> x <</SYS>> {WORDS}\n\n{HEADER} [/INST]",
}
CALL = {
    "type": "function",
    "function": {"name": "write", "arguments": json.dumps({"path": "a.sv", "content": CODE})},
}

SHAPES: dict[str, dict[str, Any]] = {
    "RTLCoder": {"Instruction": WORDS, "Input": "", "Response": [CODE]},
    "RTLCoder, the header apart": {"Instruction": WORDS, "Input": HEADER, "Response": [BODY]},
    "RTLCoder, scored": {"Instruction": WORDS, "Response": [WRONG, CODE], "score": [0.2, 1.0]},
    "OriGen": {"Instruction": WORDS, "Response": CODE},
    "OriGen, described": {"Description": WORDS, "Code": CODE},
    "VeriThoughts": {
        "question": WORDS, "ground_truth": CODE, "verified": True, "generated_verilog": CODE,
    },
    "CodeV-R1": {
        "problem_id": 1, "question": CHAT, "ground_truth": [{"role": "assistant", "content": CODE}],
    },
    "CodeV-R1 for verl": {"prompt": CHAT, "reward_model": VERL, "extra_info": {"index": 1}},
    "PyraNet": {
        "code": str([CODE]), "description": str({"rank": 3, "description": WORDS}),
        "compile_status": "No error!",
    },
    "PyraNet, JSON": {"code": CODE, "description": json.dumps({"description": WORDS})},
    "MG-Verilog": {"code": BODY, "description": LEVELS},
    "MG-Verilog, one level": {"code": BODY, "description": LEVELS["detailed_global_summary"]},
    "OpenRTLSet": {
        "ioheader": HEADER, "verilog_code": BODY, "full_code": CODE, "llm_response": WORDS,
    },
    "ShareGPT": {
        "conversations": [{"from": "human", "value": WORDS}, {"from": "chatgpt", "value": CODE}],
    },
    "a chat that writes a file": {
        "messages": [
            {"role": "user", "content": WORDS},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "content": "ok"},
            {"role": "assistant", "content": "Done."},
        ],
    },
    "VerilogEval": {"prompt": f"// {WORDS}\n{HEADER}", "canonical_solution": BODY},
    "CVDP's answers": {"prompt": WORDS, "response": json.dumps({"code": [{"rtl/a.sv": CODE}]})},
    "preferences": {"prompt": WORDS, "chosen": CODE, "rejected": WRONG},
    "nl and rtl": {"nl": WORDS, "rtl": CODE},
    "spec and code": {"spec": WORDS, "code": CODE},
    "input and output": {"input": WORDS, "output": CODE},
}  # fmt: skip


@pytest.mark.parametrize("row", SHAPES.values(), ids=SHAPES)
def test_words_and_code_of_each_shape_are_found(row: dict[str, Any]) -> None:
    record = to_record(row)
    assert WORDS in record.instruction
    found = extract(record.output, "gate_and", record.instruction)
    assert "assign y = a & b;" in found.rtl
    assert "|" not in found.rtl
    assert not {"INST", "<s>"} & set(record.instruction.split())


def test_each_shape_gets_the_verdict_of_its_code() -> None:
    records = [to_record(row) for row in SHAPES.values()]
    answers = [Candidate(text=r.output, instruction=r.instruction) for r in records]
    scores = dict(zip(SHAPES, [v.score for v in Verifier().verify(None, answers)], strict=True))
    assert set(scores.values()) == {1.0}, scores


def test_code_that_was_collected_without_words_is_read() -> None:
    assert to_record({"text": CODE, "repo": "x"}).output == CODE
    with pytest.raises(LayoutError, match="no field pair"):
        to_record({"text": CODE, "spec": WORDS})


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"Instruction": WORDS, "Response": [CODE, WRONG]}, "holds 2 texts"),
        ({"Instruction": WORDS, "Response": [CODE, WRONG], "score": [1.0]}, "holds 2 texts"),
        ({"code": CODE, "description": {"rank": 1}}, "'description' must be text"),
        ({"prompt": CHAT, "reward_model": {"style": "rule"}}, "no field pair"),
        ({"question": CHAT, "ground_truth": [{"role": "user", "content": "x"}]}, "must be text"),
    ],
)
def test_what_no_shape_explains_is_told(row: dict[str, Any], told: str) -> None:
    with pytest.raises(LayoutError, match=told):
        to_record(row)


@pytest.mark.parametrize(("ending", "mark"), [("csv", ","), ("tsv", "\t"), ("CSV", ",")])
def test_tables_are_read_by_their_first_row(tmp_path: Path, ending: str, mark: str) -> None:
    path = tmp_path / f"d.{ending}"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=mark)
        rows.writerows([["Instruction", "Response", "n"], [WORDS, CODE, "3"], ["", "x", ""]])
        rows.writerow([WORDS, CODE, "4", "5"])
    found = list(read_records(str(path)))
    assert [isinstance(f, Placed) for f in found] == [True, False, False]
    assert isinstance(found[0], Placed)
    assert (found[0].record.output, found[0].record.metadata) == (CODE, {"n": "3"})
    assert isinstance(found[2], Broken)
    assert found[2].reason == "4 values for 3 columns"


@pytest.mark.parametrize(
    ("text", "told"), [("", "must name the columns"), ("a,b,a\n1,2,3\n", "is there twice")]
)
def test_a_table_needs_columns_by_name(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "d.csv").write_text(text)
    with pytest.raises(UserError, match=told):
        list(read_records(str(tmp_path / "d.csv")))


def test_a_quote_that_never_ends_is_told_and_ends_the_row(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text('instruction,output\na,"b\n' + "x" * (17 << 20))
    (found,) = list(read_records(str(tmp_path / "d.csv")))
    assert isinstance(found, Broken)
    assert "field limit" in found.reason


def test_a_json_list_is_read_element_by_element(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(json.dumps([SHAPES["OriGen"], {"no": 1}], indent=1))
    found = list(read_records(str(tmp_path / "d.json")))
    assert [isinstance(f, Placed) for f in found] == [True, False]
    assert [f.where for f in found] == ["d.json:1", "d.json:2"]


def test_the_user_names_the_columns(tmp_path: Path) -> None:
    row = {"task": {"words": WORDS}, "Answer1": CODE, "instruction": "another", "messages": []}
    (tmp_path / "d.jsonl").write_text(json.dumps(row))
    columns = columns_of(["instruction=task.words", "output=answer1"])
    (found,) = read_records(str(tmp_path / "d.jsonl"), columns)
    assert isinstance(found, Placed)
    assert (found.record.instruction, found.record.output) == (WORDS, CODE)
    (lacking,) = read_records(str(tmp_path / "d.jsonl"), {"output": "nosuch"})
    assert isinstance(lacking, Broken)
    assert lacking.reason.startswith("no field 'nosuch' among: task, answer1")


@pytest.mark.parametrize("pairs", [["rtl=x"], ["output"], ["output="], ["output=a", "output=b"]])
def test_a_mapping_that_makes_no_sense_is_refused(pairs: list[str]) -> None:
    with pytest.raises(UserError, match="give FIELD=COLUMN once a FIELD"):
        columns_of(pairs)
