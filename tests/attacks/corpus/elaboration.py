"""Elaboration: a few lines stand for more than any machine holds."""

from __future__ import annotations

from tests.attacks.attack import HEAD, STEP, Family

FAMILY = Family("exhausting elaboration")


def _tree(depth: int, copies: int) -> str:
    """Modules that each hold `copies` of the next."""
    levels = (
        f"module t{k}(input a); " + " ".join(f"t{k + 1} u{n}(a);" for n in range(copies))
        + " endmodule\n"
        for k in range(depth)
    )
    return "".join(levels) + f"module t{depth}(input a); endmodule\n"


FAMILY.within("2^30 instances", "has two of the next module in each", "t0 t(clk);", _tree(30, 2))
FAMILY.within("2^18 instances", "stays below the limit of depth", "t0 t(clk);", _tree(18, 2))
FAMILY.within("10^8 instances", "is wide where it may not be deep", "t0 t(clk);", _tree(4, 100))
FAMILY.within(
    "arrays of arrays", "has 1024 of 1024 of 1024 instances", "a t[1023:0](clk);",
    "module a(input x); b t[1023:0](x); endmodule module b(input x); c t[1023:0](x); endmodule "
    "module c(input x); endmodule\n",
)
FAMILY.within(
    "recursion", "instantiates itself twice with another parameter", "r #(1) t(clk);",
    "module r #(parameter N = 1)(input a); r #(N+1) x(a); r #(N+2) y(a); endmodule\n",
)
FAMILY.within(
    "bounded recursion", "instantiates itself twice, 30 deep", "r #(0) t(clk);",
    "module r #(parameter N = 1)(input a); generate if (N < 30) begin "
    "r #(N+1) x(a); r #(N+1) y(a); end endgenerate endmodule\n",
)
FAMILY.add(
    "endless recursion of the top", "instantiates itself",
    f"{HEAD}{STEP}updown_counter u(clk, rst, up,);\nendmodule\n",
)
FAMILY.within(
    "generate of 10^8", "unrolls without end",
    "genvar i; generate for (i = 0; i < 100000000; i = i + 1) begin : g wire x; end endgenerate",
)
FAMILY.within(
    "generate that stands still", "never increments",
    "genvar i; generate for (i = 0; i < 2; i = i) begin : g wire x; end endgenerate",
)
FAMILY.within(
    "generates in generates", "multiplies loops that are small each",
    "genvar i, j, k; generate for (i = 0; i < 999; i = i + 1) begin : a "
    "for (j = 0; j < 999; j = j + 1) begin : b for (k = 0; k < 999; k = k + 1) begin : c "
    "wire x; end end end endgenerate",
)
FAMILY.within(
    "many generates", "has a thousand loops side by side", "genvar i;\n" + "\n".join(
        f"for (i = 0; i < 16000; i = i + 1) begin : g{k} wire x; end" for k in range(1000)),
)
_LOOPING = "function integer f(input integer a); begin f = a; while (f < 30000) f = f + 1; end endfunction"
FAMILY.within(
    "endless constant function", "computes a constant for ever",
    "localparam X = f(1); function integer f(input integer a); while (1) f = a; endfunction",
)
FAMILY.within(
    "recursive constant function", "computes a constant by calls that double",
    "localparam X = f(40); function automatic integer f(input integer a); "
    "f = a < 2 ? a : f(a - 1) + f(a - 2); endfunction",
)
FAMILY.within(
    "constant functions in a loop", "computes many constants, each within its limit",
    "genvar i; generate for (i = 0; i < 16000; i = i + 1) begin : g localparam X = f(i); end "
    f"endgenerate {_LOOPING}",
)
FAMILY.within(
    "huge power", "computes 3 to the 2^64 in 65536 bits",
    "localparam [65535:0] X = 65536'd3 ** 65536'hffffffffffffffff; wire y = ^X;",
)
FAMILY.within("huge replication", "repeats a bit 2^23 times",
              "localparam [2**23-1:0] X = {2**23{1'b1}}; wire y = ^X;")
FAMILY.within("huge memory", "declares 1 GB", "reg [31:0] m [0:2**28]; always @(posedge clk) m[q] <= up;")
FAMILY.within("huge vector", "declares a megabyte wide register",
              "reg [2**23-1:0] m; always @(posedge clk) m <= m + up;")
FAMILY.within("huge array of arrays", "declares more elements than can be counted",
              "logic [7:0] m [65535:0][65535:0][65535:0]; always @(posedge clk) m[q][q][q] <= up;")
FAMILY.within("huge struct", "hides the size in a type",
              "typedef struct packed { logic [99999:0] a; logic [99999:0] b; } t; t m [0:999];")
FAMILY.within("huge parameter", "shifts by a billion", "localparam X = 1 << 1_000_000_000; wire y = X;")
FAMILY.within("huge enum", "names a million values", "typedef enum { A[1000000] } t; t e;")
FAMILY.within("huge primitive array", "has four million gates", "wire w; and g [0:4000000] (w, clk, rst);")
FAMILY.within("defparam that grows", "changes what it elaborates as it elaborates",
              "t0 t(clk); defparam t.u0.u1.N = 3;", _tree(25, 2))
