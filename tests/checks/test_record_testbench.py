"""A testbench that came with an answer: when its word counts."""

from __future__ import annotations

import pytest

from rtlbench.dataset.filter.matching import Matcher
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Record
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.scoring import SELF_TESTED
from rtlbench.verifier import Verifier

RIGHT = """module cnt(input clk, input rst, output reg [3:0] q);
    always @(posedge clk) if (rst) q <= 0; else q <= q + 1'b1;
endmodule
"""
WRONG = RIGHT.replace("q + 1'b1", "q + 2'd2")
TESTBENCH = """`timescale 1ns/1ps
module tb;
    reg clk = 0, rst = 1;
    wire [3:0] q;
    integer errors = 0;
    cnt dut(.clk(clk), .rst(rst), .q(q));
    always #5 clk = ~clk;
    initial begin
        $dumpfile("waves.vcd");
        $dumpvars;
        repeat (2) @(negedge clk);
        if (q === 0) $display("reset: PASSED");
        rst = 0;
        repeat (5) @(negedge clk);
        if (q != 5) begin
            $display("FAIL: got %d", q);
            errors = errors + 1;
        end
        if (errors == 0) $display("All tests passed, %0d errors", errors);
        $finish;
    end
endmodule
"""


def judged(output: str, testbench: str) -> Verdict:
    match = Matcher([]).match(Record(instruction="count", output=output, testbench=testbench))
    assert match.spec is not None, match.reason
    return Verifier().verify(match.spec, [Candidate(text=output)])[0]


def test_a_right_answer_passes_and_that_proves_no_function() -> None:
    found = judged(RIGHT, TESTBENCH)
    assert (found.outcome, found.functional) == (Outcome.PASS, None)
    assert found.checks["simulation"].detail[SELF_TESTED] is True


def test_a_bench_made_for_a_wrong_answer_makes_it_no_functional_one() -> None:
    found = judged(WRONG, TESTBENCH.replace("q != 5", "q != 10"))
    assert found.functional is None


def test_a_wrong_answer_fails_though_part_of_the_bench_passes() -> None:
    found = judged(WRONG, TESTBENCH)
    assert (found.outcome, found.functional) == (Outcome.FAIL, False)
    assert "FAIL: got" in found.findings[-1].message


@pytest.mark.parametrize(
    ("testbench", "told"),
    [
        (TESTBENCH.replace("if (q != 5)", "if (0)"), "always"),
        (TESTBENCH.replace("errors == 0", "0").replace("if (q", "if (0 && q")
         .replace("PASS", "WORK").replace("passed", "went").replace("FAIL", "NO"), "says nothing"),
        (TESTBENCH.replace("endmodule", "endmodul"), "exactly one|no simulator"),
    ],
)
def test_a_testbench_that_proves_nothing_decides_nothing(testbench: str, told: str) -> None:
    match = Matcher([]).match(Record(instruction="count", output=RIGHT, testbench=testbench))
    if match.spec is None:
        assert "exactly one" in told
        return
    found = judged(RIGHT, testbench)
    assert (found.outcome, found.functional, found.score) == (Outcome.PASS, None, 1.0)
    reason = str(found.checks["simulation"].detail["reason"])
    assert any(t in reason for t in told.split("|")), reason


def test_a_testbench_that_is_blind_to_unknown_outputs_must_see_them_as_known() -> None:
    blind = TESTBENCH.replace("q === 0", "0")
    never = "module cnt(input clk, input rst, output [3:0] q); reg [3:0] q; endmodule"
    assert judged(RIGHT, blind).checks["simulation"].detail[SELF_TESTED] is True
    found = judged(never.replace("output [3:0] q); reg [3:0] q;", "output reg [3:0] q);"), blind)
    assert SELF_TESTED not in found.checks["simulation"].detail


def test_a_testbench_that_never_ends_says_nothing_in_bounded_time() -> None:
    found = judged(RIGHT, TESTBENCH.replace("repeat (5) @(negedge clk)", "forever #0 errors = 0"))
    assert SELF_TESTED not in found.checks["simulation"].detail
    assert found.outcome is not Outcome.PASS or not found.checks["simulation"].decided


