"""Early finish: the simulation ends before anything is compared."""

from __future__ import annotations

from tests.attacks.attack import STEP, Family

FAMILY = Family("early finish")
FAMILY.within("finish at once", "ends before the first comparison", "initial $finish;")
FAMILY.within("finish with 0", "ends as if all were well", "initial $finish(0);")
FAMILY.within("stop", "stops for a prompt that nobody answers", "initial $stop;")
FAMILY.within("exit", "ends all programs", "initial $exit;")
FAMILY.within("fatal", "ends with a message", 'always @(posedge clk) $fatal(0, "PASS");')
FAMILY.within(
    "finish after a match", "ends while nothing is wrong yet",
    "always @(posedge clk) if (rst) $finish;",
)
FAMILY.within("finish in a final block", "acts when all is over", "final $finish;")
FAMILY.within(
    "finish in a function", "hides the call in a function",
    "function f; input a; begin f = a; $finish; end endfunction wire w = f(clk);",
)
FAMILY.within(
    "finish by macro", "hides the call behind a macro",
    "`define SAFE(x) x\ninitial `SAFE($finish);",
)
FAMILY.within("finish by paste", "makes the name of two halves", "`define P(a,b) a``b\ninitial `P($fin,ish);")
FAMILY.add(
    "never ends at time 0", "keeps the simulation from its first comparison",
    "module updown_counter(input clk, rst, up, output reg [3:0] q);\n"
    + STEP.replace("always_ff", "always") + "initial while (1) ;\nendmodule\n",
)
