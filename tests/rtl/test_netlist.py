"""What is read off a netlist: cones, latches, loops, registers."""

from __future__ import annotations

import pytest

from rtlbench.rtl.cells import Register
from rtlbench.rtl.netlist import Netlist, cell_line
from tests.support import netlist_for

LOOP_HEAD = "module m(input en, input [7:0] d, output [7:0] q);\n"


def module(body: str, header: str = "input clk, input rst, input en, input [7:0] d") -> Netlist:
    return netlist_for(f"module m({header}, output reg [7:0] q);\n{body}\nendmodule\n")


def register(event: str, statement: str) -> Register:
    """The facts of the one register that `statement` makes."""
    (found,) = module(f"always @({event}) {statement}").registers
    return found


def test_inputs_that_no_output_depends_on_are_told() -> None:
    netlist = module("always @(posedge clk) q <= d;")
    assert netlist.unused_input_bits == {"rst": [0], "en": [0]}


def test_an_input_that_is_only_mentioned_in_dead_code_is_unused() -> None:
    netlist = module(
        "reg [7:0] idle; always @(posedge clk) begin idle <= d & {8{en}}; q <= d ^ {8{rst}}; end"
    )
    assert netlist.unused_input_bits == {"en": [0]}


def test_an_input_that_cancels_out_is_unused() -> None:
    netlist = module("always @(posedge clk) q <= (en | ~en) ? d : {8{rst}};")
    assert netlist.unused_input_bits == {"rst": [0], "en": [0]}


def test_single_bits_of_inputs_are_told() -> None:
    netlist = module("always @* q = {d[7:4] ^ {4{en}}, {4{rst & clk}}};")
    assert netlist.unused_input_bits == {"d": [0, 1, 2, 3]}


def test_the_cone_passes_through_registers_carries_and_memories() -> None:
    assert module("always @(posedge clk) if (rst) q <= 0; else if (en) q <= q + d;").cone
    carries = module("always @* q = {7'd0, (d + 8'd1) > {rst, en, 6'd0}} ^ {8{clk}};")
    assert carries.unused_input_bits == {}
    memory = module(
        "reg [7:0] mem [0:3]; always @(posedge clk) begin if (en) mem[d[1:0]] <= d; "
        "q <= mem[d[3:2]] ^ {8{rst}}; end"
    )
    assert memory.unused_input_bits == {}


def test_low_bits_of_a_sum_do_not_depend_on_high_bits() -> None:
    netlist = module("wire [7:0] s = d + {8{en}}; always @* q = {8{s[0]}} ^ {8{clk & rst}};")
    assert netlist.unused_input_bits == {"d": list(range(1, 8))}


def test_outputs_that_do_nothing_are_told_with_what_they_show() -> None:
    netlist = netlist_for(
        "module m(input a, output x, output u, output [3:0] c, output y);\n"
        "assign x = 1'bx; assign c = {a, 3'b101}; assign y = a;\nendmodule\n"
    )
    idle = netlist.idle_output_bits
    assert idle["c"] == {0: "1", 1: "0", 2: "1"}
    assert set(idle) == {"x", "u", "c"}
    assert idle["x"][0] == "x"
    assert idle["u"][0] in "xz"


def test_a_wire_from_input_to_output_is_not_idle() -> None:
    netlist = netlist_for("module m(input a, output y); assign y = a; endmodule")
    assert netlist.idle_output_bits == {}


@pytest.mark.parametrize(
    ("body", "latches"),
    [
        ("always @* if (en) q = d;", 1),
        ("always @* begin q = d; if (en) q = 0; end", 0),
        ("always @* case (d[1:0]) 0: q = d; 1: q = 0; endcase", 1),
        ("always @(posedge clk) if (en) q <= d;", 0),
        ("always_latch if (en) q = d;", 1),
    ],
)
def test_latches(body: str, latches: int) -> None:
    found = list(module(body).latches())
    assert len({cell.attributes["src"] for cell in found}) == latches
    assert all(cell_line(cell) is not None for cell in found)


@pytest.mark.parametrize(
    "body",
    ["always @* if (en) q = d;", "always_latch if (en) q = d;", "always @* if (en) q <= d;",
     "always @* begin if (en == 1) q = d; end"],
)  # fmt: skip
def test_a_latch_is_opened_by_the_input_itself(body: str) -> None:
    """An enable behind logic falls an instant later, when what is latched may have changed."""
    netlist = module(body)
    for cell in netlist.latches():
        assert cell.connections["EN"] == netlist.inputs["en"]


@pytest.mark.parametrize(
    "body",
    [
        "assign q = ~q ^ d;",
        "wire [7:0] a, b; assign a = b + d; assign b = a; assign q = a;",
        "wire [7:0] a; assign a = en ? a : d; assign q = a;",
        "wire [1:0] x; assign x[0] = ~x[1]; assign x[1] = x[0] & d[0]; assign q = {6'd0, x};",
        "wire [7:0] c; assign c = {c[6:0], c[7] ^ en}; assign q = c & d;",
        "wire [7:0] s; assign s = s + d; assign q = s;",
    ],
)
def test_real_loops_are_found(body: str) -> None:
    netlist = netlist_for(f"{LOOP_HEAD}{body}\nendmodule\n")
    loop = netlist.combinational_loop()
    assert loop
    assert any(netlist.name_of_bit(bit) for bit in loop)


