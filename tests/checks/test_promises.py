"""What words promise of behaviour is held against the circuit: wrong pairs are told with a sentence
that quotes the words, right ones of every source are left alone."""

from __future__ import annotations

from collections import Counter

import pytest

from rtlbench.checks.claims import read_claims
from rtlbench.checks.intent import reset_as_built
from rtlbench.checks.promises.held import broken_promises
from rtlbench.checks.promises.words import read_promises
from rtlbench.dataset.filter.matching import Matcher
from rtlbench.records.candidate import Candidate
from rtlbench.records.verdict import Outcome
from rtlbench.rtl.netlist import Netlist
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.rtl.yosys import netlists
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier
from tests.checks.wrong_pairs import Pair, judged, pairs, told

ISSUES_WORDS = (
    "An 8-bit counter with an active-high enable en and a synchronous active-high reset rst."
)
LATER = "An 8-bit counter with an enable en and a synchronous reset rst."
GATED = "An 8-bit counter. If the enable en is high, the reset signal rst clears it, or it counts."
COUNTER = (
    "module m(input clk, input rst, input en, output reg [7:0] q);\n"
    "always @(posedge clk) if (rst) q <= 0; else if (en) q <= q + 1;\nendmodule\n"
)


@pytest.mark.slow
def test_of_wrong_pairs_nine_of_ten_are_told_and_no_right_one() -> None:
    asked = pairs()
    wrong = [p for p in asked if p.fault]
    assert len(wrong) >= 200
    assert len({p.kind for p in wrong}) >= 12
    said = {(p.kind, p.fault, p.words, p.code): told(v)
            for p, v in zip(asked, judged(asked), strict=True)}  # fmt: skip
    assert [k for k, sentences in said.items() if sentences and not k[1]] == []
    caught = [k for k, sentences in said.items() if sentences and k[1]]
    assert len(caught) >= 0.9 * len(said.keys() - {k for k in said if not k[1]})
    for (_, _, words, _), sentences in said.items():
        for sentence in sentences:
            quote = sentence.partition('(the words: "')[2].removesuffix('")')
            assert quote
            assert quote in " ".join(words.split())


@pytest.mark.parametrize(
    ("words", "old", "new", "rule"),
    [
        (ISSUES_WORDS, "", "", ""),
        (GATED, "if (rst) q <= 0; else if (en) q <= q + 1", "if (en) q <= rst ? 0 : q + 1", ""),
        (LATER, "if (rst) q <= 0; else if (en) q <= q + 1", "if (en) q <= rst ? 0 : q + 1",
         "intent.reset-missing"),
        (LATER + " The enable is active-low.", "if (en)", "if (!en)", ""),
        (LATER + " The enable is active-low.", "", "", "intent.enable"),
        (LATER + " en is an active-low input.", "if (en)", "if (!en)", ""),
        (LATER + " The enable signal en is active low.", "", "", "intent.enable"),
        (LATER + " All controls are active-low.", "if (en)", "if (!en)", ""),
        (LATER + " The reset is active-high.", "", "", ""),
        (LATER + " The reset is active-high.", "if (en)", "if (!en)", "intent.enable"),
        (ISSUES_WORDS, "if (en)", "if (!en)", "intent.enable"),
        (ISSUES_WORDS, "input en, ", "", "intent.port-missing"),
        (ISSUES_WORDS, "input rst, ", "", "intent.port-missing"),
        (ISSUES_WORDS, "q + 1", "q + 3", "intent.kind"),
        ("4-state Moore FSM sequence detector for 1011", "", "", "intent.kind"),
        ("An 8-bit counter; q holds while en is low.", "if (en) ", "", "intent.enable"),
        ("An 8-bit counter; q holds while en is high.", "", "", "intent.enable"),
        ("An 8-bit counter; reset rst resets q to 7.", "", "", "intent.reset-value"),
        ("An 8-bit counter; reset rst resets q to 7.", "q <= 0", "q <= 7", ""),
    ],
)
def test_a_record_without_a_task_is_held_to_its_words(
    words: str, old: str, new: str, rule: str
) -> None:
    code = COUNTER.replace(old, new) if old else COUNTER
    for name in ("en", "rst"):
        if f"input {name}" not in code:
            code = code.replace(f"if ({name})", "if (1'b0)" if name == "rst" else "if (1'b1)")
    verdict = Verifier().verify(None, [Candidate(text=code, instruction=words)])[0]
    rules = [f.rule for f in verdict.findings if f.rule.startswith("intent.")]
    assert rules[:1] == ([rule] if rule else [])
    assert (verdict.checks["intent"].outcome is Outcome.PASS) is not bool(rule)


