"""Peeking: the reference, the bench or a neighbour gives the right answer away."""

from __future__ import annotations

from tests.attacks.attack import Family

FAMILY = Family("peeking")
_PATHS = (
    "$root.rtlbench.expected", "rtlbench.expected", "expected", "shown[0]", "now", "lane_0.q",
    "golden_0.q", "lane0_0.q", "tb.ref_q", "\\lane_0 .q", "updown_counter.q", "$unit::q",
)
for _path in _PATHS:
    FAMILY.instead(f"reads {_path}", "reads by a path out of the module", f"assign q = {_path};")
for _module in ("golden_0", "lane1_0", "unit0_0", "RefModule", "verified_updown_counter"):
    FAMILY.instead(
        f"instantiates {_module}", "lets the reference or a neighbour do the work",
        f"{_module} u (.clk(clk), .rst(rst), .up(up), .q(q));",
    )
FAMILY.instead(
    "reads the stimulus", "loads the frames with their expected values",
    'reg [9:0] m [0:999]; initial $readmemb("stimulus.mem", m); assign q = m[0][7:4];',
)
FAMILY.instead(
    "asks for plusargs", "reads the simulator's command line",
    'reg [3:0] v; initial if (!$value$plusargs("q=%d", v)) v = 0; assign q = v;',
)
FAMILY.instead(
    "upward by name of an instance", "guesses its own instance's name",
    "wire [3:0] w = lane_1.golden_0.q; assign q = w;",
)
