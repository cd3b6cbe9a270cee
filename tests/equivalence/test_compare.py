"""Equivalence of designs that are written differently, and of designs that only look alike."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rtlbench.equivalence.compare import Equivalence, check_equivalence
from rtlbench.records.spec import Spec
from rtlbench.rtl.batches import Unit
from tests.support import plain_spec

PORTS = ("input clk clock", "input rst reset", "input en enable", "output q 4")
HEAD = "module {}(input clk, input rst, input en, output reg [3:0] q);\n"


def spec_of(*ports: str, **given: Any) -> Spec:
    return msgspec.structs.replace(plain_spec("", *ports), **given)


def compare(spec: Spec, golden: str, candidate: str, seconds: float = 10) -> Equivalence:
    units = [Unit(t.replace("module m", f"module {n}"), n) for n, t in
             (("golden_0", golden), ("unit0_0", candidate))]
    return check_equivalence(spec, units[0], units[1], seconds)


def counter(body: str, event: str = "posedge clk") -> str:
    return HEAD.format("m") + f"    always @({event}) {body}\nendmodule\n"


SYNC = spec_of(*PORTS, reset="sync")
ASYNC = spec_of(*PORTS, reset="async")
COUNTER = "if (rst) q <= 4'd0; else if (en) q <= q + 4'd1;"
EVENT = "posedge clk or posedge rst"


@pytest.mark.parametrize(
    "body",
    [
        "q <= rst ? 4'd0 : q + {3'd0, en};",
        "case ({rst, en}) 2'b00: q <= q; 2'b01: q <= q - 4'd15; default: q <= 4'd0; endcase",
        "begin if (en) q <= q + 4'd1; if (rst) q <= 4'd0; end",
    ],
)
def test_the_same_written_differently_is_proved(body: str) -> None:
    assert compare(SYNC, counter(COUNTER), counter(body)).verdict == "proved"


def test_another_encoding_of_the_state_is_proved() -> None:
    gray = HEAD.format("m").replace("reg ", "") + """    reg [3:0] g;
    assign q = {g[3], ^g[3:2], ^g[3:1], ^g};
    wire [3:0] n = q + 4'd1;
    always @(posedge clk) if (rst) g <= 4'd0; else if (en) g <= n ^ (n >> 1);
endmodule
"""
    assert compare(SYNC, counter(COUNTER), gray).verdict == "proved"


@pytest.mark.parametrize(
    "body",
    [
        "if (rst) q <= 4'd0; else if (en) q <= q == 4'd14 ? 4'd0 : q + 4'd1;",
        "if (rst) q <= 4'd0; else q <= q + 4'd1;",
        "if (!rst) q <= 4'd0; else if (en) q <= q + 4'd1;",
        "if (rst) q <= 4'd1; else if (en) q <= q + 4'd1;",
        "if (rst & en) q <= 4'd0; else if (en) q <= q + 4'd1;",
        "if (en) q <= q + 4'd1;",
    ],
)
def test_a_wrong_counter_is_different(body: str) -> None:
    found = compare(SYNC, counter(COUNTER), counter(body))
    assert found.verdict == "different"
    assert found.counterexample is not None
    assert found.counterexample.golden != found.counterexample.candidate


@pytest.mark.parametrize(
    ("spec", "golden", "candidate"),
    [
        (ASYNC, EVENT, "posedge clk"),
        (SYNC, "posedge clk", EVENT),
        (SYNC, "posedge clk", "negedge clk"),
        (ASYNC, EVENT, "negedge clk or posedge rst"),
    ],
)
def test_wrong_reset_kind_and_wrong_edge_are_different(
    spec: Spec, golden: str, candidate: str
) -> None:
    found = compare(spec, counter(COUNTER, golden), counter(COUNTER, candidate))
    assert found.verdict == "different"


def test_a_reset_between_clock_edges_is_seen() -> None:
    """A register that an asynchronous reset spares differs from one that clocks reset in."""
    ports = ("input clk clock", "input rst reset", "input d 2", "output q 2")
    spec = spec_of(*ports, reset="async")
    text = """module m(input clk, input rst, input [1:0] d, output [1:0] q);
    reg a, b;
    assign q = {{a, b}};
    always @(posedge clk or posedge rst) if (rst) a <= 1'b0; else a <= d[1];
    always @(posedge clk{}) if (rst) b <= 1'b0; else b <= d[0];
endmodule
"""
    right, wrong = text.format(" or posedge rst"), text.format("")
    assert compare(spec, right, right).verdict == "proved"
    assert compare(spec, right, wrong).verdict == "different"


def test_an_active_low_reset_is_applied_low() -> None:
    spec = spec_of("input clk clock", "input rst reset low", "input en enable", "output q 4",
                   reset="sync")
    golden = counter("if (!rst) q <= 4'd0; else if (en) q <= q + 4'd1;")
    assert compare(spec, golden, golden).verdict == "proved"
    assert compare(spec, golden, counter(COUNTER)).verdict == "different"


def test_both_clock_edges() -> None:
    text = HEAD.format("m") + """    reg [3:0] a;
    always @(posedge clk) if (rst) a <= 4'd0; else a <= a + 4'd1;
    always @(negedge clk) if (rst) q <= 4'd0; else if (en) q <= a{};
