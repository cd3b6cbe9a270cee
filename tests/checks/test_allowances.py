"""Constant outputs, unused inputs and latches: no fault where the reference or the words ask."""

from __future__ import annotations

import pytest

from rtlbench.checks.allowances import read_allowances
from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite
from tests.support import judge, rules

ZERO = "module m(output q);\nassign q = 1'b0;\nendmodule\n"
ONE = ZERO.replace("1'b0", "1'b1")
SPARE = "module m(input a, input b, input d, output y);\nassign y = a & b;\nendmodule\n"
TIED = "module m(input a, output y, output [3:0] t);\nassign y = ~a, t = 4'b0;\nendmodule\n"
LATCH = "module m(input e, input d, output reg q);\nalways @* if (e) q = d;\nendmodule\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("A module that always outputs 0.", ZERO),
        ("The module should always drive 0 (or logic low).", ZERO),
        ("It drives a constant logic low on q.", ZERO),
        ("`q` is always high.", ONE),
        ("The output is tied to VCC.", ONE),
        ("y is a and b; `d` is not used.", SPARE),
        ("y is the AND of a and b. The input d is ignored.", SPARE),
        ("y is a and b. d has no effect.", SPARE),
        ("Drive y with a & b, ignore input d.", SPARE),
        ("y is the inverse of a, `t` is always zero.", TIED),
        ("y inverts a. t is tied to ground.", TIED),
        ("A D latch with enable e.", LATCH),
        ("Write a transparent latch.", LATCH),
        ("Implement a level-sensitive 1-bit latch: q follows d while e is 1.", LATCH),
    ],
)
def test_what_the_words_ask_for_is_no_fault(words: str, code: str) -> None:
    verdict = judge(code, words=words)
    assert [(f.rule, f.message) for f in verdict.findings] == []
    assert verdict.score == 1.0


@pytest.mark.parametrize(
    ("words", "code", "rule"),
    [
        ("A module that always outputs 1.", ZERO, "ports.constant-output"),
        ("A module that never outputs a constant 0.", ZERO, "ports.constant-output"),
        ("q is always 0 when en is low.", ZERO, "ports.constant-output"),
        ("In reset, q is always 0.", ZERO, "ports.constant-output"),
        ("A module with one output.", ZERO, "ports.constant-output"),
        ("y is a and b; d is ignored while a is low.", SPARE, "ports.unused-input"),
        ("When a is low, `d` is ignored.", SPARE, "ports.unused-input"),
        ("y is a and b; `b` is not used.", SPARE, "ports.unused-input"),
        ("Never ignore d.", SPARE, "ports.unused-input"),
        ("It always outputs 0.", TIED, "ports.constant-output"),
        ("y inverts a; t is always 1.", TIED, "ports.constant-output"),
        ("Avoid a latch.", LATCH, "synthesis.latch"),
        ("Latch the data in q on e.", LATCH, "synthesis.latch"),
        ("A register without a latch.", LATCH, "synthesis.latch"),
        ("q follows d.", LATCH, "synthesis.latch"),
    ],
)
def test_what_they_do_not_ask_for_is_one(words: str, code: str, rule: str) -> None:
    assert rule in rules(judge(code, words=words))


def test_where_a_golden_tells_words_allow_nothing() -> None:
    spec = next(s for s in load_suite() if s.id == "updown_w4_sync")
    stuck = spec.golden.replace("q <= q + 1'b1", "q <= 4'd0").replace("q <= q - 1'b1", "q <= 4'd0")
    assert stuck != spec.golden
    for words in ("", "`q` is always 0; `up` is not used."):
        assert "ports.unused-input" in rules(judge(stuck, spec, words=words))


def test_names_and_values() -> None:
    words = "`a` is always 0. The pin b is tied to VDD. c is unused; d is never read."
    found = read_allowances(words)
    assert found.constant == {"a": "0", "b": "1"}
    assert found.unused == {"c", "d"}
    assert not found.latch


HELD = {
    "bcd_convert_w6_comb": ("bcd", 7, "1'b0"),
    "mem_rom_w8_comb": ("q", 0, "1'b1"),
    "vending_machine_p30_change_credit": ("credit", 5, "1'b0"),
    "bcd_convert_w8_seq": ("bcd", 11, "1'b0"),
}
"""Outputs with a bit that the function never changes, though the golden's text does not say so."""


def _with_held_bit(spec_id: str, value: str | None = None) -> tuple[str, Spec]:
    """The golden inside a module that writes the bit as a constant."""
    spec = next(s for s in load_suite() if s.id == spec_id)
    name, bit, held = HELD[spec_id]
    ports = ", ".join(f"{p.direction} logic [{p.width - 1}:0] {p.name}" for p in spec.ports)
    width = next(p.width for p in spec.outputs if p.name == name)
    pins = ", ".join(f".{p.name}({'there' if p.name == name else p.name})" for p in spec.ports)
    bits = reversed(range(width))
    parts = ", ".join((value or held) if k == bit else f"there[{k}]" for k in bits)
    inner = spec.golden.replace(f"module {spec.top}", "module inner", 1)
    return (f"{inner}\nmodule {spec.top}({ports});\nlogic [{width - 1}:0] there;\n"
            f"inner u({pins});\nassign {name} = {{{parts}}};\nendmodule\n"), spec  # fmt: skip


@pytest.mark.parametrize("spec_id", HELD)
def test_a_bit_that_the_function_never_changes_may_be_written_so(spec_id: str) -> None:
    text, spec = _with_held_bit(spec_id)
    verdict = judge(text, spec)
    assert [f for f in verdict.findings if f.rule.startswith("ports.")] == []
    assert verdict.functional is True


@pytest.mark.parametrize("spec_id", HELD)
def test_at_the_other_value_it_is_a_fault(spec_id: str) -> None:
    other = "1'b0" if HELD[spec_id][2] == "1'b1" else "1'b1"
    text, spec = _with_held_bit(spec_id, other)
    verdict = judge(text, spec)
    assert "ports.constant-output" in rules(verdict)
    assert verdict.functional is False
