"""What Icarus gets wrong of its own accord costs no right answer and saves no wrong one."""
# ruff: noqa: E501 - a text is read best in one piece

from __future__ import annotations

import pytest

from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome
from rtlbench.sandbox.process import Limits
from rtlbench.sandbox.sandbox import private_folder
from rtlbench.simulation.icarus_faults import FAULTS, spared
from rtlbench.simulation.simulators import compile_sources, known_faults, run_compiled
from rtlbench.suites.families import load_suite
from tests.support import judge_all, rules

LIMITS = Limits(wall=60.0, cpu=10, memory=1 << 30)
HEAD = "module m; reg clk = 0; reg [7:0] a = 8'h10, b = 8'hf1; reg signed [3:0] t = -4'sd3;\n"
TAIL = "\ninitial begin #1 clk = 1; #1 $display(\"%0d\", q); end\nendmodule\n"


def shown(body: str) -> str:
    """What a bench prints that Icarus gets as the harness hands it over."""
    with private_folder() as folder:
        (folder / "m.sv").write_text(HEAD + body + TAIL)
        built = compile_sources(folder, ("m.sv",), ("m",), LIMITS)
        assert built.ok, built.stderr
        return run_compiled(folder, LIMITS).stdout.strip()


COUNTS = {
    "a concatenation": ("reg [7:0] q; always @(posedge clk) q <= $countones({a});", "1"),
    "an operation": ("reg [7:0] q; always @(posedge clk) q <= $countones(a & b);", "1"),
    "a sum keeps its width": ("reg [7:0] q; always @(posedge clk) q <= $countones(a + b);", "1"),
    "an inversion": ("reg [7:0] q; always @(posedge clk) q <= $countones(~a);", "7"),
    "a signed part": ("reg [7:0] q; always @(posedge clk) q <= $countones(t >>> 1);", "3"),
    "nothing": ("reg [7:0] q; always @(posedge clk) q <= $countones(a ^ a);", "0"),
    "one of several": ("reg q; always @(posedge clk) q <= $onehot({a, 1'b0});", "1"),
    "none of several": ("reg q; always @(posedge clk) q <= $onehot(a ^ a);", "0"),
    "at most one": ("reg q; always @(posedge clk) q <= $onehot0({b, a});", "0"),
    "at most one, none": ("reg q; always @(posedge clk) q <= $onehot0(a & 8'h0f);", "1"),
    "unknown": ("reg q; always @(posedge clk) q <= $isunknown({a, b});", "0"),
    "really unknown": ("reg q; always @(posedge clk) q <= $isunknown({a, 1'bx});", "1"),
    "a constant": ("localparam K = $countones(8'hA5); wire [7:0] q = K;", "4"),
    "in an assignment": ("wire [3:0] q = $countones(a | (b));", "5"),
    "negative": ("wire signed [7:0] q; assign q = $countones(a) - 3;", "-2"),
    "with a string beside it": (
        'reg [7:0] q; always @(posedge clk) begin q <= $countones({a}); $write("%s", "$onehot(");'
        " end", "$onehot(1"),
}


@pytest.mark.parametrize("name", COUNTS)
def test_ones_are_counted(name: str) -> None:
    body, right = COUNTS[name]
    assert shown(body) == right


QUERIES = {
    "in a parameter": ("localparam K = $bits(a); wire [7:0] q = K;", "8"),
    "in a range": ("wire [$bits(t)-1:0] q; assign q = a | b;", "1"),
    "of a part": ("localparam K = $bits(b[6:2]); wire [7:0] q = K;", "5"),
    "of a concatenation": ("localparam K = $bits({a, t}) * 2; wire [7:0] q = K;", "24"),
    "of an array": ("reg [3:0] m [0:5]; localparam K = $bits(m); wire [7:0] q = K;", "24"),
    "within another function": ("localparam K = $clog2($bits(a)); wire [7:0] q = K;", "3"),
    "for a generate": ("reg [7:0] q; if ($bits(a) == 8) begin always_comb q = 7; end else begin always_comb q = 9; end", "7"),
    "for a loop": (
        "wire [7:0] q; genvar g; for (g = 0; g < $bits(a); g = g + 1) assign q[g] = b[7 - g];", "143"),
    "of a type": ("typedef logic [8:0] n; localparam K = $bits(n); wire [7:0] q = K;", "9"),
    "a number of words": ("reg [3:0] m [0:5]; localparam K = $size(m); wire [7:0] q = K;", "6"),
    "on two lines": ("localparam K = $bits(\n a\n ); wire [7:0] q = K;", "8"),
    "in a block": ("reg [7:0] q; always_comb q = $bits(a) + b[4];", "9"),
}  # fmt: skip


@pytest.mark.parametrize("name", QUERIES)
def test_signals_are_asked_for_their_size(name: str) -> None:
    body, right = QUERIES[name]
    assert shown(body) == right


def test_a_size_that_differs_from_instance_to_instance_goes_to_the_other_simulator() -> None:
    child = "module c #(parameter W = 2)(input [W-1:0] x, output [7:0] y); " + (
        "localparam K = $bits(x); assign y = K; endmodule\n"
    )
    text = f"{child}module m; wire [7:0] p, q; c #(3) u(0, p); c #(4) v(0, q); endmodule\n"
    safe = spared(text)
    assert safe.unfit is not None
    assert "$bits" in safe.unfit[0]
    assert text[safe.unfit[1] :].startswith("$bits(x)")


