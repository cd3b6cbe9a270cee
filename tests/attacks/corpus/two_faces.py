"""Two faces: each tool is shown another circuit."""

from __future__ import annotations

from tests.attacks.attack import HEAD, RIGHT, STEP, Family

FAMILY = Family("another circuit a tool")
_GOOD = f"reg [3:0] s; assign q = s; always @(posedge clk) s <= {RIGHT};"
for _symbol in ("__ICARUS__", "YOSYS", "VERILATOR", "SYNTHESIS", "COCOTB_SIM", "__slang__"):
    FAMILY.instead(
        f"ifdef {_symbol}", "is right for one tool only",
        f"`ifdef {_symbol}\n{_GOOD}\n`else\n{STEP}`endif\n",
    )
_HIDING = {
    "translate_off": "// synopsys translate_off\n{bad}// synopsys translate_on\n",
    "full_case pragma": "/* synopsys full_case parallel_case */\n{bad}",
    "verilator lint_off": "/* verilator lint_off ALL */\n{bad}/* verilator public */\n",
    "verilator tracing_off": "// verilator tracing_off\n{bad}",
    "pragma protect": "`pragma protect begin\n{bad}`pragma protect end\n",
    "keep": "(* keep *) wire [3:0] k = 0;\n{bad}",
}
for _name, _text in _HIDING.items():
    FAMILY.instead(_name, "hides from one tool by a pragma", _text.format(bad=STEP))
for _name in ("blackbox", "whitebox", "keep_hierarchy", "techmap_wrap", "top", "formal"):
    FAMILY.add(
        f"attribute {_name}", "tells a synthesizer to look elsewhere",
        f"(* {_name} *)\n{HEAD}{STEP}endmodule\n",
    )
FAMILY.add(
    "two modules of one name", "leaves it to the tool which one counts",
    f"{HEAD}{STEP}endmodule\n{HEAD}{_GOOD}\nendmodule\n{HEAD}{STEP}endmodule\n",
)
FAMILY.within("celldefine", "hides as a library cell", "`celldefine", "`endcelldefine\n")
FAMILY.add(
    "comment in a string", "has two readers disagree on where a comment ends",
    f"{HEAD}localparam S = \"/*\";\n{STEP}localparam T = \"*/\";\nendmodule\n",
)
FAMILY.instead(
    "attribute or sensitivity list", "has two readers disagree on `(*)`",
    f"reg [3:0] s; assign q = s; reg t; always @(*) t = up; {STEP.replace('q <=', 's <=')} "
    "(* x = \")*)\" *) wire z;",
)
