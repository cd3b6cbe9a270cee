"""Traces: what is written is read again, whatever else is in the file, and files stay inside."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.errors import UserError
from rtlbench.traces.artefacts import (
    MAX_BYTES,
    ArtefactError,
    TaskFile,
    locate,
    read_artefact,
    task_of,
)
from rtlbench.traces.trace_file import (
    MAX_LINE,
    TORN,
    BrokenEvent,
    Event,
    SimulationPayload,
    TraceWriter,
    read_events,
    simulation_of,
)

FOREIGN = b"""\xef\xbb\xbf{"stage": "Simulation", "payload": {"status": "pass"}, "host": "x"}

{"stage": "PowerEstimate", "timestamp": "2026-01-01T00:00:00Z", "run_id": "r", "payload": {}}
{"stage": 5}
[]
not json
{"stage": "Simulation", "payload": [1]}
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run."""
    return tmp_path / "runs" / "r1"


def events_of(path: Path) -> list[Event | BrokenEvent]:
    return list(read_events(path))


def test_what_is_written_is_read_again(run: Path) -> None:
    writer = TraceWriter(run)
    name = writer.artefact("rtl", ".sv", "module m; endmodule\n")
    made = [
        writer.event("Simulation", "pass", rtl_file=name, turn=1, testbench_file=None),
        writer.event("Refinement", "fail", rules=["ports.unused-input"]),
    ]
    assert events_of(run / "trace.jsonl") == made
    assert made[0].run_id == "r1"
    assert made[0].timestamp.endswith("+00:00")
    assert made[0].payload == {"status": "pass", "rtl_file": name, "turn": 1}
    assert read_artefact(run, name) == b"module m; endmodule\n"


def test_a_second_writer_goes_on_behind_a_torn_line(run: Path) -> None:
    TraceWriter(run).event("Spec", "pass")
    with (run / "trace.jsonl").open("ab") as file:
        file.write(b'{"stage": "Simul')
    (first, torn) = events_of(run / "trace.jsonl")
    assert isinstance(first, Event)
    assert isinstance(torn, BrokenEvent)
    assert torn.torn
    TraceWriter(run).event("Spec", "fail")
    assert [e.status for e in events_of(run / "trace.jsonl") if isinstance(e, Event)] == [
        "pass",
        "fail",
    ]
    assert len(events_of(run / "trace.jsonl")) == 2
    assert (run / TORN).read_bytes() == b'{"stage": "Simul\n'


def test_a_trace_of_others_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_bytes(FOREIGN + b'{"stage": "Spec"}')
    found = events_of(path)
    assert [type(e).__name__ for e in found] == ["Event"] * 2 + ["BrokenEvent"] * 4 + ["Event"]
    first = found[0]
    assert isinstance(first, Event)
    assert simulation_of(first) == SimulationPayload(status="pass")
    broken = [e for e in found if isinstance(e, BrokenEvent)]
    assert [b.line for b in broken] == [4, 5, 6, 7]
    assert not any(b.torn for b in broken)


def test_a_line_too_long_is_told_of_and_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    deep = b'{"stage":' + b"[" * 100_000 + b"\n"
    path.write_bytes(b'{"stage": "' + b"a" * (2 * MAX_LINE) + b'"}\n' + deep + b'{"stage": "B"}\n')
    long, nested, last = events_of(path)
    assert isinstance(long, BrokenEvent)
    assert "longer" in long.reason
    assert isinstance(nested, BrokenEvent)
    assert last == Event(stage="B")


@given(data=st.binary(max_size=400))
def test_no_bytes_stop_the_reading(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-bytes.jsonl"
    path.write_bytes(data + b'\n{"stage": "Last"}\n')
    assert events_of(path)[-1] == Event(stage="Last")


def test_a_packed_trace_is_read_up_to_where_it_breaks_off(run: Path) -> None:
    writer = TraceWriter(run)
    made = [writer.event("Spec", "pass", task=f"{k:064x}") for k in range(200)]
    whole = gzip.compress(writer.path.read_bytes())
    packed = run / "trace.jsonl.1.gz"
    packed.write_bytes(whole)
    assert events_of(packed) == made
    packed.write_bytes(whole[: len(whole) // 2])
    *found, broken = events_of(packed)
    assert found == made[: len(found)]
    assert isinstance(broken, BrokenEvent)
    assert broken.torn
    packed.write_bytes(b"no gzip at all")
    (only,) = events_of(packed)
    assert isinstance(only, BrokenEvent)


def test_a_missing_trace_and_a_pipe_are_one_message(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "trace.jsonl")
    for path in (tmp_path / "trace.jsonl", tmp_path / "none.jsonl"):
        with pytest.raises(UserError, match="cannot read the trace"):
            events_of(path)


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"status": 1}, "status"),
        ({}, "status"),
        ({"status": "pass", "rtl_file": ["a"]}, "rtl_file"),
        ({"status": "pass", "turn": "1"}, "turn"),
    ],
)
def test_a_payload_of_wrong_types_is_refused_with_the_field(
    payload: dict[str, Any], told: str
) -> None:
    found = simulation_of(Event(stage="Simulation", payload=payload))
    assert isinstance(found, str)
    assert told in found


# Files that a trace names.


@pytest.fixture
def filled(run: Path) -> Path:
    """A run's folder with files of all kinds, beside one that it may not reach."""
    run.mkdir(parents=True)
    (run / "a.sv").write_text("inside")
    (run.parent / "secret").write_text("outside")
    (run / "link").symlink_to(run.parent / "secret")
    (run / "near").symlink_to("a.sv")
    os.mkfifo(run / "pipe")
    with (run / "long").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    return run


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("../secret", "outside"),
        ("link", "outside"),
        ("/etc/passwd", "outside"),
        ("none.sv", "missing"),
        ("pipe", "no plain file"),
        (".", "no plain file"),
        ("long", "longer"),
        ("a\0b", "cannot be found"),
        ("x" * 5000, "cannot be found"),
        ("a.sv/b", "cannot be found"),
    ],
)
def test_files_outside_or_strange_are_refused(filled: Path, given: str, told: str) -> None:
    with pytest.raises(ArtefactError, match=told):
        read_artefact(filled, given)


