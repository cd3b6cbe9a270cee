"""Blocks that do not wait for what they compute from: told as warnings, and nothing else is."""
# ruff: noqa: E501 - a text is read best in one piece

from __future__ import annotations

import pytest

from rtlbench.checks.sensitivity import unheard
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.slang import elaborate
from rtlbench.suites.families import load_suite
from tests.checks.idioms import idioms
from tests.checks.styles import full_lists, functions, implicit_lists
from tests.support import judge

HEAD = "module m(input clk, input a, input b, input [3:0] d, output reg [3:0] q, output y);\n"
LIST, CLOCK, ASLEEP = "lint.incomplete-list", "lint.made-clock", "lint.never-woken"
TOLD = {
    "one left out": ("reg t; always @(a) t = a & b;", {LIST}),
    "all but the clock": ("reg t; always @(clk) t = a & b;", {LIST}),
    "a vector left out": ("reg t; always @(a or b) t = a ? ^d : b;", {LIST}),
    "the condition left out": ("reg t; always @(d, b) if (a) t = d[0]; else t = b;", {LIST}),
    "the index left out": ("reg t; always @(d) t = d[{a, b}];", {LIST}),
    "state left out": ("reg [3:0] s; always @(posedge clk) s <= d; reg t; always @(a) t = s[0];", {LIST}),
    "a memory left out": (
        "reg [3:0] k [0:3]; always @(posedge clk) k[d[1:0]] <= d; reg [3:0] t; always @(d) t = k[d[3:2]];",
        {LIST}),
    "in a function": ("function f(input x); f = x & b; endfunction reg t; always @* t = f(a);", {LIST}),
    "in a function of a wire": ("function f(input x); f = x & b; endfunction wire t = f(a);", {LIST}),
    "in a function of an assignment": (
        "function f(input x); f = x & b; endfunction wire t; assign t = f(a);", {LIST}),
    "a copied clock": ("reg c; always @(clk) c <= clk; always @(posedge c) q <= d;", {CLOCK}),
    "a gated clock, by a block": ("reg c; always @* c = clk & a; always @(posedge c) q <= d;", {CLOCK}),
    "a clock by always_comb": ("logic c; always_comb c = ~clk; always @(posedge c) q <= d;", {CLOCK}),
    "a reset by a block": (
        "reg r; always @(a) r = ~a; always @(posedge clk or posedge r) if (r) q <= 0; else q <= d;",
        {CLOCK}),
    "a constant": ("reg z = 0, t; always @(z) t = 1;", {ASLEEP}),
    "a constant, by @*": ("reg z = 0, t; always @* t = z;", {ASLEEP}),
    "itself": ("reg t = 0; always @(t) t = ~t;", {ASLEEP}),
    "a constant wire": ("wire z = 1'b0; reg t; always @(z) t = 1;", {ASLEEP}),
}  # fmt: skip
QUIET = {
    "a full list": "reg t; always @(a or b) t = a & b;",
    "a full list with commas": "reg t; always @(a, b, d) t = a & b & d[0];",
    "all, by a star": "reg t; always @(*) t = a & b;",
    "bits in the list": "reg t; always @(d[0], d[1]) t = d[0] ^ d[1];",
    "a value in between": "reg t, u; always @(a or b) begin t = a & b; u = ~t; end",
    "a local variable": "reg t; always @(a or b) begin : l reg k; k = a; t = k & b; end",
    "a loop": "reg t; integer i; always @(d) begin t = 0; for (i = 0; i < 4; i = i + 1) t = t ^ d[i]; end",
    "a parameter": "localparam K = 3; reg t; always @(d) t = d == K;",
    "a memory that is a table": "reg [3:0] k [0:3]; initial k[0] = 4'd1; reg [3:0] t; always @(d) t = k[d[1:0]];",
    "a pure function": "function f(input x, input z); f = x & z; endfunction wire t = f(a, b);",
    "always_comb reads functions": "function f(input x); f = x & b; endfunction logic t; always_comb t = f(a);",
    "a divided clock": "reg c = 0; always @(posedge clk) c <= ~c; always @(posedge c) q <= d;",
    "a gated clock, by a wire": "wire c = clk & a; always @(posedge c) q <= d;",
    "both edges": "always @(posedge clk or negedge a) if (!a) q <= 0; else q <= d;",
}


def rules(body: str) -> set[str]:
    view = elaborate(f"{HEAD}{body}\nendmodule\n", "m")
    assert [view.engine.formatMessage(d) for d in view.errors] == []
    return {found.rule for found in unheard(view)}


@pytest.mark.parametrize("name", TOLD)
def test_what_a_block_does_not_wait_for_is_told(name: str) -> None:
    body, expected = TOLD[name]
    assert rules(body) == expected


@pytest.mark.parametrize("name", QUIET)
def test_whatever_is_complete_is_left_alone(name: str) -> None:
    assert rules(QUIET[name]) == set()


@pytest.mark.parametrize("name", idioms())
def test_no_ordinary_idiom_is_warned_of(name: str) -> None:
    assert unheard(elaborate(prepare(idioms()[name]).text, "m")) == []


def test_no_golden_is_warned_of_however_it_is_written() -> None:
    for spec in load_suite():
        for text in (spec.golden, full_lists(spec), implicit_lists(spec), functions(spec)):
            assert unheard(elaborate(prepare(text).text, spec.top)) == [], spec.id


def test_it_is_a_warning_of_lint_with_its_place() -> None:
    spec = next(s for s in load_suite() if s.id == "updown_w4_sync")
    text = spec.golden.replace("    always_ff", "    reg n;\n    always @(rst) n = up;\n    always_ff")
    verdict = judge(text.replace("if (up)", "if (n)"), spec)
    (found,) = (f for f in verdict.findings if f.rule == LIST)
    assert (found.severity.value, found.line, found.column) == ("warning", 8, 5)
    assert "the block reads up without waiting for it" in found.message
