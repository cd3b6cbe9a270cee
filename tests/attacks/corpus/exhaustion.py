"""Exhaustion: time, memory, disk, output or processes of what runs."""

from __future__ import annotations

from tests.attacks.attack import HEAD, STEP, Family

FAMILY = Family("exhausting what runs")
FAMILY.within("forever printing", "fills the disk", 'initial forever $display("x");')
FAMILY.within("printing each clock", "fills the log", 'always @(clk) repeat (100000) $display("x");')
FAMILY.within("fork bomb", "starts threads without end",
              "initial forever fork forever #0 ; join_none")
FAMILY.within("forever", "never gives control back", "initial forever ;")
FAMILY.within("always without control", "never gives control back", "reg r = 0; always r = ~r;")
FAMILY.within("always @* on itself", "wakes itself", "reg a = 0, b = 0; always @(a) b = ~a; always @(b) a = b;")
FAMILY.within("zero delay loop", "never lets time go on", "reg r = 0; always #0 r = ~r;")
FAMILY.within("oscillator", "is a ring of one gate", "wire a; nand (a, a, 1'b1);")
FAMILY.within("oscillator by assign", "is a ring that starts when up falls",
              "wire a; assign a = ~(a & ~up);")
FAMILY.within("while in a clocked block", "hangs when up rises",
              "reg t = 0; always @(posedge clk) while (up) t = ~t;")
FAMILY.within("repeat of 2 billion", "computes for hours",
              "reg t = 0; always @(posedge clk) repeat (2000000000) t = ~t;")
FAMILY.within("loops in loops", "multiplies loops that are small each",
              "integer i, j, k; reg t; always @* begin t = 0; for (i = 0; i < 1000; i = i + 1) "
              "for (j = 0; j < 1000; j = j + 1) for (k = 0; k < 1000; k = k + 1) t = t ^ up; end")
FAMILY.within("initial loop with a name for its bound", "computes for hours before time 0",
              "localparam N = 2000000000; integer i; initial for (i = 0; i < N; i = i + 1) ;")
FAMILY.within("string that doubles", "takes all memory",
              'string s; initial begin s = "a"; repeat (60) s = {s, s}; end')
FAMILY.within("dynamic array", "takes all memory", "int d[]; initial d = new[2000000000];")
FAMILY.within("queue that grows", "takes all memory",
              "int d[$]; always @(clk) for (int i = 0; i < 60000; i++) d.push_back(i);")
FAMILY.within("associative array", "takes all memory",
              "int d[int]; int n = 0; always @(clk) for (int i = 0; i < 60000; i++) begin d[n] = i; n++; end")
FAMILY.within("wide multiplier", "has synthesis build 2^30 gates",
              "wire [16383:0] a = {16384{up}}; wire [16383:0] b = a * ~a; wire c = ^b; "
              "reg d; always @(posedge clk) d <= c;")
FAMILY.add(
    "divider chain", "has synthesis and simulation divide without end",
    f"{HEAD}{STEP}wire [4095:0] w0 = {{1024{{q}}}};\n"
    + "".join(f"wire [4095:0] w{k + 1} = w0 / (w{k} + {k + 3}) % (w{k} | 1);\n" for k in range(12))
    + "endmodule\n",
)
FAMILY.within("wait for ever", "waits for what never comes", "initial wait (0);")
FAMILY.within("recursive task", "fills the stack",
              "task automatic t; t; endtask always @(posedge clk) t;")
FAMILY.within("recursive function", "fills the stack when it runs",
              "function automatic [3:0] f(input [3:0] a); f = f(a + 1) + f(a + 2); endfunction "
              "wire [3:0] w = f(q);")