BLOCKS = {
    "parts and whole": ("reg [7:0] q; always_comb q = b[7] ? -b : b;", "15"),
    "an else of its own": ("reg [7:0] q; always_comb if (b[7]) if (a[0]) q = 1; else q = 2;", "2"),
    "constants alone": ("reg [7:0] q; always_comb q = 8'd7;", "7"),
    "a register that never changes": ("reg [1:0] s = 2; reg [1:0] q; always_comb q = s;", "2"),
    "a latch": ("reg [7:0] q; always_latch if (b[0]) q = a;", "16"),
    "in a generate": ("reg [7:0] q; if (1) always_comb q = {b[3:0], b[7:4]};", "31"),
    "a function that reads on": (
        "function [7:0] f(input x); f = a; endfunction reg [7:0] q; always_comb q = f(clk);", "16"),
    "named like one": ("wire [7:0] \\always_comb = a; wire [7:0] q = \\always_comb ;", "16"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_are_woken(name: str) -> None:
    body, right = BLOCKS[name]
    assert shown(body) == right


def test_lines_stay_where_they_are() -> None:
    text = "module m;\nalways_comb\n  y = $onehot(\n a + b);\nendmodule\n"
    safe = spared(text)
    assert safe.text.count("\n") == text.count("\n")
    assert safe.text.split("\n")[3].startswith(" a + b")
    assert spared("module m; endmodule").roots == ()


UNFIT = {
    "a signed member": "typedef struct packed {logic [3:0] h; logic signed [3:0] l;} p; p v;",
    "a byte as a member": "struct packed {byte h; logic [3:0] l;} v;",
    "a power of signed values": "reg signed [3:0] x, y; wire signed [47:0] z = (x + 1) ** y;",
    "a count of a count": "assign y = $countones({$onehot(a), a});",
    "bits of a kind": "assign y = $countbits(a & b, 1'b1);",
}
FIT = {
    "no sign": "struct packed {logic [3:0] h; logic [3:0] l;} v; reg signed [3:0] x;",
    "a power of two": "reg signed [3:0] x; wire [7:0] z = 2 ** x; localparam K = N ** 2;",
    "two counts": "assign y = $countones(a) + $countones(b & (c));",
}


@pytest.mark.parametrize("name", [*UNFIT, *FIT])
def test_what_cannot_be_written_otherwise_is_known(name: str) -> None:
    text = {**UNFIT, **FIT}[name]
    assert (spared(text).unfit is not None) == (name in UNFIT)


def test_the_faults_are_those_of_this_version() -> None:
    """A newer Icarus has fewer: then the list can be cut."""
    assert {f.name: f.present for f in known_faults()} == {f.name: True for f in FAULTS}


STEP = "module {top}(input clk, input rst, input up, output reg [3:0] q);\n{body}\nendmodule\n"
COUNTER = "always @(posedge clk) if (rst) q <= 0; else {step}"
RIGHT = {
    "one of two": "if ($onehot({up, 1'b0})) q <= q + 1; else q <= q - 1;",
    "counted twice": "q <= q + $countones({up, up}) - 1;",
    "at most one": "if (!$onehot0({up, 1'b1})) q <= q + 1; else q <= q - 1;",
}
WRONG = {
    "a count that no four bits have": "q <= $countones({q}) > 4 ? q : up ? q - 1 : q + 1;",
    "never one of none": "if ($onehot({1'b0} & q)) q <= up ? q + 1 : q - 1;",
    "two are not at most one": "if ($onehot0({up, 1'b1})) q <= up ? q + 1 : q - 1;",
}


def _answer(spec: Spec, body: str) -> str:
    return STEP.replace("{top}", spec.top).replace("{body}", body)


@pytest.fixture
def counter() -> Spec:
    return next(s for s in load_suite() if s.id == "updown_w4_sync")


def test_counts_are_judged_by_what_they_mean(counter: Spec) -> None:
    steps = [*RIGHT.values(), *WRONG.values()]
    texts = [_answer(counter, COUNTER.replace("{step}", step)) for step in steps]
    verdicts = judge_all(texts, counter)
    told = [(v.functional, rules(v)) for v in verdicts]
    assert [v.functional for v in verdicts] == [True] * len(RIGHT) + [False] * len(WRONG), told
    alone = [judge_all([text], counter)[0] for text in texts]
    assert [(v.outcome, v.score) for v in alone] == [(v.outcome, v.score) for v in verdicts]


@pytest.mark.slow
def test_what_icarus_would_get_wrong_is_judged_by_its_netlist(counter: Spec) -> None:
    body = (
        "typedef struct packed {logic signed [1:0] d; logic [1:0] o;} step_t; step_t s;\n"
        "assign s = {up ? 2'b01 : 2'b11, 2'b00};\n"
        "always @(posedge clk) if (rst) q <= 0; else q <= q + {{2{s.d[1]}}, s.d};"
    )
    (verdict,) = judge_all([_answer(counter, body)], counter)
    assert verdict.outcome is Outcome.PASS, rules(verdict)
    assert verdict.checks["simulation"].detail["of"] == "its netlist"


@pytest.mark.slow
def test_a_block_that_icarus_cannot_wait_for_is_judged_so_too(counter: Spec) -> None:
    body = (
        "function [3:0] f(input x); f = q + (x ? 4'd1 : -4'd1); endfunction reg [3:0] d;\n"
        "always_comb d = q[3] ? f(up) : f(up) + q - q;\n"
        "always @(posedge clk) if (rst) q <= 0; else q <= d;"
    )
    (verdict,) = judge_all([_answer(counter, body)], counter)
    assert verdict.functional is True, rules(verdict)
    assert verdict.checks["simulation"].detail["of"] == "its netlist"
