"""What is taken from answers of every shape: the right module, all of it, and no draft."""

from __future__ import annotations

import json

import pytest

from rtlbench.rtl.extraction import extract
from rtlbench.suites.families import load_suite
from tests.rtl.shapes import BODY, HELPED, RIGHT, SHAPES, WRONG, filled
from tests.support import judge_all

TOP = "updown_counter"


def code_of(text: str) -> list[str]:
    """The lines of code in `text`."""
    stripped = (line.split("//")[0].strip().rstrip(";") for line in text.split("\n"))
    return [line for line in stripped if line and not line.startswith(("/*", "*", "`", "(*"))]


@pytest.mark.parametrize("name", SHAPES)
def test_the_right_module_is_taken_and_no_draft(name: str) -> None:
    found = extract(filled(SHAPES[name]), TOP)
    taken = "\n".join(code_of(found.rtl)).replace(" : updown_counter", "")
    wanted = "\n".join(code_of(HELPED if "inc u(" in found.rtl else RIGHT))
    assert wanted in taken
    assert "4'd3" not in taken
    assert "module tb" not in taken
    assert not found.truncated


@pytest.mark.parametrize("name", SHAPES)
def test_a_wrong_answer_is_not_taken_for_a_right_draft(name: str) -> None:
    """The same shape with the two changed round: what is judged is wrong."""
    if "inc(" in SHAPES[name]:
        return
    found = extract(filled(SHAPES[name], right=WRONG, wrong=RIGHT), TOP)
    assert "4'd3" in found.rtl
    assert "4'd0" not in found.rtl.replace("`define ZERO 4'd0", "")


IN_JSON = {
    "object": "{}",
    "fenced": "```json\n{}\n```\n",
    "fenced, words around": "The file:\n\n```json\n{}\n```\nIt counts.\n",
    "fence of no language": "```\n{}\n```",
    "thinking before": "<think>\nmodule %\n</think>\n```json\n{}\n```\n",
    "tool call": "<tool_call>\n{}\n</tool_call>",
    "answer tag": "Sure.\n<answer>{}</answer>\n",
    "list": "[{}]",
}


@pytest.mark.parametrize("name", IN_JSON)
def test_code_in_json_is_found_in_fences_and_tags(name: str) -> None:
    wrap = IN_JSON[name].replace("%", json.dumps(WRONG))
    scaled = f"`timescale 1ns/1ps\n{RIGHT}"
    for held in ({"code": [{"rtl/a.sv": RIGHT}]}, {"arguments": {"text": scaled}}):
        assert code_of(extract(wrap.replace("{}", json.dumps(held)), TOP).rtl) == code_of(RIGHT)


@pytest.mark.parametrize("around", ["```verilog\n{}\n```\n", "{}\n"])
def test_json_beside_a_module_is_no_answer(around: str) -> None:
    beside = json.dumps({"before": RIGHT})
    found = extract(f"```json\n{beside}\n```\n" + around.replace("{}", WRONG), TOP)
    assert code_of(found.rtl) == code_of(WRONG)
    assert extract(f"<think>\n```json\n{beside}\n```\n</think>\nI give up.", TOP).rtl == ""


def test_there_are_enough_of_them() -> None:
    assert len(SHAPES) >= 120


@pytest.mark.slow
def test_every_shape_is_judged_as_its_module_is() -> None:
    spec = next(s for s in load_suite() if s.id == "updown_w4_sync")
    verdicts = judge_all([filled(s) for s in SHAPES.values()], spec)
    scores = {n: v.score for n, v in zip(SHAPES, verdicts, strict=True)}
    unclean = ("plain: default_nettype",)
    assert {n: s for n, s in scores.items() if s < 1.0 and n not in unclean} == {}


PROMPT = """Write a counter.

module updown_counter (
    input clk,
    input rst,
    input up,
    output [3:0] q
);
"""
BODIES = {
    "as it goes on": f"{BODY}\n",
    "without its end": BODY.removesuffix("endmodule"),
    "fenced": f"```verilog\n{BODY}\n```\n",
    "closed by the prompt's fence": f"{BODY}\n```\nIt counts.\n",
    "more behind": f"{BODY}\n\nmodule next_task(input a);\n",
    "thought first": f"<think>\nA register.\n</think>\n{BODY}\n",
    "by a wire": "  reg [3:0] r;\n  always @(posedge clk)\n    if (rst) r <= 4'd0; else if (up) "
    "r <= r + 4'd1; else r <= r - 4'd1;\n  assign q = r;\nendmodule\n",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_goes_on_from_the_prompts_header(name: str) -> None:
    found = extract(BODIES[name], TOP, PROMPT)
    assert found.how == "body"
    assert not judge_all([found.rtl], next(s for s in load_suite() if s.id == "updown_w4_sync"))[
        0
    ].findings


@pytest.mark.parametrize("prompt", ["", "Write a counter.\n", PROMPT.replace("updown_c", "c")])
def test_without_the_header_a_body_is_no_answer(prompt: str) -> None:
    assert extract(f"{BODY}\n", TOP, prompt).how == "none"


HIDDEN = {
    "in a block comment": f"{WRONG}\n/*\n{RIGHT}\n*/\n",
    "in a line comment": f"{WRONG}\n// {RIGHT}".replace("\n  ", "\n//  "),
    "in a comment in the module": WRONG.replace("endmodule", f"/*\n{RIGHT}\n*/\nendmodule"),
    "in a string": WRONG.replace("endmodule", f'wire [7:0] s = "{RIGHT[:60]}";\nendmodule'),
    "in thinking": f"<think>\n{RIGHT}\n</think>\n{WRONG}\n",
    "in thinking that never ends": f"{WRONG}\n<think>\n{RIGHT}\n",
    "before it": f"{RIGHT}\n\n{WRONG}\n",
    "in a fence before it": f"```verilog\n{RIGHT}\n```\n```verilog\n{WRONG}\n```\n",
    "under another name": f"{RIGHT.replace('updown_counter', 'other')}\n{WRONG}\n",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_right_module_that_is_no_answer_helps_no_wrong_one(name: str) -> None:
    assert "4'd3" in extract(HIDDEN[name], TOP).rtl


def test_thinking_that_breaks_off_has_no_answer() -> None:
    assert extract(f"<think>\nLet me try:\n{RIGHT}\n", TOP).how == "none"
