"""The RTLLM reader, and the trust in testbenches that decide by a printed word.

A small design of our own in RTLLM's layout is written into `tmp_path`; the suite itself is read
where it lies beside the checkout.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from rtlbench.checks.claims import read_claims
from rtlbench.checks.testbench_run import run_testbench
from rtlbench.errors import UserError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Severity, Verdict
from rtlbench.suites.rtllm import read_rtllm
from rtlbench.verifier import Verifier

SUITE = Path(__file__).parents[2] / ".." / "shared" / "suites" / "rtllm"
needs_suite = pytest.mark.skipif(not SUITE.is_dir(), reason="RTLLM is not beside the checkout")

WORDS = """Write a clamp in Verilog.

Module name:
    clamp

Input ports:
    clk: Clock signal.
    rst_n: Active-low reset signal.
    level [7:0]: present level, 8-bit.
Output ports:
    held [7:0]: the level at the last rising edge of clk, never above 100.
"""
REFERENCE = """module verified_clamp(
  input clk, input rst_n, input [7:0] level, output reg [7:0] held
);
  wire [7:0] cut;
  limit u_limit(.value(level), .cut(cut));
  always @(posedge clk or negedge rst_n)
    if (!rst_n) held <= 8'd0;
    else held <= cut;
endmodule
module limit(input [7:0] value, output [7:0] cut);
  assign cut = value > 8'd100 ? 8'd100 : value;
endmodule
"""
GOOD = """module clamp(input clk, input rst_n, input [7:0] level, output reg [7:0] held);
  always @(posedge clk or negedge rst_n)
    if (!rst_n) held <= 0;
    else held <= (level > 100) ? 8'd100 : level;
endmodule
"""
UNKNOWN = """module clamp(input clk, input rst_n, input [7:0] level, output [7:0] held);
  reg toggles;
  always @(posedge clk) toggles <= ~toggles;
  assign held = {8{toggles}};
