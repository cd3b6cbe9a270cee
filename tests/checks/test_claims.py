"""What words claim of a netlist, and where they claim nothing."""

from __future__ import annotations

import pytest

from rtlbench.checks.claims import Claims, read_claims
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
        ("The reset rst is active low and asynchronous; the enable en is active high.", "async"),
        ("The reset input `rst` is active-high, synchronous.", "sync"),
        ("the reset rst must be active low, and asynchronous", "async"),
        ("The reset is active high and load is synchronous.", None),
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
        "the load is asynchronous, reset clears q",
        "the load is asynchronous, active-low reset clears q",
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
        ("active-high enable en and active-low asynchronous reset rst_n", "low"),
        ("an active-low enable en_n and a synchronous reset rst", None),
        ("a reset rst and an active-low enable", None),
        ("inputs clk, reset, active-low enable", None),
        ("an active-high enable and reset", None),
        ("a reset, active-low load and an enable", None),
        ("active-low chip select, synchronous reset", None),
        ("reset (active low) and enable (active high)", "low"),
        ("enable, active low; reset, active high", "high"),
        ("reset and enable, both active low", None),
        ("the reset input is active high synchronous, and clears q", "high"),
        ("reset should be active-low and asynchronous", "low"),
        ("active-low, asynchronous, global reset", "low"),
        ("active-high `rst`", "high"),
        ("the enable is active-high, reset rst", None),
        ("enable en (active high), reset rst", None),
        ("the enable is active-high, synchronous reset", None),
        ("en: active high, synchronous reset rst", None),
        ("enable is active-high, reset rst is active-low", "low"),
        ("`rst` is active low", "low"),
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
        ("on rising as well as on falling edges of clk", None),
        ("q follows the rising edge of clk, a copy of it comes on the falling edge", None),
        ("on the rising edge of clk; finds a falling edge of `d`", True),
        ("a falling-edge detector, clocked on the rising edge of clk", True),
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
        ("an 8 bit counter with a 3-bit input", (3, 8)),
        ("an 8 bit counter with a 3-bit step", (8,)),
        ("a 4-bit (twisted-ring) Johnson counter", (4,)),
        ("two 16-bit operands", (16,)),
        ("an 8-bit 2-to-1 mux", (8,)),
        ("a carry-lookahead 32-bit adder", (32,)),
        ("detector for the 4-bit sequence 1011", ()),
        ("a 4-bit sequence detector", ()),
        ("reads a 4-bit serial input", ()),
        ("a 4-bit input sequence is searched for 1011", ()),
        ("An 8-bit exponent and a 23-bit fraction", ()),
        ("a 16-bit adder; four 4-bit adders is one way", (16,)),
        ("It consists of several instances of the 16-bit adder you design.", ()),
        ("For example, an 8-bit priority encoder gives 3", ()),
        ("a 32-bit adder, built from an 8-bit adder", ()),
        ("The module has an 8-bit register and a 3-bit multiplexer", (8,)),
        ("a 1-bit flag", ()),
        ("bits 8 to 3", ()),
        ("8 bits wide", ()),
    ],
)
def test_widths(words: str, widths: tuple[int, ...]) -> None:
    assert tuple(sorted(c.width for c in claims(words).widths)) == widths


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


@pytest.mark.parametrize(
    ("words", "field", "quote"),
    [
        ("With an active-low async reset.", "reset_level", "active-low async reset"),
        ("It has an active-low asynchronous reset.", "reset_kind", "asynchronous reset"),
        ("Works on the falling edge of\n the clock.", "rising", "falling edge of the clock"),
    ],
)
def test_a_claim_keeps_its_words(words: str, field: str, quote: str) -> None:
    assert claims(words).quotes[field] == quote


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("an 8-bit input `d`", "d"),
        ("an 8-bit output q that grows", "q"),
        ("an 8-bit input port named d", "d"),
        ("an 8-bit input in bits", ""),
        ("an 8-bit output is given", ""),
        ("an 8-bit state output q", ""),
    ],
)
def test_a_width_is_that_of_what_it_is_said_of(words: str, name: str) -> None:
    (found,) = claims(words).widths
    assert (found.width, found.name) == (8, name)


@pytest.mark.parametrize(
    ("words", "rising"),
    [
        ("a negative-edge triggered D flip-flop", False),
        ("negative-edge triggered clock clk, synchronous reset rst", False),
        ("built of positive edge triggered registers", True),
        ("a falling-edge-triggered counter", False),
        ("positive-edge triggered asynchronous reset", None),
        ("rst is positive edge triggered", None),
        ("one negative-edge triggered register and one positive-edge triggered register", None),
        ("not a negative-edge triggered flip-flop", None),
    ],
)
def test_what_is_triggered_by_an_edge(words: str, rising: bool | None) -> None:
    assert claims(words).rising is rising


@pytest.mark.parametrize(
    ("words", "widths"),
    [
        ("A 16-bit full adder. First design the 8-bit adder, and instantiate it twice.", [16]),
        ("A 32-bit adder; the 16-bit adder is a module of its own. It is a 4-bit adder's.", [32]),
        ("A 16-bit multiplier and an 8-bit adder.", [16, 8]),
        ("The 8-bit comparator instantiates 4-bit comparators.", []),
        ("An 8-bit comparator.", [8]),
    ],
)
def test_of_things_of_one_make_the_widest_is_meant(words: str, widths: list[int]) -> None:
    assert [w.width for w in claims(words).widths] == widths
