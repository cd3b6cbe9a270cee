"""State that nothing sets, nets that nothing drives: refused where the golden has none."""

from __future__ import annotations

import pytest

from rtlbench.checks.synthesis import RULE_FLOATING, RULE_STATE
from rtlbench.records.verdict import Outcome
from tests.support import judge, rules, sync_counter

SPEC = sync_counter()


def gated(declaration: str, condition: str) -> str:
    """The golden, wrong where `condition` holds."""
    text = SPEC.golden.replace("q <= q + 1'b1", f"q <= q + ({condition} ? 4'd3 : 4'd1)")
    return text.replace(");\n", f");\n{declaration}\n", 1)


@pytest.mark.parametrize(
    "declaration",
    [
        "reg [31:0] n = 0; always @(posedge clk) n <= n + 1;",
        "reg [31:0] n = 1; always @(posedge clk) n <= {n[30:0], n[31]};",
        "reg [31:0] n; always @(posedge clk) n <= n ^ {32{up}};",
        "reg [31:0] n = 0; always @(posedge clk) n <= n + 1 + (n[31] & up);",
    ],
)
def test_state_that_goes_its_own_way_is_refused(declaration: str) -> None:
    verdict = judge(gated(declaration, "n == 32'hFFFF_0000"), SPEC)
    assert verdict.outcome is Outcome.FAIL
    assert RULE_STATE in rules(verdict)


@pytest.mark.parametrize(
    "declaration",
    [
        "reg [7:0] n; always @(posedge clk) if (up) n <= 0; else n <= n + 1;",
        "reg [7:0] n = 1; always @(posedge clk) n <= up ? 8'd3 : {n[6:0], n[7]};",
        "reg [7:0] n; always @(posedge clk) if (up) n <= 9; else if (n != 0) n <= n - 1;",
        "reg [7:0] m [0:1]; wire [7:0] n = m[up]; always @(posedge clk) m[~up] <= n ^ q;",
    ],
)
def test_state_that_an_input_sets_now_and_then_is_not(declaration: str) -> None:
    assert RULE_STATE not in rules(judge(gated(declaration, "n == 8'hF5"), SPEC))


def test_what_nothing_drives_is_refused() -> None:
    assert RULE_FLOATING in rules(judge(gated("wire n;", "n"), SPEC))


def test_state_that_the_reset_reaches_through_other_state_is_not() -> None:
    text = gated("reg n; always @(posedge clk) n <= rst ? 1'b0 : n; reg m; "
                 "always @(posedge clk) m <= m & n;", "m")
    assert RULE_STATE not in rules(judge(text, SPEC))
