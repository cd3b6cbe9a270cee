"""Designs that grow beyond all bounds are refused before they can hurt; ordinary ones are not."""

from __future__ import annotations

import pytest
from pyslang import SourceManager

from rtlbench.rtl.elaboration_size import TooLargeError, needs_trial
from rtlbench.rtl.slang import elaborate, parse


def tree(depth: int) -> str:
    """Modules that each hold two of the next."""
    return "".join(
        f"module t{k}(input a); t{k + 1} x(a); t{k + 1} y(a); endmodule\n" for k in range(depth)
    ) + f"module t{depth}(input a); endmodule\n"


GROWING = {
    "tree": tree(30),
    "memory": "module m; reg [31:0] m [0:2**28]; endmodule",
    "vector": "module m; reg [2**23:0] v; endmodule",
    "constants": "module m; genvar i; for (i = 0; i < 16000; i = i + 1) begin : g localparam X = "
    "f(i); end function integer f(input integer a); begin f = 0; while (f < 30000) f = f + 1; end "
    "endfunction endmodule",
    "power": "module m; localparam [65535:0] X = 65536'd3 ** 65536'hffffffffffffffff; endmodule",
}


@pytest.mark.parametrize("kind", GROWING)
def test_what_grows_beyond_bounds_is_refused(kind: str) -> None:
    with pytest.raises(TooLargeError):
        elaborate(GROWING[kind], "t0" if kind == "tree" else "m")


def test_what_has_many_instances_is_not() -> None:
    assert elaborate(tree(9), "t0").top is not None


_TABLE = (
    "function automatic [7:0] f(input [7:0] a); for (int i = 0; i < {n}; i++) f = a; endfunction"
)


@pytest.mark.parametrize(
    ("body", "needs"),
    [
        (_TABLE.format(n=8) + " assign y = f(a);", False),
        (_TABLE.format(n=257) + " assign y = f(a);", True),
        (_TABLE.format(n="N") + " assign y = f(a);", True),
        (_TABLE.format(n=8) + f" assign y = {' ^ '.join(['f(a)'] * 17)};", True),
        (_TABLE.format(n=8) + " for (genvar k = 0; k < 9; k++) wire [7:0] w = f(k);", True),
        (_TABLE.format(n=8) + " other o(f(8'd1));", True),
        ("function [7:0] f(input [7:0] a); f = f(a - 1); endfunction", True),
        ("function [7:0] f(input [7:0] a); while (a) f = a; endfunction", True),
        ("localparam X = 3 ** 70000;", True),
        ("localparam X = 2 ** 16;", False),
    ],
)
def test_only_what_may_take_long_is_tried_first(body: str, needs: bool) -> None:
    text = f"module m(input [7:0] a, output [7:0] y); {body} endmodule"
    assert needs_trial(parse(text, SourceManager())) is needs
