"""Right ways to write one circuit, the task `updown_w4_sync`: a 4-bit counter up and down with a
synchronous reset, as people, courses, tools and models write it. None repeats
tests/checks/systemverilog.py, which goes through the language feature by feature."""

from __future__ import annotations

OLD = "module updown_counter(clk, rst, up, q);\ninput clk, rst, up;\noutput [3:0] q;\n"
PORTS = "(input clk, input rst, input up, output [3:0] q);\n"
REG = "(input clk, input rst, input up, output reg [3:0] q);\n"
LOGIC = "(input logic clk, input logic rst, input logic up, output logic [3:0] q);\n"
RIGHT = "up ? q + 4'd1 : q - 4'd1"


def _reg(body: str, around: str = "") -> str:
    """`q` is a register at the port."""
    return f"{around}module updown_counter{REG}{body}\nendmodule\n"


def _next(body: str, kind: str = "wire") -> str:
    """`body` makes `nx`, which a block takes."""
    taken = "always @(posedge clk) if (rst) q <= 4'd0; else q <= nx;"
    return _reg(f"{kind} [3:0] nx;\n{taken}\n{body}")


def _state(body: str) -> str:
    """`s` is the register, and the port shows it."""
    return f"module updown_counter{PORTS}reg [3:0] s;\nassign q = s;\n{body}\nendmodule\n"


def _logic(body: str, around: str = "") -> str:
    return f"{around}module updown_counter{LOGIC}{body}\nendmodule\n"


def _clocked(body: str) -> str:
    return _reg(f"always @(posedge clk) {body}")


def _table() -> str:
    """What follows each direction and state."""
    up = " ".join(f"5'd{16 + k}: nx = 4'd{(k + 1) % 16};" for k in range(16))
    return up + " " + " ".join(f"5'd{k}: nx = 4'd{(k + 15) % 16};" for k in range(16))


def _states() -> str:
    return " ".join(f"4'd{k}: q <= up ? 4'd{(k + 1) % 16} : 4'd{(k + 15) % 16};" for k in range(16))