LONG = (
    ("a 64-bit Johnson counter", "{~q[0], q[63:1]}", "{q[63], q[63:1]} + 64'd3"),
    ("a 64-bit shift register with serial input si", "{q[62:0], si}", "q + {63'd0, si}"),
    ("a 100-bit ring counter", "q == 0 ? 1 : {q[98:0], q[99]}", "q + 1"),
    ("a 32-bit LFSR", "q == 0 ? 1 : {q[30:0], q[31] ^ q[21] ^ q[1] ^ q[0]}", "q + 1"),
)


@pytest.mark.parametrize(("words", "right", "wrong"), LONG, ids=[words for words, _, _ in LONG])
def test_long_registers_are_seen_to_move(words: str, right: str, wrong: str) -> None:
    width = int(words.split("-", 1)[0].rsplit(maxsplit=1)[-1])
    port = "input si, " if "si" in words.split() else ""
    said = []
    for body in (right, wrong):
        code = (f"module m(input clk, input rst_n, {port}output reg [{width - 1}:0] q);\n"
                f"always @(posedge clk or negedge rst_n) if (!rst_n) q <= 0; else q <= {body};\n"
                "endmodule\n")  # fmt: skip
        asked = Candidate(text=code, instruction=f"Implement {words} with reset rst_n.")
        verdict = Verifier().verify(None, [asked])[0]
        said.append({f.rule for f in verdict.findings if f.rule.startswith("intent")})
    assert said == [set(), {"intent.kind"}]


@pytest.mark.parametrize(
    "words",
    [
        "A timer that uses an 8-bit down counter.",
        "A counter-based filter with write enable `we`.",
        "A circuit; a shift register may be used. The enable must not be ignored.",
        "Program counter with an enable.",
        "Bits move as in a shift register.",
        "A FIFO-like buffer without enable en.",
        "A saturating 8-bit counter.",
        "The output enable oe lets q through.",
        "A circuit with load enable ld and clear enable ce.",
        "A circuit with reset and enable inputs.",
    ],
)
def test_words_that_promise_nothing_of_the_kind(words: str) -> None:
    promises = read_promises(words)
    assert (promises.kind, promises.controls) == (None, ())


@pytest.mark.slow
def test_no_golden_breaks_a_promise_in_any_phrasing() -> None:
    specs = load_suite()
    matcher = Matcher(specs)
    units = [renamed_golden(s, f"u{k}_") for k, s in enumerate(specs)]
    asked: Counter[str] = Counter()
    found = []
    for spec, unit, netlist in zip(specs, units, netlists(units), strict=True):
        assert isinstance(netlist, Netlist), spec.id
        seen = set()
        for words in dict.fromkeys(matcher.prompts(spec)):
            promises = read_promises(words)
            claims = read_claims(words, (), list(netlist.inputs))
            reset = reset_as_built(claims, promises, netlist)
            if not promises or (promises, reset) in seen:
                continue
            seen.add((promises, reset))
            asked["kinds"] += promises.kind is not None
            asked["controls"] += len(promises.controls)
            broken = broken_promises(promises, netlist, unit, reset)
            found += [f"{spec.id}: {f.message}" for f in broken]
    assert found == []
    assert asked["kinds"] > 50
    assert asked["controls"] > 500


def test_a_pair_is_told_apart_from_its_right_twin() -> None:
    """The table of the documents counts what is wrong as wrong."""
    twins = {p.words: p.code for p in pairs() if not p.fault}
    wrong: list[Pair] = [p for p in pairs() if p.fault]
    assert all(p.code != twins[p.words] for p in wrong)
