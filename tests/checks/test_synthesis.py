"""The synthesis Check: registers and gates, without latches, loops or contention."""

from __future__ import annotations

import pytest

from rtlbench.records.verdict import Outcome
from tests.support import async_counter, judge, judge_all, plain_spec

HEAD = "module m(input clk, input en, input [3:0] d, output reg [3:0] q);\n"


def place(body: str) -> dict[str, int | None]:
    """Line of each finding of the Check by rule; the body begins on line 2."""
    result = judge(f"{HEAD}{body}\nendmodule\n").checks["synthesis"]
    return {f.rule: f.line for f in result.findings}


def test_registers_and_gates_pass_with_their_counts() -> None:
    text = f"{HEAD}always @(posedge clk) if (en) q <= d + 1;\nendmodule\n"
    result = judge(text).checks["synthesis"]
    assert (result.outcome, result.value) == (Outcome.PASS, 1.0)
    assert result.detail["register_bits"] == 4
    assert result.detail["cells.$dffe"] == 1
    assert result.detail["cells"] == 2


def test_a_latch_is_an_error_with_its_line_and_name() -> None:
    verdict = judge(f"{HEAD}\nalways @*\n    if (en & clk) q = d;\nendmodule\n")
    (finding,) = verdict.checks["synthesis"].findings
    assert finding.rule == "synthesis.latch"
    assert finding.line in (3, 4)
    assert " q" in finding.message
    assert verdict.synthesizes is False


def test_a_latch_is_allowed_where_the_golden_has_one() -> None:
    text = f"{HEAD}always @* if (en & clk) q = d;\nendmodule\n"
    ports = ("input clk", "input en", "input d 4", "output q 4")
    assert judge(text, plain_spec("", *ports, golden=text)).synthesizes is True


def test_a_combinational_loop_is_an_error() -> None:
    body = "wire [3:0] w;\nassign w = w + d;\nalways @(posedge clk) if (en) q <= w;"
    assert place(body)["synthesis.loop"] in (2, 3)


def test_a_ripple_carry_vector_is_no_loop() -> None:
    body = (
        "wire [4:0] c; assign c[0] = en; genvar i; generate for (i = 0; i < 4; i = i + 1) "
        "begin : g assign c[i+1] = c[i] & d[i]; end endgenerate\nalways @(posedge clk) q <= c[4:1];"
    )
    assert place(body) == {}


@pytest.mark.parametrize(
    "body",
    [
        "always @(posedge clk) q <= d; always @(posedge clk) if (en) q <= 0;",
        "wire w; assign w = en; assign w = d[0] & clk; always @* q = {4{w}} ^ d;",
    ],
)
def test_two_drivers_are_an_error(body: str) -> None:
    assert "synthesis.multiple-drivers" in place(body)


def test_several_blocks_may_drive_different_bits() -> None:
    body = "always @(posedge clk) q[1:0] <= d[1:0];\n"
    body += "always @(posedge clk) if (en) q[3:2] <= d[3:2];"
    assert place(body) == {}


@pytest.mark.parametrize("size", ["0:33554431", "0:2147483646"])
def test_a_gigantic_memory_is_refused_and_takes_no_memory_here(
    size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtlbench.rtl.yosys.BASE_CPU_SECONDS", 1)
    body = f"reg [31:0] mem [{size}];\nalways @(posedge clk) mem[d] <= d;\n"
    body += "always @(posedge clk) if (en) q <= mem[d];"
    verdict = judge(f"{HEAD}{body}\nendmodule\n")
    assert verdict.outcome in (Outcome.FAIL, Outcome.TIMEOUT)
    assert verdict.synthesizes is not True


def test_what_takes_too_long_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtlbench.rtl.yosys.BASE_CPU_SECONDS", 1)
    body = "localparam N = 30000000;\ninteger k;\nreg [63:0] s;\nalways @* begin s = 0;\n"
    body += "for (k = 0; k < N; k = k + 1) s = s + d;\nend\n"
    body += "always @(posedge clk) if (en) q <= s;"
    verdict = judge(f"{HEAD}{body}\nendmodule\n")
    assert verdict.outcome is Outcome.TIMEOUT
    assert verdict.checks["synthesis"].findings[0].rule == "synthesis.timeout"


def test_what_does_not_synthesize_is_not_simulated_for_ever() -> None:
    spec = async_counter()
    loop = spec.golden.replace(");", ");\n    wire w;\n    assign w = ~w | en;", 1)
    loop = loop.replace("else if (en)", "else if (w)")
    verdict = judge(loop, spec)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.checks["simulation"].findings[0].rule == "simulation.unsafe"


def test_one_bad_answer_in_a_batch_costs_the_others_nothing() -> None:
    spec = async_counter()
    bad = spec.golden.replace("endmodule", "    nothing u();\nendmodule")
    latch = spec.golden.replace("always_ff @(posedge clk or negedge rst_n)", "always @*")
    verdicts = judge_all([spec.golden, bad, spec.golden, latch, spec.golden], spec)
    assert [v.outcome is Outcome.PASS for v in verdicts] == [True, False, True, False, True]
