"""Parsers: texts that are too deep, too long, or not text."""

from __future__ import annotations

from tests.attacks.attack import HEAD, STEP, WRONG, Family

FAMILY = Family("exhausting parsers")
FAMILY.within("deep brackets", "nests 100,000 brackets", "wire w = " + "(\n" * 50000 + "clk" + ")\n" * 50000 + ";")
FAMILY.within("deep blocks", "nests 20,000 blocks", "always @* " + "begin\n" * 20000 + "end\n" * 20000)
FAMILY.within("deep else", "chains 20,000 branches of else",
              "reg r; always @* " + "if (up) r = 1; else\n" * 9000 + " r = 0;")
FAMILY.within("deep ternary", "chains 20,000 choices", "wire w = " + "up ? clk :\n" * 20000 + "rst;")
FAMILY.within("deep concatenation", "nests 20,000 braces", "wire w = " + "{\n" * 20000 + "clk" + "}\n" * 20000 + ";")
FAMILY.within("deep generate", "nests 5,000 generate branches", "if (1) begin\n" * 5000 + "end\n" * 5000)
FAMILY.within("long sum", "adds 20,000 terms", "wire w = " + "clk +\n" * 20000 + "rst;")
FAMILY.within("long selects", "selects 20,000 times", "wire w = clk" + "[0]\n" * 20000 + ";")
FAMILY.within("unary chain", "negates 100,000 times", "wire w = " + "~\n" * 100000 + "clk;")
FAMILY.within("long identifier", "has a name of 200,000 characters", f"wire {'a' * 200000};")
FAMILY.within("long line", "has a line of 200,000 characters", "wire a; " * 25000)
FAMILY.within("million characters", "is longer than any module", "wire a;\n" * 150000)
FAMILY.within("long number", "has a number of 9,000 digits", f"localparam X = {'9' * 9000};")
FAMILY.within("wide literal", "has a literal of 2^24 bits", "localparam X = 16777215'h1; wire w = ^X;")
FAMILY.within("wider literal", "has a literal of 2^40 bits", "localparam X = 1099511627776'h1; wire w = ^X;")
FAMILY.within("long string", "has a string of 9,000 characters", f'localparam S = "{"a" * 9000}"; $error(S);')
FAMILY.within("endless comment", "opens a comment", "/* ")
FAMILY.within("endless string", "opens a string", 'localparam S = "')
FAMILY.within("endless attribute", "opens an attribute", "(* keep ")
FAMILY.within("NUL", "ends the text for readers in C", "wire a\x00; ")
FAMILY.within("control characters", "holds what no text holds", "wire a\x01\x02\x1b;")
FAMILY.add("byte-order mark", "begins with a mark", f"\ufeff{HEAD}{STEP}endmodule\n")
FAMILY.add("carriage returns", "ends its lines in several ways", f"{HEAD}{STEP}// x\r assign q = 1;\r\nendmodule\r")
FAMILY.add("line separators", "ends a comment where only some readers see a line's end",
           f"{HEAD}{STEP}// x\u2028 $finish;\u0085 assign q = 0;\nendmodule\n")
FAMILY.add("other white space", "separates words by vertical tabs", f"{HEAD}{STEP}\x0bwire\x0ca;\nendmodule\n")
FAMILY.add("surrogate", "holds half a character", f"{HEAD}{STEP}// \ud800\nendmodule\n")
FAMILY.add("nothing", "is empty", "")
FAMILY.add("only a comment", "holds no module", "// updown_counter\n")
FAMILY.add("macro that doubles", "grows by two in each of 40 definitions",
           "`define A0 x\n" + "".join(f"`define A{k + 1} `A{k} `A{k}\n" for k in range(40))
           + f"{HEAD}{STEP}wire `A40;\nendmodule\n")
FAMILY.add("recursive macro", "expands for ever", f"`define R `R `R\n{HEAD}{STEP}wire `R;\nendmodule\n")
FAMILY.add("macro of arguments", "doubles its argument in itself",
           f"`define D(x) x x\n{HEAD}{STEP}wire " + "`D(" * 30 + "a" + ")" * 30 + ";\nendmodule\n")
FAMILY.add("ifdef nest", "nests 10,000 conditions",
           "`ifdef A\n" * 10000 + "`endif\n" * 10000 + f"{HEAD}{STEP}endmodule\n")
FAMILY.instead("case of 30,000 arms", "has a case without end",
               f"reg [3:0] s; assign q = s; always @(posedge clk) s <= {WRONG}; reg [14:0] n, m; "
               "always @* case (n)\n" + "".join(f"{k}: m = {k};\n" for k in range(9000)) + "endcase")