endmodule
"""
UNCUT = GOOD.replace("(level > 100) ? 8'd100 : level", "level")
TESTBENCH = """`timescale 1ns/1ps
module bench_of_clamp;
  reg clk = 0, rst_n = 0;
  reg [7:0] level = 0;
  wire [7:0] held;
  reg [15:0] vectors [0:3];
  integer k, error = 0;
  clamp dut(.clk(clk), .rst_n(rst_n), .level(level), .held(held));
  always #5 clk = ~clk;
  initial begin
    $readmemh("data/vectors.hex", vectors);
    #12 rst_n = 1;
    for (k = 0; k < 4; k = k + 1) begin
      level = vectors[k][15:8];
      #10;
      CHECK
    end
    if (error == 0) $display("===== Your Design Passed =====");
    else $display("===== %0d errors =====", error);
    $finish;
  end
endmodule
"""
SHARP = "if (held !== vectors[k][7:0]) error = error + 1;"
BLIND = "if (held != vectors[k][7:0]) error = error + 1;"
VECTORS = "0a0a\n6464\nc864\n0101\n"

Layout = dict[str, str]


def layout(check: str = SHARP) -> Layout:
    return {
        "design_description.txt": WORDS,
        "testbench.v": TESTBENCH.replace("CHECK", check),
        "verified_clamp.v": REFERENCE,
        "data/vectors.hex": VECTORS,
    }


def write(root: Path, files: Layout, place: str = "Arithmetic/Level keepers/clamp") -> Path:
    for name, text in files.items():
        path = root / place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def read_one(root: Path, files: Layout | None = None) -> Spec:
    (spec,) = read_rtllm(write(root, files or layout()))
    return spec


def judge(spec: Spec, rtl: str) -> Verdict:
    return Verifier().verify(spec, [Candidate(text=rtl, spec_id=spec.id)])[0]


def reason(verdict: Verdict) -> str:
    told = [r.detail["reason"] for r in verdict.checks.values() if r.outcome is Outcome.ERROR]
    return " ".join(map(str, told))


def rules(verdict: Verdict) -> set[str]:
    return {f.rule for f in verdict.findings if not f.rule.startswith("lint.")}


# Reading.


def test_a_design_becomes_a_spec(tmp_path: Path) -> None:
    spec = read_one(tmp_path)
    assert (spec.suite, spec.name, spec.family) == ("rtllm", "arithmetic/clamp", "level_keepers")
    assert (spec.top, spec.prompt, spec.difficulty) == ("clamp", WORDS, "medium")
    assert spec.testbench is not None
    assert spec.testbench.files == {"data/vectors.hex": VECTORS}
    assert "module clamp(" in spec.golden
    assert "module limit(" in spec.golden
    found = [(p.name, p.direction, p.width, p.role, p.active) for p in spec.ports]
    assert found == [
        ("clk", "input", 1, "clock", "high"),
        ("rst_n", "input", 1, "reset", "low"),
        ("level", "input", 8, "data", "high"),
        ("held", "output", 8, "data", "high"),
    ]


def test_designs_without_folders_above_them_are_read_too(tmp_path: Path) -> None:
    (spec,) = read_rtllm(write(tmp_path, layout(), "clamp"))
    assert (spec.category, spec.family) == ("rtllm", "clamp")


def test_the_words_name_the_module(tmp_path: Path) -> None:
    """The testbench says `clamp`, the words say `limiter`; it and the reference follow them."""
    files = layout() | {"design_description.txt": WORDS.replace("    clamp", "    limiter")}
    spec = read_one(tmp_path, files)
    assert spec.top == "limiter"
    assert judge(spec, GOOD.replace("module clamp", "module limiter")).functional is True
    assert rules(judge(spec, GOOD)) == {"syntax.wrong-top"}


def test_a_port_that_the_words_do_not_name_is_not_demanded(tmp_path: Path) -> None:
    words = "\n".join(s for s in WORDS.splitlines() if "rst_n" not in s)
    spec = read_one(tmp_path, layout() | {"design_description.txt": words})
    assert [p.name for p in spec.ports] == ["clk", "level", "held"]
    assert judge(spec, GOOD).functional is True


def test_other_encodings_and_line_ends(tmp_path: Path) -> None:
    write(tmp_path, layout())
    description = next(tmp_path.rglob("design_description.txt"))
    description.write_bytes(WORDS.replace("\n", "\r\n").encode() + b"at 20 \xb0C\r\n")
    (spec,) = read_rtllm(tmp_path)
    assert spec.prompt == WORDS + "at 20 °C\n"
    assert spec.top == "clamp"


def test_leftovers_are_no_data(tmp_path: Path) -> None:
    extra = {"makefile": "vcs:", "clamp.vcd": "$date", "old/clamp.v": GOOD, ".hidden": ""}
    spec = read_one(tmp_path, layout() | extra)
    assert spec.testbench is not None
    assert list(spec.testbench.files) == ["data/vectors.hex"]


def test_a_reference_that_does_not_elaborate_still_gives_a_spec(tmp_path: Path) -> None:
    broken = REFERENCE.replace("assign cut = ", "assign cut = nothing ? ")
    spec = read_one(tmp_path, layout() | {"verified_clamp.v": broken})
    assert spec.ports == ()
    assert "does not elaborate" in spec.title
    verdict = judge(spec, GOOD)
    assert (verdict.outcome, verdict.functional) == (Outcome.ERROR, None)


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("verified_clamp.v", "no reference"),
        ("testbench.v", "testbench.v: cannot be read"),
        ("design_description.txt", "no design_description.txt"),
    ],
)
def test_a_missing_file_is_named(tmp_path: Path, missing: str, told: str) -> None:
    files = {name: text for name, text in layout().items() if name != missing}
    with pytest.raises(UserError, match=told):
        read_rtllm(write(tmp_path, files))


def test_a_testbench_around_nothing_is_refused(tmp_path: Path) -> None:
    files = layout() | {"testbench.v": "module alone; initial $finish; endmodule\n"}
    with pytest.raises(UserError, match="one module from outside, not none"):
        read_rtllm(write(tmp_path, files))


def test_two_designs_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, layout(), "Control/clamp")
    with pytest.raises(UserError, match="is also in"):
        read_rtllm(write(tmp_path, layout()))


def test_the_folder_must_be_given() -> None:
    with pytest.raises(UserError, match="rtllm=FOLDER"):
        read_rtllm(None)


# Judging.


def test_right_and_wrong(tmp_path: Path) -> None:
    spec = read_one(tmp_path)
    for right in (spec.golden, GOOD):
        verdict = judge(spec, right)
        assert (verdict.outcome, verdict.functional) == (Outcome.PASS, True)
    wrong = judge(spec, UNCUT)
    assert (wrong.outcome, wrong.functional) == (Outcome.FAIL, False)
    assert "1 errors" in wrong.findings[-1].message


FORGERIES = {
    "prints": 'initial $display("===== Your Design Passed =====");',
    "prints late": 'always @(posedge clk) $display("passed");',
    "ends the run": "initial $finish;",
    "prints and ends": 'initial begin $display("Passed"); $finish; end',
    "stops": "initial $stop;",
    "elaborates": 'initial $warning("passed");',
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_pass_is_none(tmp_path: Path, forgery: str) -> None:
    """Refused unseen; and where it is run all the same, the testbench's evidence is missing."""
    spec = read_one(tmp_path)
    rtl = UNCUT.replace("endmodule", f"  {forgery}\nendmodule")
    verdict = judge(spec, rtl)
    assert (verdict.outcome, verdict.functional) == (Outcome.FAIL, False)
    assert rules(verdict) == {"safety.system-task"}
    assert spec.testbench is not None
    assert run_testbench(spec.testbench, rtl).ended in ("fail", "silent")


def test_names_of_the_testbench_are_no_weapon(tmp_path: Path) -> None:
    """A helper named like the testbench is renamed; a macro of the testbench is not seen."""
    spec = read_one(tmp_path)
    helper = "module bench_of_clamp(input [7:0] v, output [7:0] c); assign c = v; endmodule\n"
    asked = GOOD.replace(
        "  always", "  wire [7:0] c;\n  bench_of_clamp h(.v(level), .c(c));\n  always"
    ).replace(": level;", ": c;")
    assert judge(spec, helper + asked).functional is True
    names = "package p; localparam error = 0; endpackage\nimport p::*;\n"
    assert judge(spec, names + UNCUT).functional is False


def test_a_testbench_that_a_constant_passes_hands_over_to_the_reference(tmp_path: Path) -> None:
    spec = read_one(tmp_path, layout("if (held > vectors[k][7:0]) error = error + 1;"))
    verdict = judge(spec, GOOD)
    assert (verdict.outcome, verdict.functional) == (Outcome.PASS, True)
    assert verdict.checks["simulation"].detail["judge"] == "the suite's reference"
    assert judge(spec, UNCUT).functional is False, "its fail still counts"
    stuck = judge(spec, re.sub(r"held <= \(level.*", "held <= level & 8'd0;", GOOD))
    assert stuck.functional is False
    assert "expected" in stuck.checks["simulation"].findings[0].message


def test_a_testbench_that_does_not_see_unknown_outputs_is_made_to(tmp_path: Path) -> None:
    spec = read_one(tmp_path, layout(BLIND))
    verdict = judge(spec, GOOD)
    assert verdict.functional is True
    assert "0 and as 1" in str(verdict.checks["simulation"].detail["controls"])
    assert spec.testbench is not None
    assert run_testbench(spec.testbench, UNKNOWN).ended == "pass", "as the bench alone has it"
    unknown = judge(spec, UNKNOWN)
    assert unknown.functional is False
    assert "simulation.unknown-output" in rules(unknown)


def test_a_bench_and_a_reference_that_part_refuse_only_what_both_refuse(tmp_path: Path) -> None:
    files = layout() | {"verified_clamp.v": REFERENCE.replace("8'd100 :", "8'd99 :")}
    spec = read_one(tmp_path, files)
    right = judge(spec, GOOD)
    assert (right.outcome, right.functional) == (Outcome.ERROR, None), "one says yes, one says no"
    assert "own reference ends in fail" in reason(right)
    assert judge(spec, UNCUT).functional is False
    assert judge(spec, spec.golden).functional is True


HASTY = ("#12 rst_n = 1;", "#12 rst_n = 1; if (held !== 8'd1) error = error + 1;")
"""A bench that asks for what no reference could show yet."""


def test_where_a_bench_refuses_its_reference_the_reference_tells(tmp_path: Path) -> None:
    files = layout()
    spec = read_one(tmp_path, files | {"testbench.v": files["testbench.v"].replace(*HASTY)})
    right = judge(spec, GOOD)
    assert (right.outcome, right.functional) == (Outcome.PASS, True)
    assert right.checks["simulation"].detail["judge"] == "the suite's reference"
    for wrong in (UNCUT, UNKNOWN, GOOD.replace("> 100", ">= 100 && level != 200")):
        assert judge(spec, wrong).functional is False


TICKER_WORDS = """Module name:
    ticker
Input ports:
    clk: Clock signal.
    rst_n: Active-low asynchronous reset signal.
Output ports:
    tick: 1 in the cycle after every fourth rising edge of clk.
"""
TICKER = """module ticker(input clk, input rst_n, output reg tick);
  reg [1:0] phase;
  always @(posedge clk or negedge rst_n)
    if (!rst_n) phase <= 0; else phase <= phase + 1;
  always @(posedge clk or negedge rst_n)
    if (!rst_n) tick <= 0; else if (phase == 3) tick <= 1; else tick <= 0;
endmodule
"""
LATE_RESET = """`timescale 1ns/1ps
module bench_of_ticker;
  reg clk = 0, rst_n = 1; wire tick;
  ticker dut(.clk(clk), .rst_n(rst_n), .tick(tick));
  always #5 clk = ~clk;
  initial begin #23 rst_n = 0; #10 rst_n = 1; #90 $display("Passed"); $finish; end
