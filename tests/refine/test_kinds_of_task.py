"""Free instructions, and tasks for training, through the front door."""

from __future__ import annotations

import json
from pathlib import Path

from rtlbench.dataset.filter.judge import judge
from rtlbench.dataset.filter.matching import Matcher
from rtlbench.mutation.fresh import part_of
from rtlbench.records.example import Placed
from rtlbench.records.verdict import Outcome
from rtlbench.traces.artefacts import read_artefact, task_of
from rtlbench.traces.trace_file import SimulationPayload, simulation_of
from rtlbench.verifier import Verifier
from tests.conftest import Command
from tests.refine.conftest import Recorded
from tests.refine.looking import events_of

BENCH = """module tb;
  reg a; wire y;
  inverter dut (.a(a), .y(y));
  initial begin
    a = 0; #1; if (y !== 1) begin $display("FAIL"); $finish; end
    a = 1; #1; if (y !== 0) begin $display("FAIL"); $finish; end
    $display("PASS"); $finish;
  end
endmodule
"""




def test_a_free_task_is_judged_by_its_own_testbench(
    command: Command, recorded: Recorded, run: Path, tmp_path: Path
) -> None:
    tasks = tmp_path / "tasks.jsonl"
    lines = [
        {"instruction": "An inverter from a to y.", "testbench": BENCH},
        {"prompt": "A module wire_through with input a and output y."},
        {"instruction": 5},
    ]
    tasks.write_text("\n".join(json.dumps(x) for x in lines))
    right = "module inverter(input a, output y); assign y = ~a; endmodule"
    model = recorded(
        ("tasks_1", 1, right.replace("inverter", "other")),
        ("tasks_1", 2, right.replace("~", "")),
        ("tasks_1", 3, right),
        ("tasks_2", 1, "module wire_through(input a, output y); assign y = a; endmodule"),
    )
    ran = command(*model, "--instructions", tasks, "--run-id", "r")
    assert ran.returncode == 1, "a line could not be used"
    assert f"{tasks}:3: not a task" in ran.stderr
    told = [e.payload for e in events_of(run) if e.stage == "Refinement"]
    assert [(p["task"], p["status"], p["rules"]) for p in told] == [
        ("tasks_1", "fail", ["syntax.wrong-top"]),
        ("tasks_2", "pass", []),
        ("tasks_1", "fail", ["simulation.bench"]),
        ("tasks_1", "pass", []),
    ]
    assert "FAIL" not in told[2]["feedback"], "what a testbench prints is not passed on"
    last = simulation_of([e for e in events_of(run) if e.stage == "Simulation"][-1])
    assert isinstance(last, SimulationPayload)
    assert last.self_tested is True
    assert last.testbench_file is not None
    assert read_artefact(run, last.testbench_file, last.testbench_sha256).decode() == BENCH


def test_tasks_for_training_are_of_no_benchmark_and_can_be_judged_again(
    command: Command, recorded: Recorded, tmp_path: Path, run: Path
) -> None:
    wanted = ["--training", 3, "--count", 2, "--category", "edge_detect", "--run-id", "r"]
    first = command(*recorded(("none", 1, "")), *wanted)
    assert first.returncode == 2, "it has no answers"
    tasks = [e.payload for e in events_of(run) if e.stage == "Spec"]
    assert len(tasks) == 2
    files = [task_of(read_artefact(run, t["spec_path"], t["spec_sha256"])) for t in tasks]
    matcher = Matcher(())
    for told, file in zip(tasks, files, strict=True):
        assert file.member is not None
        assert part_of(file.member["family"], file.member["params"]) == "training"
        spec = matcher.match(file.record("")).spec
        assert spec is not None
        assert spec.id == told["task"]
        placed = Placed(index=0, where="trace", record=file.record(spec.golden))
        (judged,) = judge([placed], Verifier(), matcher)
        assert (judged.match.how, judged.verdict.functional) == ("member", True)
        assert judged.verdict.outcome is Outcome.PASS
        assert judged.category == "edge_detect"
