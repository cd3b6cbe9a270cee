"""Races: right only by the order of events within a moment, which synthesis does not know."""

from __future__ import annotations

from tests.attacks.attack import HEAD, RIGHT, Family

FAMILY = Family("races and sensitivity")
_WRONG = "(rst ? 4'd0 : up ? s + 4'd2 : s - 4'd1)"
_S = "reg [3:0] s; assign q = s;\n"
_LATE = f"reg [3:0] a; always @(posedge clk) a <= {RIGHT}; always @(posedge c2) s <= a;"
_CHOICE = f"always @(posedge clk) s <= t ? {_WRONG} : {RIGHT};"
_COPIES = {
    "non-blocking": "reg c2; always @(clk) c2 <= clk;",
    "by @*": "reg c2; always @* c2 <= clk;",
    "by always_comb": "logic c2, c1; assign c1 = clk; always @(c1) c2 <= c1;",
    "twice": "reg c1, c2; always @(clk) c1 <= clk; always @(c1) c2 <= c1;",
    "by both edges": "reg c2; always @(posedge clk or negedge clk) c2 <= clk;",
    "by a case": "reg c2; always @(clk) case (clk) 1'b1: c2 <= 1'b1; default: c2 <= 1'b0; endcase",
    "by an if": "reg c2; always @(clk) if (clk) c2 <= 1'b1; else c2 <= 1'b0;",
    "inverted twice": "reg n, c2; always @(clk) n <= ~clk; always @(n) c2 <= ~n;",
}
for _name, _copy in _COPIES.items():
    FAMILY.instead(f"clock copied {_name}", "takes a register a delta late", _S + _copy + _LATE)
FAMILY.add(
    "clock copied in a child", "takes a register a delta late, out of sight",
    f"{HEAD}wire c2; copy u(.a(clk), .y(c2));\n{_S}{_LATE}\nendmodule\n"
    "module copy(input a, output reg y); always @(a) y <= a; endmodule\n",
)
FAMILY.add(
    "register copied in a child", "takes what a child's clock left behind",
    f"{HEAD}{_S}wire [3:0] a; late u(.clk(clk), .d({RIGHT}), .q(a)); reg c2; "
    "always @(clk) c2 <= clk; always @(posedge c2) s <= a;\nendmodule\n"
    "module late(input clk, input [3:0] d, output reg [3:0] q); always @(posedge clk) q <= d; "
    "endmodule\n",
)
_SLEEPERS = {
    "on a variable": "reg z = 0, t = 0; always @(z) t = 1;",
    "on a wire": "wire z = 1'b0; reg t = 0; always @(z) t = 1;",
    "on itself": "reg t = 0; always @(t) t = 1;",
    "on two constants": "reg z = 0, y = 1, t = 0; always @(z or y) t = z | y;",
    "on one bit of a constant": "reg [3:0] z = 5; reg t = 0; always @(z[0]) t = z[0];",
    "with an if": "reg z = 0, t = 0; always @(z) if (!z) t = 1;",
    "with a case": "reg z = 0, t = 0; always @(z) case (z) default: t = 1; endcase",
    "by @*": "reg z = 1, t = 0; always @* t = z;",
    "non-blocking": "reg z = 0, t = 0; always @(z) t <= 1;",
    "on an unused child": "reg z = 0, t = 0; wire y = ~z; always @(z) t = y;",
}
for _name, _sleeper in _SLEEPERS.items():
    FAMILY.instead(f"never wakes, {_name}", "shows its start value for good", _S + _sleeper + _CHOICE)
_LISTS = {
    "state left out": f"reg [3:0] n = 0; always @(up or rst) n = {_WRONG}; "
    f"always @(posedge clk) s <= n == 4'd9 ? n : {RIGHT};",
    "clock alone": f"reg [3:0] n; always @(clk) n = {RIGHT}; reg w; always @(rst) w = up; "
    f"always @(posedge clk) s <= w ? {_WRONG} : {RIGHT};",
    "reset alone": f"reg w = 0; always @(rst) w = ~rst & up & s[3]; "
    f"always @(posedge clk) s <= w ? {_WRONG} : {RIGHT};",
    "as a register": f"reg [3:0] n; always @(clk) n = {RIGHT}; always @(negedge clk) s <= n;",
}
for _name, _list in _LISTS.items():
    FAMILY.instead(f"incomplete list, {_name}", "holds what it should compute", _S + _list)
_OTHERS = {
    "delta pulse as clock": f"reg p = 0; always @(posedge clk) p = 1; always @(p) p = 0; "
    f"reg [3:0] a; always @(posedge clk) a <= {RIGHT}; always @(negedge p) s <= a;",
    "function around its argument": "reg [3:0] k; function [3:0] f(input x); f = k; endfunction "
    f"always @(posedge clk) k <= {RIGHT}; wire [3:0] v = f(1'b0); "
    f"always @(posedge clk) s <= (v === 4'bx) ? {RIGHT} : {_WRONG};",
    "internal Z": f"wire z; wire t = (z === 1'bz) ? 1'b0 : 1'b1; {_CHOICE}",
    "internal X": f"reg x; wire t = (x === 1'bx) ? 1'b0 : 1'b1; {_CHOICE}",
    "memory out of its range": "reg [0:0] m [0:2]; initial begin m[0] = 1; m[1] = 1; m[2] = 1; end "
    f"wire [2:0] k = 3'd7; wire t = (m[k] === 1'bx) ? 1'b0 : 1'b1; {_CHOICE}",
    "bit out of its range": "reg [2:0] m = 7; wire [2:0] k = 3'd5; "
    f"wire t = (m[k] === 1'bx) ? 1'b0 : 1'b1; {_CHOICE}",
    "delay as a value": f"reg t; always @(posedge clk) t <= #1 1'b1; {_CHOICE}",
    "blocking race": f"reg [3:0] a, b; always @(posedge clk) a = {RIGHT}; "
    "always @(posedge clk) b = a; always @(negedge clk) s <= b;",
    "latch by order": "reg [3:0] n; always @(clk or up or rst or s) if (!clk) n = "
    f"{_WRONG}; always @(posedge clk) s <= n;",
}
for _name, _body in _OTHERS.items():
    FAMILY.instead(_name, "is another circuit to synthesis", _S + _body)