endmodule
"""
PLAIN_TICK = ("if (phase == 3) tick <= 1; else tick <= 0", "tick <= phase == 3")


def test_before_a_reset_nothing_is_asked_that_a_simulators_else_makes_up(tmp_path: Path) -> None:
    """The reference's `if (phase == 3)` takes its `else` while nothing is known."""
    files = {"design_description.txt": TICKER_WORDS, "testbench.v": LATE_RESET,
             "verified_ticker.v": TICKER}  # fmt: skip
    (spec,) = read_rtllm(write(tmp_path, files, "Control/ticker"))
    for right in (TICKER, TICKER.replace(*PLAIN_TICK), TICKER.replace("phase == 3", "&phase")):
        verdict = judge(spec, right)
        assert verdict.checks["simulation"].detail["judge"] == "the suite's reference"
        assert verdict.functional is True, verdict.findings
    for wrong in ("phase == 2", "phase == 3 || phase == 1"):
        assert judge(spec, TICKER.replace("phase == 3", wrong)).functional is False


def test_a_task_whose_reference_is_unsafe_is_an_error(tmp_path: Path) -> None:
    """A reference that lives by delays: a like answer is no fail, a forgery still is."""
    delayed = REFERENCE.replace("else held <= cut;", "else begin #1; held <= cut; end")
    spec = read_one(tmp_path, layout() | {"verified_clamp.v": delayed})
    like = judge(spec, spec.golden)
    assert (like.outcome, like.functional) == (Outcome.ERROR, None)
    assert "breaks the same rules" in reason(like)
    forged = spec.golden.replace("endmodule", "  initial $finish;\nendmodule", 1)
    assert judge(spec, forged).outcome is Outcome.FAIL


