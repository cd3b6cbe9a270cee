"""The simulation Check: the answer does what the reference model does, frame by frame."""

from __future__ import annotations

import pytest

from rtlbench.io.explain import explain
from rtlbench.records.verdict import Outcome
from tests.support import CLASSIC, async_counter, judge, judge_all, updown

SPEC = async_counter()


def test_the_golden_passes_with_all_comparisons_made() -> None:
    result = judge(SPEC.golden, SPEC).checks["simulation"]
    assert (result.outcome, result.value) == (Outcome.PASS, 1.0)
    assert int(str(result.detail["compared"])) > 500
    assert "Icarus" in str(result.detail["simulator"])
    assert result.trace == ()


@pytest.mark.parametrize("member", updown())
def test_every_member_of_the_family_scores_1(member: str) -> None:
    verdict = judge(updown()[member].golden, updown()[member])
    assert (verdict.outcome, verdict.score, verdict.functional) == (Outcome.PASS, 1.0, True)


def test_a_mismatch_is_told_with_cycle_inputs_expected_and_got() -> None:
    wrong = SPEC.golden.replace("count + 1'b1", "count + 2'd2")
    verdict = judge(wrong, SPEC)
    result = verdict.checks["simulation"]
    assert (result.outcome, result.value) == (Outcome.FAIL, 0.0)
    assert verdict.functional is False
    (finding,) = result.findings
    assert finding.rule == "simulation.mismatch"
    last = result.trace[-1]
    assert last.got is not None
    assert set(last.inputs) == {p.name for p in SPEC.inputs}
    before = result.trace[-2].expected["count"]
    assert int(last.expected["count"], 2) == int(before, 2) + 1
    assert int(last.got["count"], 2) == int(before, 2) + 2
    for part in (last.expected["count"], last.got["count"], f"cycle {last.cycle}"):
        assert part in finding.message
    assert finding.message in explain(verdict)


def test_only_the_last_row_of_a_trace_shows_what_was_got() -> None:
    trace = judge(SPEC.golden.replace("8'd0", "8'd1"), SPEC).checks["simulation"].trace
    assert 1 < len(trace) <= 6
    assert [row.got is None for row in trace] == [True] * (len(trace) - 1) + [False]


def test_unknown_outputs_are_shown_as_they_were() -> None:
    undriven = SPEC.golden.replace("count <= 8'd0", "count <= 8'bx")
    result = judge(undriven, SPEC).checks["simulation"]
    assert result.trace[-1].got == {"count": "xxxxxxxx"}


def test_the_lone_answer_and_the_one_in_a_crowd_are_judged_alike() -> None:
    texts = [SPEC.golden, SPEC.golden.replace("+ 1", "+ 3"), SPEC.golden.replace("8'd0", "8'd9")]
    crowd = judge_all(texts * 20, SPEC)
    for k, text in enumerate(texts):
        lone = judge(text, SPEC)
        for verdict in crowd[k::3]:
            assert verdict.outcome is lone.outcome
            assert verdict.score == lone.score
            assert verdict.checks["simulation"].trace == lone.checks["simulation"].trace


def test_answers_with_packages_and_types_are_simulated_too() -> None:
    package = "package p;\n    localparam logic [7:0] START = 8'd0;\nendpackage\n"
    text = package + SPEC.golden.replace("8'd0", "p::START")
    other = package.replace("8'd0", "8'd7") + SPEC.golden.replace("8'd0", "p::START")
    right, wrong, golden = judge_all([text, other, SPEC.golden], SPEC)
    assert (right.functional, wrong.functional, golden.functional) == (True, False, True)


def test_helper_modules_of_the_same_name_do_not_meet() -> None:
    helper = "module step(input u, output [7:0] y);\n    assign y = u ? 8'd{} : 8'hff;\nendmodule\n"
    top = """module updown_counter(input clk, input rst_n, input en, input up,
                      output reg [7:0] count);
    wire [7:0] by;
    step s(.u(up), .y(by));
    always @(posedge clk or negedge rst_n)
        if (!rst_n) count <= 8'd0;
        else if (en) count <= count + by;
endmodule
"""
    right, wrong = top + helper.format(1), helper.format(2) + top
    assert [v.functional for v in judge_all([right, wrong, right], SPEC)] == [True, False, True]


def test_without_a_judge_there_is_no_word_on_function() -> None:
    verdict = judge(CLASSIC)
    assert "simulation" not in verdict.checks
    assert verdict.functional is None


def test_what_a_tool_may_not_see_is_not_simulated() -> None:
    verdict = judge(SPEC.golden.replace("endmodule", "initial $finish;\nendmodule"), SPEC)
    assert "simulation" not in verdict.checks
    assert verdict.functional is False