_PLAIN = {
    "if in if": _clocked("begin if (rst) q <= 4'b0000; else begin if (up) q <= q + 4'b0001; else q <= q - 4'b0001; end end"),
    "else if": _clocked("if (rst) q <= 0; else if (up) q <= q + 1; else q <= q - 1;"),
    "else if with the second condition written out": _clocked("if (rst) q <= 4'h0; else if (up == 1'b1) q <= q + 4'h1; else if (up == 1'b0) q <= q - 4'h1;"),
    "not reset first": _clocked("if (!rst) begin if (up) q <= q + 4'd1; else q <= q - 4'd1; end else q <= 4'd0;"),
    "down first": _clocked("if (rst) q <= 4'd0; else if (!up) q <= q - 4'd1; else q <= q + 4'd1;"),
    "tilde for not": _clocked("if (~rst) q <= ~up ? q - 4'd1 : q + 4'd1; else q <= 4'd0;"),
    "compared with 1'b1": _clocked("if (rst == 1'b1) q <= 4'd0; else if (up == 1'b1) q <= q + 1'b1; else q <= q - 1'b1;"),
    "ternaries alone": _clocked("q <= rst ? 4'd0 : up ? q + 4'd1 : q - 4'd1;"),
    "ternary of the step": _clocked("if (rst) q <= 4'd0; else q <= q + (up ? 4'd1 : 4'd15);"),
    "reset last, and it wins": _clocked("begin q <= up ? q + 4'd1 : q - 4'd1; if (rst) q <= 4'd0; end"),
    "the step, then its opposite": _clocked("begin q <= q - 4'd1; if (up) q <= q + 4'd1; if (rst) q <= 4'd0; end"),
    "an initial value": _reg("initial q = 4'd0; always @(posedge clk) if (rst) q <= 4'd0; else q <= up ? q + 4'd1 : q - 4'd1;"),
    "an initial value in the declaration": _state("reg [3:0] t = 4'd0; always @(posedge clk) if (rst) t <= 4'd0; else t <= up ? t + 4'd1 : t - 4'd1; always @* s = t;"),
    "case of the direction": _clocked("if (rst) q <= 4'd0; else case (up) 1'b1: q <= q + 4'd1; 1'b0: q <= q - 4'd1; endcase"),
    "case of the direction, with a default": _clocked("if (rst) q <= 4'd0; else case (up) 1'b1: q <= q + 4'd1; default: q <= q - 4'd1; endcase"),
    "case of both": _clocked("case ({rst, up}) 2'b00: q <= q - 4'd1; 2'b01: q <= q + 4'd1; 2'b10, 2'b11: q <= 4'd0; endcase"),
    "casez of both": _clocked("casez ({rst, up}) 2'b1?: q <= 4'd0; 2'b01: q <= q + 4'd1; default: q <= q - 4'd1; endcase"),
    "casez that overlaps": _clocked("casez ({rst, up}) 2'b1?: q <= 4'd0; 2'b?1: q <= q + 4'd1; default: q <= q - 4'd1; endcase"),
    "case of true": _clocked("case (1'b1) rst: q <= 4'd0; up: q <= q + 4'd1; default: q <= q - 4'd1; endcase"),
    "every state of a case": _clocked(f"if (rst) q <= 4'd0; else case (q) {_states()} endcase"),
    "every state and direction of a case": _next(f"always @* case ({{up, q}}) {_table()} endcase", "reg"),
}  # fmt: skip
_PORTS = {
    "ports in the body": OLD + "reg [3:0] q;\nalways @(posedge clk) if (rst) q <= 4'd0; else if (up) q <= q + 4'd1; else q <= q - 4'd1;\nendmodule\n",
    "ports in the body, output reg": OLD.replace("output [", "output reg [") + "always @(posedge clk) if (rst) q <= 4'd0; else if (up) q <= q + 4'd1; else q <= q - 4'd1;\nendmodule\n",
    "ports in the body, each declared twice": OLD + "wire clk, rst, up;\nreg [3:0] q;\nalways @(posedge clk) q <= rst ? 4'd0 : up ? q + 4'd1 : q - 4'd1;\nendmodule\n",
    "ports in the body, a line each, others first": "module updown_counter(q, up, rst, clk);\noutput [3:0] q;\ninput up;\ninput rst;\ninput clk;\nreg [3:0] q;\nalways @(posedge clk) q <= rst ? 4'd0 : up ? q + 4'd1 : q - 4'd1;\nendmodule\n",
    "ports in another order": "module updown_counter(output reg [3:0] q, input up, clk, rst);\nalways @(posedge clk) q <= rst ? 4'd0 : up ? q + 4'd1 : q - 4'd1;\nendmodule\n",
    "input wire and output wire": "module updown_counter(input wire clk, input wire rst, input wire up, output wire [3:0] q);\nreg [3:0] r;\nassign q = r;\nalways @(posedge clk) r <= rst ? 4'd0 : up ? r + 4'd1 : r - 4'd1;\nendmodule\n",
    "a parameter of the width": "module updown_counter #(parameter W = 4) (input clk, input rst, input up, output reg [W-1:0] q);\nalways @(posedge clk) if (rst) q <= {W{1'b0}}; else q <= up ? q + 1'b1 : q - 1'b1;\nendmodule\n",
    "parameters in the body": "module updown_counter(clk, rst, up, q);\nparameter W = 4;\nparameter START = 0;\ninput clk, rst, up;\noutput reg [W-1:0] q;\nalways @(posedge clk) if (rst) q <= START; else q <= up ? q + 1'b1 : q - 1'b1;\nendmodule\n",
    "a parameter with a type": "module updown_counter #(parameter int unsigned W = 4, localparam int unsigned TOP = W - 1) (input logic clk, input logic rst, input logic up, output logic [TOP:0] q);\nalways_ff @(posedge clk) if (rst) q <= '0; else q <= up ? q + 1'b1 : q - 1'b1;\nendmodule\n",
    "a parameter of a type": "module updown_counter #(parameter type T = logic [3:0]) (input logic clk, input logic rst, input logic up, output T q);\nalways_ff @(posedge clk) if (rst) q <= '0; else q <= up ? q + T'(1) : q - T'(1);\nendmodule\n",
    "localparams for numbers": _reg("localparam [3:0] ZERO = 4'd0, ONE = 4'd1; localparam [3:0] MINUS = ~ZERO; always @(posedge clk) if (rst) q <= ZERO; else q <= q + (up ? ONE : MINUS);"),
    "a macro for the width": "`define W 4\nmodule updown_counter(input clk, input rst, input up, output reg [`W-1:0] q);\nalways @(posedge clk) if (rst) q <= `W'd0; else q <= up ? q + `W'd1 : q - `W'd1;\nendmodule\n",
    "default_nettype none": "`default_nettype none\nmodule updown_counter(input wire clk, input wire rst, input wire up, output reg [3:0] q);\nalways @(posedge clk) q <= rst ? 4'd0 : up ? q + 4'd1 : q - 4'd1;\nendmodule\n`default_nettype wire\n",
    "a timescale and comments": "`timescale 1ns / 1ps\n// counter /* not a block */\n/* begin\n endmodule */\n" + _clocked("/* reset */ if (rst) q <= 4'd0; // to zero\nelse q <= up ? q + 4'd1 : q - 4'd1;"),
}  # fmt: skip
_NEXT = {
    "a wire for what comes next": _next("assign nx = up ? q + 4'd1 : q - 4'd1;"),
    "a wire that is declared and assigned at once": _reg("wire [3:0] nx = up ? q + 4'd1 : q - 4'd1; always @(posedge clk) q <= rst ? 4'd0 : nx;"),
    "wires for both": _reg("wire [3:0] inc = q + 4'd1, dec = q - 4'd1; always @(posedge clk) q <= rst ? 4'd0 : up ? inc : dec;"),
    "a block for what comes next": _next("always @* if (up) nx = q + 4'd1; else nx = q - 4'd1;", "reg"),
    "a block with a default first": _next("always @* begin nx = q - 4'd1; if (up) nx = q + 4'd1; end", "reg"),
    "a full list": _next("always @(up or q) if (up) nx = q + 4'd1; else nx = q - 4'd1;", "reg"),
    "a full list with commas": _next("always @(q, up) nx = up ? q + 4'd1 : q - 4'd1;", "reg"),
    "two processes, the reset in the first": _reg("reg [3:0] nx; always @(*) begin if (rst) nx = 4'd0; else if (up) nx = q + 4'd1; else nx = q - 4'd1; end always @(posedge clk) q <= nx;"),
    "the reset as a mask": _reg("wire [3:0] nx = up ? q + 4'd1 : q - 4'd1; always @(posedge clk) q <= nx & {4{~rst}};"),
    "always_ff and always_comb": _logic("logic [3:0] nx; always_comb nx = up ? q + 4'd1 : q - 4'd1; always_ff @(posedge clk) if (rst) q <= '0; else q <= nx;"),
    "always_comb without parts": _logic("logic [3:0] nx; always_comb begin nx = q; if (rst) nx = '0; else if (up) nx += 4'd1; else nx -= 4'd1; end always_ff @(posedge clk) q <= nx;"),
    "a register behind the port": _state("always @(posedge clk) s <= rst ? 4'd0 : up ? s + 4'd1 : s - 4'd1;"),
    "a block for the output": f"module updown_counter{REG}reg [3:0] s;\nalways @* q = s;\nalways @(posedge clk) if (rst) s <= 4'd0; else if (up) s <= s + 4'd1; else s <= s - 4'd1;\nendmodule\n",
    "a register for each bit": _reg("always @(posedge clk) q[0] <= ~rst & ~q[0]; always @(posedge clk) q[1] <= ~rst & (q[1] ^ (up ? q[0] : ~q[0])); always @(posedge clk) q[2] <= ~rst & (q[2] ^ (up ? &q[1:0] : ~|q[1:0])); always @(posedge clk) q[3] <= ~rst & (q[3] ^ (up ? &q[2:0] : ~|q[2:0]));"),
    "two halves": _reg("wire wraps = up ? &q[1:0] : ~|q[1:0]; always @(posedge clk) begin if (rst) q[1:0] <= 2'd0; else q[1:0] <= up ? q[1:0] + 2'd1 : q[1:0] - 2'd1; end always @(posedge clk) if (rst) q[3:2] <= 2'd0; else if (wraps) q[3:2] <= up ? q[3:2] + 2'd1 : q[3:2] - 2'd1;"),
    "a variable in the block": _clocked("begin : step reg [3:0] t; t = up ? q + 4'd1 : q - 4'd1; if (rst) t = 4'd0; q <= t; end"),
}  # fmt: skip
_ARITHMETIC = {
    "minus one as fifteen": _clocked("if (rst) q <= 4'd0; else q <= up ? q + 4'd1 : q + 4'd15;"),
    "minus one as ones": _clocked("if (rst) q <= 4'd0; else q <= up ? q + 4'd1 : q + 4'b1111;"),
    "plus one by taking away": _clocked("if (rst) q <= 4'd0; else q <= up ? q - 4'hF : q - 4'h1;"),
    "plus one by the complement": _clocked("if (rst) q <= 4'd0; else q <= up ? -(~q) : ~(-q);"),
    "the step from the direction's bits": _clocked("if (rst) q <= 4'd0; else q <= q + {{3{~up}}, 1'b1};"),
    "the step as a wire": _next("wire [3:0] step = {~up, ~up, ~up, 1'b1}; assign nx = q + step;"),
    "an adder with a carry in": _next("assign nx = q + {4{~up}} + {3'b000, up};"),
    "twice the direction, less one": _clocked("if (rst) q <= 4'd0; else q <= q + {2'b00, up, 1'b0} - 4'd1;"),
    "down by complement, up and complement": _clocked("if (rst) q <= 4'd0; else q <= ({4{~up}} ^ (({4{~up}} ^ q) + 4'd1));"),
    "the carry cut off": _logic("always_ff @(posedge clk) q <= rst ? '0 : 4'({1'b0, q} + (up ? 5'd1 : 5'd15));"),
    "concatenated with a carry": _reg("wire c1 = up ? q[0] : ~q[0]; wire c2 = c1 & (up ? q[1] : ~q[1]); wire c3 = c2 & (up ? q[2] : ~q[2]); always @(posedge clk) q <= rst ? 4'd0 : {q[3] ^ c3, q[2] ^ c2, q[1] ^ c1, ~q[0]};"),
    "signed numbers": _reg("reg signed [3:0] n; always @* q = n; always @(posedge clk) if (rst) n <= 4'sd0; else if (up) n <= n + 4'sd1; else n <= n - 4'sd1;"),
    "a signed step": _reg("wire signed [3:0] step = up ? 4'sd1 : -4'sd1; always @(posedge clk) if (rst) q <= 4'd0; else q <= $unsigned($signed(q) + step);"),
    "a signed step of two bits": _reg("wire signed [1:0] step = up ? 2'sb01 : 2'sb11; wire signed [3:0] now = q; wire signed [3:0] wide = {{2{step[1]}}, step}; always @(posedge clk) q <= rst ? 4'd0 : now + wide;"),
    "the remainder of 16": _logic("logic [4:0] n; assign n = {1'b0, q} + (up ? 5'd1 : 5'd15); always_ff @(posedge clk) q <= rst ? '0 : 4'(n % 5'd16);"),
    "wrapped by hand": _clocked("if (rst) q <= 4'd0; else if (up) q <= q == 4'd15 ? 4'd0 : q + 4'd1; else q <= q == 4'd0 ? 4'd15 : q - 4'd1;"),
    "increments": _logic("logic [3:0] nx; always_comb begin nx = q; if (up) nx++; else nx--; end always_ff @(posedge clk) q <= rst ? '0 : nx;"),
    "numbers in every base": _clocked("if (rst) q <= 'b0; else if (up) q <= q + 'h1; else q <= q - 'o1;"),
    "an integer, cut": _logic("always_ff @(posedge clk) q <= rst ? '0 : q + 4'(up ? 1 : -1);"),
    "a cast to four bits": _logic("always_ff @(posedge clk) if (rst) q <= 4'(0); else q <= 4'(q + (up ? 4'd1 : -4'd1));"),
}  # fmt: skip
_PARTS = {
    "a function for what comes next": _reg("function [3:0] after; input [3:0] now; input go; after = go ? now + 4'd1 : now - 4'd1; endfunction always @(posedge clk) q <= rst ? 4'd0 : after(q, up);"),
    "a function with a block in it": _reg("function [3:0] after(input [3:0] now, input go); begin if (go) after = now + 4'd1; else after = now - 4'd1; end endfunction always @(posedge clk) if (rst) q <= 4'd0; else q <= after(q, up);"),
    "two functions": _reg("function [3:0] inc(input [3:0] n); inc = n + 4'd1; endfunction function [3:0] dec(input [3:0] n); dec = n - 4'd1; endfunction always @(posedge clk) q <= rst ? 4'd0 : up ? inc(q) : dec(q);"),
    "an automatic function that returns": _logic("function automatic logic [3:0] after(logic [3:0] now, logic go); if (go) return now + 4'd1; return now - 4'd1; endfunction always_ff @(posedge clk) q <= rst ? '0 : after(q, up);"),
    "a task": _next("task move; input [3:0] now; input go; output [3:0] then; then = go ? now + 4'd1 : now - 4'd1; endtask always @* move(q, up, nx);", "reg"),
    "a child for what comes next": _reg("wire [3:0] nx; stepper s(.now(q), .go(up), .after(nx)); always @(posedge clk) q <= rst ? 4'd0 : nx;", "module stepper(input [3:0] now, input go, output [3:0] after);\nassign after = go ? now + 4'd1 : now - 4'd1;\nendmodule\n"),
    "a child for the register": f"module updown_counter{PORTS}wire [3:0] nx = {RIGHT};\nregister r(clk, rst, nx, q);\nendmodule\nmodule register(input clk, input rst, input [3:0] d, output reg [3:0] q);\nalways @(posedge clk) if (rst) q <= 4'd0; else q <= d;\nendmodule\n",
    "the whole as a child": f"module updown_counter{PORTS}core #(.W(4)) u(.clk(clk), .rst(rst), .up(up), .q(q));\nendmodule\nmodule core #(parameter W = 8) (input clk, input rst, input up, output reg [W-1:0] q);\nalways @(posedge clk) if (rst) q <= 0; else if (up) q <= q + 1'b1; else q <= q - 1'b1;\nendmodule\n",
    "flip-flops as children": f"module updown_counter{PORTS}wire [3:0] nx = {RIGHT};\nff f0(clk, rst, nx[0], q[0]); ff f1(clk, rst, nx[1], q[1]);\nff f2(clk, rst, nx[2], q[2]), f3(clk, rst, nx[3], q[3]);\nendmodule\nmodule ff(input c, input r, input d, output reg q);\nalways @(posedge c) q <= d & ~r;\nendmodule\n",
    "an array of flip-flops": f"module updown_counter{PORTS}wire [3:0] nx = {RIGHT};\nff f[3:0] (.c(clk), .r(rst), .d(nx), .q(q));\nendmodule\nmodule ff(input c, input r, input d, output reg q);\nalways @(posedge c) if (r) q <= 1'b0; else q <= d;\nendmodule\n",
    "toggling flip-flops": f"module updown_counter{PORTS}wire [3:0] t;\nassign t[0] = 1'b1;\nassign t[1] = up ? q[0] : ~q[0];\nassign t[2] = up ? &q[1:0] : ~|q[1:0];\nassign t[3] = up ? &q[2:0] : ~|q[2:0];\ntff f[3:0] (clk, rst, t, q);\nendmodule\nmodule tff(input c, input r, input t, output reg q);\nalways @(posedge c) if (r) q <= 1'b0; else if (t) q <= ~q;\nendmodule\n",
    "full adders": (
        f"module updown_counter{REG}wire [3:0] s;\nwire [3:0] c, y;\nassign y = {{{{3{{~up}}}}, 1'b1}};\nassign c[0] = 1'b0;\n"
        "genvar k;\ngenerate for (k = 0; k < 4; k = k + 1) begin : bits\nassign s[k] = q[k] ^ y[k] ^ c[k];\n"
        "if (k < 3) carry o(q[k], y[k], c[k], c[k+1]);\nend endgenerate\nalways @(posedge clk) q <= rst ? 4'd0 : s;\nendmodule\n"
        "module carry(input a, input b, input ci, output co);\nassign co = (a & b) | (ci & (a ^ b));\nendmodule\n"),
    "gates": f"module updown_counter{REG}wire dn, a, b, c, x0, x1, x2;\nwire [3:0] nx;\nnot (dn, up);\nxor (x0, q[0], dn), (x1, q[1], dn), (x2, q[2], dn);\nbuf (a, x0);\nand (b, x0, x1), (c, x0, x1, x2);\nnot (nx[0], q[0]);\nxor (nx[1], q[1], a), (nx[2], q[2], b), (nx[3], q[3], c);\nalways @(posedge clk) if (rst) q <= 4'd0; else q <= nx;\nendmodule\n",
    "a generate loop of bits": _reg("wire [3:0] t; genvar k; generate for (k = 0; k < 4; k = k + 1) begin : bits if (k == 0) assign t[k] = 1'b1; else assign t[k] = up ? &q[k-1:0] : ~|q[k-1:0]; always @(posedge clk) if (rst) q[k] <= 1'b0; else q[k] <= q[k] ^ t[k]; end endgenerate"),
    "a generate of a parameter": "module updown_counter #(parameter FIRST = 1) (input clk, input rst, input up, output reg [3:0] q);\ngenerate if (FIRST) begin : g always @(posedge clk) q <= rst ? 4'd0 : up ? q + 4'd1 : q - 4'd1; end else begin : h always @(posedge clk) q <= 4'd0; end endgenerate\nendmodule\n",
    "a loop over the bits": _next("integer k; reg c; always @* begin c = 1'b1; for (k = 0; k < 4; k = k + 1) begin nx[k] = q[k] ^ c; c = c & (up ? q[k] : ~q[k]); end end", "reg"),
    "a loop with its own variable": _logic("logic [3:0] t; always_comb begin t = 4'd1; for (int k = 1; k < 4; k++) t[k] = t[k-1] & (q[k-1] ^ ~up); end always_ff @(posedge clk) q <= rst ? '0 : q ^ t;"),
    "a table in a memory": _reg("reg [3:0] after [0:15]; initial begin : fill reg [4:0] k; for (k = 5'd0; k < 5'd16; k = k + 5'd1) after[k[3:0]] = k[3:0] + 4'd1; end wire [3:0] m = ~after[~q]; always @(posedge clk) q <= rst ? 4'd0 : up ? after[q] : m;"),
    "sixteen states, one hot": _state("reg [15:0] hot; always @* begin : look reg [4:0] k; s = 4'd0; for (k = 5'd0; k < 5'd16; k = k + 5'd1) if (hot[k[3:0]]) s = s | k[3:0]; end always @(posedge clk) if (rst) hot <= 16'd1; else hot <= up ? {hot[14:0], hot[15]} : {hot[0], hot[15:1]};"),
    "Gray code inside": _state("reg [3:0] g; wire [3:0] b = {g[3], ^g[3:2], ^g[3:1], ^g}; wire [3:0] nx = up ? b + 4'd1 : b - 4'd1; always @* s = b; always @(posedge clk) g <= rst ? 4'd0 : nx ^ {1'b0, nx[3:1]};"),
    "the complement inside": _state("reg [3:0] n; always @* s = ~n; always @(posedge clk) if (rst) n <= 4'hF; else n <= up ? n - 4'd1 : n + 4'd1;"),
    "an offset inside": _state("reg [3:0] n; always @* s = n - 4'd5; always @(posedge clk) if (rst) n <= 4'd5; else n <= up ? n + 4'd1 : n - 4'd1;"),
    "two counters, and their difference": _reg("reg [3:0] ups, downs; always @* q = ups - downs; always @(posedge clk) if (rst) begin ups <= 4'd0; downs <= 4'd0; end else if (up) ups <= ups + 4'd1; else downs <= downs + 4'd1;"),
}  # fmt: skip
_TYPES = {
    "an enum of the direction": _logic("typedef enum logic {DOWN = 1'b0, UP = 1'b1} way_t; way_t way; assign way = way_t'(up); always_ff @(posedge clk) if (rst) q <= '0; else case (way) UP: q <= q + 4'd1; DOWN: q <= q - 4'd1; endcase"),
    "an enum of what is done": _logic("typedef enum logic [1:0] {CLEAR, INC, DEC} act_t; act_t act; always_comb if (rst) act = CLEAR; else if (up) act = INC; else act = DEC; always_ff @(posedge clk) case (act) INC: q <= q + 4'd1; DEC: q <= q - 4'd1; default: q <= '0; endcase"),
    "a packed struct": _logic("typedef struct packed { logic [1:0] high; logic [1:0] low; } halves_t; halves_t h; assign q = h; always_ff @(posedge clk) if (rst) h <= '0; else if (up) begin h.low <= h.low + 2'd1; if (&h.low) h.high <= h.high + 2'd1; end else begin h.low <= h.low - 2'd1; if (h.low == '0) h.high <= h.high - 2'd1; end"),
    "a struct that is assigned whole": _logic("typedef struct packed { logic [3:0] n; } state_t; state_t s, nx; assign q = s.n; always_comb begin nx = s; nx.n = up ? s.n + 4'd1 : s.n - 4'd1; end always_ff @(posedge clk) if (rst) s <= '{n: 4'd0}; else s <= nx;"),
    "a packed union": _logic("typedef union packed { logic [3:0] word; logic [1:0][1:0] pairs; } both_t; both_t b; assign q = {b.pairs[1], b.pairs[0]}; always_ff @(posedge clk) if (rst) b.word <= '0; else b.word <= up ? b.word + 4'd1 : b.word - 4'd1;"),
    "a package of types and steps": _logic("import steps::*; word_t s; assign q = s; always_ff @(posedge clk) if (rst) s <= '0; else s <= after(s, up);", "package steps;\ntypedef logic [3:0] word_t;\nfunction automatic word_t after(word_t w, logic go);\nreturn go ? w + word_t'(1) : w - word_t'(1);\nendfunction\nendpackage\n"),
    "an interface inside": _logic("link l(); assign l.go = up; assign l.now = q; step s(.l(l)); always_ff @(posedge clk) q <= rst ? '0 : l.after;", "interface link;\nlogic go;\nlogic [3:0] now, after;\nmodport maker(input go, now, output after);\nendinterface\nmodule step(link.maker l);\nassign l.after = l.go ? l.now + 4'd1 : l.now - 4'd1;\nendmodule\n"),
    "an interface without a modport": _logic("link l(); always_comb l.d = up ? q + 4'd1 : q - 4'd1; keep k(clk, rst, l); assign q = l.q;", "interface link;\nlogic [3:0] d, q;\nendinterface\nmodule keep(input logic clk, input logic rst, link l);\nalways_ff @(posedge clk) l.q <= rst ? '0 : l.d;\nendmodule\n"),
    "unique if": _logic("always_ff @(posedge clk) unique if (rst) q <= '0; else if (up) q <= q + 4'd1; else q <= q - 4'd1;"),
    "priority if": _logic("always_ff @(posedge clk) priority if (rst) q <= '0; else if (up) q <= q + 4'd1; else q <= q - 4'd1;"),
    "unique case of both": _logic("always_ff @(posedge clk) unique case ({rst, up}) 2'b00: q <= q - 4'd1; 2'b01: q <= q + 4'd1; 2'b10, 2'b11: q <= '0; endcase"),
    "priority casez": _logic("always_ff @(posedge clk) priority casez ({rst, up}) 2'b1?: q <= '0; 2'b01: q <= q + 4'd1; 2'b00: q <= q - 4'd1; endcase"),
    "unbased ones": _logic("always_ff @(posedge clk) if (rst) q <= '0; else q <= up ? q + 4'd1 : q + '1;"),
    "two dimensions": _logic("logic [1:0][3:0] both; always_comb both = {q + 4'd1, q - 4'd1}; always_ff @(posedge clk) q <= rst ? '0 : both[up];"),
    "an array of what may come": _logic("logic [3:0] may [2]; assign may[0] = q - 4'd1; assign may[1] = q + 4'd1; always_ff @(posedge clk) q <= rst ? '0 : may[up];"),
    "the clock by its alias": f"module updown_counter{REG}wire c = clk;\nalways @(posedge c) q <= rst ? 4'd0 : up ? q + 4'd1 : q - 4'd1;\nendmodule\n",
    "a clock of the child": f"module updown_counter{PORTS}tick t(.c(clk), .r(rst), .u(up), .n(q));\nendmodule\nmodule tick(input c, r, u, output [3:0] n);\nreg [3:0] k;\nassign n = k;\nalways @(posedge c) k <= r ? 4'd0 : u ? k + 4'd1 : k - 4'd1;\nendmodule\n",
}  # fmt: skip

WAYS: dict[str, str] = _PLAIN | _PORTS | _NEXT | _ARITHMETIC | _PARTS | _TYPES
