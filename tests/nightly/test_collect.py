"""Collect: what has passed is copied once, wherever its trace went, and nothing else is read."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.nightly.collect import collect
from rtlbench.nightly.raw import REJECTED, RTL, TakenFile, raw_records
from tests.nightly.made import Runs, Task, lines, night_of


def taken(root: Path, date: str = "2026-03-02", **options: object) -> tuple[int, int]:
    """How many answers a night takes, and how many it refuses."""
    result = collect(night_of(root, date, **options)).result
    return result["records"], result["refused"]


def copies(root: Path, date: str = "2026-03-02") -> list[str]:
    """The runs that a night's copies are of."""
    raw = night_of(root, date).paths.raw
    return [record.run_id for _, record in raw_records(raw)]


def test_what_passed_is_copied_with_all_that_its_event_names(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    runs.answer("a", updown, log="rtl.sv:3:1: warning: odd [x]\n")
    runs.answer("a", shift, status="fail")
    runs.answer("b", shift)
    assert taken(root) == (2, 0)
    ((folder, record), _) = raw_records(night_of(root).paths.raw)
    assert set(record.files) == {"rtl.sv", "spec", "compile.log"}
    assert (folder / RTL).read_text() == updown.right
    assert record.spec_hash == updown.file.digest()
    assert copies(root) == ["a", "b"]


def test_nothing_is_taken_twice(root: Path, runs: Runs, updown: Task, shift: Task) -> None:
    runs.answer("a", updown)
    assert taken(root) == (1, 0)
    assert taken(root, "2026-03-03") == (0, 0)
    runs.answer("a", shift)
    assert taken(root, "2026-03-03") == (1, 0)
    assert taken(root, "2026-03-02") == (1, 0), "a night that is done again has what it had"


@pytest.mark.parametrize("how", ["rotated", "zipped", "cut", "written anew"])
def test_a_trace_that_was_moved_or_cut_gives_what_is_new_and_no_more(
    root: Path, runs: Runs, updown: Task, shift: Task, how: str
) -> None:
    runs.answer("a", updown)
    taken(root)
    trace = runs.folder / "a" / "trace.jsonl"
    before = trace.read_bytes()
    if how == "rotated":
        trace.rename(trace.with_name("trace.jsonl.1"))
    elif how == "zipped":
        trace.with_name("trace.jsonl.1.gz").write_bytes(gzip.compress(before))
        trace.unlink()
    elif how == "cut":
        trace.write_bytes(b"")
    else:
        trace.write_bytes(b"\n\n" + before)
    runs.answer("a", shift)
    assert taken(root, "2026-03-03") == (1, 0)


def test_a_last_line_that_is_still_being_written_waits_for_its_end(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    runs.answer("a", updown)
    runs.answer("a", shift)
    trace = runs.folder / "a" / "trace.jsonl"
    whole = trace.read_bytes()
    trace.write_bytes(whole[:-30])
    assert collect(night_of(root)).result == {
        "records": 1, "runs": 1, "refused": 0, "broken_lines": 0
    }  # fmt: skip
    trace.write_bytes(whole)
    assert taken(root, "2026-03-03") == (1, 0)


def test_broken_lines_are_counted_and_stop_nothing(root: Path, runs: Runs, updown: Task) -> None:
    folder = runs.folder / "a"
    folder.mkdir(parents=True)
    (folder / "trace.jsonl").write_bytes(b"{\n\xff\xfe\n[1]\n")
    runs.answer("a", updown)
    ended = collect(night_of(root))
    assert ended.result["records"] == 1
    assert "3 broken lines" in ended.message


def test_a_broken_line_is_told_of_once_and_is_no_news(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    runs.answer("a", updown)
    trace = runs.folder / "a" / "trace.jsonl"
    trace.write_bytes(trace.read_bytes() + b"{\n")
    assert "1 broken lines" in collect(night_of(root)).message
    assert "1 broken lines" in collect(night_of(root)).message, "the same night, done again"
    trace.rename(trace.with_name("trace.jsonl.1"))
    runs.answer("a", shift)
    later = collect(night_of(root, "2026-03-03"))
    assert later.result == {"records": 1, "runs": 1, "refused": 0, "broken_lines": 0}
    trace.write_bytes(trace.read_bytes() + b"}\n")
    last = collect(night_of(root, "2026-03-04"))
    assert last.result == {"records": 0, "runs": 0, "refused": 0, "broken_lines": 1}
    assert not night_of(root, "2026-03-04").paths.night.exists()


def test_an_event_whose_file_comes_later_is_taken_then_and_told_of_once(
    root: Path, runs: Runs, updown: Task
) -> None:
    payload = runs.answer("a", updown)
    file = runs.folder / "a" / payload["rtl_file"]
    text = file.read_text()
    file.unlink()
    assert taken(root) == (0, 1)
    assert taken(root, "2026-03-03") == (0, 0), "still missing, and known"
    assert not night_of(root, "2026-03-03").paths.night.exists()
    file.write_text(text)
    assert taken(root, "2026-03-04") == (1, 0)
    assert taken(root, "2026-03-05") == (0, 0)
    assert copies(root, "2026-03-04") == ["a"]


def outside(runs: Runs, run_id: str, name: str) -> str:
    """A path that leads out of a run's folder."""
    secret = runs.folder.parent / "secret.sv"
    secret.write_text("module secret; endmodule\n")
    link = runs.folder / run_id / "link.sv"
    if name == "link":
        link.symlink_to(secret)
    return {"up": "../../secret.sv", "absolute": str(secret), "link": "link.sv",
            "device": "/dev/zero", "folder": "."}[name]  # fmt: skip


@pytest.mark.parametrize("word", ["rtl_file", "spec_path", "simulation_log", "testbench_file"])
@pytest.mark.parametrize("name", ["up", "absolute", "link", "device", "folder"])
def test_paths_that_leave_the_run_are_refused_with_a_reason(
    root: Path, runs: Runs, updown: Task, word: str, name: str
) -> None:
    payload = runs.answer("a", updown, status="fail")
    payload.pop("rtl_sha256")
    runs.event("a", {**payload, "status": "pass", word: outside(runs, "a", name)})
    assert taken(root) == (0, 1)
    (line,) = TakenFile(night_of(root).paths.taken).of("2026-03-02")
    assert "outside" in line.refused or "no plain file" in line.refused
    assert not list(night_of(root).paths.raw.glob("*/*/record.json"))


def test_a_link_among_the_runs_is_no_run(root: Path, runs: Runs, updown: Task) -> None:
    Runs(root.parent / "other").answer("a", updown)
    runs.folder.mkdir(parents=True)
    (runs.folder / "linked").symlink_to(root.parent / "other" / "data" / "runs" / "a")
    assert taken(root) == (0, 0)


@pytest.mark.parametrize("word", ["rtl_file", "spec_path", "simulation_compile_log"])
def test_a_missing_artefact_is_one_refusal(
    root: Path, runs: Runs, updown: Task, shift: Task, word: str
) -> None:
    payload = runs.answer("a", updown)
    runs.answer("a", shift)
    (runs.folder / "a" / payload[word]).unlink(missing_ok=True)
    folder = runs.folder / "a"
    assert not (folder / payload[word]).exists()
    records, refused = taken(root)
    assert refused >= 1
    assert records + refused == 2
    lines_ = [t.refused for t in TakenFile(night_of(root).paths.taken).of("2026-03-02")]
    assert any("missing" in told for told in lines_)


def test_an_answer_that_is_not_the_recorded_one_is_refused(
    root: Path, runs: Runs, updown: Task
) -> None:
    payload = runs.answer("a", updown)
    (runs.folder / "a" / payload["rtl_file"]).write_text(updown.wrong)
    assert taken(root) == (0, 1)


def test_the_answer_that_failed_before_is_copied_beside(
    root: Path, runs: Runs, updown: Task
) -> None:
    runs.answer("a", updown, updown.wrong, status="fail")
    runs.answer("a", updown)
    runs.answer("a", updown, updown.wrong, status="fail", sample=1)
    runs.answer("b", updown)
    taken(root)
    found = {r.run_id: REJECTED in r.files for _, r in raw_records(night_of(root).paths.raw)}
    assert found == {"a": True, "b": False}


def test_no_more_than_max_records_are_taken_and_the_rest_waits(
    root: Path, runs: Runs, updown: Task, shift: Task, enabled: Task
) -> None:
    for task in (updown, shift, enabled):
        runs.answer("a", task)
    assert taken(root, max_records=2) == (2, 0)
    assert taken(root, max_records=2) == (2, 0), "the same night takes no more"
    assert taken(root, "2026-03-03", max_records=2) == (1, 0)


def test_a_torn_line_of_what_was_taken_costs_nothing_but_that_line(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    runs.answer("a", updown)
    runs.answer("a", shift)
    taken(root)
    path = night_of(root).paths.taken
    path.write_bytes(path.read_bytes()[:-20])
    assert taken(root) == (2, 0)
    assert len(lines_that_can_be_read(path)) == 2


def lines_that_can_be_read(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line.endswith("}")]


def test_a_night_begins_with_its_first_event_and_leaves_nothing_without_one(root: Path) -> None:
    assert taken(root) == (0, 0)
    assert list(root.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_trace_that_cannot_be_read_is_one_message(
    root: Path, runs: Runs, updown: Task
) -> None:
    runs.answer("a", updown)
    (runs.folder / "a" / "trace.jsonl").chmod(0)
    with pytest.raises(UserError, match="trace"):
        taken(root)


def test_lines_of_refusals_name_run_event_and_reason(root: Path, runs: Runs) -> None:
    runs.event("a", {"status": "pass", "rtl_file": "x.sv"})
    taken(root)
    (line,) = lines(night_of(root).paths.taken)
    assert line["run_id"] == "a"
    assert line["refused"] == "x.sv: is missing"