endmodule
"""
    assert compare(SYNC, text.format(""), text.format("")).verdict == "proved"
    assert compare(SYNC, text.format(""), text.format(" + 4'd1")).verdict == "different"


def test_x_in_a_default_branch_is_harmless_where_it_is_never_reached() -> None:
    body = "if (rst) q <= 4'd0; else case (q) 4'd0: q <= 4'd1; 4'd1: q <= {}; "
    body += "default: q <= {}; endcase"
    golden, careless = (counter(body.format("4'd0", v)) for v in ("4'd0", "4'bx"))
    assert compare(SYNC, golden, careless).verdict == "proved"
    assert compare(SYNC, golden, counter(body.format("4'bx", "4'd0"))).verdict == "different"


@pytest.mark.parametrize(
    "shown", ["t[a]", "t[a -: 1]", "a == 2'd3 ? 1'bx : t[a]", "t / 3'd0", "t[0] / a[0]"]
)
def test_an_undefined_value_never_makes_a_wrong_design_provable(shown: str) -> None:
    spec = spec_of("input a 2", "input t 3", "output y")
    text = "module m(input [1:0] a, input [2:0] t, output y);\n    assign y = {};\nendmodule\n"
    golden = "a == 2'd0 ? t[0] : a == 2'd1 ? t[1] : a == 2'd2 ? t[2] : 1'b0"
    assert compare(spec, text.format(golden), text.format(shown)).verdict != "proved"


@pytest.mark.parametrize("a", ["a", "$signed(a)", "a - 2'd2", "$signed({1'b0, a}) - 2"])
@pytest.mark.parametrize("width", [1, 2, 3])
def test_an_index_is_exact_within_and_undefined_without(a: str, width: int) -> None:
    """Against a table with an X for each bit outside, and with a 0 for it."""
    spec = spec_of("input a 3", "input t 5", f"output y {width}")
    head = f"module m(input [2:0] a, input [4:0] t, output reg [{width - 1}:0] y);\n"
    head += f"    wire signed [3:0] at = {a};\n"
    bits = {at: [f"t[{at + k}]" if 0 <= at + k < 5 else "1'bx" for k in range(width)][::-1]
            for at in range(-8, 8)}  # fmt: skip
    cases = "".join(f"4'd{at & 15}: y = {{{', '.join(shown)}}}; " for at, shown in bits.items())
    unknown = f"{head}    always @* case (at) {cases} default: y = 0; endcase\nendmodule\n"
    zero = unknown.replace("1'bx", "1'b0")
    select = f"{head}    always @* y = t[at +: {width}];\nendmodule\n"
    assert compare(spec, unknown, select).verdict == "proved"
    assert compare(spec, zero, select).verdict == "different"
    assert compare(spec, select, zero).verdict == "proved"


@pytest.mark.parametrize("sign", ["", "signed"])
def test_an_index_far_out_of_range_is_undefined(sign: str) -> None:
    spec = spec_of("input a 40", "input t 5", "output y 2")
    head = "module m(input [39:0] a, input [4:0] t, output [1:0] y);\n"
    head += f"    wire {sign} [39:0] at = a;\n"
    table = "".join(f"at == 40'd{k} ? {{t[{k + 1}], t[{k}]}} : " for k in range(4))
    zero, unknown = (f"{head}assign y = {table}at == 40'd4 ? {{1'b{b}, t[4]}} : "
                     f"at == {{40{{1'b1}}}} && {int(bool(sign))} ? {{t[0], 1'b{b}}} : 2'b{b}{b};\n"
                     "endmodule\n" for b in "0x")  # fmt: skip
    select = f"{head}assign y = t[at +: 2];\nendmodule\n"
    assert compare(spec, unknown, select).verdict == "proved"
    assert compare(spec, select, zero).verdict == "proved"
    assert compare(spec, zero, select).verdict == "different"


def test_without_reset_the_declared_values_count() -> None:
    spec = spec_of("input clk clock", "input en enable", "output q 2")
    text = """module m(input clk, input en, output reg [1:0] q);
    {}
    always @(posedge clk) if (en) q <= q + 2'd1;
