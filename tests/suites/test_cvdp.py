"""CVDP's datapoints: read, and judged by their own cocotb harness without a container.

A small datapoint of our own is written into `tmp_path`; CVDP's example is read where it lies.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.runs.suite import left_out, read_suite, with_fresh
from rtlbench.simulation.cocotb_harness import run_harness, scripts_of
from rtlbench.suites.cvdp import datapoints, not_judged, read_cvdp, told_of
from rtlbench.verifier import Config, Verifier

SUITE = Path(__file__).parents[2] / ".." / "shared" / "suites" / "cvdp"
needs_suite = pytest.mark.skipif(not SUITE.is_dir(), reason="no CVDP beside the checkout")

GOOD = """module taps(input clk, input rst, input tap, output reg [3:0] count);
  always @(posedge clk) if (rst) count <= 0; else if (tap) count <= count + 1'b1;
endmodule
"""
WRONG = GOOD.replace("1'b1", "2'd2")
ENDS = GOOD.replace("endmodule", 'initial begin $display("PASSED"); #1 $finish; end\nendmodule')
TESTS = """import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

@cocotb.test()
async def counts(dut):
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    dut.rst.value, dut.tap.value = 1, 1
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    for k in range(1, 6):
        await FallingEdge(dut.clk)
        assert int(dut.count.value) == k, f"tap {k}: {dut.count.value}"
"""
RUNNER = """import os
from RUNNER import get_runner

def test_runner():
    runner = get_runner(os.getenv("SIM", "icarus"))
    runner.build(SOURCES=os.getenv("VERILOG_SOURCES").split(),
                 hdl_toplevel=os.getenv("TOPLEVEL"), always=True,
                 timescale=("1ns", "1ps"), build_dir="/code/rundir/sim")
    runner.test(hdl_toplevel=os.getenv("TOPLEVEL"), test_module=os.getenv("MODULE"))

if __name__ == "__main__":
    test_runner()
"""
SETTINGS = """SIM = icarus
TOPLEVEL_LANG = verilog
VERILOG_SOURCES = /code/rtl/taps.sv
TOPLEVEL = taps
MODULE = test_taps
PYTHONPATH = /src
"""
COMPOSE = """services:
  direct:
    image: __OSS_SIM_IMAGE__
    command: pytest -s /src/test_runner.py -v
"""


def datapoint(
    runner: str = "cocotb_tools.runner", sources: str = "sources", **changed: Any
) -> dict[str, Any]:
    script = RUNNER.replace("RUNNER", runner).replace("SOURCES", sources, 1)
    files = {
        "docker-compose.yml": COMPOSE,
        "src/.env": SETTINGS,
        "src/test_taps.py": TESTS,
        "src/test_runner.py": script,
    } | changed.pop("files", {})
    return {
        "id": "cvdp_taps_0001",
        "categories": ["cid003", "hard"],
        "input": {"prompt": "Count taps.", "context": {"docs/taps.md": "Modulo 16."}},
        "output": {"response": "", "context": {"rtl/taps.sv": ""}},
        "harness": {"files": files},
    } | changed


def written(folder: Path, *points: dict[str, Any]) -> Path:
    text = "\n".join(msgspec.json.encode(p).decode() for p in points)
    (folder / "cvdp_made.jsonl").write_text(text + "\n")
    return folder


def one(folder: Path, **changed: Any) -> Spec:
    (spec,) = read_cvdp(written(folder, datapoint(**changed)))
    return spec


def judged(spec: Spec, *answers: str) -> list[Verdict]:
    return Verifier(Config(judge="both")).verify(spec, [Candidate(text=a) for a in answers])


def test_a_datapoint_is_recognised_and_read(tmp_path: Path) -> None:
    spec = one(tmp_path)
    assert with_fresh(str(tmp_path), None, None) == f"cvdp={tmp_path}"
    assert read_suite(str(tmp_path)) == (spec,)
    assert (spec.id, spec.category, spec.difficulty, spec.top, spec.judge) == (
        "cvdp_taps_0001", "cid003", "hard", "taps", "harness"
    )  # fmt: skip
    assert "Count taps." in spec.prompt
    assert "docs/taps.md:\n```\nModulo 16.\n```" in spec.prompt


@pytest.mark.parametrize(
    ("runner", "sources"),
    [("cocotb_tools.runner", "sources"), ("cocotb.runner", "verilog_sources")],
)
def test_right_and_wrong_by_both_names_of_the_runner(
    tmp_path: Path, runner: str, sources: str
) -> None:
    spec = one(tmp_path, runner=runner, sources=sources)
    good, wrong = judged(spec, GOOD, WRONG)
    assert (good.functional, good.outcome, good.suite_rule) == (True, Outcome.PASS, "pass")
    assert good.checks["simulation"].detail["compared"] == 1
    assert (wrong.functional, wrong.suite_rule) == (False, "fail")
    assert any("tap 1: 0010" in f.message for f in wrong.findings)


def test_a_script_that_is_no_test_is_run_as_a_program(tmp_path: Path) -> None:
    script = RUNNER.replace("RUNNER", "cocotb_tools.runner").replace("SOURCES", "sources", 1)
    files = {
        "src/go.py": script.replace("test_runner", "go"),
        "docker-compose.yml": "command: python3 /src/go.py\n",
    }
    spec = one(tmp_path, files=files)
    assert spec.testbench is not None
    assert scripts_of(spec.testbench) == ["go.py"]
    assert [run_harness(spec.testbench, t).ended for t in (GOOD, WRONG)] == ["pass", "fail"]


@pytest.mark.parametrize("answer", [ENDS, "", GOOD.replace("count)", "total)")])
def test_nothing_of_it_passes_even_where_it_is_run(tmp_path: Path, answer: str) -> None:
    spec = one(tmp_path)
    assert spec.testbench is not None
    assert run_harness(spec.testbench, answer).ended == "fail"
    (verdict,) = judged(spec, answer)
    assert verdict.functional is False


def test_a_harness_that_tests_nothing_passes_nothing(tmp_path: Path) -> None:
    spec = one(tmp_path, files={"src/test_taps.py": "import cocotb\n"})
    assert spec.testbench is not None
    assert run_harness(spec.testbench, GOOD).ended == "fail"


def test_where_the_solution_fails_nothing_is_said(tmp_path: Path) -> None:
    spec = one(tmp_path, output={"context": {"rtl/taps.sv": WRONG}})
    (verdict,) = Verifier().verify(spec, [Candidate(text=GOOD)])
    assert verdict.functional is None
    assert "own solution" in str(verdict.checks["simulation"].detail["reason"])


ITSELF = TESTS.replace("int(dut.count.value) == k", "int(dut.count.value) in (0, k)")
"""A harness that any constant 0 passes."""
STUCK = """module taps(input clk, input rst, input tap, output [3:0] count);
  reg [3:0] seen;
  always @(posedge clk) seen <= rst ? 4'd0 : seen + {3'b0, tap};
  assign count = seen & 4'd0;
