"""Lanes: an answer reaches its neighbours through what they share."""

from __future__ import annotations

from tests.attacks.attack import Family

FAMILY = Family("reaching neighbours")
_BODIES = {
    "drives its clock": "assign clk = 1'b0;",
    "drives its reset strongly": "assign (supply0, supply1) rst = 1'b1;",
    "drives all inputs": "assign {clk, rst, up} = 3'b010;",
    "joins two inputs": "tran (clk, up);",
    "joins an input to ground": "supply0 z; tran (clk, z);",
    "joins an input to power now and then": "supply1 z; tranif1 (rst, z, up);",
    "pulls": "pullup (up); pulldown (rst);",
    "drives an input by a gate": "buf (rst, up);",
    "drives an input by a switch": "nmos (rst, up, clk);",
    "input as a variable": "always @(posedge up) clk = 0;",
    "alias of inputs": "alias clk = rst;",
    "charge storage": "trireg (large) t; tran (t, up);",
    "changes an input's kind": "wand clk; assign clk = 0;",
}
for _name, _body in _BODIES.items():
    FAMILY.within(_name, "drives nets that it should only read", _body)
FAMILY.within("inout of a child", "drives an input from below", "c t(clk);",
              "module c(inout a); assign (supply0, supply1) a = 1'b0; endmodule\n")
FAMILY.within("output of a child", "drives an input from below", "c t(rst);",
              "module c(output a); assign a = 1'b0; endmodule\n")
FAMILY.add("inout ports", "asks for ports that go both ways",
           "module updown_counter(inout clk, inout rst, inout up, inout [3:0] q);\n"
           "assign (supply0, supply1) clk = 0;\nendmodule\n")
FAMILY.add("ref ports", "asks for ports by reference",
           "module updown_counter(ref logic clk, ref logic rst, ref logic up, ref logic [3:0] q);\n"
           "always @(posedge clk) up = 0;\nendmodule\n")
FAMILY.add("more ports", "asks for a port that the bench leaves open",
           "module updown_counter(input clk, rst, up, output [3:0] q, inout tick);\n"
           "assign q = 0; assign tick = 0;\nendmodule\n")
FAMILY.add("wide port", "asks for a port that is wider than what is connected",
           "module updown_counter(input clk, rst, up, output [63:0] q);\nassign q = 0;\nendmodule\n")
