"""Bounds on texts hold before any parser sees them, and leave room for real code."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.rtl.bounds import (
    MAX_EXPANDED,
    SMALL,
    BoundExceededError,
    check_shape,
    model_expansion,
)
from rtlbench.rtl.preprocessing import prepare

HEAD = "module m(input [7:0] a, output [7:0] q);\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}assign q = a" + "\n[0]" * 30_000 + ";\nendmodule",
        f"{HEAD}assign q = a" + "\n+a" * 30_000 + ";\nendmodule",
        f"{HEAD}assign q = a" + "\n**a" * 30_000 + ";\nendmodule",
        f"{HEAD}assign q = a" + "\n::a" * 30_000 + ";\nendmodule",
        f"{HEAD}assign q = " + "(\n" * 10_000 + "a" + ")" * 9_000 + ";\nendmodule",
        "module m;\n" * 10_000,
        f"{HEAD}" + "struct { logic a;\n" * 8_000,
        f"{HEAD}if (0) wire w;\n" + "else if (0) wire w;\n" * 10_000 + "endmodule",
        f"{HEAD}generate " + "if (1) begin\n" * 10_000 + "end\n" * 10_000,
        f"{HEAD}generate " + "if (1)\n" * 10_000 + "wire w; endgenerate endmodule",
    ],
    ids=["selects", "sum", "powers", "scopes", "brackets", "modules", "structs", "elses",
         "blocks", "branches"],
)  # fmt: skip
def test_nests_and_chains_without_end_are_refused(text: str) -> None:
    assert len(text) < 1 << 18
    with pytest.raises(BoundExceededError):
        check_shape(text)
    refusal = prepare(text).refusals[0]
    assert refusal.rule == "syntax.too-large"
    assert refusal.line is not None


def test_large_but_ordinary_code_is_not_refused() -> None:
    table = "".join(f"            12'd{k}: q = 8'h{k % 256:02x};\n" for k in range(3000))
    statement = "        q <= (a ^ 8'h1f) + {1'b0, a[7:1]} - (a > 8'd3 ? 8'd1 : 8'd0);\n"
    chain = "        if (a == 0) q = 1;\n" + "        else if (a == 1) q = 2;\n" * 300
    parts = (f"    case (a)\n{table}    endcase\n", statement * 1500, chain)
    for part in parts:
        check_shape(f"{HEAD}begin\n{part}end\nendmodule\n")


def test_small_texts_are_not_looked_at() -> None:
    check_shape("(" * (SMALL - 1))


def test_closing_more_than_was_opened_does_not_make_room() -> None:
    with pytest.raises(BoundExceededError):
        check_shape(")" * 50 + " ;" * SMALL + "(;" * 301)


def bomb(levels: int) -> str:
    doubled = "".join(f"`define M{k + 1} `M{k} + `M{k}\n" for k in range(levels))
    return f"`define M0 a\n{doubled}{HEAD}assign q = `M{levels};\nendmodule\n"


ARGUMENT_BOMB = (
    f"`define F(x) x + x\n{HEAD}assign q = " + "`F(" * 40 + "a" + ")" * 40 + ";\nendmodule\n"
)
BODY_BOMB = (
    "`define F0(x) x + x\n"
    + "".join(f"`define F{k + 1}(x) `F{k}(`F{k}(x))\n" for k in range(40))
    + f"{HEAD}assign q = `F40(a);\nendmodule\n"
)
DEFAULT_BOMB = (
    "`define D0(x = a) x + x\n"
    + "".join(f"`define D{k + 1}(x = `D{k}()) x + x\n" for k in range(40))
    + f"{HEAD}assign q = `D40();\nendmodule\n"
)
HIDDEN_BOMB = bomb(40).replace("`define M0 a", "`define M0 a\n`undef M0\n`define M0 b")


@pytest.mark.parametrize(
    "text",
    [bomb(40), bomb(60), ARGUMENT_BOMB, BODY_BOMB, DEFAULT_BOMB, HIDDEN_BOMB],
    ids=["nested", "deep", "arguments", "bodies", "defaults", "redefined"],
)
def test_a_macro_bomb_takes_neither_time_nor_memory(text: str) -> None:
    start = time.process_time()
    refusal = prepare(text).refusals[0]
    assert refusal.rule == "syntax.too-large"
    assert "macros" in refusal.message
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("`define R `R\nmodule m; wire a = `R; endmodule", "recursive"),
        ("`define A `B\n`define B `A\nmodule m; wire a = `A; endmodule", "recursive"),
        ("`define F(x) x\nmodule m; wire a = `F(1; endmodule", "do not end"),
        ("`define D `define E 3\n`D\nmodule m; endmodule", "directive inside"),
        ("`define \\A 3\nmodule m; endmodule", "plain name"),
        ('`define S(x) `"x`"\nmodule m; wire a = `S(b); endmodule', "names no macro"),
    ],
)
def test_forms_of_macros_that_no_answer_needs_are_refused(text: str, told: str) -> None:
    assert told in prepare(text).refusals[0].message


def test_nested_brackets_without_end_are_found_quickly() -> None:
    text = "`define F(x) x\nmodule m;\n" + "`F(\n" * 50_000
    start = time.process_time()
    assert prepare(text).refusals
    assert time.process_time() - start < 2.0


def test_ordinary_macros_leave_room() -> None:
    text = "`define WIDTH 8\n`define MAX(a, b) ((a) > (b) ? (a) : (b))\n" + HEAD
    text += "wire [`WIDTH-1:0] w = `MAX(a, `MAX(q, `WIDTH));\n" * 300 + "endmodule\n"
    assert not prepare(text).refusals


@given(st.lists(st.sampled_from(["`A", "`F(x)", "`F(`A)", "`G(a, `F(b))", "x", ";", "\n"])))
def test_the_model_is_never_shorter_than_the_expansion(parts: list[str]) -> None:
    """The model has a word for two characters; the real expansion has at most two a word."""
    defines = "`define A abcdef\n`define F(x) x * x\n`define G(p, q) `F(p) + `F(q)\n"
    real = " ".join(parts)
    for name, body in (("`G(a, `F(b))", "a * a + b * b * b * b"), ("`F(`A)", "abcdef * abcdef"),
                       ("`F(x)", "x * x"), ("`A", "abcdef")):  # fmt: skip
        real = real.replace(name, body)
    model = model_expansion(defines + " ".join(parts))
    assert len(model) - len(defines) >= len(real)
    assert len(model) <= len(real) + MAX_EXPANDED
