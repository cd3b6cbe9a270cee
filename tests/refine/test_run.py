"""`rtlbench refine` through its front door: turns, trace, what the same command does again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import msgspec

from rtlbench.schemas import schema
from rtlbench.traces.artefacts import read_artefact
from rtlbench.traces.trace_file import STAGES, SimulationPayload, simulation_of
from tests.conftest import Command, SmallSuite
from tests.refine.conftest import Recorded, wrong_code
from tests.refine.looking import events_of, files_of, report_of


def test_a_wrong_counter_is_told_of_and_mended(
    command: Command, told_once: list[str], run: Path
) -> None:
    ran = command(*told_once)
    assert ran.returncode == 0, ran.stderr
    assert "simulation.mismatch" in ran.stdout
    report = report_of(run)
    assert report["status"] == "finished"
    first, second = report["turns"]
    assert (first["solved"]["value"], second["solved"]["value"]) == (0.0, 1.0)
    assert second["solved"]["low"] < 1.0
    kinds = {k["rule"]: k for k in second["kinds"]}
    assert kinds["simulation.mismatch"]["fixed"] == 1
    told = [e.payload for e in events_of(run) if e.stage == "Refinement"]
    assert [p["status"] for p in told] == ["fail", "pass"]
    assert "q:expected  q:got" in told[0]["feedback"]
    assert "feedback" not in told[1]


def test_every_stage_leaves_an_event_that_keeps_to_the_schema(
    command: Command, told_once: list[str], run: Path
) -> None:
    assert command(*told_once, "--formal").returncode == 0
    events = events_of(run)
    assert {e.run_id for e in events} == {"r"}
    assert [e.stage for e in events if e.payload.get("turn") == 2] == [
        s for s in STAGES if s != "Spec"
    ]
    for event in events:
        jsonschema.validate(msgspec.to_builtins(event), schema("trace"))
    simulated = [e.payload for e in events if e.stage == "Simulation"]
    for payload in simulated:
        jsonschema.validate(payload, schema("simulation"))
        task = json.loads(read_artefact(run, payload["spec_path"]))
        jsonschema.validate(task, schema("task"))
    jsonschema.validate(report_of(run), schema("refine"))


def test_a_simulation_names_files_that_are_there(
    command: Command, told_once: list[str], run: Path
) -> None:
    assert command(*told_once).returncode == 0
    events = events_of(run)
    payloads = [simulation_of(e) for e in events if e.stage == "Simulation"]
    found = [p for p in payloads if isinstance(p, SimulationPayload)]
    assert [(p.status, p.turn, p.sample) for p in found] == [("fail", 1, 0), ("pass", 2, 0)]
    for payload in found:
        assert payload.testbench_file is None
        assert payload.rtl_file is not None
        assert payload.spec_path is not None
        assert payload.simulation_log is not None
        assert payload.simulation_compile_log is not None
        rtl = read_artefact(run, payload.rtl_file, payload.rtl_sha256)
        assert b"endmodule" in rtl
        assert b"```" not in rtl
        spec = read_artefact(run, payload.spec_path, payload.spec_sha256)
        assert hashlib.sha256(spec).hexdigest() == payload.spec_hash
        assert read_artefact(run, payload.simulation_log).startswith(b"simulation: ")
    wrong, right = found
    assert wrong.simulation_compile_log is not None
    assert b": warning: " in read_artefact(run, wrong.simulation_compile_log)
    assert right.simulation_compile_log is not None
    assert read_artefact(run, right.simulation_compile_log) == b""


def test_the_same_command_again_changes_nothing(
    command: Command, told_once: list[str], run: Path
) -> None:
    assert command(*told_once).returncode == 0
    files, report = files_of(run), report_of(run)
    assert command(*told_once).returncode == 0
    assert files_of(run) == files
    after = report_of(run)
    assert (after["turns"], after["started"]) == (report["turns"], report["started"])


def test_more_turns_go_on_where_fewer_ended(
    command: Command, told_once: list[str], run: Path
) -> None:
    assert command(*told_once, "--turns", 1).returncode == 0
    assert len(report_of(run)["turns"]) == 1
    before = files_of(run)
    assert command(*told_once, "--turns", 2).returncode == 0
    after = files_of(run)
    assert [t["solved"]["value"] for t in report_of(run)["turns"]] == [0.0, 1.0]
    assert after["turns/1/answers.jsonl"] == before["turns/1/answers.jsonl"]
    assert after["trace.jsonl"].startswith(before["trace.jsonl"])


def test_each_turn_is_simulated_with_other_stimulus(
    command: Command, small_suite: SmallSuite, recorded: Recorded, run: Path
) -> None:
    spec = small_suite.specs[0]
    same = recorded(*((spec.id, turn, wrong_code(spec)) for turn in (1, 2)))
    given = [*same, small_suite.option, "-k", spec.id, "--run-id", "r", "--turns", 2]
    assert command(*given).returncode == 0
    keys = [json.loads((run / f"turns/{n}/samples.jsonl").read_text())["key"] for n in (1, 2)]
    assert keys[0] != keys[1], "the key holds the seed; all else is the same"
    assert "seed" not in " ".join(
        e.payload["feedback"] for e in events_of(run) if "feedback" in e.payload
    )
