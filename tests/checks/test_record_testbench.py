"""A testbench that came with an answer: when its word counts."""

from __future__ import annotations

import pytest

from rtlbench.checks.base import SELF_TESTED
from rtlbench.checks.record_testbench import complaint_in
from rtlbench.dataset.filter.matching import Matcher
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Record
from rtlbench.records.verdict import Outcome, Verdict
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
        (TESTBENCH.replace("pass", "work").replace("PASS", "WORK"), "never says"),
        (TESTBENCH.replace("endmodule", "endmodul"), "exactly one|not compile"),
        (TESTBENCH.replace(".q(q)", ".nonesuch(q)"), "not compile"),
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


@pytest.mark.parametrize(
    ("line", "complains"),
    [
        ("Test 2 FAILED", True),
        ("ERROR at time 20", True),
        ("3 errors", True),
        ("10 mismatches in 20 samples", True),
        ("passed with 0 errors", False),
        ("Errors: 0", False),
        ("no mismatch found", False),
        ("error_count = 0", False),
        ("All tests passed", False),
    ],
)
def test_complaints(line: str, complains: bool) -> None:
    assert bool(complaint_in(f"ok\n{line}\n")) is complains
