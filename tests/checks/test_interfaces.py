"""Interfaces inside an answer: ports of their types are renamed with them, and clocks that come
through them are the task's clocks, so that no simulator needs to be built."""

from __future__ import annotations

import pytest

from rtlbench.equivalence.one_meaning import has_one_meaning
from rtlbench.records.verdict import Verdict
from rtlbench.rtl.slang import elaborate
from rtlbench.suites.families import load_suite
from tests.support import judge

SPEC = next(s for s in load_suite() if s.id == "updown_w4_sync")
HEAD = (
    "module updown_counter(input logic clk, input logic rst, input logic up,"
    " output logic [3:0] q);\n"
)
STEP = "b.d <= b.up ? b.d + 4'd1 : b.d - 4'd1;"
ENDS = "  assign b.up = up;\n  assign q = b.d;\nendmodule\n"
PLAIN = "interface link;\n  logic [3:0] d; logic up;\n  modport inner(input up, output d);\n"
CLOCKED = (
    "interface link(input logic clk, input logic rst);\n  logic [3:0] d; logic up;\n"
    "  modport inner(input up, clk, rst, output d);\n"
)
WITH_CLOCK = (
    f"module core(@ b);\n  always_ff @(posedge b.clk) if (b.rst) b.d <= 4'd0; else {STEP}\n"
    f"endmodule\n{HEAD}  link b(.clk(clk), .rst(rst));\n  core c(.b(b));\n{ENDS}"
)
CALLED = CLOCKED.replace("output d", "output d, import step") + (
    "  function automatic logic [3:0] step(input logic [3:0] v);\n"
    "    return up ? v + 4'd1 : v - 4'd1;\n  endfunction\n"
)
ANSWERS = {
    "beside plain ports": PLAIN + "endinterface\n"
    "module core(link.inner b, input logic clk, input logic rst);\n"
    f"  always_ff @(posedge clk) if (rst) b.d <= 4'd0; else {STEP}\nendmodule\n"
    f"{HEAD}  link b();\n  core c(.b(b), .clk(clk), .rst(rst));\n{ENDS}",
    "a clock by a modport": f"{CLOCKED}endinterface\n" + WITH_CLOCK.replace("@", "link.inner", 1),
    "a clock by the whole interface": f"{CLOCKED}endinterface\n"
    + WITH_CLOCK.replace("@", "link", 1),
    "any interface": f"{CLOCKED}endinterface\n" + WITH_CLOCK.replace("@", "interface", 1),
    "the modport at the instance": f"{CLOCKED}endinterface\n"
    + WITH_CLOCK.replace("@", "link", 1).replace("(.b(b))", "(.b(b.inner))"),
    "ports declared inside": f"{CLOCKED}endinterface\n"
    + WITH_CLOCK.replace("(@ b);", "(b);\n  link b;", 1),
    "through two levels": f"{CLOCKED}endinterface\n"
    + WITH_CLOCK.replace("core", "leaf").replace("@", "link.inner", 1).replace("leaf c", "core c")
    + "module core(link.inner b);\n  leaf l(.b(b));\nendmodule\n",
    "a function of the interface": f"{CALLED}endinterface\n"
    + WITH_CLOCK.replace("@", "link.inner", 1).replace(STEP, "b.d <= b.step(b.d);"),
}  # fmt: skip


def of_netlist(verdict: Verdict) -> bool:
    return verdict.checks["simulation"].detail.get("of") == "its netlist"


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_with_an_interface_is_judged_as_any_other(name: str) -> None:
    right = ANSWERS[name]
    verdict = judge(right, SPEC)
    assert (verdict.functional, verdict.score) == (True, 1.0), verdict.findings
    assert of_netlist(verdict)
    wrong = judge(right.replace("+ 4'd1", "+ 4'd2"), SPEC)
    assert wrong.functional is False
    assert of_netlist(wrong)


def test_a_type_may_be_called_as_a_module_is() -> None:
    typed = "typedef logic [3:0] core;\n" + ANSWERS["beside plain ports"].replace(
        "output logic [3:0]", "output core"
    )
    assert judge(typed, SPEC).functional is True


def test_a_clock_that_a_block_copies_into_an_interface_is_no_clock_of_the_task() -> None:
    late = ANSWERS["a clock by a modport"].replace("posedge b.clk", "posedge b.late")
    late = late.replace("logic up;", "logic up; logic late;").replace("up, clk", "up, late, clk")
    copied = late.replace("  core c", "  always @(clk) b.late <= clk;\n  core c")
    assert has_one_meaning(elaborate(ANSWERS["a clock by a modport"], SPEC.top), SPEC)
    view = elaborate(copied, SPEC.top)
    assert not list(view.errors)
    assert not has_one_meaning(view, SPEC)
