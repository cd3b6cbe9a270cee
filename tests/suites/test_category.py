"""Categories by words."""

from __future__ import annotations

import pytest

from rtlbench.suites.category import CATEGORIES, OTHER, categorise
from rtlbench.suites.families import load_suite


def test_the_suites_own_prompts_find_their_category() -> None:
    specs = load_suite()
    missed = [s.id for s in specs if categorise(s.prompt) != s.category]
    assert len(missed) <= 0.05 * len(specs), missed


def test_every_category_of_the_suite_is_known() -> None:
    assert {s.category for s in load_suite()} | {OTHER} == set(CATEGORIES)


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("Implement a Moore FSM with three states that recognises 101.", "fsm"),
        ("8-bit right shift register, serial in, parallel out", "shift_register"),
        ("Detect a rising edge, give a pulse: an edge detector with a synchronizer", "edge_detect"),
        ("Design a clock divider that divides by 5", "clock_divider"),
        ("4-to-2 priority arbiter with round-robin fallback", "arbiter"),
        ("A UART transmitter at 9600 baud", "serial"),
        ("Create a 16-bit carry lookahead adder", "arithmetic"),
        ("Blink an LED, please", OTHER),
        ("", OTHER),
    ],
)
def test_words_of_others(words: str, category: str) -> None:
    assert categorise(words) == category


def test_the_modules_name_helps() -> None:
    assert categorise("Write this circuit.", "module sync_fifo(input clk);") == "fifo"
