"""Faults of simulators: right only where a simulator computes what the language does not say."""

from __future__ import annotations

from tests.attacks.attack import HEAD, RIGHT, Family

FAMILY = Family("faults of simulators")
_WRONG = "(rst ? 4'd0 : up ? s + 4'd2 : s - 4'd1)"
_S = "reg [3:0] s; assign q = s;\n"
_TRICKS = {
    "ones of a concatenation": "$countones({s}) > 4",
    "ones of an operation": "$countones(s & 4'hf) > 4",
    "ones of an inversion": "$countones(~s) > 4",
    "ones of a sum": "$countones(s + 4'd0) > 4",
    "ones of a choice": "$countones(up ? s : s) > 4",
    "ones of a selection": "$countones(s[3:0]) > 4",
    "ones of a repetition": "$countones({2{s}}) > 8",
    "one of none": "$onehot(s & ~s)",
    "one of a constant": "$onehot({s[0], ~s[0], 1'b1})",
    "at most one of three": "$onehot0({1'b1, 1'b1, s[0]})",
    "at most one turned round": "!$onehot0({s[0] & ~s[0]})",
    "unknown bits": "$countones({s, 1'b0}) != $countones(s)",
}
"""Conditions that never hold; the answer is right only while a simulator says that they do."""
for _name, _trick in _TRICKS.items():
    FAMILY.instead(
        _name, "is right where bits are miscounted",
        f"{_S}always @(posedge clk) s <= ({_trick}) ? {RIGHT} : {_WRONG};",
    )
    FAMILY.instead(
        f"{_name}, in a block", "is right where bits are miscounted",
        f"{_S}reg t; always @* t = {_trick};\n"
        f"always @(posedge clk) if (t) s <= {RIGHT}; else s <= {_WRONG};",
    )
_OTHERS = {
    "a parameter that overflows": "localparam K = 3'd7 + 3'd1; wire t = K == 8;",
    "a parameter that is shifted out": "localparam K = 2'd2 << 1; wire t = K == 4;",
    "a block that is not woken": "reg t, n; always_comb n = s[3] ? s == 4'd0 : s[3]; "
    "always_comb t = n & s[0];",
    "a latch that is not woken": "reg t; always_latch if (!s[3]) t = s[3]; ",
}
"""Wires `t` that are never 1."""
for _name, _trick in _OTHERS.items():
    FAMILY.instead(
        _name, "is right where a simulator is wrong",
        f"{_S}{_trick}\nalways @(posedge clk) s <= t ? {RIGHT} : {_WRONG};",
    )
FAMILY.add(
    "ones counted in a child", "is right where bits are miscounted, out of sight",
    f"{HEAD}{_S}wire t; many u(.v({{s}}), .y(t));\n"
    f"always @(posedge clk) s <= t ? {RIGHT} : {_WRONG};\nendmodule\n"
    "module many(input [3:0] v, output y); assign y = $countones(v | 4'd0) > 4; endmodule\n",
)
