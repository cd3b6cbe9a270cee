import random

from hypothesis import given, settings
from hypothesis import strategies as st

from rtlbench.dataset.similarity.text_features import constants, exact_hash, stream, tokens
from rtlbench.suites.families import load_suite
from tests.dataset.restructure import reformatted, renamed

COUNTER = """module counter (input clk, input rst, output reg [3:0] q);
    always @(posedge clk) if (rst) q <= 4'd0; else q <= q + 4'd1;
endmodule
"""


def digest(text: str) -> bytes:
    return exact_hash(tokens(text))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), member=st.integers(0, 10_000))
def test_another_name_layout_or_comment_is_the_same_stream(seed: int, member: int) -> None:
    suite = load_suite()
    golden = suite[member % len(suite)].golden
    rng = random.Random(seed)
    assert digest(reformatted(renamed(golden, rng), rng)) == digest(golden)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), member=st.integers(0, 10_000))
def test_a_token_more_or_less_is_another_stream(seed: int, member: int) -> None:
    suite = load_suite()
    found = tokens(suite[member % len(suite)].golden)
    at = random.Random(seed).randrange(len(found))
    assert exact_hash(found[:at] + found[at + 1 :]) != exact_hash(found)


def test_a_number_is_one_number_in_every_base() -> None:
    assert digest("x = 4'b0011;") == digest("x = 4'd3;") == digest("x = 4'h3;")
    assert digest("x = 1_000;") == digest("x = 1000;")
    assert digest("x = 5'd3;") != digest("x = 4'd3;")
    assert digest("x = 4'sd3;") != digest("x = 4'd3;")


def test_two_names_made_one_are_another_stream() -> None:
    assert digest("assign y = a & b;") != digest("assign y = a & a;")


def test_macros_are_expanded_before_anything_is_compared() -> None:
    assert digest("`define W 4\n" + COUNTER.replace("[3:0]", "[`W-1:0]")) == digest(
        COUNTER.replace("[3:0]", "[4-1:0]")
    )


def test_unknown_digits_keep_their_place() -> None:
    assert digest("x = 4'b1xx0;") != digest("x = 4'b1x00;")
    assert digest("x = 4'b1??0;") == digest("x = 4'b1zz0;")


def test_the_numbers_that_a_text_names_are_those_above_one() -> None:
    assert constants(tokens("q <= 8'hFF + 3'd1 + 0 + 12;")) == {255, 12}


def test_names_count_by_first_use() -> None:
    assert stream(tokens("assign b = a ^ b;")) == ["assign", "#0", "=", "#1", "^", "#0", ";"]
