"""Wrong up/down counters that a simulator of the text takes for right: what they compute hangs on
deltas, sensitivity lists or delays, which synthesis does not know. Keys say how.
"""
# ruff: noqa: E501 - a circuit is read best in one piece

from __future__ import annotations

HEAD = "module updown_counter(input clk, input rst, input up, output [3:0] q);\n"
R = "(rst ? 4'd0 : up ? s + 4'd1 : s - 4'd1)"
W = "(rst ? 4'd0 : up ? s + 4'd2 : s - 4'd1)"
S = "reg [3:0] s; assign q = s;\n"
END = "\nendmodule\n"


def _circuit(body: str) -> str:
    return HEAD + S + body.replace("@R", R).replace("@W", W) + END


BODIES = {
    "clock copied by a non-blocking assignment": "reg c2; always @(clk) c2 <= clk; reg [3:0] a; always @(posedge clk) a <= @R; always @(posedge c2) s <= a;",
    "clock copied twice": "reg c1, c2; always @(clk) c1 <= clk; always @(c1) c2 <= c1; reg [3:0] a; always @(posedge clk) a <= @R; always @(posedge c2) s <= a;",
    "clock copied by @*": "reg c2; always @* c2 <= clk; reg [3:0] a; always @(posedge clk) a <= @R; always @(posedge c2) s <= a;",
    "register copied a delta later": "reg [3:0] a; reg c2; always @(clk) c2 <= clk; always @(posedge clk) a <= @R; always @(posedge c2) begin s <= a; end",
    "a block that never wakes": "reg z = 0, t = 0; always @(z) t = 1; always @(posedge clk) s <= t ? @W : @R;",
    "a block that waits for a constant": "wire z = 1'b0; reg t = 0; always @(z) t = 1; always @(posedge clk) s <= t ? @W : @R;",
    "a block that waits for an edge that never comes": "reg z = 0; reg t = 0; always @(z or t) if (!z) t = 1; always @(posedge clk) s <= t ? @W : @R;",
    "a block that waits for itself": "reg t = 0; always @(t) t = 1; always @(posedge clk) s <= t ? @W : @R;",
    "an incomplete list": "reg [3:0] n; always @(clk) n = @R; reg w; always @(rst) w = up; always @(posedge clk) s <= w ? @W : (rst ? 4'd0 : up ? s + 4'd1 : s - 4'd1);",
    "an incomplete list as a register": "reg [3:0] h; always @(posedge clk) s <= h; always @(negedge clk) h = 4'd0; always @(up or rst) h = @R;",
    "a list without the state": "reg [3:0] n = 0; always @(up) n = s; always @(posedge clk) s <= rst ? 4'd0 : up ? s + 4'd1 : (n == s ? s - 4'd2 : s - 4'd1);",
    "a function that reads around its argument": "reg [3:0] k; function [3:0] f(input x); f = k; endfunction always @(posedge clk) k <= @R; wire [3:0] v = f(1'b0); always @(posedge clk) s <= (v === 4'bx) ? @R : @W;",
}  # fmt: skip
SPLIT = {name: _circuit(body) for name, body in BODIES.items()}
