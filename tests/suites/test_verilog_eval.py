"""The readers of VerilogEval, judging by a reference in Verilog, and a suite's own rule beside it.

Small problems of our own in the suite's layout are written into `tmp_path`; the suite itself is
read where it lies beside the checkout.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.mutation.mutants import stub_answers
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Port, Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.runs.suite import read_suite, with_fresh
from rtlbench.runs.two_verdicts import difference
from rtlbench.simulation.listening import Heard, compare_events, steps_of
from rtlbench.simulation.reference_stimulus import drawn_steps
from rtlbench.suites.interface import ports_of, with_roles
from rtlbench.suites.verilog_eval import read_verilog_eval
from rtlbench.suites.verilog_eval_v1 import read_verilog_eval_v1
from rtlbench.verifier import Config, Verifier

SUITES = Path(__file__).parents[2] / ".." / "shared" / "suites"
SUITE = SUITES / "verilog-eval"
V1 = SUITES / "verilog-eval-v1"
needs_suite = pytest.mark.skipif(not SUITE.is_dir(), reason="no VerilogEval beside the checkout")
needs_v1 = pytest.mark.skipif(not V1.is_dir(), reason="no VerilogEval v1 beside the checkout")

WORDS = "I would like you to implement a module named TopModule: a counter of taps modulo 10.\n"
REFERENCE = """module RefModule (input clk, input areset, input tap, output reg [3:0] count);
  always @(posedge clk, posedge areset)
    if (areset) count <= 0;
    else if (tap) count <= count == 9 ? 4'd0 : count + 4'd1;
