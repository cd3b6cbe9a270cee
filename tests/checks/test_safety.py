"""The safety Check: no tool opens what an answer has no business with."""

from __future__ import annotations

import pytest

from rtlbench.checks import CHECKS
from rtlbench.records.verdict import Outcome
from tests.support import async_counter, judge, judge_all, rules

SPEC = async_counter()


def with_body(body: str) -> str:
    """The golden with `body` in front of endmodule, on a line of its own."""
    return SPEC.golden.replace("endmodule", f"{body}\nendmodule")


ATTACKS = {
    "prints the pass line": 'initial $display("Your Design Passed");',
    "ends the simulation": "initial $finish;",
    "ends after a match": "always @(posedge clk) if (count == 3) $finish;",
    "reads a file": 'reg [7:0] m [0:3]; initial $readmemh("/etc/passwd", m);',
    "writes a file": 'integer f; initial f = $fopen("/tmp/x", "w");',
    "dumps": 'initial $dumpfile("/tmp/x.vcd");',
    "runs a shell": 'initial $system("true");',
    "runs C": 'initial $c("exit(0);");',
    "fills the disk": 'initial forever $display("x");',
    "forces": "initial force count = 0;",
    "never ends": "initial forever ;",
    "waits": "initial wait (0);",
    "delays": "always #1 ;",
    "imports C": 'import "DPI-C" function void f();',
    "looks up": "wire w = $root.x;",
    "fatal at run time": "always @(posedge clk) $fatal;",
}


@pytest.mark.parametrize("kind", ATTACKS)
def test_attacks_are_refused_with_their_line_before_any_tool_runs(kind: str) -> None:
    verdict = judge(with_body(ATTACKS[kind]), SPEC)
    line = with_body("@@").split("\n").index("@@") + 1
    assert verdict.outcome is Outcome.FAIL
    assert any(f.line == line for f in verdict.findings)
    assert set(verdict.checks) <= {"syntax", "safety"}
    assert verdict.functional is not True
    assert verdict.synthesizes is not True


@pytest.mark.parametrize(
    "directive", ['`include "/etc/passwd"', "`pragma x", '`line 9 "x.v" 0', "`__FILE__"]
)
def test_directives_that_reach_out_are_refused(directive: str) -> None:
    assert rules(judge(with_body(directive), SPEC)) == {"safety.directive"}


@pytest.mark.parametrize(
    "name", ["rtlbench.compared", "lane_0.count", "golden_0.count", "lane0_0.count", "tb.pass"]
)
def test_paths_out_of_the_module_are_refused(name: str) -> None:
    verdict = judge(with_body(f"wire w = {name};"), SPEC)
    assert verdict.outcome is Outcome.FAIL
    assert set(verdict.checks) <= {"syntax", "safety"}


def test_the_golden_can_be_neither_instantiated_nor_read() -> None:
    ports = "(.clk(clk), .rst_n(rst_n), .en(en), .up(up), .count(count))"
    head = SPEC.golden.split(");")[0] + ");\n"
    for inner in (f"golden_0 u{ports};", f"lane1_0 u{ports};"):
        verdict = judge_all([SPEC.golden, f"{head}    {inner}\nendmodule\n", SPEC.golden], SPEC)[1]
        assert verdict.outcome is Outcome.FAIL
        assert verdict.functional is not True


def test_a_module_that_instantiates_itself_is_refused() -> None:
    inner = f"{SPEC.top} u(.clk(clk), .rst_n(rst_n), .en(en), .up(up), .count());"
    assert judge(with_body(inner), SPEC).outcome is Outcome.FAIL


def test_of_a_module_given_twice_the_last_is_judged() -> None:
    text = "module a(input x, output y);\n    assign y = x;\nendmodule\n"
    unused = text.replace("y = x", "y = 1'b0")
    verdict = judge(text + unused)
    assert verdict.outcome is Outcome.FAIL
    assert judge(unused + text).outcome is Outcome.PASS
    assert verdict.checks["syntax"].detail["left_out"] == "another version of module a"


def test_tools_see_no_delay_that_synthesis_ignores() -> None:
    text = SPEC.golden.replace("count <= count", "count <= #1 count")
    assert text != SPEC.golden
    verdict = judge(text, SPEC)
    assert verdict.outcome is Outcome.PASS


@pytest.mark.parametrize("symbol", ["YOSYS", "__ICARUS__", "VERILATOR", "COCOTB_SIM"])
def test_no_tool_is_shown_another_circuit(symbol: str) -> None:
    lie = f"`ifdef {symbol}\n{SPEC.golden}`else\n{with_body('assign x = y;')}`endif\n"
    assert judge(lie, SPEC).outcome is Outcome.FAIL
    truth = f"`ifdef {symbol}\nmodule nothing; endmodule\n`else\n{SPEC.golden}`endif\n"
    assert judge(truth, SPEC).outcome is Outcome.PASS


def test_a_pragma_hides_nothing_from_synthesis() -> None:
    wrong = "count <= count + 2'd2;"
    text = SPEC.golden.replace(
        "count <= count + 1'b1;",
        f"// synopsys translate_off\n{wrong}\n// synopsys translate_on\n",
    )
    assert judge(text, SPEC).functional is False


def test_refusals_behind_macros_name_the_answers_own_lines() -> None:
    text = "`define N 3\n`define M 4\n\n" + with_body("initial $finish;")
    verdict = judge(text, SPEC)
    (finding,) = verdict.checks["safety"].findings
    assert finding.line is not None
    assert "$finish" in text.split("\n")[finding.line - 1]


def test_no_check_that_runs_a_tool_goes_without_safety() -> None:
    free = {"syntax", "safety"}
    assert all("safety" in c.needs for c in CHECKS.values() if c.name not in free)