def test_widths_and_more_ports_are_the_testbenchs_to_judge(tmp_path: Path) -> None:
    spec = read_one(tmp_path)
    wide = GOOD.replace("[7:0] held", "[8:0] held")
    more = GOOD.replace("[7:0] held)", "[7:0] held, output full)").replace(
        "endmodule", "  assign full = held == 100;\nendmodule"
    )
    for rtl, rule in ((wide, "syntax.port-width"), (more, "syntax.extra-port")):
        verdict = judge(spec, rtl)
        assert verdict.functional is True
        assert {f.severity for f in verdict.findings if f.rule == rule} == {Severity.WARNING}
    missing = judge(spec, GOOD.replace("rst_n", "reset_n"))
    assert missing.functional is False
    assert "syntax.missing-port" in rules(missing)


def test_words_about_the_suites_own_solution_bind_no_other(tmp_path: Path) -> None:
    words = WORDS + "The module keeps a 12-bit count and looks at a 1-bit flag.\n"
    reference = REFERENCE.replace("wire [7:0] cut;", "wire [7:0] cut; wire [11:0] count = cut;")
    files = {"design_description.txt": words, "verified_clamp.v": reference}
    assert judge(read_one(tmp_path, layout() | files), GOOD).outcome is Outcome.PASS


def test_both_edges_of_a_clock_claim_neither() -> None:
    both = "Two counters track the rising and falling edges of the clock."
    assert read_claims(both, (), ["clk"]).rising is None
    assert read_claims("It acts on the falling edge of clk.", (), ["clk"]).rising is False


