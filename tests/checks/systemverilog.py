"""IEEE 1800's synthesizable part, one idiom each, as right answers to the task `updown_w4_sync`: a
4-bit counter up and down with a synchronous reset. Each has a wrong twin: one word of it changed."""

from __future__ import annotations

HEAD = "module updown_counter(input logic clk, input logic rst, input logic up, output logic [3:0] q);\n"
NEXT = "always_ff @(posedge clk) if (rst) q <= 4'd0; else q <= nx;\n"
STEP = "always_ff @(posedge clk) if (rst) q <= 4'd0; else q <= up ? q + 4'd1 : q - 4'd1;\n"
WIRE = f"logic [3:0] nx;\n{NEXT}"


def _body(text: str, before: str = "") -> str:
    return f"{before}{HEAD}{text}\nendmodule\n"


Idiom = tuple[str, str, str]
"""The right text; what is changed in it, and what to."""
TYPE = "package types; typedef logic [3:0] count_t; localparam count_t ONE = 4'd1; endpackage\n"
PLUS = "up ? q + 4'd1 : q - 4'd1"

IDIOMS: dict[str, Idiom] = {
    "package, import in the header": (
        TYPE + HEAD.replace("(input logic clk", " import types::*; (input logic clk", 1)
        + "count_t nx; assign nx = up ? q + ONE : q - ONE;\n" + NEXT + "endmodule\n",
        "? q + ONE", "? q - ONE"),
    "package, import in the body": (
        _body("import types::*; count_t nx; assign nx = up ? q + ONE : q - ONE;\n" + NEXT, TYPE),
        ": q - ONE", ": q + ONE"),
    "package, by its name": (
        _body("types::count_t nx; assign nx = up ? q + types::ONE : q - types::ONE;\n" + NEXT, TYPE),
        "4'd1;", "4'd2;"),
    "package, a function of it": (
        _body("logic [3:0] nx; assign nx = ops::step(q, up);\n" + NEXT,
              "package ops; function automatic logic [3:0] step(logic [3:0] v, logic u); return u ? v + 4'd1 : v - 4'd1; endfunction endpackage\n"),
        "u ? v", "!u ? v"),
    "package that imports another": (
        _body("more::t nx; assign nx = up ? q + more::K : q - more::K;\n" + NEXT,
              TYPE + "package more; import types::*; typedef count_t t; localparam t K = ONE; endpackage\n"),
        "q - more::K", "q - more::K - 4'd1"),
    "type of the compilation unit": (
        _body("step_t nx; assign nx = " + PLUS + ";\n" + NEXT, "typedef logic [3:0] step_t;\n"),
        "q + 4'd1", "q + 4'd3"),
    "interface inside": (
        "interface bus; logic [3:0] d; logic up; endinterface\n"
        + _body("bus b(); assign b.up = up; always_ff @(posedge clk) if (rst) b.d <= 4'd0; else b.d <= b.up ? b.d + 4'd1 : b.d - 4'd1; assign q = b.d;"),
        "b.d <= 4'd0", "b.d <= 4'd1"),
    "interface with modports": (
        "interface bus; logic [3:0] d; logic up; modport dst(input up, output d); endinterface\n"
        "module core(input logic clk, input logic rst, bus.dst b); always_ff @(posedge clk) if (rst) b.d <= 4'd0; else b.d <= b.up ? b.d + 4'd1 : b.d - 4'd1; endmodule\n"
        + _body("bus b(); assign b.up = up; core c(.clk(clk), .rst(rst), .b(b)); assign q = b.d;"),
        "b.d - 4'd1", "b.d - 4'd2"),
    "packed struct": (
        _body("typedef struct packed { logic [1:0] hi; logic [1:0] lo; } s_t; s_t s; assign s = " + PLUS + "; logic [3:0] nx; assign nx = {s.hi, s.lo};\n" + NEXT),
        "{s.hi, s.lo}", "{s.lo, s.hi}"),
    "unpacked struct": (
        _body("typedef struct { logic [3:0] v; logic k; } s_t; s_t s; always_comb begin s.v = " + PLUS + "; s.k = up; end logic [3:0] nx; assign nx = s.k == up ? s.v : 4'd0;\n" + NEXT),
        "s.k = up", "s.k = ~up"),
    "struct in a struct": (
        _body("typedef struct packed { logic [1:0] a; } in_t; typedef struct packed { in_t x; in_t y; } out_t; out_t o; assign o = " + PLUS + "; logic [3:0] nx; assign nx = {o.x.a, o.y.a};\n" + NEXT),
        "o.y.a}", "~o.y.a}"),
    "array of structs": (
        _body("typedef struct packed { logic [3:0] v; logic k; } e_t; e_t t [2]; always_comb begin t[0] = '{q - 4'd1, 1'b0}; t[1] = '{q + 4'd1, 1'b1}; end logic [3:0] nx; assign nx = t[up].v;\n" + NEXT),
        "t[up].v", "t[~up].v"),
    "packed union": (
        _body("typedef union packed { logic [3:0] w; logic [1:0][1:0] n; } u_t; u_t u; assign u.w = " + PLUS + "; logic [3:0] nx; assign nx = {u.n[1], u.n[0]};\n" + NEXT),
        "{u.n[1], u.n[0]}", "{u.n[0], u.n[1]}"),
    "enum": (
        _body("typedef enum logic {DOWN, UP} dir_t; dir_t d; assign d = dir_t'(up); logic [3:0] nx; always_comb case (d) UP: nx = q + 4'd1; DOWN: nx = q - 4'd1; endcase\n" + NEXT),
        "{DOWN, UP}", "{UP, DOWN}"),
    "enum with methods": (
        _body("typedef enum logic [1:0] {A, B, C, D} e_t; e_t s; always_ff @(posedge clk) if (rst) s <= A; else s <= e_t'(up ? s + 2'd1 : s - 2'd1); logic [1:0] hi; always_ff @(posedge clk) if (rst) hi <= 2'd0; else if (up && s == s.last()) hi <= hi + 2'd1; else if (!up && s == s.first()) hi <= hi - 2'd1; assign q = {hi, s};"),
        "s == s.first()", "s == s.last()"),
    "enum with a range of names": (
        _body("typedef enum logic [3:0] {S[16]} e_t; e_t s; always_ff @(posedge clk) if (rst) s <= S0; else s <= e_t'(up ? s + 4'd1 : s - 4'd1); assign q = s;"),
        "s <= S0", "s <= S1"),
    "array of arrays, packed": (
        _body("logic [1:0][3:0] t; assign t[1] = q + 4'd1; assign t[0] = q - 4'd1; logic [3:0] nx; assign nx = t[up];\n" + NEXT),
        "t[up]", "t[!up]"),
    "array of arrays, unpacked": (
        _body("logic [3:0] t [2][2]; always_comb begin t[0][0] = q - 4'd1; t[0][1] = q + 4'd1; t[1][0] = 4'd0; t[1][1] = 4'd0; end logic [3:0] nx; assign nx = t[rst][up];\n" + NEXT),
        "t[rst][up]", "t[rst][1]"),
    "array of a range down": (
        _body("logic [3:0] t [1:0]; assign t = '{q + 4'd1, q - 4'd1}; logic [3:0] nx; assign nx = t[up];\n" + NEXT),
        "'{q + 4'd1, q", "'{q + 4'd2, q"),
    "table of constants": (
        _body("localparam logic [3:0] STEP [2] = '{4'd15, 4'd1}; always_ff @(posedge clk) if (rst) q <= 4'd0; else q <= q + STEP[up];"),
        "'{4'd15, 4'd1}", "'{4'd14, 4'd1}"),
    "array pattern, positional": (
        _body("logic [3:0] t [2]; assign t = '{q - 4'd1, q + 4'd1}; logic [3:0] nx; assign nx = t[up];\n" + NEXT),
        "q - 4'd1,", "q,"),
    "array pattern, by index": (
        _body("logic [3:0] t [2]; assign t = '{1: q + 4'd1, default: q - 4'd1}; logic [3:0] nx; assign nx = t[up];\n" + NEXT),
        "'{1:", "'{0:"),
    "struct pattern, by name": (
        _body("typedef struct packed { logic [3:0] a; logic [3:0] b; } s_t; s_t s; assign s = '{b: q - 4'd1, a: q + 4'd1}; logic [3:0] nx; assign nx = up ? s.a : s.b;\n" + NEXT),
        "'{b: q - 4'd1", "'{b: q + 4'd2"),
    "struct pattern, replicated": (
        _body("typedef struct packed { logic [1:0] a; logic [1:0] b; } s_t; s_t s; assign s = '{2{2'b11}}; logic [3:0] nx; assign nx = up ? q + 4'd1 : q + s;\n" + NEXT),
        "2'b11", "2'b10"),
    "streaming to the left": (
        _body("logic [3:0] t, r; assign t = " + PLUS + "; assign r = {<<{t}}; logic [3:0] nx; assign nx = {r[0], r[1], r[2], r[3]};\n" + NEXT),
        "{<<{t}}", "{>>{t}}"),
    "streaming in slices": (
        _body("logic [3:0] t, r; assign t = " + PLUS + "; assign r = {<<2{t}}; logic [3:0] nx; assign nx = {r[1:0], r[3:2]};\n" + NEXT),
        "{<<2{t}}", "{<<1{t}}"),
    "unique case": (
        _body("logic [3:0] nx; always_comb unique case (up) 1'b1: nx = q + 4'd1; 1'b0: nx = q - 4'd1; endcase\n" + NEXT),
        "1'b0: nx = q - 4'd1", "1'b0: nx = q"),
    "unique0 case": (
        _body("logic [3:0] nx; always_comb begin nx = q; unique0 case (up) 1'b1: nx = q + 4'd1; 1'b0: nx = q - 4'd1; endcase end\n" + NEXT),
        "nx = q - 4'd1;", "nx = q + 4'd7;"),
    "unique if": (
        _body("logic [3:0] nx; always_comb unique if (up) nx = q + 4'd1; else nx = q - 4'd1;\n" + NEXT),
        "unique if (up)", "unique if (!up)"),
    "priority case": (
        _body("logic [3:0] nx; always_comb priority case (1'b1) up: nx = q + 4'd1; default: nx = q - 4'd1; endcase\n" + NEXT),
        "default: nx = q - 4'd1", "default: nx = q - 4'd3"),
    "priority if": (
        _body("logic [3:0] nx; always_comb begin priority if (up) nx = q + 4'd1; else nx = q - 4'd1; end\n" + NEXT),
        "q - 4'd1;", "q - 4'd8;"),
    "case inside": (
        _body("logic [3:0] nx; always_comb case ({up, q}) inside [5'd16:5'd31]: nx = q + 4'd1; default: nx = q - 4'd1; endcase\n" + NEXT),
        "[5'd16:5'd31]", "[5'd17:5'd31]"),
    "casez with ?": (
        _body("logic [3:0] nx; always_comb casez ({up, q}) 5'b1????: nx = q + 4'd1; default: nx = q - 4'd1; endcase\n" + NEXT),
        "5'b1????", "5'b1???0"),
    "inside": (
        _body("logic [3:0] nx; assign nx = ({up, q} inside {[5'd0:5'd15]}) ? q - 4'd1 : q + 4'd1;\n" + NEXT),
        "5'd15]", "5'd14]"),
    "wildcard equality": (
        _body("logic [3:0] nx; assign nx = ({up, q} ==? 5'b1xxxx) ? q + 4'd1 : q - 4'd1;\n" + NEXT),
        "5'b1xxxx", "5'b1xxx1"),
    "function with return": (
        _body("function automatic logic [3:0] f(logic [3:0] v); if (up) return v + 4'd1; return v - 4'd1; endfunction logic [3:0] nx; always_comb nx = f(q);\n" + NEXT),
        "return v - 4'd1", "return v"),
    "function with break": (
        _body("function automatic logic [3:0] add1(logic [3:0] v); logic [3:0] r; r = v; for (int i = 0; i < 4; i++) begin r[i] = ~r[i]; if (r[i]) break; end return r; endfunction logic [3:0] nx; assign nx = up ? add1(q) : ~add1(~q);\n" + NEXT),
        "if (r[i]) break", "if (!r[i]) break"),
    "function with continue": (
        _body("function automatic logic [2:0] ones(logic [3:0] v); logic [2:0] n; n = 3'd0; for (int i = 0; i < 4; i++) begin if (!v[i]) continue; n = n + 3'd1; end return n; endfunction logic [3:0] nx; assign nx = up ? q + {1'b0, ones(4'b0100)} : q - {1'b0, ones(4'b1000)};\n" + NEXT),
        "ones(4'b0100)", "ones(4'b0110)"),
    "void function with an output": (
        _body("function automatic void f(input logic [3:0] v, output logic [3:0] r); r = up ? v + 4'd1 : v - 4'd1; endfunction logic [3:0] nx; always_comb f(q, nx);\n" + NEXT),
        "up ? v", "!up ? v"),
    "function of a function": (
        _body("function automatic logic [3:0] inc(logic [3:0] v); return v + 4'd1; endfunction function automatic logic [3:0] f(logic [3:0] v); return up ? inc(v) : ~inc(~v); endfunction logic [3:0] nx; always_comb nx = f(q);\n" + NEXT),
        "~inc(~v)", "~inc(v)"),
    "function with a default argument": (
        _body("function automatic logic [3:0] f(logic [3:0] v, logic [3:0] k = 4'd1); return v + k; endfunction logic [3:0] nx; assign nx = up ? f(q) : f(q, 4'd15);\n" + NEXT),
        "k = 4'd1", "k = 4'd2"),
    "function, arguments by name": (
        _body("function automatic logic [3:0] f(logic [3:0] a, logic [3:0] b); return a - b; endfunction logic [3:0] nx; assign nx = up ? f(.b(4'd15), .a(q)) : f(.a(q), .b(4'd1));\n" + NEXT),
        ".b(4'd15), .a(q)", ".a(4'd15), .b(q)"),
    "task": (
        _body("task automatic t(input logic [3:0] v, input logic u, output logic [3:0] r); r = u ? v + 4'd1 : v - 4'd1; endtask logic [3:0] nx; always_comb t(q, up, nx);\n" + NEXT),
        "v - 4'd1;", "v + 4'd1;"),
    "recursive constant function": (
        _body("function automatic int sum(int n); return n == 0 ? 0 : n + sum(n - 1); endfunction localparam int K = sum(5); logic [3:0] nx; assign nx = up ? q + 4'(K - 14) : q - 4'(K - 14);\n" + NEXT),
        "sum(5)", "sum(4)"),
    "parameter type": (
        "module core #(parameter type T = logic, parameter T ONE = T'(1)) (input logic clk, input logic rst, input logic up, output T q); always_ff @(posedge clk) if (rst) q <= T'(0); else q <= up ? q + ONE : q - ONE; endmodule\n"
        + _body("core #(.T(logic [3:0])) c(.*);"),
        "parameter T ONE = T'(1)", "parameter T ONE = T'(3)"),
    "parameter of a type with a sign": (
        _body("parameter int signed STEP = -1; logic [3:0] nx; assign nx = up ? q - 4'(STEP) : q + 4'(STEP);\n" + NEXT),
        "STEP = -1", "STEP = -2"),
    "parameters by name": (
        "module core #(parameter int W = 1, parameter logic [W-1:0] R = '1) (input logic clk, input logic rst, input logic up, output logic [W-1:0] q); always_ff @(posedge clk) if (rst) q <= R; else q <= up ? q + W'(1) : q - W'(1); endmodule\n"
        + _body("core #(.W(4), .R('0)) c(.clk, .rst, .up, .q);"),
        ".R('0)", ".R(4'd2)"),
    "generate for": (
        _body(WIRE + "logic [3:0] c; assign c[0] = 1'b1; for (genvar i = 0; i < 4; i++) begin : g assign nx[i] = q[i] ^ c[i]; if (i < 3) begin : n assign c[i+1] = c[i] & (up ? q[i] : ~q[i]); end end"),
        "c[0] = 1'b1", "c[0] = up"),
    "generate if": (
        _body("localparam bit FAST = 1; logic [3:0] nx; if (FAST) begin : g assign nx = " + PLUS + "; end else begin : g assign nx = 4'd0; end\n" + NEXT),
        "FAST = 1", "FAST = 0"),
    "generate case": (
        _body("localparam int MODE = 2; logic [3:0] nx; case (MODE) 1: begin : g assign nx = q; end 2, 3: begin : g assign nx = " + PLUS + "; end default: begin : g assign nx = 4'd0; end endcase\n" + NEXT),
        "MODE = 2", "MODE = 1"),
    "generate in a generate": (
        _body(WIRE + "logic [3:0] m; for (genvar i = 0; i < 2; i++) begin : r for (genvar j = 0; j < 2; j++) begin : c assign m[2*i+j] = up ^ (i > 1); end end assign nx = q + {{3{~&m}}, 1'b1};"),
        "i > 1", "i < 1"),
    "array of instances": (
        "module half(input logic a, input logic b, output logic y); assign y = a ^ b; endmodule\n"
        + _body("logic [3:0] c; assign c = up ? {&q[2:0], &q[1:0], q[0], 1'b1} : {~|q[2:0], ~|q[1:0], ~q[0], 1'b1}; logic [3:0] nx; half h [3:0] (.a(q), .b(c), .y(nx));\n" + NEXT),
        "a ^ b", "a | b"),
    "guarded assert": (
        _body("always_comb assert (q <= 4'd15); always_ff @(posedge clk) if (!rst) assert (q >= 4'd0) else $error(\"never\");\n" + STEP),
        "q + 4'd1", "q + 4'd9"),
    "elaboration check": (
        _body("localparam int W = $bits(q); if (W != 4) begin : g $error(\"width\"); end\n" + STEP),
        "q - 4'd1", "q - 4'd5"),
    "always_latch": (
        _body("logic h; logic t; always_latch if (!clk) h = up; assign t = h; logic [3:0] nx; assign nx = up ? q + 4'd1 : q - 4'd1;\n" + NEXT + "wire unused = t;"),
        "up ? q + 4'd1", "up ? q"),
    "always_comb with defaults": (
        _body("logic [3:0] nx; always_comb begin nx = q; if (up) nx = q + 4'd1; else nx -= 4'd1; end\n" + NEXT),
        "nx -= 4'd1", "nx += 4'd2"),
    "foreach": (
        _body("logic [3:0] nx; always_comb begin logic c; c = 1'b1; foreach (nx[i]) nx[i] = 1'b0; for (int i = 0; i < 4; i++) begin nx[i] = q[i] ^ c; c = c & (up ? q[i] : ~q[i]); end end\n" + NEXT),
        "c = 1'b1", "c = 1'b0"),
    "while": (
        _body("logic [3:0] nx; always_comb begin int i; i = 0; nx = q; while (i < 3) begin nx = up ? nx + 4'd1 : nx - 4'd1; i = i + 1; end nx = up ? nx - 4'd2 : nx + 4'd2; end\n" + NEXT),
        "i < 3", "i < 4"),
    "repeat": (
        _body("logic [3:0] nx; always_comb begin nx = q; repeat (1) nx = up ? nx + 4'd1 : nx - 4'd1; end\n" + NEXT),
        "repeat (1)", "repeat (3)"),
    "break in always_comb": (
        _body("logic [3:0] nx; always_comb begin nx = q; for (int i = 0; i < 8; i++) begin if (i == 1) break; nx = up ? nx + 4'd1 : nx - 4'd1; end end\n" + NEXT),
        "i == 1", "i == 2"),
    "cast of a width": (
        _body("logic [3:0] nx; assign nx = up ? 4'(q + 5'd1) : 4'(q + 8'd255);\n" + NEXT),
        "8'd255", "8'd253"),
    "cast of a type": (
        _body("typedef logic [3:0] n_t; logic [3:0] nx; assign nx = (up ? q + n_t'(1) : q - n_t'(1));\n" + NEXT),
        "q - n_t'(1)", "q - n_t'(7)"),
    "cast of a sign": (
        _body("logic [3:0] nx; assign nx = up ? q + 4'd1 : 4'(unsigned'(signed'(q) + signed'(4'b1111)));\n" + NEXT),
        "4'b1111", "4'b1110"),
    "cast of a struct": (
        _body("typedef struct packed { logic [1:0] a; logic [1:0] b; } s_t; s_t s; assign s = s_t'(" + PLUS + "); logic [3:0] nx; assign nx = 4'(s);\n" + NEXT),
        "4'(s)", "4'(s.b)"),
    "increments": (
        _body("logic [3:0] nx; always_comb begin nx = q; if (up) nx++; else nx--; end\n" + NEXT),
        "nx--", "nx++"),
    "operators with assignment": (
        _body("logic [3:0] nx; always_comb begin nx = q; nx += up ? 4'd1 : 4'd15; nx ^= 4'd0; end\n" + NEXT),
        "nx ^= 4'd0", "nx ^= 4'd4"),
    "sizes that fill": (
        _body("logic [3:0] nx; assign nx = up ? q + 1'b1 : q + '1;\n" + NEXT),
        "q + '1", "q + '0"),
    "int and bit": (
        _body("int unsigned k; bit [3:0] b; assign k = up ? 32'd1 : 32'd15; assign b = q; logic [3:0] nx; assign nx = 4'(32'(b) + k);\n" + NEXT),
        "32'd15", "32'd13"),
    "variables of a block": (
        _body("logic [3:0] nx; always_comb begin : step automatic logic [3:0] k = up ? 4'd1 : 4'd15; nx = q + k; end\n" + NEXT),
        "4'd15", "4'd11"),
    "variable of a clocked block": (
        _body("always_ff @(posedge clk) begin automatic logic [3:0] k; k = up ? 4'd1 : 4'd15; if (rst) q <= 4'd0; else q <= q + k; end"),
        "4'd15", "4'd7"),
    "type of an expression": (
        _body("var type(q) nx; assign nx = " + PLUS + ";\n" + NEXT),
        "q - 4'd1", "q"),
    "names of ports": (
        "module step(input logic [3:0] q, input logic up, output logic [3:0] nx); assign nx = " + PLUS + "; endmodule\n"
        + _body("logic [3:0] nx; step s(.q, .up, .nx);\n" + NEXT),
        "? q + 4'd1", "? q + 4'd4"),
    "struct as a port": (
        "package p; typedef struct packed { logic up; logic [3:0] q; } s_t; endpackage\n"
        "module step(input p::s_t i, output logic [3:0] o); assign o = i.up ? i.q + 4'd1 : i.q - 4'd1; endmodule\n"
        + _body("p::s_t s; assign s = '{up: up, q: q}; logic [3:0] nx; step u(.i(s), .o(nx));\n" + NEXT),
        "i.up ?", "!i.up ?"),
    "array as a port": (
        "module pick(input logic [3:0] t [2], input logic s, output logic [3:0] o); assign o = t[s]; endmodule\n"
        + _body("logic [3:0] t [2]; assign t[0] = q - 4'd1; assign t[1] = q + 4'd1; logic [3:0] nx; pick u(.t(t), .s(up), .o(nx));\n" + NEXT),
        "o = t[s]", "o = t[1]"),
    "function of arrays": (
        _body("typedef logic [3:0] pair_t [2]; function automatic logic [3:0] pick(pair_t t, logic s); return t[s]; endfunction pair_t t; assign t = '{q - 4'd1, q + 4'd1}; logic [3:0] nx; assign nx = pick(t, up);\n" + NEXT),
        "return t[s]", "return t[0]"),
    "let": (
        _body("let step(v, u) = u ? v + 4'd1 : v - 4'd1; logic [3:0] nx; assign nx = step(q, up);\n" + NEXT),
        "u ? v", "u ? ~v"),
    "reduction by a system function": (
        _body("logic [3:0] nx; assign nx = up ? q + 4'($countones(4'b0100)) : q - 4'($onehot(4'b0010));\n" + NEXT),
        "4'b0100", "4'b0110"),
}  # fmt: skip
"""By what is shown."""
