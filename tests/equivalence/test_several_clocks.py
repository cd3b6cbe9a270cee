"""Equivalence of designs with two clocks: any order of edges, never two at the same moment."""

from __future__ import annotations

import msgspec
import pytest

from rtlbench.equivalence.compare import Equivalence, check_equivalence
from rtlbench.records.spec import Spec
from rtlbench.rtl.batches import Unit
from tests.support import plain_spec

PORTS = ("input wclk clock", "input rclk clock", "input rst reset", "input d 2", "output q 2")
SPEC = msgspec.structs.replace(plain_spec("", *PORTS), reset="async")
HEAD = """module m(input wclk, input rclk, input rst, input [1:0] d, output reg [1:0] q);
    reg [1:0] sent, seen;
"""
CROSSING = """    always @(posedge wclk or posedge rst) if (rst) sent <= 2'd0; else sent <= d;
    always @(posedge rclk or posedge rst) if (rst) seen <= 2'd0; else seen <= sent;
    always @(posedge rclk or posedge rst) if (rst) q <= 2'd0; else q <= seen;
endmodule
"""


def compare(golden: str, candidate: str, spec: Spec = SPEC, seconds: float = 10) -> Equivalence:
    units = [Unit(t.replace("module m", f"module {n}"), n) for n, t in
             (("golden_0", golden), ("unit0_0", candidate))]
    return check_equivalence(spec, units[0], units[1], seconds)


def test_the_same_written_differently_is_proved() -> None:
    inverted = """module m(input wclk, input rclk, input rst, input [1:0] d, output [1:0] q);
    reg [1:0] sent; reg [3:0] chain;
    assign q = ~chain[3:2];
    always @(posedge wclk, posedge rst) if (rst) sent <= 2'd0; else sent <= d;
    always @(posedge rclk, posedge rst)
        if (rst) chain <= 4'hF; else chain <= {chain[1:0], ~sent};
endmodule
"""
    assert compare(HEAD + CROSSING, inverted).verdict == "proved"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rclk or posedge rst) if (rst) seen", "wclk or posedge rst) if (rst) seen"),
        ("q <= seen", "q <= sent"),
        ("sent <= d;", "sent <= {d[0], d[1]};"),
        ("rclk or posedge rst) if (rst) q", "rclk) if (rst) q"),
        ("(posedge wclk", "(negedge wclk"),
        ("(posedge rclk or posedge rst) if (rst) q", "(negedge rclk or posedge rst) if (rst) q"),
        ("q <= seen", "q <= seen & {2{sent != 2'd3}}"),
    ],
)
def test_a_wrong_crossing_is_different(old: str, new: str) -> None:
    assert old in CROSSING
    found = compare(HEAD + CROSSING, HEAD + CROSSING.replace(old, new))
    assert found.verdict == "different"
    assert found.counterexample is not None
    edges = [m for m in found.counterexample.moments if m.edge != "none"]
    assert {m.clock for m in edges} <= {"wclk", "rclk"}


def test_both_edges_of_two_clocks() -> None:
    text = HEAD + CROSSING.replace("(posedge rclk or posedge rst) if (rst) q",
                                   "(negedge rclk or posedge rst) if (rst) q")
    assert compare(text, text).verdict == "proved"
    assert compare(text, text.replace("q <= seen", "q <= ~seen")).verdict == "different"


def test_memory_that_is_unknown_until_it_is_written() -> None:
    text = HEAD + """    reg [1:0] mem [0:1];
    always @(posedge wclk) mem[d[0]] <= d;
    always @(posedge rclk or posedge rst) if (rst) q <= 2'd0; else q <= {};
endmodule
"""
    assert compare(text.replace("{}", "mem[0]"), text.replace("{}", "mem[0]")).verdict == "proved"
    wrong = compare(text.replace("{}", "mem[0]"), text.replace("{}", "mem[1]"))
    assert wrong.verdict == "different"


def test_depth_counts_cycles_that_either_clock_may_have() -> None:
    """A difference after 40 cycles of one clock is never within the depth that is told."""
    text = HEAD + """    reg [5:0] n;
    always @(posedge wclk or posedge rst) if (rst) n <= 6'd0; else n <= n + 6'd1;
    always @(posedge rclk or posedge rst) if (rst) q <= 2'd0; else q <= {1'b0, n == 6'd40};
endmodule
"""
    found = compare(text, text.replace("6'd40", "6'd41"), seconds=4)
    assert found.verdict in ("different", "bounded", None)
    assert found.depth is None or found.depth < 40


def test_a_synchronous_reset_of_several_clocks_is_refused() -> None:
    spec = msgspec.structs.replace(SPEC, reset="sync")
    found = compare(HEAD + CROSSING, HEAD + CROSSING, spec)
    assert found.verdict is None
    assert "several clocks" in found.reason
