"""What is right only because a simulator does not know: tried again from drawn start values."""

from __future__ import annotations

import pytest

from rtlbench.records.verdict import Outcome
from rtlbench.suites.families import load_suite
from tests.checks.styles import full_lists
from tests.support import judge, judge_all, rules, sync_counter

SPEC = sync_counter()
RULE = "simulation.power-up"


def trapped(declaration: str, condition: str = "t") -> str:
    """A right answer with a `declaration`, that stands still where the condition holds."""
    return f"""module {SPEC.top} (input clk, input rst, input up, output reg [3:0] q);
{declaration}
always @(posedge clk)
    if (rst) q <= 4'd0;
    else if ({condition}) q <= q;
    else if (up) q <= q + 4'd1;
    else q <= q - 4'd1;
endmodule
"""


WRONG = {
    "keeps itself": trapped("reg t; always @(posedge clk) t <= t;"),
    "has a clock that never comes": trapped("reg t; always @(posedge t) t <= 0;"),
    "is left alone by its reset": trapped("reg t; always @(posedge clk) if (rst) t <= t;"),
    "has a reset that never comes": trapped("reg t; always @(posedge t) if (rst) t <= 0;"),
    "lies in a memory": trapped("reg m [0:1]; always @(posedge clk) m[up] <= m[up];", "m[up]"),
    "lies in a generate block": trapped(
        "wire [1:0] w; genvar i; generate for (i = 0; i < 2; i = i + 1) begin : g reg t; "
        "always @(posedge clk) t <= t; assign w[i] = t; end endgenerate", "w[1]"
    ),
    "lies in a module below": trapped("wire t; keeper k (.clk(clk), .t(t));")
    + "module keeper (input clk, output reg t); always @(posedge clk) t <= t; endmodule\n",
    "is an enumeration": trapped(
        "typedef enum logic {A, B} two; two t; always @(posedge clk) t <= t;", "t == B"
    ),
    "is an X that the text writes": trapped("wire t = 1'bx;"),
}
RIGHT = {
    "a declared start": trapped("reg t = 0; always @(posedge clk) if (up) t <= 1'b0;"),
    "a hold register that a flag masks": trapped(
        "reg t; reg known; always @(posedge clk) begin if (rst) known <= 0; else if (up) "
        "begin known <= 1; t <= 0; end end", "known & t"
    ),
    "a shift register loaded now and then": trapped(
        "reg [3:0] s; reg known; always @(posedge clk) begin s <= up ? 4'd0 : {s[2:0], s[3]}; "
        "known <= rst ? 1'b0 : known | up; end", "known & s[3]"
    ),
    "a reset behind a synchroniser": trapped(
        "reg r, t; always @(posedge clk) begin r <= rst; if (r) t <= 0; end", "t & ~r"
    ),
    "an X that never comes": trapped(
        "reg t; always @* case (up) 1'b0: t = 0; 1'b1: t = 0; default: t = 1'bx; endcase"
    ),
    "a pattern with X": trapped(
        "reg t; always @* casex ({up, rst}) 2'b1x: t = 0; default: t = 0; endcase"
    ),
}


def test_a_golden_without_such_state_is_not_asked() -> None:
    assert "power_up" not in judge(SPEC.golden, SPEC).checks["simulation"].detail


@pytest.mark.parametrize("name", WRONG)
def test_what_is_right_only_while_unknown_fails(name: str) -> None:
    verdict = judge(WRONG[name], SPEC)
    assert verdict.outcome is Outcome.FAIL
    assert RULE in rules(verdict)
    assert verdict.functional is False


def test_the_finding_names_state_start_and_mismatch() -> None:
    verdict = judge(WRONG["keeps itself"], SPEC)
    told = next(f.message for f in verdict.findings if f.rule == RULE)
    assert told.startswith("right only while unknown at power-up: t (started at 1'h1); cycle ")
    assert "expected" in told
    assert verdict.checks["simulation"].trace


def test_what_is_right_from_any_start_passes() -> None:
    verdicts = judge_all(list(RIGHT.values()), SPEC)
    failed = {n: rules(v) for n, v in zip(RIGHT, verdicts, strict=True) if not v.functional}
    assert failed == {}


def test_company_changes_nothing() -> None:
    """Right and wrong answers together, more than fit into one simulation."""
    texts = [*WRONG.values(), *RIGHT.values()] * 3
    alone = [judge(t, SPEC).functional for t in texts[:: len(WRONG)]]
    together = [v.functional for v in judge_all(texts, SPEC)]
    assert together == ([False] * len(WRONG) + [True] * len(RIGHT)) * 3
    assert together[:: len(WRONG)] == alone


def test_a_golden_with_such_state_is_asked_and_right() -> None:
    spec = next(s for s in load_suite() if s.id == "fifo_sync_w8_d4")
    verdict = judge(spec.golden, spec)
    assert verdict.outcome is Outcome.PASS
    assert "mem" in str(verdict.checks["simulation"].detail["power_up"])


@pytest.mark.parametrize("list_", ["word0", "word0 or word1", "*"])
def test_a_start_value_that_wakes_no_block_is_no_fault_of_the_answer(list_: str) -> None:
    """The first word that is written may be the very one that the register was started at."""
    spec = next(s for s in load_suite() if s.id == "skid_buffer_late_w5_flush")
    texts = [
        f"// {k}\n" + spec.golden.replace("assign m_data =", f"always @({list_}) m_data =")
        for k in range(8)
    ]
    texts.append(full_lists(spec))  # its first word is what it was once started at
    assert f"always @({list_}) m_data" in texts[0]
    verdicts = judge_all(texts, spec)
    assert [v.functional for v in verdicts] == [True] * len(texts), verdicts[0].findings
