"""Clashes: names that mean something to the wrapper, to a neighbour, or to a tool."""

from __future__ import annotations

from tests.attacks.attack import HEAD, STEP, WRONG, Family

FAMILY = Family("name clashes")
_EMPTY = "module {name}(input clk, rst, up, output [3:0] q); assign q = 0; endmodule\n"
for _name in ("golden_0", "lane0_0", "lane2_0", "unit0_0", "rtlbench", "rtlbench_", "top", "Vtop"):
    FAMILY.within(f"defines {_name}", "takes the place of a module of the harness",
                  f"{_name} n(clk, rst, up,);", _EMPTY.format(name=_name))
for _name in ("\\lane0_0 ", "\\golden_0 ", "\\$paramod ", "\\;endmodule ", "\\lane0_0;reg ", "\\// "):
    FAMILY.within(f"defines {_name.strip()}", "escapes a name out of its place",
                  f"{_name} n(clk, rst, up,);", _EMPTY.format(name=_name))
for _name in ("shown", "frames", "expected", "lane_0", "in_0", "tick", "$0", "\\bad[0] "):
    if not _name.startswith("$"):
        FAMILY.within(f"declares {_name.strip()}", "shadows a net of the wrapper",
                      f"wire [3:0] {_name} = 4'd0;")
FAMILY.add("end label", "names another module at its end",
           f"{HEAD}{STEP}endmodule : golden_0\n")
FAMILY.add("escaped top", "is the top module by an escaped name",
           HEAD.replace("updown_counter", "\\updown_counter ") + f"{STEP}endmodule\n")
FAMILY.add("renamed to a neighbour", "collides once names are told apart",
           f"{HEAD}{STEP}lane1_1 a(clk); lane1_2 b(clk);\nendmodule\n"
           "module lane1_1(input a); endmodule\nmodule lane1_2(input a); endmodule\n")
FAMILY.add("case of letters", "differs from another module by case only",
           f"{HEAD}{STEP}UPDOWN_COUNTER a(clk);\nendmodule\nmodule UPDOWN_COUNTER(input a); endmodule\n")
FAMILY.add("package of the harness", "defines a package that all lanes would see",
           f"package golden_0; localparam X = 1; endpackage\n{HEAD}{STEP}endmodule\n")
FAMILY.add("names of the unit", "declares at the outermost level",
           f"localparam W = 4; function f(input a); f = a; endfunction\n{HEAD}{STEP}endmodule\n")
FAMILY.add("typedef over a module", "gives a type a module's name",
           f"typedef logic [3:0] golden_0;\n{HEAD}{STEP}endmodule\n")
FAMILY.add("interface", "gives an interface a module's name",
           f"interface lane0_0; logic a; endinterface\n{HEAD}{STEP}endmodule\n")
FAMILY.add("primitive", "defines a primitive that all lanes would see",
           f"primitive golden_0(o, i); output o; input i; table 0:1; 1:0; endtable endprimitive\n"
           f"{HEAD}{STEP}endmodule\n")
FAMILY.add("configuration", "binds a neighbour's instances to itself",
           f"{HEAD}{STEP}endmodule\nconfig c; design updown_counter; "
           "instance lane_0 use updown_counter; endconfig\n")
FAMILY.add("nested module", "defines a module inside",
           f"{HEAD}{STEP}module golden_0; endmodule golden_0 g();\nendmodule\n")
FAMILY.add("extern module", "declares a neighbour's header", f"extern module golden_0(input a);\n{HEAD}{STEP}endmodule\n")
FAMILY.within("unicode look-alike", "declares a clock that is none", "wire \u0441lk; assign \u0441lk = 0;")
FAMILY.add("look-alike keyword", "ends the module with a letter from elsewhere",
           f"{HEAD}{STEP}endm\u043edule\nendmodule\n")
FAMILY.add("invisible characters", "separates words by nothing that is seen",
           f"{HEAD}{STEP}wire a\u200b; wire\u00a0b;\nendmodule\n")
FAMILY.add("right to left", "shows another text than it is",
           f"{HEAD}// \u202e ;q ngissa\n{STEP}endmodule\n")
FAMILY.instead("implicit net", "misspells a port so that a net appears",
               f"reg [3:0] s; always @(posedge clk) s <= {WRONG}; assign q = s; assign reset_n = rst;")