@pytest.mark.parametrize(
    "body",
    [
        # a ripple-carry adder in a vector of carries
        "wire [8:0] c; assign c[0] = en; genvar i; generate for (i = 0; i < 8; i = i + 1) "
        "begin : g assign q[i] = d[i] ^ c[i]; assign c[i+1] = d[i] & c[i]; end endgenerate",
        # Gray to binary
        "wire [7:0] b; assign b = d ^ {1'b0, b[7:1]}; assign q = b;",
        # a vector's halves that feed each other in one direction
        "wire [7:0] w; assign w[3:0] = d[3:0]; assign w[7:4] = w[3:0] + d[7:4]; assign q = w;",
        # a multiplexer on a slice of the same vector
        "wire [7:0] w; assign w = {en ? w[3:0] : d[7:4], d[3:0]}; assign q = w;",
        "reg [7:0] s; always @(posedge d[0]) s <= s + d; assign q = s;",
        "reg [7:0] s; always @(posedge d[0] or posedge en) if (en) s <= 0; else s <= ~s; "
        "assign q = s;",
    ],
)
def test_a_chain_within_a_vector_is_no_loop(body: str) -> None:
    netlist = netlist_for(f"{LOOP_HEAD}{body}\nendmodule\n")
    assert netlist.combinational_loop() == []


def test_a_very_long_chain_is_walked_without_recursion() -> None:
    links = "".join(f"assign w[{k + 1}] = ~(w[{k}] & en);\n" for k in range(1000))
    text = f"module m(input en, input d, output q);\nwire [1000:0] w; assign w[0] = d;\n{links}"
    netlist = netlist_for(f"{text}assign q = w[1000];\nendmodule\n")
    assert netlist.combinational_loop() == []
    assert netlist.unused_input_bits == {}


@pytest.mark.parametrize("edge", ["posedge", "negedge"])
def test_the_clock_edge_of_a_register(edge: str) -> None:
    found = register(f"{edge} clk", "q <= d;")
    assert found.rising == (edge == "posedge")
    assert (found.width, found.reset_kind, found.enable) == (8, "none", None)


@pytest.mark.parametrize("high", [True, False])
def test_a_synchronous_reset(high: bool) -> None:
    found = register("posedge clk", f"if ({'' if high else '!'}rst) q <= 0; else q <= d;")
    assert (found.reset_kind, found.reset_high) == ("sync", high)


@pytest.mark.parametrize("high", [True, False])
def test_an_asynchronous_reset(high: bool) -> None:
    event = f"posedge clk or {'posedge' if high else 'negedge'} rst"
    found = register(event, f"if ({'' if high else '!'}rst) q <= 8'd5; else q <= d;")
    assert (found.reset_kind, found.reset_high) == ("async", high)


@pytest.mark.parametrize("high", [True, False])
def test_an_enable(high: bool) -> None:
    netlist = module(f"always @(posedge clk) if ({'' if high else '!'}en) q <= d;")
    (found,) = netlist.registers
    assert found.enable == netlist.inputs["en"][0]
    assert found.enable_high == high
    assert found.clock == netlist.inputs["clk"][0]


def test_reset_and_enable_together() -> None:
    netlist = module("always @(posedge clk) if (rst) q <= 3; else if (en) q <= d;")
    (found,) = netlist.registers
    assert found.reset == netlist.inputs["rst"][0]
    assert found.enable == netlist.inputs["en"][0]
    assert found.reset_kind == "sync"


@pytest.mark.parametrize(
    "body",
    [
        "assign y = a & b; assign y = a | b;",
        "assign y = a; assign y = b & a;",
        "assign y = b; not g(b, a);",
    ],
)
def test_bits_with_two_drivers_are_told(body: str) -> None:
    netlist = netlist_for(f"module m(input a, input b, output y);\n{body}\nendmodule\n")
    assert netlist.contended_bits()


def test_tri_state_buffers_take_turns() -> None:
    body = "assign y = en ? a : 1'bz; assign y = en ? 1'bz : b;"
    netlist = netlist_for(
        f"module m(input a, input b, input en, output y);\n{body}\nendmodule\n"
    )
    assert not netlist.contended_bits()
    assert netlist.unused_input_bits == {}


def test_names_and_lines_of_bits() -> None:
    netlist = netlist_for(
        "module m(input clk, input [7:0] d, output [7:0] q);\n\nreg [7:0] state;\n"
        "always @(posedge clk) state <= d;\nassign q = ~state;\nendmodule\n"
    )
    (found,) = netlist.registers
    assert netlist.name_of_bit(found.q[3]) == "state[3]"
    assert netlist.line_of_bit(found.q[3]) == 3
    assert netlist.name_of_bit(10**9) is None
    assert netlist.cell_counts["$not"] == 1
