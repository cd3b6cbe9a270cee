"""The experiment on real models at toy size: killed in each of its stages, it ends as if it had not
been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from rtlbench.pipeline.stages import RECORD
from rtlbench.refine.report import read_report
from rtlbench.runs.finished import read_run
from training.experiments.further import TURNS

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "training" / "experiments" / "real.py"
PLAN = """
arms = ["v1", "v3_plain"]
categories = ["updown_counter"]
families = ["updown"]
policy = "{folder}/gate.toml"
diagnostic = []
[public]
rtllm = "{folder}/rtllm"
verilog-eval = "{folder}/nowhere"
[raw]
size = 12
answers = 3
defects = 0.5
options = ["--plain", "--per-member", "12"]
answer_options = ["--max-tokens", "16", "--temperature", "0"]
[tune]
recipe = "training/recipes/small.toml"
changes = [
    "model.dtype=\\"float32\\"", "train.bf16=false", "train.batch=2", "train.max_steps=3",
    "train.save_steps=1",
]
[bench]
fresh = 1
count = 2
samples = 1
options = ["--max-tokens", "16", "--temperature", "0"]
[further]
turns = 2
refined = ["base", "v1"]
specialised = ["v1"]
changes = ["train.max_steps=2"]
[[models]]
name = "toy"
[[models]]
name = "another"
"""
DESIGN = """Please act as a professional verilog designer.

Implement an inverter.

Module name:
    inverter
Input ports:
    a: one bit
Output ports:
    y: one bit, not a

Give me the complete code.
"""
BENCH = """
module testbench;
  reg a; wire y; integer i; integer error = 0;
  inverter uut (.a(a), .y(y));
  initial begin
    for (i = 0; i < 4; i = i + 1) begin
      a = i[0]; #10;
      if (y !== ~a) error = error + 1;
    end
    if (error == 0) $display("===========Your Design Passed===========");
    else $display("===========Error===========");
    $finish;
  end
endmodule
"""
REFERENCE = "module verified_inverter(input a, output y);\n  assign y = ~a;\nendmodule\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gate.toml").write_text("[require]\nscore = 0.75\n")
    (tmp_path / "plan.toml").write_text(PLAN.format(folder=tmp_path))
    design = tmp_path / "rtllm" / "Miscellaneous" / "inverter"
    design.mkdir(parents=True)
    (design / "design_description.txt").write_text(DESIGN)
    (design / "testbench.v").write_text(BENCH)
    (design / "verified_inverter.v").write_text(REFERENCE)
    return tmp_path


def argv(folder: Path, work: str) -> list[str]:
    return [sys.executable, str(SCRIPT), str(folder / "plan.toml"), "--work", str(folder / work),
            "--model", f"toy={ROOT / 'models/tiny-rtl'}", "--cores", "1",
            "--out", str(folder / f"{work}.md")]  # fmt: skip


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "HF_HUB_OFFLINE": "1"}


def run(folder: Path, work: str) -> str:
    done = subprocess.run(argv(folder, work), capture_output=True, text=True, check=False,
                          timeout=3600, env=environment(folder))  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def killed_once_a_stage(folder: Path, work: str) -> set[str]:
    """Run, and kill -9 in each stage that is met for the first time; the stages killed in."""
    killed: set[str] = set()
    while True:
        with (folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(argv(folder, work), stdout=log, stderr=log,
                                       env=environment(folder))  # fmt: skip
        met = next((name for name in stages_at_work(folder / work, process)
                    if name not in killed), None)  # fmt: skip
        if met is None:
            assert process.wait() == 0, (folder / "log.txt").read_text()
            return killed
        time.sleep(len(killed) % 5)  # at different points of what a stage does
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed.add(met)


def stages_at_work(work: Path, process: subprocess.Popen[bytes]) -> Iterator[str]:
    """What is being done, until the process ends."""
    while process.poll() is None:
        yield from sorted(p.stem for p in work.glob("*/*.part"))
        time.sleep(0.1)


@pytest.mark.slow
def test_a_run_that_is_killed_in_each_stage_ends_as_one_that_is_not(folder: Path) -> None:
    killed = killed_once_a_stage(folder, "killed")
    expected = {"made", "own_answers", "tune_v1_s1", "bench_v1_s1", "refine_v1_s1",
                "tune_v1_by_category_updown_counter_s1", "bench_v1_by_category_s1"}  # fmt: skip
    assert expected <= killed
    assert "done before" not in run(folder, "whole")
    one, two = folder / "whole", folder / "killed"
    names = sorted(str(p.parent.relative_to(one)) for p in one.glob(f"*/*/{RECORD}"))
    assert names == sorted(str(p.parent.relative_to(two)) for p in two.glob(f"*/*/{RECORD}"))
    for name in names:
        assert made_in(one / name) == made_in(two / name), name
    pages = [figures_of((folder / f"{work}.md").read_text()) for work in ("whole", "killed")]
    assert pages[0] == pages[1]
    assert "| another | 0 of " in (folder / "killed.md").read_text()
    again = run(folder, "killed")
    assert all(line.endswith("done before") for line in again.splitlines() if "[" in line)


def made_in(stage: Path) -> object:
    """What a stage has made, without times and places."""
    if (stage / "results").is_dir():
        found = read_run(stage / "results")
        return sorted((key, msgspec.to_builtins(j)) for key, j in found.answers.items())
    if (report := read_report(stage / "runs" / TURNS)) is not None:
        answers = sorted((stage / "runs" / TURNS).glob("turns/*/answers.jsonl"))
        said = [msgspec.json.decode(line)["completion"] for path in answers
                for line in path.read_bytes().splitlines()]  # fmt: skip
        return sorted(said), [(t.turn, t.solved, t.kinds) for t in report.turns]
    kept = (*stage.glob("data.jsonl"), *stage.glob("run_*/adapter_model.safetensors"))
    return [path.read_bytes() for path in kept]


def figures_of(page: str) -> list[str]:
    """The lines of a page that say nothing of time."""
    text = page.partition("## toy")[2]
    timed = ("| v1 | 1 |", "| v3_plain | 1 |")
    return [line for line in text.splitlines() if not line.startswith(timed)]
