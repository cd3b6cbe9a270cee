"""Unknowns: what a simulator takes X and Z for, and hardware does not."""

from __future__ import annotations

from tests.attacks.attack import RIGHT, WRONG, Family

FAMILY = Family("unknown values")
_STATE = "reg [3:0] s; assign q = s;"
_NEXT = f"{_STATE} always @(posedge clk) s <= "
_FORMS = {
    "all X": "assign q = 4'bx;",
    "all Z": "assign q = 4'bz;",
    "not driven": "wire a = clk & rst & up;",
    "X that agrees": f"{_NEXT} {RIGHT}; assign q = up ? 4'bx : 4'bz;",
    "pulled two ways": "assign q = 4'b0; assign q = 4'b1111;",
    "weak outputs": "assign (weak0, weak1) q = 4'd0; pullup p [3:0] (q);",
    "=== with X": f"reg t; always @(posedge clk) t <= t; {_NEXT} t === 1'bx ? {RIGHT} : {WRONG};",
    "!== with Z": f"wire t; {_NEXT} t !== 1'bz ? {WRONG} : {RIGHT};",
    "!== with 0": f"reg t; initial t = 1'bx; {_NEXT} t !== 1'b0 ? {RIGHT} : {WRONG};",
    "!== of two unknowns": f"reg t, u; {_NEXT} t === u ? {RIGHT} : {WRONG};",
    "casex on X": f"reg t; {_STATE} always @(posedge clk) casex (t) 1'b0: s <= {RIGHT}; "
    f"default: s <= {WRONG}; endcase",
    "case of X": f"reg t; {_STATE} always @(posedge clk) case (t) 1'bx: s <= {RIGHT}; "
    f"default: s <= {WRONG}; endcase",
    "casez on Z": f"wire t; {_STATE} always @(posedge clk) casez (t) 1'b1: s <= {RIGHT}; "
    f"default: s <= {WRONG}; endcase",
    "if on what nothing drives": f"wire t; {_STATE} always @(posedge clk) if (t) s <= {WRONG}; "
    f"else s <= {RIGHT};",
    "if on what nothing assigns": f"reg t; {_STATE} always @(posedge clk) if (t) s <= {WRONG}; "
    f"else s <= {RIGHT};",
    "if on what keeps itself": f"reg t; always @(posedge clk) t <= t; {_STATE} "
    f"always @(posedge clk) if (t) s <= {WRONG}; else s <= {RIGHT};",
    "if on what is never known": f"reg t; always @(posedge clk) t <= t ^ up; {_STATE} "
    f"always @(posedge clk) if (t) s <= {WRONG}; else s <= {RIGHT};",
    "if on a counter that never starts": f"reg [7:0] n; always @(posedge clk) n <= n + 1; {_STATE} "
    f"always @(posedge clk) if (n == 8'd7) s <= {WRONG}; else s <= {RIGHT};",
    "$isunknown": f"reg t; {_NEXT} $isunknown(t) ? {RIGHT} : {WRONG};",
    "X in an index": f"reg t; reg [3:0] m [0:1]; always @(posedge clk) m[t] <= 0; {_NEXT} "
    f"m[0] == 0 ? {WRONG} : {RIGHT};",
    "X as a clock": f"reg t; always @(posedge t) t <= 0; {_STATE} always @(posedge clk) "
    f"if (t) s <= {WRONG}; else s <= {RIGHT};",
    "start value X": f"reg t = 1'bx; {_STATE} always @(posedge clk) if (t) s <= {WRONG}; "
    f"else s <= {RIGHT};",
    "division by zero": f"wire [3:0] t = 4'd1 / 4'd0; {_STATE} always @(posedge clk) "
    f"if (t == 4'd3) s <= {WRONG}; else s <= t[0] ? {WRONG} : {WRONG};",
    "if on what its reset leaves alone": f"reg t; always @(posedge clk) if (rst) t <= t; {_STATE} "
    f"always @(posedge clk) if (t) s <= {WRONG}; else s <= {RIGHT};",
    "if on a block's own variable": f"{_STATE} always @(posedge clk) begin reg t; t <= t; "
    f"if (t) s <= {WRONG}; else s <= {RIGHT}; end",
    "if on a memory": f"reg m [0:1]; always @(posedge clk) m[up] <= m[up]; {_STATE} "
    f"always @(posedge clk) if (m[up]) s <= {WRONG}; else s <= {RIGHT};",
    "if on a block's own memory": f"{_STATE} always @(posedge clk) begin reg t [0:0]; "
    f"t[0] <= t[0]; if (t[0]) s <= {WRONG}; else s <= {RIGHT}; end",
    "if on an enumeration": "typedef enum logic {A, B} two; two t; always @(posedge clk) t <= t; "
    f"{_STATE} always @(posedge clk) if (t == B) s <= {WRONG}; else s <= {RIGHT};",
    "if on a half that never starts": "reg [1:0] t; initial t[0] = 0; always @(posedge clk) "
    f"t <= t; {_STATE} always @(posedge clk) if (t[1]) s <= {WRONG}; else s <= {RIGHT};",
    "if on a latch that never opens": f"reg t; always_latch if (clk & ~clk) t = up; {_STATE} "
    f"always @(posedge clk) if (t) s <= {WRONG}; else s <= {RIGHT};",
    "if on a written X": f"{_STATE} always @(posedge clk) if (1'bx) s <= {WRONG}; "
    f"else s <= {RIGHT};",
    "if on an X that reset sets": f"reg t; always @(posedge clk) t <= rst ? 1'bx : t; {_STATE} "
    f"always @(posedge clk) if (t) s <= {WRONG}; else s <= {RIGHT};",
}
for _name, _body in _FORMS.items():
    FAMILY.instead(_name, "is right only while something is unknown", _body)