def test_a_design_that_eats_memory_fails(tmp_path: Path) -> None:
    spec = read_one(tmp_path)
    eater = UNCUT.replace("always", "reg [63:0] m [0:2**28];\n  always").replace(
        "<= level", "<= m[level]"
    )
    assert spec.testbench is not None
    assert run_testbench(spec.testbench, eater).ended == "memory"


@pytest.mark.slow
def test_a_testbench_that_never_ends_is_a_timeout(tmp_path: Path) -> None:
    waits = SHARP.replace("if", "while (held !== vectors[k][7:0]) #10;\n      if")
    spec = read_one(tmp_path, layout(waits))
    assert judge(spec, GOOD).functional is True
    verdict = judge(spec, UNCUT)
    assert (verdict.outcome, verdict.functional) == (Outcome.TIMEOUT, False)


def test_data_files_stay_in_the_runs_folder(tmp_path: Path) -> None:
    spec = read_one(tmp_path)
    assert spec.testbench is not None
    outside = tmp_path / "outside.txt"
    files = spec.testbench.files | {str(outside): "x", "../../outside.txt": "x"}
    testbench = msgspec.structs.replace(spec.testbench, files=files)
    assert run_testbench(testbench, GOOD).ended == "pass"
    assert not outside.exists()


# The suite itself.

PASSING_ANSWERS = {
    *[("pe", k) for k in range(5)],
    *[("synchronizer", k) for k in range(5)],
    ("multi_16bit", 1),
    ("right_shifter", 3),
}
"""The answers that the suite's own rule passes under Icarus 11."""
NO_EVIDENCE = {
    "clkgenerator": "breaks the same rules",
    "radix2_div": "own reference ends in fail",
}
"""Designs whose testbenches prove nothing right, and why."""


@needs_suite
def test_the_release_is_read() -> None:
    specs = read_rtllm(SUITE)
    assert len({s.digest() for s in specs}) == len(specs) == 25
    assert all(s.ports and s.golden and s.testbench for s in specs)
    tops = {s.id: s.top for s in specs if s.id != s.top}
    assert tops == {"freq_divbyeven": "freq_diveven"}, "the words, not the folder, name it"
    assert Counter(s.category for s in specs)["arithmetic"] == 11


@needs_suite
@pytest.mark.slow
def test_references_pass_or_say_why_not() -> None:
    for spec in read_rtllm(SUITE):
        verdict = judge(spec, spec.golden)
        if spec.id in NO_EVIDENCE:
            assert verdict.functional is None, spec.id
            assert NO_EVIDENCE[spec.id] in reason(verdict), spec.id
        else:
            assert verdict.functional is True, (spec.id, verdict.findings)


@needs_suite
@pytest.mark.slow
def test_real_answers_are_judged_as_the_suite_does() -> None:
    specs = {s.id: s for s in read_rtllm(SUITE)}
    lines = (SUITE / "gpt-3.5-answers.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    by_spec: dict[str, list[Candidate]] = {}
    for row in rows:
        answer = Candidate(text=row["rtl"], spec_id=row["spec_id"], sample=row["sample"])
        by_spec.setdefault(row["spec_id"], []).append(answer)
    verifier = Verifier()
    verdicts = [v for k, answers in by_spec.items() for v in verifier.verify(specs[k], answers)]
    assert len(verdicts) == len(rows) == 60
    assert {(v.spec_id, v.sample) for v in verdicts if v.functional} == PASSING_ANSWERS
    assert not [v for v in verdicts if v.functional is None]
    assert {v.outcome for v in verdicts if v.functional} == {Outcome.PASS}