HEAD = TESTBENCH.partition("        $dumpfile")[0].replace("integer errors = 0;", "")
KINDS = {
    "a count": """
        repeat (2) @(negedge clk); rst = 0; n = 0;
        repeat (20) begin @(negedge clk); m = m + 1; if (q !== m) n = n + 1; end
        $display("Mismatches: %1d in %1d samples", n, 20); $finish;""",
    "$error": """
        repeat (2) @(negedge clk); rst = 0;
        repeat (20) begin @(negedge clk); m = m + 1; if (q !== m) $error("q is %0d", q); end
        $finish;""",
    "$fatal": """
        repeat (2) @(negedge clk); rst = 0;
        repeat (20) begin @(negedge clk); m = m + 1; if (q !== m) $fatal; end
        $finish;""",
    "$stop": """
        repeat (2) @(negedge clk); rst = 0;
        repeat (20) begin @(negedge clk); m = m + 1; if (q !== m) $stop; end
        $finish;""",
    "an assertion": """
        repeat (2) @(negedge clk); rst = 0;
        repeat (20) begin @(negedge clk); m = m + 1; assert (q === m); end
        $finish;""",
    "silence unless wrong": """
        repeat (2) @(negedge clk); rst = 0;
        repeat (20) begin @(negedge clk); m = m + 1;
            if (q !== m) $write("\\nat %0t: unexpected value %0d\\n", $time, q); end
        $stop;""",
    "a pass only": """
        repeat (2) @(negedge clk); rst = 0; n = 0;
        repeat (20) begin @(negedge clk); m = m + 1; if (q !== m) n = n + 1; end
        if (n == 0) $display("\\n*** PASS ***\\n"); $finish;""",
}


def bench_of_kind(kind: str) -> str:
    head = HEAD.replace("initial begin", "reg [3:0] m = 0; integer n;\n    initial begin")
    return f"{head}{KINDS[kind]}\n    end\nendmodule\n"


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_testbenches(kind: str) -> None:
    testbench = bench_of_kind(kind)
    right = judged(RIGHT, testbench)
    assert right.checks["simulation"].detail.get(SELF_TESTED) is True, right.checks["simulation"]
    for wrong in (WRONG, RIGHT.replace("if (rst) q <= 0; else", "")):
        found = judged(wrong, testbench)
        assert (found.outcome, found.functional) == (Outcome.FAIL, False)


FORGED = {
    "ends the run": "initial $finish;",
    "prints": 'initial $display("Mismatches: 0 in 20 samples PASS");',
    "prints behind an assertion": 'always @(posedge clk) assert (0) else $display("PASS");',
    "prints at the end": 'final $display("PASS");',
    "a severity": 'if (1) $info("PASS");',
}


@pytest.mark.parametrize("kind", ["a count", "silence unless wrong", "a pass only"])
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_nothing_that_the_answer_prints_counts(kind: str, forged: str) -> None:
    text = WRONG.replace("endmodule", f"{forged}\nendmodule")
    assert judged(text, bench_of_kind(kind)).functional is False


def test_where_the_task_is_a_constant_or_a_wire_what_does_nothing_is_right() -> None:
    testbench = """module tb; reg a = 0; wire y; integer errors = 0, k;
        dut d(.a(a), .y(y));
        initial begin for (k = 0; k < 4; k = k + 1) begin a = k; #1; if (y !== WANT) errors++; end
        $display("errors = %0d", errors); $finish; end endmodule"""
    for want, right, wrong in (("1'b1", "1", "a"), ("a", "a", "1"), ("1'b0", "0", "~a")):
        bench = testbench.replace("WANT", want)
        module = "module dut(input a, output y); assign y = {}; endmodule\n"
        found = judged(module.format(right), bench).checks["simulation"]
        assert found.detail.get(SELF_TESTED) is True, found
        assert judged(module.format(wrong), bench).functional is False


@pytest.mark.parametrize(
    "answer",
    [
        RIGHT.replace("input rst", "input reset").replace("(rst)", "(reset)"),
        RIGHT.replace("output reg [3:0] q", "output reg [3:0] count").replace("q ", "count "),
        RIGHT.replace("module cnt(", "module counter("),
    ],
)
def test_what_does_not_fit_its_testbench_fails(answer: str) -> None:
    found = judged(answer, TESTBENCH)
    assert (found.outcome, found.functional) == (Outcome.FAIL, False)


def test_an_answer_without_which_the_testbench_ends_is_late() -> None:
    waits = TESTBENCH.replace("repeat (5) @(negedge clk);", "wait (q == 5);").replace(
        "q != 5", "q === 4'bx"
    )
    found = judged(WRONG, waits.replace("4'bx) begin", "4'bx) begin #1;"))
    assert found.functional is not True
    assert SELF_TESTED not in found.checks["simulation"].detail


@pytest.mark.slow
def test_what_icarus_does_not_read_verilator_may() -> None:
    testbench = bench_of_kind("a count").replace(
        "integer n;", "integer n; typedef logic [3:0] four; four w;"
    ).replace("m = m + 1;", "w = four'(m + 4'd1); m = w;")
    for answer, right in ((RIGHT, True), (WRONG, False)):
        found = judged(answer, testbench).checks["simulation"]
        assert found.detail.get(SELF_TESTED, False) is right, found
