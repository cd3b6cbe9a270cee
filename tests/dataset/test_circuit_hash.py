import random
from typing import TypeAlias

import pytest

from rtlbench.dataset.similarity.circuit_hash import functions
from rtlbench.suites.families import load_suite
from tests.dataset.restructure import renamed, restructured

Hashes: TypeAlias = dict[str, bytes | None]

COUNTER = """module counter (input clk, input rst, input en, output reg [3:0] q);
    always @(posedge clk) if (rst) q <= 4'd0; else if (en) q <= q + 4'd1;
endmodule
"""
OTHERS = {
    "wrap": COUNTER.replace("q + 4'd1", "(q == 4'd9 ? 4'd0 : q + 4'd1)"),
    "no enable": COUNTER.replace("else if (en)", "else"),
    "enable low": COUNTER.replace("(en)", "(!en)"),
    "asynchronous reset": COUNTER.replace("posedge clk", "posedge clk or posedge rst"),
    "falling edge": COUNTER.replace("posedge clk", "negedge clk"),
    "initial value": COUNTER.replace("always", "initial q = 4'd5;\nalways"),
    "wider": COUNTER.replace("[3:0]", "[4:0]"),
    "ports exchanged": COUNTER.replace("input rst, input en", "input en, input rst"),
}
SAME = {
    "names": renamed(COUNTER, random.Random(1)),
    "next state apart": """module c (input clk, input rst, input en, output [3:0] q);
        reg [3:0] state; wire [3:0] plus = state + 1'b1; reg [3:0] next;
        always @(*) case ({rst, en}) 2'b00: next = state; 2'b01: next = plus;
            default: next = 0; endcase
        always @(posedge clk) state <= next;
        assign q = state; endmodule""",
    "a helper module": """module plus_one (input [3:0] a, output [3:0] y);
        assign y = a + 1; endmodule
        module c (input clk, input rst, input en, output reg [3:0] q);
        wire [3:0] n; plus_one u (.a(q), .y(n));
        always @(posedge clk) q <= rst ? 4'h0 : en ? n : q; endmodule""",
    "a twin register": COUNTER.replace(
        "endmodule",
        "reg [3:0] twin; always @(posedge clk) if (rst) twin <= 0; else if (en) twin <= q + 1;\n"
        "endmodule",
    ),
}


@pytest.fixture(scope="module")
def hashes() -> Hashes:
    texts = {"": COUNTER, **OTHERS, **SAME}
    return dict(zip(texts, functions(list(texts.values())), strict=True))


@pytest.mark.parametrize("name", OTHERS)
def test_another_function_has_another_hash(hashes: Hashes, name: str) -> None:
    assert hashes[name] is not None
    assert hashes[name] != hashes[""]


@pytest.mark.parametrize("name", SAME)
def test_the_same_function_has_the_same_hash(hashes: Hashes, name: str) -> None:
    assert hashes[name] == hashes[""]
    assert hashes[""] is not None


def test_a_difference_far_from_the_outputs_counts() -> None:
    """The length of a phase, which a counter holds that the outputs never show."""
    member = next(m for m in load_suite() if m.id == "traffic_light_r6_g5_y2")
    one, other = functions([member.golden, member.golden.replace("3'd2;", "3'd4;")])
    assert one is not None
    assert one != other


def test_limits_too_large_to_be_hit_by_chance_are_told_apart() -> None:
    text = """module t (input clk, output reg tick); reg [31:0] n = 0;
        always @(posedge clk) if (n == 32'd1000000) begin n <= 0; tick <= 1; end
        else begin n <= n + 1; tick <= 0; end endmodule"""
    one, other = functions([text, text.replace("1000000", "1000001")])
    assert one is not None
    assert other is not None
    assert one != other


def test_what_makes_no_circuit_has_no_hash_and_costs_its_neighbours_nothing() -> None:
    broken = [
        "no rtl at all",
        "module m (input a, output y); assign y = ; endmodule",
        "module m (output y); initial $finish; assign y = 0; endmodule",
        "module m (input a, output y); wire w = ~w & a; assign y = w; endmodule",
        "module m (input clk, input [19:0] a, output reg [7:0] q); reg [7:0] s [0:1048575];"
        " always @(posedge clk) q <= s[a]; endmodule",
        "module m (input [7:0] a, output y); nothing u (a, y); endmodule",
    ]
    found = functions([COUNTER, *broken, COUNTER])
    assert found[1:-1] == [None] * len(broken)
    assert found[0] == found[-1] == functions([COUNTER])[0] is not None


def test_restructured_goldens_keep_their_hash() -> None:
    rng = random.Random(5)
    members = load_suite()[::12]
    goldens = [m.golden for m in members]
    copies = [restructured(text, rng) for text in goldens]
    before, after = functions(goldens), functions([text for text, _ in copies])
    changed = [k for k, (_, ways) in enumerate(copies) if ways]
    same = [k for k in changed if before[k] is not None and before[k] == after[k]]
    assert len(changed) >= 20
    assert len(same) >= 0.95 * len(changed)
