"""Words and code that do not fit: of 60 pairs the words tell all."""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.records.candidate import Candidate
from rtlbench.verifier import Verifier

ALREADY_CAUGHT = 54
"""As many of these pairs were told when a width was anything "N-bit" and a level anything near a
reset."""


def register(
    edge: str = "posedge", kind: str = "sync", level: str = "high", width: int = 8,
    enable: str = "en",
) -> str:  # fmt: skip
    """A register with all of its ports used."""
    rst = "rst" if level == "high" else "rst_n"
    wake = f" or {'posedge' if level == 'high' else 'negedge'} {rst}" if kind == "async" else ""
    test = rst if level == "high" else f"!{rst}"
    return (
        f"module m(input clk, input {rst}, input en, input [{width - 1}:0] d, "
        f"output reg [{width - 1}:0] q);\nalways @({edge} clk{wake})\n"
        f"if ({test}) q <= 0; else if ({enable}) q <= d;\nendmodule\n"
    )


def adder(width: int) -> str:
    return (f"module m(input [{width - 1}:0] a, input [{width - 1}:0] b, "
            f"output [{width}:0] s);\nassign s = a + b;\nendmodule\n")  # fmt: skip


KIND = [
    ("An 8-bit register with a synchronous reset.", {"kind": "async"}),
    ("A register, synchronously reset by rst.", {"kind": "async"}),
    ("Register. The reset is synchronous and active high.", {"kind": "async"}),
    ("A register with enable en and an active-high synchronous reset.", {"kind": "async"}),
    ("A register with an active-low synchronous reset rst_n.", {"kind": "async", "level": "low"}),
    ("Reset `rst` must be synchronous.", {"kind": "async"}),
    ("An 8-bit register with an asynchronous reset.", {}),
    ("A register, asynchronously reset by rst.", {}),
    ("Register. The reset is asynchronous.", {}),
    ("A register with active-high enable en and active-low asynchronous reset.", {"level": "low"}),
    ("A register with an asynchronous, active-high reset.", {}),
    ("rst: asynchronous reset, active high", {}),
]
POLARITY = [
    ("An 8-bit register with an active-low reset.", {}),
    ("A register with active-high enable en and active-low reset rst.", {}),
    ("A register with an active-low synchronous reset `rst`.", {}),
    ("A register. The reset is active low.", {}),
    ("rst: reset, active low", {}),
    ("A register with reset (active low) and enable (active high).", {}),
    ("An active-low asynchronous reset clears q.", {"kind": "async"}),
    ("The reset signal is active low.", {}),
    ("An 8-bit register with an active-high reset.", {"level": "low"}),
    ("A register with active-low enable and active-high reset.", {"level": "low"}),
    ("The reset is active-high and synchronous.", {"level": "low"}),
    ("Active-high asynchronous reset.", {"level": "low", "kind": "async"}),
    ("The reset input is active high synchronous, and clears q.", {"level": "low"}),
    ("reset rst_n (active high)", {"level": "low"}),
]
EDGE = [
    ("A register on the rising edge of clk.", {"edge": "negedge"}),
    ("q takes d at each positive edge of `clk`.", {"edge": "negedge"}),
    ("A register on the posedge of clk.", {"edge": "negedge"}),
    ("On every rising edge of the clock q takes d.", {"edge": "negedge"}),
    ("Rising edges of clk store d.", {"edge": "negedge"}),
    ("A register on the falling edge of clk.", {}),
    ("q takes d at each negative edge of `clk`.", {}),
    ("A register on the negedge of clk.", {}),
    ("On every falling edge of the clock q takes d.", {}),
    ("With an active-high reset, on the falling edge of the clk.", {}),
]
WIDTH = [
    ("An 8-bit register.", register(width=4)),
    ("A 4-bit register with enable.", register(width=8)),
    ("Design a 16-bit register with a synchronous reset.", register()),
    ("A register with an 8-bit input `d`.", register(width=7)),
    ("A register with an 8-bit output q.", register(width=9)),
    ("A 12-bit accumulator.", register()),
    ("A 6-bit counter with enable en.", register()),
    ("A 4-bit synchronous up counter.", register(width=5)),
    ("A 3-bit Johnson counter.", register(width=4)),
    ("A 10-bit shift register.", register()),
    ("Implement a 16-bit adder.", adder(8)),
    ("Implement a module of an 8-bit adder.", adder(4)),
    ("A carry-lookahead 32-bit adder.", adder(16)),
    ("An adder of two 8-bit inputs.", adder(6)),
    ("An adder of 8-bit operands a and b.", adder(4)),
    ("An adder for two 8-bit unsigned inputs a and b with a 9-bit output.", adder(7)),
    ("A 5-bit timer.", register()),
    ("A 16-bit LFSR.", register(width=8)),
]
ENABLE = [
    ("A register with an active-low enable `en`.", {}),
    ("A register with enable en, active low.", {}),
    ("A register with an active-high enable `en`.", {"enable": "!en"}),
    ("A register. The enable en is active high.", {"enable": "!en"}),
    ("A register with enable.", {"enable": "1'b1"}),
    ("A register with enable en.", {"enable": "en | ~en"}),
]


def pairs() -> Iterator[tuple[str, str, str]]:
    """Name, words, code."""
    tables = {"kind": KIND, "polarity": POLARITY, "edge": EDGE, "enable": ENABLE}
    for name, table in tables.items():
        for number, (words, given) in enumerate(table):
            yield f"{name} {number}", words, register(**given)  # type: ignore[arg-type]
    for number, (words, code) in enumerate(WIDTH):
        yield f"width {number}", words, code


def test_wrong_pairs_of_words_and_code_are_told() -> None:
    made = list(pairs())
    assert len(made) == 60
    asked = [(None, Candidate(text=code, instruction=words)) for _, words, code in made]
    verdicts = Verifier().verify_mixed(asked)
    told = {
        name for (name, _, _), v in zip(made, verdicts, strict=True)
        if any(f.rule.startswith(("intent.", "ports.")) for f in v.findings)
    }  # fmt: skip
    assert {name for name, _, _ in made} == told
    assert len(told) >= ALREADY_CAUGHT
    for (_, words, _), verdict in zip(made, verdicts, strict=True):
        for finding in verdict.findings:
            if finding.rule.startswith("intent."):
                quote = finding.message.partition('(the words: "')[2].rstrip('")')
                assert quote and quote in words


def test_the_same_words_with_code_that_fits_are_left_alone() -> None:
    fits = [(words, _fitting_reset(words)) for words, _ in KIND]
    fits += [(words, _fitting_edge(words)) for words, _ in EDGE]
    asked = [(None, Candidate(text=code, instruction=words)) for words, code in fits]
    for (words, _), verdict in zip(fits, Verifier().verify_mixed(asked), strict=True):
        found = [f.message for f in verdict.findings if f.rule.startswith("intent.")]
        assert found == [], words


def _fitting_reset(words: str) -> str:
    kind = "async" if "asyn" in words.lower() else "sync"
    return register(kind=kind, level="low" if "active-low" in words else "high")


def _fitting_edge(words: str) -> str:
    return register(edge="negedge" if "falling" in words or "neg" in words else "posedge")