def test_absolute_paths_and_links_inside_will_do(filled: Path) -> None:
    assert read_artefact(filled, str(filled / "a.sv")) == b"inside"
    assert read_artefact(filled, "near") == b"inside"
    assert locate(filled, "near") == (filled / "a.sv").resolve()


def test_a_changed_file_shows(filled: Path) -> None:
    digest = hashlib.sha256(b"inside").hexdigest()
    assert read_artefact(filled, "a.sv", digest) == b"inside"
    (filled / "a.sv").write_text("other")
    with pytest.raises(ArtefactError, match="SHA-256"):
        read_artefact(filled, "a.sv", digest)


def test_an_artefact_spoilt_on_disk_is_written_anew(run: Path) -> None:
    writer = TraceWriter(run)
    name = writer.artefact("rtl", ".sv", "right")
    (run / name).write_text("spoilt")
    assert writer.artefact("rtl", ".sv", "right") == name
    assert (run / name).read_text() == "right"


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write the run there"):
        TraceWriter(tmp_path / "file" / "run")


# Tasks.


def test_a_task_keeps_all_that_it_takes_to_judge_again() -> None:
    task = TaskFile(instruction="a counter", category="fsm", member={"b": 1, "a": 2})
    assert task_of(task.encoded()) == task
    record = task.record("module m; endmodule")
    assert record.metadata == {"category": "fsm", "member": {"b": 1, "a": 2}}
    same = TaskFile(instruction="a counter", category="fsm", member={"a": 2, "b": 1})
    assert same.digest() == task.digest()
    assert task.digest() == hashlib.sha256(task.encoded()).hexdigest()


def test_plain_text_of_others_is_the_instruction() -> None:
    assert task_of(b"Write a counter.\n") == TaskFile(instruction="Write a counter.")


@pytest.mark.parametrize("data", [b"", b" \n", b"\xff\xfe", b'{"prompt": 1}', b'{"a'])
def test_what_says_no_task_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        task_of(data)
