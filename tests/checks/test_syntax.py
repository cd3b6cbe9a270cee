"""The syntax Check: what parses, elaborates and has the interface asked for."""

from __future__ import annotations

import pytest

from rtlbench.records.verdict import Outcome
from tests.support import CLASSIC, judge, plain_spec, rules

SPEC = plain_spec(
    "", "input clk clock", "input a 4", "output y 4", top="m"
)
RIGHT = """module m(
    input clk,
    input [3:0] a,
    output reg [3:0] y
);
    always @(posedge clk) y <= a;
endmodule
"""


def places(text: str) -> dict[str, tuple[int | None, int | None]]:
    """Line and column of each finding of the syntax Check, by rule."""
    found = judge(text, SPEC).checks["syntax"].findings
    return {f.rule: (f.line, f.column) for f in found}


def test_a_right_answer_passes() -> None:
    result = judge(RIGHT, SPEC).checks["syntax"]
    assert (result.outcome, result.value, result.findings) == (Outcome.PASS, 1.0, ())


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        ("y <= a;", "y <= = a;", "syntax.error", 6),
        ("y <= a;", "y <= undeclared;", "syntax.error", 6),
        ("y <= a;", "y <= a", "syntax.error", 6),
        ("input [3:0] a,\n", "input [3:0] a\n", "syntax.error", 3),
        ("clk", "Clk", "syntax.missing-port", 1),
        ("input clk,", "input clk, input extra,", "syntax.extra-port", 2),
        ("[3:0] a", "[4:0] a", "syntax.port-width", 3),
        ("[3:0] a", "a", "syntax.port-width", 3),
        ("input clk", "output clk", "syntax.port-direction", 2),
        ("input clk", "inout clk", "syntax.port-direction", 2),
        ("output reg [3:0] y", "output [3:0] y", "syntax.error", 6),
        ("module m(", "module other(", "syntax.wrong-top", None),
        ("clk", "Clk", "syntax.extra-port", 2),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    old: str, new: str, rule: str, line: int | None
) -> None:
    verdict = judge(RIGHT.replace(old, new), SPEC)
    assert (rule, line) in {(f.rule, f.line) for f in verdict.findings}
    assert not verdict.syntax_valid
    assert verdict.score == 0.0
    assert set(verdict.checks) == {"syntax"}


def test_columns_are_told_too() -> None:
    assert places(RIGHT.replace("[3:0] a", "[4:0] a"))["syntax.port-width"] == (3, 17)


def test_messages_say_what_was_asked_for() -> None:
    (finding,) = judge(RIGHT.replace("[3:0] a", "[4:0] a"), SPEC).checks["syntax"].findings
    assert finding.message == "port a must be 4 bits wide, it is 5 bits"


def test_lines_are_those_of_the_answer_prose_included() -> None:
    answer = f"Here it is:\n\n```verilog\n{RIGHT.replace('[3:0] a', '[4:0] a')}```\n"
    assert places(answer)["syntax.port-width"] == (6, 17)


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("def counter(n):\n    return n + 1\n", "it is Python"),
        ("class Counter:\n    pass\n", "it is Python"),
        ("import numpy as np\n", "it is Python"),
        ("library IEEE;\nentity m is\nend m;\n", "it is VHDL"),
        ("#include <stdio.h>\nint main() { return 0; }\n", "it is C"),
        ("always @(posedge clk) q <= d;\n", "it has statements without a module around them"),
        ("assign q[0] = d;\n", "it has statements without a module around them"),
        ("No.\n", "it has words alone"),
        ("the ``q`` of `d`\n", "it has words alone"),
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "Sure:\n\n```\n{}```\n", "```verilog\n{}```\nIt uses `q`.\n"]
)
def test_an_answer_without_verilog_is_told_what_it_is(code: str, what: str, around: str) -> None:
    (finding,) = judge(around.format(code), SPEC).checks["syntax"].findings
    assert finding.message == f"the answer holds no Verilog module: {what}"


def test_pasting_is_told_by_its_name() -> None:
    text = RIGHT.replace("endmodule", "`define A(x) x``_y\nendmodule")
    (finding,) = judge(text, SPEC).checks["syntax"].findings
    assert finding.message == "pasting names by `` has no place in an answer: write them out"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "syntax.empty"),
        ("   \n", "syntax.empty"),
        ("I cannot help with that.", "syntax.no-module"),
        ("// only a comment\n", "syntax.no-module"),
        ("`define A 1\n", "syntax.no-module"),
        ("\x00\x01\x02", "syntax.no-module"),
        ("x" * 5_000_000, "syntax.too-large"),
        (RIGHT[:90], "syntax.truncated"),
        (RIGHT.replace("endmodule", ""), "syntax.truncated"),
        (RIGHT.replace("endmodule", "/* endmodule"), "syntax.unclosed"),
        (RIGHT + RIGHT.replace("<= a", "<= ~a").replace("module m", "module n"), None),
    ],
)
def test_answers_of_all_kinds_get_a_verdict(text: str, rule: str | None) -> None:
    verdict = judge(text, SPEC)
    if rule is None:
        assert verdict.syntax_valid
    else:
        assert rule in rules(verdict)
        assert verdict.outcome is Outcome.FAIL


def test_what_is_nested_too_deep_for_slang_is_a_fail_not_an_error() -> None:
    chain = "if (a == 0) y <= 0;\n" + "else if (a == 1) y <= 1;\n" * 1500
    verdict = judge(RIGHT.replace("y <= a;", chain), SPEC)
    assert verdict.outcome is Outcome.FAIL
    assert rules(verdict) == {"syntax.too-deep"}


def test_a_port_of_millions_of_bits_is_refused() -> None:
    text = "module m(input [9000000:0] a, output [9000000:0] y); assign y = a; endmodule"
    assert "syntax.too-large" in rules(judge(text))


def test_without_a_spec_the_only_root_is_the_top_module() -> None:
    helper = "module helper(input a, output y);\n    assign y = ~a;\nendmodule\n"
    user = "module user(input a, output y);\n    helper u(.a(a), .y(y));\nendmodule\n"
    for text in (helper + user, user + helper):
        assert judge(text).outcome is Outcome.PASS


def test_a_header_that_declares_a_port_twice_is_refused() -> None:
    text = RIGHT.replace("output reg [3:0] y\n);", "output [3:0] y\n);\n    reg [3:0] y;")
    assert "syntax.error" in rules(judge(text, SPEC))


def test_the_classic_counter_is_valid_syntax() -> None:
    assert judge(CLASSIC).syntax_valid
