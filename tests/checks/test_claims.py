"""What words claim of a netlist, and where they claim nothing."""

from __future__ import annotations

import pytest

from rtlbench.checks.intent import Claims, read_claims
from tests.support import ports, updown

PORTS = ports("input clk clock", "input rst reset", "input d 8", "output q 8")


def claims(words: str) -> Claims:
    return read_claims(words, PORTS, [])


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("with an asynchronous reset", "async"),
        ("with a synchronous reset", "sync"),
        ("with an active-low asynchronous reset `rst_n`", "async"),
        ("an asynchronous, active-low reset", "async"),
        ("an asynchronous (active low) reset", "async"),
        ("a synchronous `rst` reset", "sync"),
        ("an asynchronous active-low reset", "async"),
        ("Synchronous active high reset.", "sync"),
        ("rst asynchronously resets q", "async"),
        ("q is synchronously reset to 0", "sync"),
        ("synchronous set/reset input", "sync"),
        ("The reset is asynchronous.", "async"),
        ("Reset `rst` is synchronous and active high", "sync"),
        ("the reset must be synchronous", "sync"),
    ],
)
def test_reset_kinds(words: str, kind: str | None) -> None:
    assert claims(words).reset_kind == kind


@pytest.mark.parametrize(
    "words",
    [
        "a reset input",
        "an asynchronous FIFO with a reset",
        "a synchronous counter. It has a reset.",
        "an asynchronous reset for the flag and a synchronous reset for the count",
        "there is no asynchronous reset",
        "do not use an asynchronous reset",
        "a design without a synchronous reset",
        "the reset isn't a synchronous reset",
        "synchronises the asynchronous input, then resets",
        "a synchronous counter with reset",
        "synchronous and asynchronous resets",
        "asynchronous assertion, synchronous release of reset",
    ],
)
def test_no_reset_kind_is_claimed_where_words_are_ambiguous(words: str) -> None:
    assert claims(words).reset_kind is None


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("an active-low reset", "low"),
        ("an active low asynchronous reset", "low"),
        ("active-high synchronous reset `rst`", "high"),
        ("reset `rst_n` (active low)", "low"),
        ("rst: reset, active high", "high"),
        ("an active-low enable. The reset is active high.", "high"),
        ("active-low reset for a, active-high reset for b", None),
        ("an active-low enable", None),
        ("the reset is not active-low", None),
    ],
)
def test_reset_levels(words: str, level: str | None) -> None:
    assert claims(words).reset_level == level


@pytest.mark.parametrize(
    ("words", "rising"),
    [
        ("on the rising edge of clk", True),
        ("on the falling edge of the clock", False),
        ("at each positive edge of `clk`", True),
        ("on negedge of clk", False),
        ("on the rising edges of the clk", True),
        ("on the rising edge of the input", None),
        ("on the rising edge of clk, and on the falling edge of clk", None),
        ("on the rising and falling edge of clk", None),
        ("on both edges of clk", None),
        ("detects a rising edge", None),
        ("not on the falling edge of clk", None),
    ],
)
def test_clock_edges(words: str, rising: bool | None) -> None:
    assert claims(words).rising is rising


@pytest.mark.parametrize(
    ("words", "widths"),
    [
        ("an 8-bit counter", (8,)),
        ("an 8 bit counter with a 3-bit step", (3, 8)),
        ("a 1-bit flag", ()),
        ("bits 8 to 3", ()),
        ("8 bits wide", ()),
    ],
)
def test_widths(words: str, widths: tuple[int, ...]) -> None:
    assert claims(words).widths == widths


def test_registered_outputs_are_claimed_by_name_only() -> None:
    assert claims("with a registered output `q`").registered == ("q",)
    assert claims("the output is registered").registered == ()


def test_the_specs_own_roles_decide_which_ports_are_meant() -> None:
    found = claims("an active-low reset")
    assert (found.clock, found.reset) == ("clk", "rst")


@pytest.mark.parametrize(
    ("names", "clock", "reset"),
    [
        (["clk", "rst_n", "d"], "clk", "rst_n"),
        (["clock", "areset", "d"], "clock", "areset"),
        (["clk_a", "clk_b", "rst"], None, "rst"),
        (["clk", "rst_a", "resetn", "rst"], "clk", None),
        (["x", "y"], None, None),
    ],
)
def test_without_a_spec_a_port_is_recognised_only_where_one_name_fits(
    names: list[str], clock: str | None, reset: str | None
) -> None:
    found = read_claims("synchronous reset on the rising edge of clk", [], names)
    assert (found.clock, found.reset) == (clock, reset)
    if reset is None:
        assert found.reset_kind is None


def test_what_a_family_says_of_itself_is_understood() -> None:
    spec = updown()["w8_async_low_en"]
    found = read_claims(spec.prompt, spec.ports, [])
    assert (found.reset_kind, found.reset_level, found.rising) == ("async", "low", True)
    spec = updown()["w6_sync_en_low"]
    found = read_claims(spec.prompt, spec.ports, [])
    assert (found.reset_kind, found.rising) == ("sync", False)