endmodule
"""
    golden = text.format("initial q = 2'd2;")
    assert compare(spec, golden, golden).verdict == "proved"
    assert compare(spec, golden, text.format("initial q = 2'd1;")).verdict == "different"
    assert compare(spec, golden, text.format("")).verdict == "different"


@pytest.mark.parametrize(("first", "verdict"), [("2'd2", "proved"), ("2'd1", "different")])
def test_declared_values_count_beside_undefined_ones(first: str, verdict: str) -> None:
    """What the golden declares is held against the answer, whatever else starts undefined."""
    spec = spec_of("input clk clock", "input en enable", "input d", "output q 2", "output r")
    text = """module m(input clk, input en, input d, output reg [1:0] q, output reg r);
    initial q = {};
    always @(posedge clk) if (en) begin q <= q + 2'd1; r <= d; end
endmodule
"""
    assert compare(spec, text.format("2'd2"), text.format(first)).verdict == verdict


def test_a_declared_value_counts_also_where_an_undefined_register_hides_it() -> None:
    spec = spec_of("input clk clock", "input rst reset", "input d", "output q", reset="sync")
    text = """module m(input clk, input rst, input d, output q);
    reg [1:0] mem [0:1]; reg a{};
    assign q = a ? d : mem[0][1];
    always @(posedge clk) begin mem[d] <= {{2{{d}}}}; if (rst) a <= 1'b1; else a <= {}; end
endmodule
"""
    golden = text.format("", "a")
    assert compare(spec, golden, text.format("", "a | d")).verdict == "proved"
    assert compare(spec, golden, text.format(" = 1'b0", "a & d")).verdict == "different"


def test_what_the_golden_leaves_undefined_is_not_compared() -> None:
    spec = spec_of("input clk clock", "input en enable", "input d", "output q")
    text = """module m(input clk, input en, input d, output reg q);
    {}
    always @(posedge clk) if (en) q <= {};
endmodule
"""
    golden = text.format("", "d")
    assert compare(spec, golden, text.format("initial q = 1'b1;", "d")).verdict == "proved"
    assert compare(spec, golden, text.format("", "!d")).verdict == "different"


def test_a_golden_that_is_never_defined_proves_nothing() -> None:
    spec = spec_of("input clk clock", "output q")
    text = "module m(input clk, output reg q);\n    always @(posedge clk) q <= !q;\nendmodule\n"
    found = compare(spec, text, text.replace("!q", "q"))
    assert found.verdict is None
    assert "never surely defined" in found.reason


def divider(limit: int) -> str:
    return f"""module m(input clk, input rst, output q);
    reg [13:0] n;
    assign q = n == 14'd{limit};
    always @(posedge clk) if (rst || q) n <= 14'd0; else n <= n + 14'd1;
endmodule
"""


def test_dividers_that_first_differ_after_10000_cycles_are_never_proved() -> None:
    spec = spec_of("input clk clock", "input rst reset", "output q", reset="sync")
    found = compare(spec, divider(9_999), divider(10_000), seconds=4)
    assert found.verdict != "proved"
    if found.verdict == "bounded":
        assert found.depth is not None
        assert found.depth < 10_000
    assert compare(spec, divider(9_999), divider(9_999)).verdict == "proved"


def test_depth_counts_clock_cycles_also_where_a_step_is_half_of_one() -> None:
    spec = spec_of("input clk clock", "input rst reset", "output q", reset="sync")
    both = divider(9_999).replace("output q", "output reg q").replace("assign q", "wire t")
    both = both.replace("|| q", "|| t").replace(
        "endmodule", "always @(negedge clk) q <= rst ? 1'b0 : t;\nendmodule"
    )
    found = compare(spec, both, both.replace("9999", "12000"), seconds=4)
    assert found.verdict in ("bounded", "different", None)
    assert found.depth is None or found.depth < 10_000


def test_a_hopeless_pair_ends_in_time_and_says_why() -> None:
    spec = spec_of("input a 20", "input b 20", "output y 40")
    text = "module m(input [19:0] a, input [19:0] b, output [39:0] y);\n{}\nendmodule\n"
    sums = "".join(f" + ({{20'd0, a}} * b[{k}] << {k})" for k in reversed(range(20)))
    golden, other = text.format("assign y = a * b;"), text.format(f"assign y = 40'd0{sums};")
    found = compare(spec, golden, other, seconds=4)
    assert found.verdict is None
    assert "undecided after" in found.reason
    assert found.seconds < 60


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("reg t; always @(posedge clk) t <= !t; always @(posedge t) q <= d;", "another clock"),
        ("always @* if (en) q = d;", "latch"),
        ("always @(posedge clk or posedge en) if (en) q <= d; else q <= 1'b0;", "asynchronously"),
        ("always @(posedge clk) q <= d ^ clk;", "clock is used as data"),
    ],
)
def test_what_cannot_be_compared_is_named(text: str, reason: str) -> None:
    spec = spec_of("input clk clock", "input en", "input d", "output q")
    head = "module m(input clk, input en, input d, output reg q);\n"
    golden = f"{head}initial q = 0; always @(posedge clk) q <= d & en;\nendmodule\n"
    found = compare(spec, golden, f"{head}{text}\nendmodule\n")
    assert found.verdict is None
    assert reason in found.reason
