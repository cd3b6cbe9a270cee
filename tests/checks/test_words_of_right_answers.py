"""Intent refuses no right answer: goldens in all phrasings, public references, real answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtlbench.checks.claims import read_claims
from rtlbench.checks.intent import broken_claims
from rtlbench.dataset.filter.matching import Matcher
from rtlbench.records.candidate import Candidate
from rtlbench.rtl.netlist import Netlist
from rtlbench.rtl.yosys import netlists
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier
from tests.support import golden_lane

SUITES = Path(__file__).parents[2] / ".." / "shared" / "suites"
without_suites = pytest.mark.skipif(
    not SUITES.is_dir(), reason="the public suites are not beside the checkout"
)
Asked = tuple[str, str, str]
"""Name, words, code."""


@pytest.mark.slow
def test_no_golden_breaks_its_words_in_any_phrasing() -> None:
    specs = load_suite()
    matcher = Matcher(specs)
    made = netlists([golden_lane(s) for s in specs])
    asked, found = 0, []
    for spec, netlist in zip(specs, made, strict=True):
        assert isinstance(netlist, Netlist), spec.id
        for words in dict.fromkeys(matcher.prompts(spec)):
            asked += 1
            claims = read_claims(words, (), list(netlist.inputs))
            found += [f"{spec.id}: {f.message}" for f in broken_claims(claims, netlist)]
    assert asked > 2 * len(specs)
    assert found == []


def refusals(asked: list[Asked]) -> list[str]:
    """What intent has to say."""
    pairs = [(None, Candidate(text=code, instruction=words)) for _, words, code in asked]
    return [
        f"{name}: {f.rule}: {f.message}"
        for (name, _, _), verdict in zip(asked, Verifier().verify_mixed(pairs), strict=True)
        for f in verdict.findings
        if f.rule.startswith("intent.")
    ]


def rtllm() -> Iterator[Asked]:
    for words in sorted((SUITES / "rtllm").rglob("design_description.txt")):
        for code in words.parent.glob("verified_*.v"):
            yield code.stem, words.read_text(errors="replace"), code.read_text()


def verilog_eval() -> Iterator[Asked]:
    for words in sorted((SUITES / "verilog-eval").rglob("*_prompt.txt")):
        code = words.with_name(words.name.replace("_prompt.txt", "_ref.sv"))
        yield f"{words.parent.name}/{code.stem}", words.read_text(), code.read_text()


def real_answers() -> Iterator[Asked]:
    prompts = {w.name.removesuffix("_prompt.txt"): w.read_text()
               for w in (SUITES / "verilog-eval" / "dataset_spec-to-rtl").glob("*_prompt.txt")}
    for line in (SUITES / "verilog-eval" / "answers.jsonl").read_text().splitlines():
        answer = json.loads(line)
        if answer["suite_rule"] == "pass":
            name = answer["spec_id"]
            yield f"{name}#{answer['sample']}", prompts[name], answer["completion"]


@without_suites
@pytest.mark.slow
@pytest.mark.parametrize(("source", "least"), [(rtllm, 20), (verilog_eval, 150),
                                               (real_answers, 100)])
def test_no_right_answer_of_a_public_suite_is_refused_by_its_words(
    source: object, least: int
) -> None:
    assert callable(source)
    asked = list(source())
    assert len(asked) >= least
    assert refusals(asked) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Detector for the 4-bit sequence 1011 on din, with a reset.",
         "module m(input clk, input rst, input din, output z);\nreg [1:0] s;\n"
         "always @(posedge clk) if (rst) s <= 0; else case (s)\n0: s <= din ? 1 : 0;\n"
         "1: s <= din ? 1 : 2;\n2: s <= din ? 3 : 0;\n3: s <= din ? 1 : 2;\nendcase\n"
         "assign z = s == 3 && din;\nendmodule\n"),
        ("A 16-bit adder; four 4-bit adders is one way.",
         "module m(input [15:0] a, input [15:0] b, output [15:0] s);\nassign s = a + b;\n"
         "endmodule\n"),
        ("Splits a float: an 8-bit exponent of x, more than 3.",
         "module m(input [31:0] x, output y);\nassign y = ^x[22:0] & x[31] & (x[30:23] > 3);\n"
         "endmodule\n"),
        ("A line holds a 3-bit tag register, a 4-bit data register, valid and dirty.",
         "module m(input clk, input w, input d, input [2:0] t, input [3:0] x, output [3:0] y,\n"
         "output h);\nreg [8:0] l;\nalways @(posedge clk) if (w) l <= {1'b1, d, t, x};\n"
         "assign h = l[8] & (l[6:4] == t) & ~l[7];\nassign y = l[3:0];\nendmodule\n"),
        ("A slot holds a 4-bit id register, an 8-bit word register and a valid bit.",
         "module m(input clk, input w, input [3:0] i, input [7:0] x, output [7:0] y, output h);\n"
         "reg [12:0] s;\nalways @(posedge clk) if (w) s <= {1'b1, i, x};\n"
         "assign h = s[12] & (s[11:8] == i);\nassign y = s[7:0];\nendmodule\n"),
        ("Keeps a 2-bit kind register and a 5-bit address register.",
         "module m(input clk, input w, input [1:0] k, input [4:0] a, output [4:0] y, output h);\n"
         "reg [6:0] both;\nalways @(posedge clk) if (w) both <= {a, k};\n"
         "assign h = both[1:0] == k;\nassign y = both[6:2];\nendmodule\n"),
        ("A 4-bit register.",
         "module m(input clk, input d3, d2, d1, d0, output reg q3, q2, q1, q0);\n"
         "always @(posedge clk) begin q3 <= d3; q2 <= d2; q1 <= d1; q0 <= d0; end\nendmodule\n"),
        ("8-bit register with active-high enable en and active-low asynchronous reset rst_n.",
         "module m(input clk, input rst_n, input en, input [7:0] d, output reg [7:0] q);\n"
         "always @(posedge clk or negedge rst_n) if (!rst_n) q <= 0; else if (en) q <= d;\n"
         "endmodule\n"),
        ("8-bit register with an active-low enable en_n and a synchronous reset rst.",
         "module m(input clk, input rst, input en_n, input [7:0] d, output reg [7:0] q);\n"
         "always @(posedge clk) if (rst) q <= 0; else if (!en_n) q <= d;\nendmodule\n"),
    ],
)  # fmt: skip
def test_words_that_bind_nothing_else_refuse_nothing(words: str, code: str) -> None:
    assert refusals([("", words, code)]) == []
    verdict = Verifier().verify(None, [Candidate(text=code, instruction=words)])[0]
    assert verdict.score == 1.0, verdict.findings
