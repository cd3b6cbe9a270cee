"""Plain words whose every one is understood get a reference of our own: it proves what is equal to
it, says from what it was made, and blames nobody."""

from __future__ import annotations

import pytest

from rtlbench.dataset.filter.plainly_told import plainly_told
from rtlbench.dataset.filter.tiers import TierRule, standing_of
from rtlbench.records.spec import Port
from rtlbench.records.tier import Tier
from tests.dataset.test_judge import judged, record

COUNTER = (
    "module up4(input clk, input rst, input en, output reg [3:0] q);\nalways @(posedge clk)\n"
    "  if (rst) q <= 0; else if (en) q <= q + 1;\nendmodule\n"
)
BY_STEPS = (
    "module up4(input clk, input rst, input en, output [3:0] q);\nreg [3:0] c;\nassign q = c;\n"
    "always @(posedge clk) case ({rst, en})\n  2'b00: c <= c;\n  2'b01: c <= c + 4'd1;\n"
    "  default: c <= 4'd0;\nendcase\nendmodule\n"
)
PLAIN = (
    "Write a 4-bit up counter module up4 with a synchronous active-high reset rst and an enable "
    "en. Output q is the count."
)
REGISTER = "An 8-bit register with input d, output q and an active-low asynchronous reset rst_n."
SHIFT = (
    "Implement a 4-bit left shift register with serial input d, output q and a synchronous reset r."
)


def ports(*declared: tuple[str, str, int]) -> list[Port]:
    return [Port(id=n, name=n, direction=d, width=w) for d, n, w in declared]  # type: ignore[arg-type]


UP = ports(("input", "clk", 1), ("input", "rst", 1), ("input", "en", 1), ("output", "q", 4))


@pytest.mark.parametrize("answer", [COUNTER, BY_STEPS])
def test_what_is_the_circuit_that_plain_words_name_is_proven(answer: str) -> None:
    [found] = judged(record(PLAIN, answer))
    assert found.match.how == "told"
    assert found.verdict.functional is True
    standing = standing_of(found, TierRule())
    assert (standing.tier, standing.evidence) == (Tier.PROVEN, "our reference for its plain words")
    for part in ("up counter, 4 bits", "synchronous reset rst, active high", "to 0 (not said)",
                 "enable en, active high (by its name)", "rising edge"):  # fmt: skip
        assert part in found.match.reason


@pytest.mark.parametrize(
    ("old", "new"),
    [("q <= 0", "q <= 1"), ("posedge clk", "negedge clk"), ("if (rst) q <= 0; else if (en) q",
     "if (en) if (rst) q <= 0; else q"), ("q + 1", "q + (q == 9 ? 7 : 1)")],
)  # fmt: skip
def test_what_differs_is_judged_as_if_there_were_none(old: str, new: str) -> None:
    assert old in COUNTER
    [found] = judged(record(PLAIN, COUNTER.replace(old, new)))
    assert found.match.how == "none"
    assert "not the circuit that its plain words name: our own up counter" in found.match.reason
    assert found.verdict.functional is None
    assert standing_of(found, TierRule()).tier is Tier.UNPROVEN


@pytest.mark.parametrize(
    "more",
    [
        "It saturates.",
        "The count skips 7.",
        "The output carry is 1 at the end.",
        "Use a load input.",
        "It counts by two.",
        "The enable is ignored while q is 3.",
    ],
)
def test_a_word_too_many_and_there_is_no_reference(more: str) -> None:
    assert plainly_told(PLAIN, "up4", UP) is not None
    assert plainly_told(f"{PLAIN} {more}", "up4", UP) is None


def test_ports_without_a_part_or_of_another_width_give_none() -> None:
    assert plainly_told(PLAIN, "up4", [*UP, *ports(("input", "load", 1))]) is None
    assert plainly_told(PLAIN, "up4", UP[:2] + UP[3:]) is None
    assert plainly_told(PLAIN.replace("4-bit", "5-bit"), "up4", UP) is None
    assert plainly_told(PLAIN.replace("synchronous active-high ", ""), "up4", UP) is None


def test_a_register_and_a_shift_register_are_made_as_they_are_told() -> None:
    face = ports(("input", "clk", 1), ("input", "rst_n", 1), ("input", "d", 8), ("output", "q", 8))
    told = plainly_told(REGISTER, "r8", face)
    assert told is not None
    assert "always @(posedge clk or negedge rst_n)" in told.code
    assert "if (!rst_n) q <= 0; else q <= d;" in told.code
    face = ports(("input", "clk", 1), ("input", "r", 1), ("input", "d", 1), ("output", "q", 4))
    told = plainly_told(SHIFT, "s4", face)
    assert told is not None
    assert "q <= {q[2:0], d};" in told.code


def test_words_with_a_header_and_a_value_are_read() -> None:
    header = "\n\nModule header:\n\nmodule up4(input clk, input rst, input en, output reg [3:0] q);"
    assert plainly_told(PLAIN + header, "up4", UP) is not None
    told = plainly_told(f"{PLAIN} The reset sets the count to 3.", "up4", UP)
    assert told is None or "q <= 3" in told.code
    said = PLAIN.replace("reset rst", "reset rst which resets the count to 3")
    told = plainly_told(said, "up4", UP)
    assert told is not None
    assert "to 3;" in told.report


@pytest.mark.parametrize(
    "headline", ["Module name: up4. ", "Module name: up4\n", "Module name: `up4`;\n\n"]
)
def test_a_headline_that_names_the_answers_module_says_nothing_more(headline: str) -> None:
    assert plainly_told(headline + PLAIN, "up4", UP) == plainly_told(PLAIN, "up4", UP)
    assert plainly_told(PLAIN, "up4", UP) is not None


@pytest.mark.parametrize("headline", ["Module name: up5. ", "Module name: up4_wrapper\n"])
def test_a_headline_that_names_another_module_is_not_understood(headline: str) -> None:
    assert plainly_told(headline + PLAIN, "up4", UP) is None
