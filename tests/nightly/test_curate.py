"""Curate: the Verifier's word counts, not the trace's; each refusal has its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.nightly.candidates import candidates, warnings_in
from rtlbench.nightly.collect import collect
from rtlbench.nightly.curate import curate
from rtlbench.nightly.night import Night
from rtlbench.runs.suite import read_suite
from rtlbench.traces.artefacts import TaskFile
from tests.nightly.made import ENABLED, Runs, Task, lines, night_of

ICARUS = "rtl.v:3: warning: Port 1 (q) of m expects 8 bits, got 4.\nrtl.v:9: error: no\n"
VERILATOR = "%Warning-WIDTH: rtl.v:3:1: bits\n%Error: rtl.v:4:1: no\n"
OURS = "rtl.sv:3:1: warning: unused [lint.unused]\nrtl.sv:4:1: error: no [x]\n"
BLIND = """module tb;
  reg clk = 0; wire [3:0] q;
  free_counter dut(.clk(clk), .q(q));
  initial begin repeat (8) #1 clk = ~clk; $display("PASS"); $finish; end
endmodule
"""
SEEING = BLIND.replace('$display("PASS")', 'if (q === 4) $display("PASS"); else $display("FAIL")')
FREE = """module free_counter(input clk, output reg [3:0] q);
  initial q = 0;
  always @(posedge clk) q <= q + 1;
