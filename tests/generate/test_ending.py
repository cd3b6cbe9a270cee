"""An answer that is over before its model ends it: what is judged of it stays what it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtlbench.generate.ending import is_over
from rtlbench.rtl.extraction import extract

RECORDED = Path(__file__).parents[3] / "shared/suites/verilog-eval/answers.jsonl"
TOP = "module top (input a, output b);\n  assign b = ~a;\nendmodule\n"
USER = "module top (input a, output b);\n  inv #(.W(1)) u (.a(a), .b(b));\nendmodule\n"
INV = "module inv #(parameter W = 1) (input a, output b);\n  assign b = ~a;\nendmodule\n"


def fenced(code: str, language: str = "verilog") -> str:
    return f"```{language}\n{code}```\n"


@pytest.mark.parametrize(
    "text",
    [
        fenced(TOP),
        "Sure:\n\n" + fenced(TOP) + "This",
        fenced(USER + INV),
        fenced(USER) + "And:\n" + fenced(INV),
        fenced("`timescale 1ns/1ps\n" + TOP),
        fenced(TOP, ""),
        fenced("module other (input a); endmodule\n") + fenced(TOP),
    ],
)
def test_it_is_over(text: str) -> None:
    assert is_over(text, "top")


@pytest.mark.parametrize(
    "text",
    [
        "",
        TOP,
        "```verilog\n" + TOP,
        "```verilog\n" + TOP + "```",  # `verilog` may follow: another fence
        fenced(INV),
        fenced(USER),
        fenced(USER) + "And:\n```verilog\n" + INV,
        fenced(TOP.replace("endmodule\n", "")),
        fenced(TOP) + "```verilog\n",
        "<think>\n" + fenced(TOP),
        "<think>\n" + fenced(TOP) + "</think>\n",
        fenced("// module top (input a); endmodule\n"),
        fenced("def top():\n    pass\n", "python"),
        TOP + "```\n",
    ],
)
def test_it_is_not(text: str) -> None:
    assert not is_over(text, "top")


def test_nothing_is_over_where_no_module_is_asked_for() -> None:
    assert not is_over(fenced(TOP), "")


@pytest.mark.skipif(not RECORDED.is_file(), reason="the public suites are not here")
def test_recorded_answers_are_judged_alike() -> None:
    lines = [json.loads(x) for x in RECORDED.read_text().splitlines()]
    shorter = 0
    for text in (line["completion"] for line in lines):
        cuts = (k + 1 for k, letter in enumerate(text) if letter == "\n")
        at = next((k for k in cuts if is_over(text[:k], "TopModule")), None)
        if at is not None:
            shorter += at < len(text)
            one, other = extract(text[:at], "TopModule"), extract(text, "TopModule")
            assert (one.rtl.rstrip(), one.truncated) == (other.rtl.rstrip(), other.truncated)
    assert shorter > len(lines) / 2
