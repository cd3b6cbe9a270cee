"""The lint Check: warnings lower the value, and never fail."""

from __future__ import annotations

import pytest

from rtlbench.records.verdict import Outcome, Severity
from tests.support import async_counter, judge, judge_all

CLEAN = "module m(input [7:0] a, output [7:0] y);\n    assign y = ~a;\nendmodule\n"
NARROW = CLEAN.replace("~a", "a[3:0]")


def test_clean_code_is_clean() -> None:
    result = judge(CLEAN).checks["lint"]
    assert (result.outcome, result.value, result.findings) == (Outcome.PASS, 1.0, ())


def test_warnings_lower_the_value_and_never_fail() -> None:
    result = judge(NARROW).checks["lint"]
    assert result.outcome is Outcome.PASS
    assert 0.0 <= result.value < 1.0
    assert {f.severity for f in result.findings} == {Severity.WARNING}
    assert result.detail["warnings"] == len(result.findings)


def test_a_finding_has_rule_line_and_column_and_the_modules_own_name() -> None:
    text = "\n" + CLEAN.replace("assign", "sub u(.x(a));\n    assign")
    text += "module sub(input [3:0] x);\nendmodule\n"
    found = judge(text, words="").checks["lint"].findings
    width = next(f for f in found if f.rule == "lint.widthtrunc")
    assert width.line == 3
    assert width.column is not None
    assert not any("unit0" in f.message for f in found)


def test_more_warnings_never_raise_the_value() -> None:
    more = NARROW.replace("endmodule", "    wire idle = a[7];\nendmodule")
    assert judge(more).checks["lint"].value <= judge(NARROW).checks["lint"].value


def test_answers_do_not_see_each_others_warnings() -> None:
    together = judge_all([CLEAN, NARROW, CLEAN])
    assert [bool(v.checks["lint"].findings) for v in together] == [False, True, False]


def test_the_golden_is_clean() -> None:
    assert judge(async_counter().golden, async_counter()).checks["lint"].value == 1.0


def test_names_in_a_neighbours_module_are_no_warning() -> None:
    first = CLEAN.replace("assign", "function automatic number(input x); number = x; endfunction\n"
                          "    assign")
    second = CLEAN.replace("a,", "number,").replace("~a", "~number")
    alone, beside = judge(first), judge_all([first, second])[0]
    assert alone.checks["lint"].findings == beside.checks["lint"].findings


HEAD = "module m(input [3:0] a, input b, output reg [1:0] y);\n"
SAYS_NOTHING = {
    "not of a word": "always @* y = {b, !a};",
    "a word as a condition": "always @* if (a) y = {b, 1'b1}; else y = 2'd0;",
    "a word in a conjunction": "always @* y = {b, a && b};",
    "a word that chooses": "always @* y = a ? {b, 1'b1} : 2'd0;",
    "priority by casez": "always @* casez (a) 4'b1???: y = 2'd3; 4'b?1??: y = 2'd2;\n"
    "4'b??1?: y = 2'd1; default: y = {1'b0, b}; endcase",
    "an argument that is not read whole": "function [1:0] top(input [3:0] n); top = n[3:2]; "
    "endfunction always @* y = top(a) ^ top({b, 3'd0}) ^ a[1:0];",
}
SAYS_SOMETHING = {
    "cut": ("always @* y = a ^ {3'd0, b};", "lint.widthtrunc"),
    "the same choice twice": (
        "always @* case (a[1:0]) 2'd0: y = {b, 1'b0}; 2'd0: y = a[3:2]; default: y = 2'd1; endcase",
        "lint.caseoverlap",
    ),
    "a word that is not read whole": (
        "wire [3:0] n = a ^ {4{b}}; always @* y = n[1:0];", "lint.unusedsignal",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", SAYS_NOTHING)
def test_what_says_nothing_of_the_circuit_is_no_warning(way: str) -> None:
    assert judge(f"{HEAD}{SAYS_NOTHING[way]}\nendmodule\n").checks["lint"].findings == ()


@pytest.mark.parametrize("way", SAYS_SOMETHING)
def test_what_says_something_is(way: str) -> None:
    body, rule = SAYS_SOMETHING[way]
    found = judge(f"{HEAD}{body}\nendmodule\n").checks["lint"].findings
    assert {f.rule for f in found} == {rule}
