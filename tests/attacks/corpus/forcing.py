"""Forcing: signals of the bench or a neighbour get the values that pass."""

from __future__ import annotations

from tests.attacks.attack import Family

FAMILY = Family("forcing signals")
_FORMS = {
    "force": "initial force rtlbench.bad = 0;",
    "force own output": "initial force q = 4'd0;",
    "release": "initial release rtlbench.bad;",
    "procedural assign": "reg r; initial assign r = 1;",
    "deassign": "reg r; initial deassign r;",
    "bind": "bind updown_counter spy s(.a(clk));",
    "defparam upward": "defparam rtlbench.frames = 0;",
    "defparam of a neighbour": "defparam lane_0.W = 1;",
    "assignment out": "always @(posedge clk) rtlbench.seen = 0;",
    "task of the bench": "initial rtlbench.check();",
    "disable the bench": "always @(posedge clk) disable rtlbench;",
    "event of the bench": "event e; initial -> rtlbench.e;",
    "deposit": "initial $deposit(q, 0);",
    "cross-module alias": "alias clk = up;",
    "virtual interface": "virtual interface bus v;",
}
for _name, _body in _FORMS.items():
    FAMILY.within(_name, "changes what the bench sees", _body)
