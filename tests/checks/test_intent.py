"""The intent Check: words held against the netlist."""

from __future__ import annotations

import pytest

from rtlbench.records.verdict import Outcome
from tests.support import async_counter, judge, plain_spec, rules, sync_counter, updown

PORTS = ("input clk clock", "input rst reset", "input en enable", "input d 8", "output q 8")
HEAD = "module m(input clk, input rst, input en, input [7:0] d, output reg [7:0] q);\n"

SYNC = "always @(posedge clk) if (rst) q <= 0; else if (en) q <= d;"
ASYNC = "always @(posedge clk or posedge rst) if (rst) q <= 0; else if (en) q <= d;"
SYNC_LOW = "always @(posedge clk) if (!rst) q <= 0; else if (en) q <= d;"
ASYNC_LOW = "always @(posedge clk or negedge rst) if (!rst) q <= 0; else if (en) q <= d;"
FALLING = SYNC.replace("posedge clk", "negedge clk")
NO_RESET = "always @(posedge clk) if (en) q <= d ^ {8{rst}};"
INVERTED = "wire r = ~rst; always @(posedge clk or negedge r) if (!r) q <= 0; else if (en) q <= d;"
GATED = "wire n = ~clk; always @(negedge n) if (rst) q <= 0; else if (en) q <= d;"


def broken(body: str, words: str) -> set[str]:
    """Rules of the intent Check that the module breaks."""
    verdict = judge(f"{HEAD}{body}\nendmodule\n", plain_spec(words, *PORTS))
    return {f.rule for f in verdict.checks["intent"].findings}


@pytest.mark.parametrize(
    ("words", "right", "wrong", "rule"),
    [
        ("asynchronous reset", [ASYNC, ASYNC_LOW, INVERTED], [SYNC, SYNC_LOW], "reset-kind"),
        ("synchronous reset", [SYNC, SYNC_LOW, FALLING, NO_RESET], [ASYNC, INVERTED], "reset-kind"),
        ("asynchronous reset", [ASYNC], [NO_RESET], "reset-missing"),
        ("an active-low reset", [SYNC_LOW, ASYNC_LOW], [SYNC, ASYNC, INVERTED], "reset-level"),
        ("active high reset", [SYNC, ASYNC, INVERTED], [SYNC_LOW, ASYNC_LOW], "reset-level"),
        ("on the rising edge of clk", [SYNC, ASYNC, GATED], [FALLING], "clock-edge"),
        ("on the falling edge of the clk", [FALLING], [SYNC, GATED], "clock-edge"),
        ("an 8-bit register", [SYNC], [], ""),
        ("a 9-bit register", [], [SYNC], "width"),
    ],
)
def test_claims_are_held_against_the_netlist(
    words: str, right: list[str], wrong: list[str], rule: str
) -> None:
    for body in right:
        assert broken(body, words) == set()
    for body in wrong:
        assert f"intent.{rule}" in broken(body, words)


def test_a_registered_output_must_come_out_of_a_flip_flop() -> None:
    words = "with a registered output `q`"
    assert broken(SYNC, words) == set()
    loose = "reg [7:0] s; always @(posedge clk) if (rst) s <= 0; else if (en) s <= d;\n"
    assert broken(f"{loose}always @* q = ~s;", words) == {"intent.registered-output"}
    assert broken(f"{loose}always @* q = s;", words) == set()


def test_an_internal_signal_of_the_width_will_do() -> None:
    body = "reg [11:0] w; always @(posedge clk) if (rst) w <= 0; else if (en) w <= w + d;\n"
    assert broken(f"{body}always @* q = w[11:4];", "a 12-bit accumulator") == set()


def test_words_that_claim_nothing_are_not_checked() -> None:
    for body in (SYNC, ASYNC, FALLING, NO_RESET):
        assert broken(body, "Write a register.") == set()


def test_where_there_are_no_words_there_is_no_check() -> None:
    text = f"{HEAD}{SYNC}\nendmodule\n"
    assert "intent" not in judge(text).checks
    assert "intent" in judge(text, words="a register").checks


def test_words_alone_suffice_where_names_tell_the_roles() -> None:
    verdict = judge(f"{HEAD}{SYNC}\nendmodule\n", words="with an asynchronous reset")
    assert rules(verdict) == {"intent.reset-kind"}
    assert verdict.outcome is Outcome.FAIL
    assert verdict.score < 0.95


def test_a_finding_says_what_and_where() -> None:
    text = f"`define W 8\n{HEAD.replace('[7:0] q', '[`W-1:0] q')}\n{SYNC}\nendmodule\n"
    verdict = judge(text, plain_spec("asynchronous reset", *PORTS))
    (finding,) = verdict.checks["intent"].findings
    told = "rst is to reset asynchronously, it acts synchronously"
    assert finding.message == f'{told} (the words: "asynchronous reset")'
    assert finding.line == 2


def test_what_the_golden_itself_does_not_keep_is_not_claimed() -> None:
    golden = f"{HEAD}{SYNC}\nendmodule\n"
    words = "a 9-bit register with an asynchronous reset, on the falling edge of clk"
    assert not rules(judge(golden, plain_spec(words, *PORTS, golden=golden)))


@pytest.mark.parametrize("member", ["w4_sync", "w8_async_low_en", "w6_sync_en_low", "w7_wrap_flag"])
def test_the_familys_goldens_keep_their_words(member: str) -> None:
    spec = updown()[member]
    assert judge(spec.golden, spec).checks["intent"].outcome is Outcome.PASS


def test_the_wrong_reset_kind_is_told_beside_the_simulation() -> None:
    spec = async_counter()
    text = spec.golden.replace(" or negedge rst_n", "")
    verdict = judge(text, spec)
    assert "intent.reset-kind" in rules(verdict)
    assert verdict.functional is False
    spec = sync_counter()
    text = spec.golden.replace("posedge clk", "posedge clk or posedge rst")
    assert "intent.reset-kind" in rules(judge(text, spec))


def test_a_netlist_that_was_refused_is_not_asked() -> None:
    verdict = judge(f"{HEAD}always @* if (en) q = d;\nendmodule\n", plain_spec("x", *PORTS))
    assert "intent" not in verdict.checks