endmodule
"""


def test_a_harness_that_passes_stubs_hands_over_to_the_solution(tmp_path: Path) -> None:
    output = {"response": "", "context": {"rtl/taps.sv": GOOD}}
    spec = one(tmp_path, files={"src/test_taps.py": ITSELF}, output=output)
    right, stuck, wrong = judged(spec, GOOD.replace("count + 1'b1", "count - 4'hf"), STUCK, WRONG)
    assert (right.outcome, right.functional) == (Outcome.PASS, True)
    assert right.checks["simulation"].detail["judge"] == "the suite's reference"
    assert (stuck.functional, stuck.suite_rule) == (False, "pass")
    assert wrong.functional is False


def test_a_harness_that_passes_stubs_says_nothing_alone(tmp_path: Path) -> None:
    spec = one(tmp_path, files={"src/test_taps.py": ITSELF})
    right, wrong = judged(spec, GOOD, WRONG)
    assert (right.outcome, right.functional) == (Outcome.ERROR, None)
    told = str(right.checks["simulation"].detail["reason"])
    assert "it also passes a module whose outputs are always 0" in told
    assert wrong.functional is False, "its fail still counts"


def test_what_cannot_be_judged_is_counted(tmp_path: Path) -> None:
    points = [
        datapoint(),
        datapoint(id="cvdp_a", files={"docker-compose.yml": "image: __VERIF_EDA_IMAGE__"}),
        datapoint(id="cvdp_b", files={"src/.env": SETTINGS.replace("icarus", "xcelium")}),
        datapoint(id="cvdp_c", patch={"rtl/a.sv": "x"}),
        datapoint(id="cvdp_d", harness={"files": {}}, categories=["cid008"]),
        datapoint(id="cvdp_e", output={"response": "words"}),
    ]
    written(tmp_path, *points)
    assert [s.id for s in read_cvdp(tmp_path)] == ["cvdp_taps_0001"]
    assert told_of(datapoints(tmp_path)) == (
        "1 agentic, 1 asks for no RTL, 2 needs a commercial tool, 1 no harness in Python"
    )
    told = left_out(f"cvdp={tmp_path}")
    assert told.startswith("5 datapoints are not judged: 1 (cid003: agentic)")
    assert not_judged(tmp_path)["cid003: needs a commercial tool"] == ["cvdp_a", "cvdp_b"]


def test_lines_of_something_else_are_refused(tmp_path: Path) -> None:
    (tmp_path / "cvdp.jsonl").write_text('{"task": 1}\n')
    with pytest.raises(UserError, match=r"cvdp\.jsonl:1: not of CVDP"):
        read_cvdp(tmp_path)
    (tmp_path / "cvdp.jsonl").unlink()
    with pytest.raises(UserError, match="no JSONL of CVDP"):
        read_cvdp(tmp_path)


@needs_suite
def test_the_example_passes_with_its_solution_and_fails_without() -> None:
    (spec,) = read_cvdp(SUITE)
    assert spec.testbench is not None
    right, nothing = (run_harness(spec.testbench, t) for t in (spec.golden, ""))
    assert (right.ended, right.tests, nothing.ended) == ("pass", 3, "fail")
    assert max(right.cpu, nothing.cpu) < 2.0
    assert not_judged(SUITE) == {"cid003: agentic": ["cvdp_agentic_fixed_arbiter_0001"]}
