"""Interfaces inside an answer: ports of their types are renamed with them."""

from __future__ import annotations

import pytest

from rtlbench.suites.families import load_suite
from tests.support import judge

BODY = """
module updown_counter(input logic clk, input logic rst, input logic up, output logic [3:0] q);
  link b();
  assign b.up = up;
  core c(@PORTS@);
  assign q = b.d;
endmodule
"""
CORE = """
module core(@TYPE@ b, input logic clk, input logic rst);
  always_ff @(posedge clk) if (rst) b.d <= 4'd0; else b.d <= b.up ? b.d + 4'd1 : b.d - 4'd1;
endmodule
"""
LINK = """
interface link;
  logic [3:0] d;
  logic up;
  modport inner(input up, output d);
endinterface
"""


@pytest.mark.slow
def test_a_port_of_an_interfaces_type_is_renamed_with_it() -> None:
    spec = next(s for s in load_suite() if s.id == "updown_w4_sync")
    ports = ".b(b), .clk(clk), .rst(rst)"
    right = LINK + CORE.replace("@TYPE@", "link.inner") + BODY.replace("@PORTS@", ports)
    assert judge(right, spec).functional is True
    assert judge(right.replace("b.d + 4'd1", "b.d + 4'd2"), spec).functional is False
