"""Time and counts: right as long as someone looks."""

from __future__ import annotations

from tests.attacks.attack import RIGHT, WRONG, Family

FAMILY = Family("time and counts")
_STATE = "reg [3:0] s; assign q = s;"
_FORMS = {
    "by the time": f"{_STATE} always @(posedge clk) s <= $time < 1000000 ? {RIGHT} : {WRONG};",
    "by real time": f"{_STATE} always @(posedge clk) s <= $realtime < 1.0e6 ? {RIGHT} : {WRONG};",
    "by chance": f"{_STATE} always @(posedge clk) s <= $urandom ? {RIGHT} : {WRONG};",
    "by a delay": f"{_STATE} reg late = 0; initial #1000000 late = 1; "
    f"always @(posedge clk) s <= late ? {WRONG} : {RIGHT};",
    "by a wait in an initial block": f"{_STATE} reg late = 0; initial begin "
    "repeat (100000) @(posedge clk); late = 1; end "
    f"always @(posedge clk) s <= late ? {WRONG} : {RIGHT};",
    "by cycles since power-up": f"{_STATE} reg [31:0] n = 0; always @(posedge clk) begin "
    f"n <= n + 1; s <= n > 100000 ? {WRONG} : {RIGHT}; end",
    "by cycles since power-up, saturating": f"{_STATE} reg [19:0] n = 0; reg late = 0; "
    "always @(posedge clk) begin if (!late) n <= n + 1; if (&n) late <= 1; "
    f"s <= late ? {WRONG} : {RIGHT}; end",
    "by a shift register since power-up": f"{_STATE} reg [9999:0] n = 1; always @(posedge clk) begin "
    f"n <= {{n[9998:0], n[9999]}}; s <= n[9999] ? {WRONG} : {RIGHT}; end",
    "by calls of a static function": f"{_STATE} function integer f(input a); integer k; "
    "begin k = k + 1; f = k; end endfunction "
    f"always @(posedge clk) s <= f(0) > 100 ? {WRONG} : {RIGHT};",
    "by calls of a task": f"{_STATE} integer n; initial n = 0; task t; n = n + 1; endtask "
    f"always @(posedge clk) begin t; s <= n > 100000 ? {WRONG} : {RIGHT}; end",
    "by a static variable": f"{_STATE} always @(posedge clk) begin : b static int n = 0; n = n + 1; "
    f"s <= n > 100000 ? {WRONG} : {RIGHT}; end",
    "by order of initial blocks": f"{_STATE} reg a; initial a = 0; initial if (a === 1'b0) a = 1; "
    f"always @(posedge clk) s <= a ? {RIGHT} : {WRONG};",
    "by glitches": f"{_STATE} integer n = 0; always @(up) n = n + 1; "
    f"always @(posedge clk) s <= n > 1000000 ? {WRONG} : {RIGHT};",
    "only before the first reset": f"{_STATE} reg seen = 0; always @(posedge clk) begin "
    f"if (rst) seen <= 1; s <= seen ? {WRONG} : {RIGHT}; end",
}
for _name, _body in _FORMS.items():
    FAMILY.instead(_name, "turns wrong when the simulation is over", _body)
_RARE = {
    "after 70,000 cycles of up": f"{_STATE} reg [17:0] n; always @(posedge clk) begin "
    f"n <= rst || !up ? 0 : n + 1; s <= n > 70000 ? {WRONG} : {RIGHT}; end",
    "after a long word on up": f"{_STATE} reg [23:0] h; always @(posedge clk) begin "
    f"h <= rst ? 0 : {{h[22:0], up}}; s <= h == 24'hC0FFEE ? {WRONG} : {RIGHT}; end",
}
for _name, _body in _RARE.items():
    FAMILY.instead(_name, "turns wrong on a trigger too rare for any simulation", _body, formal=True)