endmodule
"""


class FreeTask(Task):
    """A task in words alone, with a bench or without."""

    def __init__(self, testbench: str | None) -> None:
        words = "Write free_counter: q starts at 0 and grows by 1 at each rising edge of clk."
        self.file = TaskFile(instruction=words, testbench=testbench)
        self.right, self.wrong = FREE, FREE.replace("+ 1", "+ 2")


class SuiteTask(Task):
    """A task of the benchmark itself."""

    def __init__(self) -> None:
        spec = next(s for s in read_suite("rtlbench") if s.id == "updown_w4_sync")
        self.file = TaskFile(instruction=spec.prompt, spec_id=spec.id)
        self.right = self.wrong = spec.golden


@pytest.mark.parametrize(("log", "found"), [(ICARUS, 1), (VERILATOR, 1), (OURS, 1), ("", 0)])
def test_warnings_are_counted_as_each_tool_writes_them(log: str, found: int) -> None:
    assert warnings_in(log.encode()) == found


def collected(root: Path, **options: Any) -> Night:
    night = night_of(root, **options)
    collect(night)
    return night


def reasons(night: Night) -> list[str]:
    found = candidates(night.paths.raw, night.settings.max_warnings, night.state.started)
    return [r.reason for r in found.refusals]


def test_a_log_with_more_warnings_than_may_be_is_refused(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    runs.answer("a", updown, log=OURS * 2)
    runs.answer("a", shift, log=OURS * 3)
    night = collected(root, max_warnings=2)
    assert reasons(night) == ["3 warnings in the compile log, more than 2"]


def test_a_copy_that_was_changed_or_lost_is_refused(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    runs.answer("a", updown)
    runs.answer("b", shift)
    night = collected(root)
    (changed,) = night.paths.raw.glob("a/*/rtl.sv")
    (lost,) = night.paths.raw.glob("b/*/rtl.sv")
    changed.write_text(updown.wrong)
    lost.unlink()
    told = reasons(night)
    assert told[0] == "rtl.sv: its copy is not what was copied"
    assert told[1].startswith("rtl.sv: its copy cannot be read")


def test_times_are_utc_and_odd_ones_are_the_nights(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    runs.answer("a", updown, at="2026-03-01T01:30:00.5+02:00")
    runs.answer("b", shift, at="yesterday")
    night = collected(root)
    found = candidates(night.paths.raw, 0, night.state.started).records
    assert [r.metadata["generated_at"] for r in found] == [
        "2026-02-28T23:30:00+00:00", night.state.started,
    ]  # fmt: skip


def test_a_task_that_is_no_text_is_refused(root: Path, runs: Runs, updown: Task) -> None:
    payload = runs.answer("a", updown, status="fail")
    (runs.folder / "a" / "odd.json").write_bytes(b'{"instruction": 5}')
    runs.event("a", {**payload, "status": "pass", "spec_path": "odd.json"})
    assert reasons(collected(root))[0].startswith("the task's file: it is no task")


@pytest.mark.slow
def test_only_what_the_verifier_finds_right_is_kept_whatever_traces_say(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    older, newer = "2026-03-01T10:00:00+00:00", "2026-03-01T11:00:00+00:00"
    runs.answer("mended", updown, updown.wrong, status="fail")
    runs.answer("mended", updown, at=older)
    runs.answer("newer", updown, updown.right + "\n", at=newer)
    runs.answer("newest_but_wrong", updown, updown.wrong, at="2026-03-01T12:00:00+00:00")
    runs.answer("poisoned", shift, shift.wrong)
    runs.answer("unfounded", Task(ENABLED), Task(ENABLED).right, status="fail")
    runs.answer("unfounded", Task(ENABLED), Task(ENABLED).wrong + "\n", at=older)
    runs.answer("suite", SuiteTask())
    runs.answer("words", FreeTask(None))
    runs.answer("blind", FreeTask(BLIND))
    runs.answer("seeing", FreeTask(SEEING))
    night = collected(root)

    ended = curate(night)

    kept = {r["metadata"]["run_id"]: r for r in lines(night.paths.delta)}
    assert set(kept) == {"newer", "seeing"}
    refused = {r["run_id"]: r["reason"] for r in lines(night.paths.refused)}
    assert refused["mended"] == "a newer answer to the task is there"
    assert refused["newest_but_wrong"].startswith("simulation.")
    assert refused["poisoned"].startswith("simulation.")
    assert refused["unfounded"].startswith("simulation.")
    assert refused["suite"].startswith("contaminated.")
    assert refused["words"].startswith("its function is unproven")
    assert refused["blind"].startswith("its function is unproven")
    assert ended.result["refused"] == len(refused)
    check_record(kept["newer"], updown)
    assert kept["seeing"]["testbench"] == SEEING
    assert kept["seeing"]["metadata"]["formal"] is None
    check_pairs(lines(night.paths.pairs), updown)


def check_record(record: dict[str, Any], task: Task) -> None:
    assert record["instruction"] == task.file.instruction
    assert record["output"].strip() == task.right.strip()
    metadata = record["metadata"]
    assert metadata["source"] == "continuous_retrain"
    assert metadata["spec_hash"] == task.file.digest()
    assert metadata["category"] == "updown_counter"
    assert metadata["sim_passed"] is True
    assert metadata["compile_success"] is True
    assert metadata["formal"] == "proved"
    assert metadata["generated_at"] == "2026-03-01T11:00:00+00:00"


def check_pairs(pairs: list[dict[str, Any]], task: Task) -> None:
    """The mended answer makes a pair though a newer one stands in the delta."""
    (pair,) = pairs
    assert pair["prompt"] == task.file.instruction
    assert (pair["chosen"], pair["rejected"]) == (task.right, task.wrong)
    assert pair["metadata"]["run_id"] == "mended"


@pytest.mark.slow
def test_a_bench_of_its_own_is_not_enough_where_proof_is_asked_for(
    root: Path, runs: Runs
) -> None:
    runs.answer("seeing", FreeTask(SEEING))
    night = collected(root, accept="proven")
    curate(night)
    assert lines(night.paths.delta) == []
    (line,) = lines(night.paths.refused)
    assert line["reason"].startswith("its function is attested: its own bench")


def test_a_task_file_of_another_is_its_words(root: Path, runs: Runs, updown: Task) -> None:
    payload = runs.answer("a", updown, status="fail")
    (runs.folder / "a" / "task.txt").write_text(updown.file.instruction)
    others = {k: payload[k] for k in ("rtl_file", "spec_hash")}
    runs.event("a", {**others, "status": "pass", "spec_path": "task.txt", "power": {"mw": 3}})
    night = collected(root)
    (record,) = candidates(night.paths.raw, 0, night.state.started).records
    assert record.instruction == updown.file.instruction.strip()
    assert json.loads(msgspec.json.encode(record.metadata))["source"] == "continuous_retrain"


def test_two_tasks_with_one_claimed_hash_are_two(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    """The hash is computed, and not believed."""
    for task in (updown, shift):
        runs.answer("a", task, spec_hash="0" * 64)
    night = night_of(root)
    collect(night)
    found = candidates(night.paths.raw, 5, "2026-03-02T00:00:00+00:00").records
    assert {r.metadata["spec_hash"] for r in found} == {updown.file.digest(), shift.file.digest()}
