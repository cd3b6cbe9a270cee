"""Ordinary ways to write RTL, none of which may be refused: bodies of a module `m` with inputs
clk, rst, en, a[7:0], b[7:0] and outputs y[7:0], q[7:0]."""

from __future__ import annotations

HEAD = (
    "module m (input logic clk, input logic rst, input logic en, input logic [7:0] a,\n"
    "          input logic [7:0] b, output logic [7:0] y, output logic [7:0] q);\n"
)
REG = "always_ff @(posedge clk) if (rst) q <= 8'd0; else if (en) q <= a;\n"
ADD = "assign y = a + b;\n"

BODIES = {
    "localparam": f"localparam int N = 3; localparam [7:0] K = 8'hA5; assign y = (a ^ K) + N + b; {REG}",
    "string localparam": f'localparam NAME = "fast"; generate if (NAME == "fast") begin : g {ADD} end endgenerate {REG}',
    "generate for": f"genvar i; generate for (i = 0; i < 8; i = i + 1) begin : g assign y[i] = a[i] ^ b[7-i]; end endgenerate {REG}",
    "generate if": f"generate if (1) begin : g {ADD} end else begin : h assign y = 0; end endgenerate {REG}",
    "generate case": f"localparam M = 2; generate case (M) 1: begin : g assign y = a; end default: begin : h {ADD} end endcase endgenerate {REG}",
    "function": f"function [7:0] f(input [7:0] x); f = x + 8'd1; endfunction assign y = f(a) ^ b; {REG}",
    "automatic function with a loop": f"function automatic [7:0] rev(input [7:0] x); integer i; for (i = 0; i < 8; i = i + 1) rev[i] = x[7-i]; endfunction assign y = rev(a) + b; {REG}",
    "constant function": f"function integer log2(input integer n); begin log2 = 0; while (n > 1) begin n = n >> 1; log2 = log2 + 1; end end endfunction localparam W = log2(256); wire [W-1:0] w = a + b; assign y = w; {REG}",
    "task": f"reg [7:0] t; task add; input [7:0] x; input [7:0] z; output [7:0] s; s = x + z; endtask always @* add(a, b, t); assign y = t; {REG}",
    "packed struct": f"typedef struct packed {{ logic [3:0] hi; logic [3:0] lo; }} pair; pair p; assign p = a; assign y = {{p.lo, p.hi}} + b; {REG}",
    "packed union": f"typedef union packed {{ logic [7:0] w; logic [1:0][3:0] n; }} both; both u; assign u.w = a; assign y = u.n[0] + b; {REG}",
    "enum": "typedef enum logic [1:0] {IDLE, RUN, DONE} state_t; state_t s; always_ff @(posedge clk) if (rst) s <= IDLE; else case (s) IDLE: if (en) s <= RUN; RUN: s <= DONE; default: s <= IDLE; endcase assign y = a + b; assign q = {6'd0, s};",
    "initial value of a register": "reg [7:0] r = 8'd0; always @(posedge clk) if (en) r <= a; assign q = r; " + ADD + " wire unused = rst;",
    "initial block for registers": "reg [7:0] r; initial r = 8'h00; always @(posedge clk) if (rst) r <= 0; else if (en) r <= a; assign q = r; " + ADD,
    "initial block for a ROM": f"reg [7:0] rom [0:15]; integer i; initial for (i = 0; i < 16; i = i + 1) rom[i] = i * 3; assign y = rom[a[3:0]] + b; {REG}",
    "ROM by case": f"reg [7:0] t; always @* case (a[1:0]) 2'd0: t = 8'h11; 2'd1: t = 8'h22; 2'd2: t = 8'h33; default: t = 8'h44; endcase assign y = t + b + a; {REG}",
    "memory": "reg [7:0] mem [0:255]; reg [7:0] r; always @(posedge clk) begin if (en) mem[a] <= b; r <= mem[a]; end assign q = rst ? 0 : r; " + ADD,
    "memory cleared by a loop": "reg [7:0] mem [0:15]; integer i; always @(posedge clk) if (rst) for (i = 0; i < 16; i = i + 1) mem[i] <= 0; else if (en) mem[a[3:0]] <= b; assign q = mem[a[7:4]]; " + ADD,
    "two-dimensional array": "logic [3:0][7:0] d; always_ff @(posedge clk) if (rst) d <= '0; else if (en) d[a[1:0]] <= b; assign q = d[a[3:2]]; " + ADD,
    "always_comb with defaults": f"always_comb begin y = '0; if (en) y = a + b; end {REG}",
    "unique case": f"always_comb unique case (a[1:0]) 2'b00: y = b; 2'b01: y = a; 2'b10: y = a + b; 2'b11: y = 8'd1; endcase {REG}",
    "priority if": f"always_comb begin priority if (a[0]) y = b; else if (a[1]) y = a; else y = a - b; end {REG}",
    "casez": f"always @* casez (a) 8'b1???????: y = 8'd7; 8'b01??????: y = 8'd6; default: y = b; endcase {REG}",
    "X for what never comes": f"always @* case (a[1:0]) 2'd0: y = b; 2'd1: y = a; 2'd2: y = ~b; 2'd3: y = ~a; default: y = 8'hxx; endcase {REG}",
    "tri-state inside": f"wire [7:0] w; assign w = en ? a : 8'bz; assign w = en ? 8'bz : b; assign y = w + 1; {REG}",
    "loop in always": f"integer i; always @* begin y = 0; for (i = 0; i < 8; i = i + 1) y = y + (a[i] & b[i]); end {REG}",
    "SystemVerilog loop": f"always_comb begin y = 0; for (int i = 0; i < 8; i++) if (a[i]) y += b; end {REG}",
    "named block": f"always @* begin : adder reg [7:0] t; t = a + b; y = t; end {REG}",
    "attributes": f"(* keep *) wire [7:0] w = a + b; (* full_case, parallel_case *) assign y = w; (* ram_style = \"block\" *) reg [7:0] r; {REG}",
    "clog2, bits, size": f"localparam W = $clog2(200); logic [$bits(a)-1:0] t; assign t = a + b; assign y = t + W; {REG}",
    "signed": f"wire signed [7:0] s = $signed(a) >>> 2; assign y = $unsigned(s) + ($signed(a) < $signed(b)); {REG}",
    "part selects": f"assign y = {{a[3:0], a[7-:4]}} ^ b[0+:8]; {REG}",
    "replication and reduction": f"assign y = {{8{{^a}}}} ^ {{4{{b[1:0]}}}} ^ {{7'd0, &b}}; {REG}",
    "gates": f"wire w; and g0(w, a[0], b[0]); xor g1(y[0], a[1], w), g2(y[1], a[2], b[2]); assign y[7:2] = a[7:2] + b[7:2]; {REG}",
    "array of instances": f"inv u[7:0] (.i(a ^ b), .o(y)); {REG}",
    "defparam": f"add #(8) u(.x(a), .z(b), .s(y)); {REG}",
    "wildcard ports": f"wire [7:0] x = a, z = b, s; add u(.*); assign y = s; {REG}",
    "case equality": f"assign y = (a === b) ? 8'd1 : (a !== 8'd3) ? b : a; {REG}",
    "inside": f"assign y = (a inside {{8'd1, 8'd3, [8'd10:8'd20]}}) ? b : a; {REG}",
    "delays of old style": "reg [7:0] r; always @(posedge clk) if (rst) r <= #1 8'd0; else if (en) r <= #1 a; assign q = r; assign #1 y = a + b;",
    "concurrent assertion": f"`ifdef FORMAL\nassert property (@(posedge clk) disable iff (rst) en |-> ##1 q == $past(a));\n`endif\n{ADD}{REG}",
    "immediate assertion": f"always @(posedge clk) if (!rst) assert (q <= 8'd255); {ADD}{REG}",
    "simulation only": f"`ifndef SYNTHESIS\n// synopsys translate_off\ninitial q = 0;\n// synopsys translate_on\n`endif\n{ADD}" + REG.replace("always_ff", "always"),
    "macros": f"`define WIDTH 8\n`define ADD(x, z) ((x) + (z))\nwire [`WIDTH-1:0] w = `ADD(a, b); assign y = w; {REG}",
    "elaboration check": f'localparam W = 8; generate if (W > 64) begin : g $error("W is too large"); end endgenerate {ADD}{REG}',
    "asynchronous reset": f"always_ff @(posedge clk or posedge rst) if (rst) q <= '0; else if (en) q <= a; {ADD}",
    "casts": f"typedef logic [3:0] nib; assign y = 8'(nib'(a)) + b; {REG}",
    "streaming": f"wire [7:0] r; assign r = {{<<{{a}}}}; assign y = r + b; {REG}",
    "real in a constant": f"localparam real R = 2.5; localparam int K = int'(R * 4.0); assign y = a + b + K; {REG}",
}
AROUND = {
    "timescale": "`timescale 1ns/1ps\n{}",
    "default_nettype": "`default_nettype none\n{}`default_nettype wire\n",
    "include guard": "`ifndef M_SV\n`define M_SV\n{}`endif\n",
    "package": "package p; localparam int K = 8; typedef logic [7:0] byte_t; endpackage\n{}",
    "unit typedef": "typedef logic [7:0] word;\n{}",
    "interface": "interface bus; logic [7:0] d; modport s(input d); modport m(output d); endinterface\n{}",
    "celldefine": "`celldefine\n{}`endcelldefine\n",
    "carriage returns": "// x\r\n{}",
}
_OTHERS = {
    "array of instances": "module inv(input i, output o); assign o = ~i; endmodule\n",
    "wildcard ports": "module add(input [7:0] x, z, output [7:0] s); assign s = x + z; endmodule\n",
    "defparam": "module add #(parameter W = 4)(input [W-1:0] x, z, output [W-1:0] s); assign s = x + z; endmodule\n",
}


def idioms() -> dict[str, str]:
    """Whole answers by name."""
    plain = f"{HEAD}{ADD}{REG}endmodule\n"
    inside = {n: f"{HEAD}{body}\nendmodule\n{_OTHERS.get(n, '')}" for n, body in BODIES.items()}
    return {**inside, **{name: text.format(plain) for name, text in AROUND.items()}}
