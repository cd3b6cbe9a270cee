"""The ports Check: every port is really used, by two looks."""

from __future__ import annotations

import pytest

from rtlbench.records.verdict import Outcome, Severity
from tests.support import CLASSIC, async_counter, judge, plain_spec, rules

HEAD = "module m(input clk, input en, input [3:0] d, output reg [3:0] q);\n"


def told(body: str, header: str = HEAD) -> dict[str, str]:
    """Messages of the ports Check by rule, for a module without Spec."""
    verdict = judge(f"{header}{body}\nendmodule\n")
    return {f.rule: f.message for f in verdict.checks["ports"].findings}


def test_the_classic_counter() -> None:
    verdict = judge(CLASSIC)
    assert verdict.syntax_valid is True
    assert verdict.all_io_used is False
    assert verdict.score < 0.95
    assert verdict.outcome is Outcome.FAIL
    by_port = {f.message.split()[1]: f for f in verdict.checks["ports"].findings}
    assert (by_port["en"].rule, by_port["en"].line) == ("ports.unused-input", 4)
    assert (by_port["q"].rule, by_port["q"].line) == ("ports.unassigned-output", 5)


def test_the_classic_counter_against_its_spec() -> None:
    spec = async_counter()
    text = """module updown_counter(
    input clk, input rst_n,
    input en,
    input up,
    output reg [7:0] count
);
    reg [7:0] value;
    always @(posedge clk or negedge rst_n)
        if (!rst_n) value <= 0;
        else if (up) value <= value + 1;
        else value <= value - 1;
endmodule
"""
    verdict = judge(text, spec)
    assert (verdict.syntax_valid, verdict.all_io_used, verdict.functional) == (True, False, False)
    assert verdict.score < 0.95
    places = {f.message.split()[1]: f.line for f in verdict.checks["ports"].findings}
    assert places["en"] == 3
    assert places["count"] == 5


def test_used_ports_draw_no_finding() -> None:
    assert told("always @(posedge clk) if (en) q <= d;") == {}


@pytest.mark.parametrize(
    ("body", "rule", "words"),
    [
        ("always @(posedge clk) q <= d;", "ports.unused-input", "input en is declared and never"),
        (
            "wire idle = en; always @(posedge clk) q <= d;",
            "ports.unused-input",
            "input en has no effect on any output",
        ),
        (
            "always @(posedge clk) if (en || !en) q <= d;",
            "ports.unused-input",
            "input en has no effect on any output",
        ),
        (
            "always @(posedge clk) begin if (1'b0) q <= {4{en}}; q <= d; end",
            "ports.unused-input",
            "input en has no effect on any output",
        ),
        ("wire x = en & clk & d[0];", "ports.unassigned-output", "output q is never assigned"),
        (
            "always @(posedge clk) if (en) q[2:0] <= d[2:0] ^ d[3];",
            "ports.unassigned-output",
            "output q[3] is never assigned",
        ),
        (
            "always @(posedge clk) if (en) {q[3], q[1]} <= d[1:0] ^ d[3:2];",
            "ports.unassigned-output",
            "output q (bits 0, 2) is never assigned",
        ),
        ("always @* q = 4'd0;", "ports.constant-output", "output q is always 0"),
        ("always @* q = 4'b0110;", "ports.constant-output", "output q never changes"),
        ("always @* q = 4'bx;", "ports.unassigned-output", "output q is never assigned"),
        ("always @* q = 4'bz;", "ports.unassigned-output", "output q is never assigned"),
    ],
)
def test_what_is_not_used_is_named(body: str, rule: str, words: str) -> None:
    assert told(body)[rule].startswith(words)


def test_bits_of_an_input_that_nothing_reads_are_a_warning_without_a_spec() -> None:
    verdict = judge(f"{HEAD}always @(posedge clk) if (en) q <= {{4{{d[0]}}}};\nendmodule\n")
    (finding,) = verdict.checks["ports"].findings
    assert finding.rule == "ports.unused-input-bits"
    assert finding.message == "input d[3:1] has no effect on any output"
    assert finding.severity is Severity.WARNING
    assert verdict.all_io_used is True
    assert verdict.score < 1.0


def test_some_bits_of_an_output_may_be_constant_without_a_spec() -> None:
    body = "always @(posedge clk) if (en) q <= {1'b0, d[2:0] ^ d[3]};"
    verdict = judge(f"{HEAD}{body}\nendmodule\n")
    assert {f.severity for f in verdict.checks["ports"].findings} == {Severity.WARNING}


def test_an_output_that_is_only_initialised_is_constant() -> None:
    assert "ports.constant-output" in told("initial q = 4'd3; wire x = clk & en & d[0];")


def test_ports_used_only_inside_a_submodule_are_used() -> None:
    inner = "module sub(input c, input e, input [3:0] x, output reg [3:0] y);\n"
    inner += "always @(posedge c) if (e) y <= x;\nendmodule\n"
    outer = HEAD.replace("reg ", "") + "sub u(.c(clk), .e(en), .x(d), .y(q));\nendmodule\n"
    assert judge(outer + inner).all_io_used is True


def test_an_input_lost_inside_a_submodule_is_unused() -> None:
    inner = "module sub(input e, input [3:0] x, output [3:0] y);\nassign y = x;\nendmodule\n"
    outer = HEAD.replace("reg ", "") + "sub u(.e(en), .x(d ^ {4{clk}}), .y(q));\nendmodule\n"
    verdict = judge(outer + inner)
    assert verdict.all_io_used is False
    assert "input en has no effect on any output" in {f.message for f in verdict.findings}


GOLDEN = """module m(input clk, input spare, input [3:0] d, output reg [3:0] q);
    always @(posedge clk) q <= {1'b0, d[2:0]};
endmodule
"""
SPEC = plain_spec(
    "", "input clk clock", "input spare", "input d 4", "output q 4", golden=GOLDEN
)


def test_what_the_golden_leaves_idle_is_excused() -> None:
    verdict = judge(GOLDEN, SPEC)
    assert verdict.checks["ports"].findings == ()
    assert verdict.all_io_used is True


def test_what_the_golden_uses_is_not_excused() -> None:
    verdict = judge(GOLDEN.replace("d[2:0]", "d[1:0], 1'b1"), SPEC)
    assert {"ports.unused-input-bits", "ports.constant-output"} <= rules(verdict)
    assert verdict.all_io_used is False


def test_a_failed_check_keeps_less_the_more_ports_are_idle() -> None:
    one = judge(f"{HEAD}always @(posedge clk) q <= d;\nendmodule\n").checks["ports"]
    two = judge(f"{HEAD}always @* q = d;\nendmodule\n").checks["ports"]
    all_idle = judge(f"{HEAD}endmodule\n").checks["ports"]
    assert 0.5 > one.value > two.value > all_idle.value >= 0.0