endmodule
"""
TEST = """`timescale 1 ps/1 ps
module stimulus_gen (input clk, output reg areset, output reg tap);
  initial begin
    areset <= 1; tap <= 0;
    @(negedge clk) areset <= 0;
    repeat (60) @(posedge clk, negedge clk) tap <= |($random & 3);
    #1 $finish;
  end
endmodule
module tb();
  typedef struct packed { int errors; int clocks; } stats;
  stats stats1;
  reg clk = 0;
  initial forever #5 clk = ~clk;
  logic areset, tap;
  logic [3:0] count_ref, count_dut;
  wire tb_match;
  stimulus_gen stim1 (.clk, .areset, .tap);
  RefModule good1 (.clk, .areset, .tap, .count(count_ref));
  TopModule top_module1 (.clk, .areset, .tap, .count(count_dut));
  final $display("Mismatches: %1d in %1d samples", stats1.errors, stats1.clocks);
  assign tb_match = ( { count_ref } === ( { count_ref } ^ { count_dut } ^ { count_ref } ) );
  always @(posedge clk, negedge clk) begin
    stats1.clocks++;
    if (!tb_match) stats1.errors++;
  end
endmodule
"""
GOOD = REFERENCE.replace("RefModule", "TopModule")
WRONG = GOOD.replace("== 9", "== 10")
FORGED = """module TopModule (input clk, input areset, input tap, output reg [3:0] count);
  initial begin $display("Mismatches: 0 in 60 samples"); $finish; end
endmodule
"""
WAITS = """module TopModule (input a, output reg b);
  always @(*) b = a;
endmodule
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder with one problem in the suite's layout."""
    problem(tmp_path / "dataset_spec-to-rtl", "Prob001_taps", REFERENCE, TEST)
    return tmp_path


def problem(folder: Path, name: str, reference: str, test: str) -> None:
    folder.mkdir(exist_ok=True)
    for ending, text in (("prompt.txt", WORDS), ("ref.sv", reference), ("test.sv", test)):
        (folder / f"{name}_{ending}").write_text(text)


def judged(spec: Spec, *answers: str) -> list[Verdict]:
    """By both rules."""
    candidates = [Candidate(text=a, sample=k) for k, a in enumerate(answers)]
    return Verifier(Config(judge="both")).verify(spec, candidates)


def test_the_layout_is_recognised_and_read(suite: Path) -> None:
    assert with_fresh(str(suite), None, None) == f"verilog-eval={suite}"
    (spec,) = read_suite(str(suite))
    assert (spec.id, spec.category, spec.top, spec.prompt) == (
        "Prob001_taps", "spec_to_rtl", "TopModule", WORDS
    )  # fmt: skip
    assert spec.judge == "golden"
    assert (spec.reset, spec.edge) == ("async", "posedge")
    roles = {p.name: (p.role, p.active) for p in spec.inputs}
    assert roles == {
        "clk": ("clock", "high"), "areset": ("reset", "high"), "tap": ("enable", "high")
    }  # fmt: skip


def test_a_folder_of_nothing_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no suite's files"):
        read_suite(str(tmp_path))


def test_judged_by_the_reference_and_by_the_rule(suite: Path) -> None:
    (spec,) = read_verilog_eval(suite)
    good, wrong, forged = judged(spec, GOOD, WRONG, FORGED)
    assert (good.outcome, good.functional, good.suite_rule) == (Outcome.PASS, True, "pass")
    detail = good.checks["simulation"].detail
    assert detail["stimulus"] == "the suite's bench"
    assert int(str(detail["compared"])) > 60
    assert (wrong.functional, wrong.suite_rule) == (False, "fail")
    assert any("count is 1010, expected 0000" in f.message for f in wrong.findings)
    # The suite takes the printed word; here it is not even run.
    assert (forged.functional, forged.suite_rule) == (False, "pass")
    assert "$display" in difference(forged)


def test_own_asks_the_suite_alone(suite: Path) -> None:
    (spec,) = read_verilog_eval(suite)
    answers = [Candidate(text=t, sample=k) for k, t in enumerate((GOOD, WRONG, "module Top"))]
    found = Verifier(Config(judge="own")).verify(spec, answers)
    assert [v.outcome for v in found] == [Outcome.PASS, Outcome.FAIL, Outcome.FAIL]
    assert [v.suite_rule for v in found] == ["pass", "fail", "compile"]
    assert [v.syntax_valid for v in found] == [True, True, False]
    assert set(found[0].checks) == {"simulation"}


def test_stubs_never_pass(suite: Path) -> None:
    (spec,) = read_verilog_eval(suite)
    assert not any(v.functional for v in judged(spec, *stub_answers(spec).values()))


def test_without_a_bench_that_can_be_heard_stimulus_is_drawn(suite: Path) -> None:
    (spec,) = read_verilog_eval(suite)
    alone = msgspec.structs.replace(spec, testbench=None)
    good, wrong = Verifier().verify(alone, [Candidate(text=GOOD), Candidate(text=WRONG)])
    assert (good.functional, wrong.functional) == (True, False)
    assert good.checks["simulation"].detail["stimulus"] == "drawn"


def test_a_reference_that_icarus_does_not_read(suite: Path) -> None:
    """Its netlist stands in, for the lanes and within the bench."""
    cast = REFERENCE.replace(
        "  always", "  typedef enum logic {A, B} t; t k; always_comb k = t'(tap);\n  always"
    ).replace("else if (tap)", "else if (k == B)")
    problem(suite / "dataset_spec-to-rtl", "Prob001_taps", cast, TEST)
    (spec,) = read_verilog_eval(suite)
    good, wrong = judged(spec, GOOD, WRONG)
    assert (good.functional, wrong.functional) == (True, False)
    assert good.checks["simulation"].detail["stimulus"] == "the suite's bench"
    assert good.suite_rule == "compile"  # the suite itself cannot tell under this Icarus


def test_few_inputs_are_tried_exhaustively() -> None:
    """A parity that is wrong for one of 1,024 inputs, without any bench."""
    golden = "module top(input [9:0] a, output b);\n  assign b = ^a;\nendmodule\n"
    spec = Spec(
        id="parity", category="made", family="parity", difficulty="easy", title="", prompt="",
        top="top", golden=golden,
        ports=(
            Port(id="a", name="a", direction="input", width=10),
            Port(id="b", name="b", direction="output"),
        ),
    )  # fmt: skip
    wrong = golden.replace("^a", "^a ^ (a == 10'd517)")
    found = Verifier().verify(spec, [Candidate(text=golden), Candidate(text=wrong)])
    assert [v.functional for v in found] == [True, False]


def test_an_input_that_a_golden_leaves_open_need_not_be_read() -> None:
    """A Karnaugh map with don't-cares: `c | a & ~d` is right, and never asks for `b`."""
    spec = alone("""module map(input a, input b, input c, input d, output reg out);
  always @(*) case ({c, d, a, b})
    4'b0000, 4'b0101, 4'b0110, 4'b1101: out = 1'bx;
    4'b0001, 4'b0100, 4'b0111: out = 0;
    default: out = 1;
  endcase
endmodule""")
    head = "module map(input a, input b, input c, input d, output out); assign out = "
    small, whole, wrong, less = Verifier().verify(spec, [Candidate(text=f"{head}{t};\nendmodule")
        for t in ("c | a & ~d", "c | a & ~d & (b | ~b)", "c | a", "c")])  # fmt: skip
    assert small.outcome is whole.outcome is Outcome.PASS, small.findings
    assert {wrong.functional, less.functional} == {False}
    assert [f.rule for f in less.findings if f.rule.startswith("ports")] == [
        "ports.unused-input", "ports.unused-input"
    ], "of a and d, without which nothing is right; b is open"  # fmt: skip


@pytest.mark.parametrize("name", ["seen", "detector", "fsm_a", "fsm_b"])
def test_a_long_run_of_bits_is_met_by_what_is_drawn(name: str) -> None:
    """Wrong in a second match that begins within the first alone: one run of nine bits."""
    right = f"""module {name}(input clk, input rst, input x, output match);
  reg [3:0] last;
  always @(posedge clk or posedge rst) if (rst) last <= 0; else last <= {{last[2:0], x}};
  assign match = last == 4'b1001 && x;
endmodule
"""
    wrong = right.replace("else last <= {", "else last <= match ? 4'd0 : {")
    judged_ = Verifier().verify(alone(right), [Candidate(text=right), Candidate(text=wrong)])
    assert [v.functional for v in judged_] == [True, False]


def alone(golden: str) -> Spec:
    """A task of a golden alone, its ports as they are read off it."""
    top = golden.split("(", 1)[0].rsplit(maxsplit=1)[-1]
    spec = Spec(id=top, category="own", family=top, difficulty="easy", title=top, prompt="",
                top=top, ports=ports_of(golden, top), golden=golden, suite="own")  # fmt: skip
    return with_roles([spec])[0]


def test_a_bench_that_makes_the_reference_unknown_for_good_is_not_all(tmp_path: Path) -> None:
    """Its input is unknown at the first edge: what the reference shows behind it is X."""
    reference = """module RefModule (input clk, input tap, output reg out);
  initial out = 0;
  always @(posedge clk) out <= out ^ tap;
endmodule
"""
    test = TEST.replace("input clk, output reg areset, output reg tap", "input clk, output reg tap")
    test = test.replace("areset <= 1; tap <= 0;", "").replace("@(negedge clk) areset <= 0;", "")
    test = test.replace(".areset, ", "").replace("logic areset, tap", "logic tap")
    test = test.replace("[3:0] count_ref", "count_ref").replace(".count(", ".out(")
    problem(tmp_path / "dataset_spec-to-rtl", "Prob001_toggle", reference, test)
    (spec,) = read_verilog_eval(tmp_path)
    right = reference.replace("RefModule", "TopModule")
    good, wrong = judged(spec, right, right.replace("^ tap", "^ ~tap"))
    assert (good.functional, good.suite_rule) == (True, "pass")
    assert (wrong.functional, wrong.suite_rule) == (False, "pass")
    assert good.checks["simulation"].detail["stimulus"] == "drawn"


def test_each_side_of_two_clocks_has_its_reset() -> None:
    spec = alone("""module bridge(input wclk, input wrst_n, input rclk, input clear, input put,
                                 output reg [3:0] puts, output reg [3:0] seen, output reg odd);
  always @(posedge wclk or negedge wrst_n) if (!wrst_n) puts <= 0; else if (put) puts <= puts + 1;
  always @(posedge rclk or posedge clear)
    if (clear) {seen, odd} <= 0; else {seen, odd} <= {puts, ^puts};
endmodule""")
    roles = {p.name: (p.role, p.active) for p in spec.inputs if p.role in ("clock", "reset")}
    assert roles["wclk"] == roles["rclk"] == ("clock", "high")
    assert roles["clear"] == ("reset", "high"), "of most registers"
    later = alone(spec.golden.replace("output reg odd", "output reg odd, output reg [7:0] sum")
        .replace("puts <= 0;", "{puts, sum} <= 0;")
        .replace("puts <= puts + 1", "{puts, sum} <= {puts + 4'd1, sum + puts}"))  # fmt: skip
    roles = {p.name: (p.role, p.active) for p in later.inputs if p.role == "reset"}
    assert roles == {"wrst_n": ("reset", "low"), "clear": ("reset", "high")}
    steps = drawn_steps(later, 0)
    at = [p.name for p in later.inputs].index("clear")
    held = sum(s.inputs[at] == "1" for s in steps) / len(steps)
    assert 0 < held < 0.15, "a reset is given now and then, not at random"


def test_when_a_bench_compares_is_read_off_its_text() -> None:
    assert compare_events(TEST) == "posedge clk, negedge clk"
    assert compare_events("module tb; always @(a) x = 1; endmodule") == ""


def test_data_that_a_register_already_sees_comes_before_its_clock(suite: Path) -> None:
    """What a blocking assignment at the edge does to a register, as the simulator had it."""
    (spec,) = read_verilog_eval(suite)
    notes = [
        Heard("0", "000"), Heard("5", "100"), Heard("5", ""),
        Heard("5", "101", "edge"), Heard("5", "101"), Heard("5", "0001", "shown"),
        Heard("10", ""),
    ]  # fmt: skip
    steps = steps_of(notes, spec.ports)
    assert [s.inputs for s in steps] == ["000", "001", "101"]
    assert [s.compares for s in steps] == [True, False, True]


@needs_suite
def test_an_answer_that_waits_for_a_change_is_a_named_difference() -> None:
    """The suite's input is there from time 0 on and never changes before the first comparison."""
    spec = next(s for s in read_verilog_eval(SUITE) if s.id == "Prob008_m2014_q4h")
    answer = WAITS.replace("input a", "input in").replace("reg b", "reg out")
    answer = answer.replace("b = a", "out = in")
    (verdict,) = judged(spec, answer)
    assert (verdict.functional, verdict.suite_rule) == (True, "fail")
    assert "right in all of" in difference(verdict)


@needs_v1
@pytest.mark.parametrize(("kind", "count"), [("Human", 78), ("Machine", 71)])
def test_version_1_is_read(kind: str, count: int) -> None:
    specs = read_verilog_eval_v1(V1 / f"VerilogEval_{kind}.jsonl")
    assert len(specs) == count
    assert all(s.ports and s.judge == "golden" for s in specs)
    assert all(s.prompt.rstrip().endswith(";") for s in specs)


PARTS = 13
WAITS_FOR_TIME_0 = ("Prob008_m2014_q4h", 4)


@needs_suite
@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_recorded_answers_get_the_suites_own_verdict(part: int) -> None:
    """All 390, in parts: the rule is told again, and ours differs by what waits for time 0 alone.

    Of what is wrong, whether it failed or did not compile depends on the simulator's version.
    """
    lines = [json.loads(s) for s in (SUITE / "answers.jsonl").read_text().splitlines()]
    for spec in read_verilog_eval(SUITE)[part::PARTS]:
        given = [a for a in lines if a["spec_id"] == spec.id]
        answers = [Candidate(text=a["completion"], sample=a["sample"]) for a in given]
        for line, verdict in zip(
            given, Verifier(Config(judge="both")).verify(spec, answers), strict=True
        ):
            where = (spec.id, line["sample"])
            passes = line["suite_rule"] == "pass"
            assert verdict.outcome is not Outcome.ERROR, where
            assert (verdict.suite_rule == "pass") == passes, where
            agrees = (verdict.functional is True) == passes
            assert agrees or where == WAITS_FOR_TIME_0, where
