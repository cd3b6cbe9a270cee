"""Assertions of an answer are no part of its circuit: right ones stay right, wrong ones wrong."""

from __future__ import annotations

import pytest

from rtlbench.records.verdict import Verdict
from rtlbench.suites.families import load_suite
from tests.support import judge_all, rules

HEAD = """module updown_counter(input logic clk, input logic rst, input logic up,
                      output logic [3:0] q);
"""
STEP = "    else if (up) q <= q + 4'd1; else q <= q - 4'd1;\n"
BLOCK = "  always @(posedge clk)\n    if (rst) q <= 4'd0;\n" + STEP
MEMBERS = {
    "concurrent": "  assert property (@(posedge clk) rst |=> q == 0);\n",
    "that fails": "  assert property (@(posedge clk) rst |=> q == 3);\n",
    "with an action": '  assert property (@(posedge clk) rst |=> q == 0) else $error("no");\n',
    "that ends the run": '  assert property (@(posedge clk) 1 |-> 0) else $fatal(1, "no");\n',
    "with a label": "  held: assert property (@(posedge clk) up |-> q >= 0);\n",
    "declared": "  property p; @(posedge clk) rst |=> q == 0; endproperty\n"
    "  assert property (p);\n",
    "disabled": "  assert property (@(posedge clk) disable iff (rst) up |=> q != $past(q));\n",
    "assumed": "  assume property (@(posedge clk) !(rst && up));\n",
    "covered": "  cover property (@(posedge clk) q == 4'd15);\n",
    "deferred": "  assert final (q < 16);\n",
    "in a generate": "  generate if (1) assert property (@(posedge clk) 1); endgenerate\n",
}
STATEMENTS = {
    "immediate": "assert (q < 16);",
    "immediate that fails": "assert (q == 3);",
    "with an error": 'assert (q < 16) else $error("too large");',
    "with a pass action": 'assert (1) $display("fine");',
    "with blocks": 'assert (q < 16) begin end else begin $error("no"); end',
    "with a label": "held: assert (q < 16);",
    "that assigns": "assert (1) q <= 4'd9;",
    "assume": "assume (q < 16);",
    "cover": "cover (q == 15);",
}


def _with_member(text: str, block: str = BLOCK) -> str:
    return f"{HEAD}{block}{text}endmodule\n"


def _with_statement(text: str, block: str = BLOCK) -> str:
    first, rest = block.split("\n", 1)
    return f"{HEAD}{first} begin {text}\n{rest}  end\nendmodule\n"


ANSWERS = {
    **{f"member {name}": _with_member(text) for name, text in MEMBERS.items()},
    **{f"statement {name}": _with_statement(text) for name, text in STATEMENTS.items()},
    "unique if": HEAD + BLOCK.replace("if (rst)", "unique if (rst)") + "endmodule\n",
    "priority if": HEAD + BLOCK.replace("if (rst)", "priority if (rst)") + "endmodule\n",
    "unique case": f"{HEAD}  always @(posedge clk) unique case ({{rst, up}})\n"
    "    2'b00: q <= q - 4'd1;\n    2'b01: q <= q + 4'd1;\n    default: q <= 4'd0;\n  endcase\n"
    "endmodule\n",
    "typed parameter": f"{HEAD}  localparam int unsigned STEP = 1;\n"
    + BLOCK.replace("+ 4'd1", "+ 4'(STEP)") + "endmodule\n",
}
WRONG = {name: text.replace("q + 4'd1", "q + 4'd2") for name, text in ANSWERS.items()
         if "q + 4'd1" in text}  # fmt: skip


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    spec = next(s for s in load_suite() if s.id == "updown_w4_sync")
    given = {**{f"right {n}": t for n, t in ANSWERS.items()},
             **{f"wrong {n}": t for n, t in WRONG.items()}}  # fmt: skip
    return dict(zip(given, judge_all(list(given.values()), spec), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", ANSWERS)
def test_a_right_answer_with_assertions_is_right(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[f"right {name}"]
    assert verdict.functional is True, rules(verdict)
    assert not rules(verdict)
    assert verdict.score >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_with_assertions_is_wrong(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[f"wrong {name}"]
    assert verdict.functional is False
    assert verdict.outcome == "fail"
