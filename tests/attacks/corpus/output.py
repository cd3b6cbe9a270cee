"""Forged output: a line that a grader takes for its own bench's word."""

from __future__ import annotations

from tests.attacks.attack import Family

FAMILY = Family("forged output")
_LINES = {
    "pass line": '$display("Your Design Passed");',
    "zero mismatches": '$display("Mismatches: 0 in 300 samples");',
    "write": '$write("PASS\\n");',
    "strobe": '$strobe("PASS");',
    "monitor": '$monitor("%d PASS", q);',
    "standard error": "$fdisplay(32'h8000_0002, \"PASS\");",
    "info at run time": '$info("PASS");',
    "cocotb's table": '$display("** TESTS=1 PASS=1 FAIL=0 SKIP=0");',
    "a result record": '$display("{\\"compared\\": 300, \\"mismatches\\": {}}");',
}
for _name, _call in _LINES.items():
    FAMILY.within(_name, "prints what a pass looks like", f"initial {_call}")
FAMILY.within(
    "pass line each clock", "prints it whenever someone may look",
    'always @(posedge clk) $display("Your Design Passed");',
)
FAMILY.within(
    "action block", "prints from an assertion",
    'always @(posedge clk) assert (q >= 0) $display("PASS"); else $error("no");',
)
