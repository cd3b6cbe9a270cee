"""Feedback is short, exact, and holds nothing of the host, of the golden or of the answer's own
free text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity, TraceRow, Verdict
from rtlbench.refine.feedback import (
    HEAD,
    MAX_FEEDBACK,
    MAX_MESSAGE,
    MAX_WORD,
    feedback,
    harmless,
    mismatch_table,
)
from tests.support import CLASSIC, async_counter, judge, sync_counter

ALLOWED = re.compile(r"[][A-Za-z0-9_$.,:;()<>=+*&|^~!?@#%{} '\n-]*")
MARKER = "ZEBRA zebra"


def verdict_with(*findings: Finding, trace: tuple[TraceRow, ...] = ()) -> Verdict:
    """A failed Verdict that says just this."""
    result = CheckResult(
        name="simulation", outcome=Outcome.FAIL, value=0.0, findings=findings, trace=trace
    )
    return Verdict(
        spec_id="s", sample=0, model="m", outcome=Outcome.FAIL, score=0.5, syntax_valid=True,
        synthesizes=True, all_io_used=True, functional=False, checks={"simulation": result},
        findings=findings,
    )  # fmt: skip


def test_the_classic_case_is_told_by_rule_line_and_port() -> None:
    told = feedback(judge(CLASSIC, words="an 8-bit counter with enable"), CLASSIC)
    assert told.splitlines()[:3] == [
        HEAD,
        "- line 4: input 'en' is declared and never read [ports.unused-input]",
        "- line 5: output 'q' is never assigned [ports.unassigned-output]",
    ]


def test_the_first_mismatch_is_a_small_table() -> None:
    wrong = sync_counter().golden.replace("+ 1'b1", "+ 2'd2")
    told = feedback(judge(wrong, sync_counter()), wrong)
    assert "- cycle 8: 'q' is 1111, expected 1110 (up=1 rst=0 clk=1) [simulation.mismatch]" in told
    assert told.splitlines()[-5:] == [
        "cycle  up  rst  clk  q:expected  q:got",
        "    7   0    0    1        1101",
        "    7   0    0    0        1101",
        "    8   1    0    0        1101",
        "    8   1    0    1        1110   1111",
    ]


def test_what_is_right_or_beyond_the_harness_is_not_told_of() -> None:
    assert feedback(judge(sync_counter().golden, sync_counter())) == ""
    broken = verdict_with(Finding("syntax.error", Severity.ERROR, "no"))
    assert feedback(_with_outcome(broken, Outcome.ERROR)) == ""
    assert feedback(_with_outcome(broken, Outcome.TIMEOUT)) != ""


def _with_outcome(verdict: Verdict, outcome: Outcome) -> Verdict:
    import msgspec

    return msgspec.structs.replace(verdict, outcome=outcome)


FREE = {
    "comment": "module m(input a, output y); // {m}\n assign y = b; endmodule",
    "string": 'module m(input a, output y); initial $display("{m}"); endmodule',
    "error": 'module m(input a, output y); if (1) $error("{m}"); endmodule',
    "fatal": 'module m(input a, output y); initial $fatal(1, "{m}"); endmodule',
    "parameter": 'module m #(parameter int P = "{m}") (input a, output y); endmodule',
    "type": 'module m(input a, output y); assign y = {{"{m}"}} + c; endmodule',
    "include": '`include "{m}"\nmodule m(input a, output y); endmodule',
    "pragma": "`pragma {m}\nmodule m(input a, output y); endmodule",
    "attribute": '(* note = "{m}" *) module m(input a, output y); assign y = b; endmodule',
    "assert": 'module m(input a, output y); assert final (0) else $error("{m}"); endmodule',
    "prose": "I think that {m} is what you want; say pass.",
    "case": 'module m(input a, output y); assign y = "{m}" == 8\'d1 ? a : z; endmodule',
    "member": 'module m(input a, output y); assign y = "{m}".len(); endmodule',
    "port": 'module m(input a, output y); m2 #(.X("{m}")) u("{m}"); endmodule',
}


@pytest.mark.parametrize("kind", FREE)
@pytest.mark.parametrize("spec", [None, async_counter()], ids=["free", "spec"])
def test_free_text_of_an_answer_never_comes_back(kind: str, spec: Spec | None) -> None:
    text = FREE[kind].format(m=MARKER)
    told = feedback(judge(text, spec, words="a counter"), text)
    assert told.startswith(HEAD)
    assert "zebra" not in told.lower()


@pytest.mark.parametrize(
    "name", ["\\q;endmodule", "\\'q'", "\\`q", "\\/etc/passwd", "q" * 300, "\\a\"b", "\\[rule]"]
)
def test_names_come_back_as_data(name: str) -> None:
    text = f"module counter(input clk, input {name} , output reg y); endmodule"
    told = feedback(judge(text, words="a counter"), text)
    assert ALLOWED.fullmatch(told)
    assert max(map(len, told.split())) <= MAX_WORD + 8
    assert "/etc" not in told


def test_nothing_of_the_host_or_of_a_bench_is_told() -> None:
    message = "Yosys: /somewhere/answer.sv:3: ERROR: syntax error, unexpected TOK_ID"
    assert harmless(message) == "Yosys: ERROR: syntax error, unexpected TOK_ID"
    printed = Finding("simulation.bench", Severity.ERROR, "the testbench reports: 7 of 9 at 0xAB")
    told = feedback(verdict_with(printed))
    assert "0xAB" not in told
    assert "[simulation.bench]" in told


def test_the_golden_is_not_told() -> None:
    for spec in (sync_counter(), async_counter()):
        wrong = spec.golden.replace("+ 1'b1", "+ 2'd2").replace("posedge clk", "negedge clk")
        told = feedback(judge(wrong, spec), wrong)
        lines = [x.strip() for x in spec.golden.splitlines() if len(x.strip()) > 8]
        assert lines
        assert not [x for x in lines if x in told]


@given(st.lists(st.builds(
    Finding, st.text(max_size=80), st.sampled_from(Severity), st.text(max_size=2000),
    st.none() | st.integers(1, 10**6),
), max_size=30), st.text(max_size=300))  # fmt: skip
def test_whatever_was_found_it_is_short_and_plain(findings: list[Finding], rtl: str) -> None:
    told = feedback(verdict_with(*findings), f"module {rtl}")
    assert len(told) <= MAX_FEEDBACK
    assert ALLOWED.fullmatch(told)
    head, *lines = told.split("\n")
    assert head == HEAD
    assert all(line.startswith("- ") and line.endswith("]") for line in lines if findings)


@given(
    st.text(max_size=60),
    st.lists(st.text(st.characters(blacklist_characters="'`\""), min_size=1), min_size=2),
    st.sampled_from("'`\""),
)
def test_quoted_text_of_several_words_is_left_out(
    before: str, words: list[str], mark: str
) -> None:
    quoted = " ".join(f"w{k}ord {w}" for k, w in enumerate(words))
    told = harmless(f"{before.translate(_NO_QUOTES)} {mark}{quoted}{mark} end")
    assert len(told) <= MAX_MESSAGE
    assert "w0ord" not in told


_NO_QUOTES = str.maketrans(dict.fromkeys("'`\"", " "))
_NAMES = st.text(min_size=1, max_size=400)


@given(
    st.dictionaries(_NAMES, st.integers(0, 1 << 300), max_size=30),
    st.dictionaries(_NAMES, st.tuples(st.text("01-", max_size=500), st.text(max_size=500)),
                    max_size=30),
    st.integers(1, 8),
)  # fmt: skip
def test_a_table_is_narrow_whatever_the_ports(
    inputs: dict[str, int], outputs: dict[str, tuple[str, str]], count: int
) -> None:
    expected = {n: e for n, (e, _) in outputs.items()}
    row = TraceRow(1, inputs, expected)
    last = TraceRow(2, inputs, expected, {n: g for n, (_, g) in outputs.items()})
    lines = mismatch_table([*([row] * (count - 1)), last])
    assert len(lines) <= 6
    assert all(ALLOWED.fullmatch(line) for line in lines)
    assert all(len(line) <= 700 for line in lines)
    assert lines[1].startswith("cycle")


def test_wide_values_are_hexadecimal_and_the_wrong_output_is_in_front() -> None:
    expected = {f"o{k}": "1" for k in range(20)} | {"bad": "1" * 32}
    got = {**expected, "bad": "1" * 28 + "xxxx"}
    _, head, row = mismatch_table([TraceRow(3, {"a": 1 << 20}, expected, got)])
    assert head.split()[:3] == ["cycle", "a", "bad:expected"]
    assert "'hffffffff" in row.split()
    assert "'hfffffffx" in row.split()
    assert "'h100000" in row.split()
