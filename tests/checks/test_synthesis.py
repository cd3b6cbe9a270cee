"""The synthesis Check: registers and gates, without latches, loops or contention."""

from __future__ import annotations

import pytest

from rtlbench.records.verdict import Outcome
from rtlbench.rtl.slang import elaborate
from tests.support import async_counter, judge, judge_all, plain_spec, sync_counter

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


ORDERED = {
    "read and set": "reg a; initial a = 0; initial if (a == 1'b0) a = 1;",
    "set twice": "reg a; initial a = 0; initial a = 1;",
    "a part of it": "reg [3:0] a; initial a = 0; initial a[2] = 1;",
}
UNORDERED = {
    "parts apart": "reg [3:0] a; initial a[1:0] = 0; initial a[3:2] = 1;",
    "a memory in halves": "reg [3:0] a [0:3]; integer i; initial for (i = 0; i < 2; i = i + 1) "
    "a[i] = 0; integer j; initial for (j = 2; j < 4; j = j + 1) a[j] = 1;",
    "one block": "reg a; initial begin a = 0; a = 1; end",
}


@pytest.mark.parametrize("name", [*ORDERED, *UNORDERED])
def test_what_hangs_on_the_order_of_initial_blocks_is_no_hardware(name: str) -> None:
    body = (ORDERED | UNORDERED)[name]
    view = elaborate(f"module m;\n{body}\nendmodule\n", "m")
    assert [view.engine.formatMessage(d) for d in view.errors] == []
    assert bool(list(view.contended_variables())) is (name in ORDERED)


@pytest.mark.slow
def test_recursion_without_an_end_is_the_answers_own_fault() -> None:
    text = sync_counter().golden.replace(
        "    always_ff",
        "    function automatic [3:0] f(input [3:0] a); f = f(a + 1) + f(a + 2); endfunction\n"
        "    wire [3:0] w = f(q);\n    always_ff",
    )
    assert judge(text, sync_counter()).outcome in (Outcome.FAIL, Outcome.TIMEOUT)
