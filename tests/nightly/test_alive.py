"""A quiet month and a dead job look different: marks, logs, heartbeats and exit codes."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path

import msgspec
import pytest

from rtlbench.nightly.log import LastSuccess, Log, write_last_success
from tests.nightly.endpoints import webhook
from tests.nightly.judged import judged_night
from tests.nightly.made import Runs, Task, argv, nightly, surroundings
from tests.nightly.test_job import next_path
from tests.nightly.test_outcome import go_on


def mark(root: Path) -> LastSuccess:
    path = root / "work" / "continuous_retrain" / "last_success.json"
    return msgspec.json.decode(path.read_bytes(), type=LastSuccess)


def test_after_so_many_nights_without_news_people_are_told_that_the_job_is_alive(
    root: Path,
) -> None:
    (root / "data" / "runs").mkdir(parents=True)
    with webhook() as (port, told), webhook() as (monitor, pinged):
        for day in ("02", "03", "03", "04"):
            done = nightly(
                root, "--date", f"2026-03-{day}", "--heartbeat", 2,
                "--notify", f"json://127.0.0.1:{port}/", "--ping", f"json://127.0.0.1:{monitor}/",
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        assert [t["title"] for t in told.taken] == ["nightly 2026-03-03: alive, nothing new"]
        assert "2 nights without news; the job is alive" in told.taken[0]["message"]
        titles = [t["title"] for t in pinged.taken]
    assert titles[0] == "nightly: 2026-03-02 nothing new"
    assert len(titles) == 4, "each run that has come to its end"


def test_the_mark_says_when_the_job_last_came_to_its_end_and_a_stopped_one_leaves_it(
    root: Path, updown: Task
) -> None:
    night = judged_night(root, updown, "2026-03-02", right=2)
    assert go_on(night).returncode == 1, "refused, which is an end too"
    before = mark(root)
    assert (before.nights, before.exit_code) == ({"2026-03-02": "archived"}, 1)
    assert nightly(root, "--policy", "none.toml").returncode == 2
    assert mark(root) == before


def test_a_night_has_a_log_with_clock_times_beside_its_record(root: Path, updown: Task) -> None:
    night = judged_night(root, updown, "2026-03-02", right=11)
    assert go_on(night).returncode == 0
    lines = (night.paths.history / "2026-03-02.log").read_text().splitlines()
    clock = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} "
    assert all(re.match(clock, line) for line in lines)
    assert re.fullmatch(clock + "2026-03-02: gate: pass", lines[0])
    nightly(root, "--date", "2026-03-03", "--policy", "none.toml")
    log = (night.paths.history / "2026-03-03.log").read_text()
    assert "stopped: " in log
    assert "none.toml: there is no such file" in log


def test_a_log_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtlbench.nightly.log.MAX_BYTES", 1000)
    log = Log(lambda _: None, tmp_path / "x.log")
    for k in range(100):
        log.say(f"line {k}")
    assert {p.name for p in tmp_path.iterdir()} == {"x.log", "x.log.1"}
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) <= 2000
    assert "line 99" in (tmp_path / "x.log").read_text()


def test_what_a_kill_has_left_of_a_mark_is_removed(tmp_path: Path) -> None:
    (tmp_path / "last_success.json.17.part").write_text("{")
    write_last_success(tmp_path, {"2026-03-02": "published"}, 0)
    assert [p.name for p in tmp_path.iterdir()] == ["last_success.json"]


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told: list[str] = []
    Log(told.append, tmp_path / "file" / "x.log").say("all is well")
    assert told == ["all is well"]


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_job_that_is_ended_says_so_by_its_status(
    root: Path, runs: Runs, updown: Task, sent: signal.Signals, code: int
) -> None:
    runs.answer("a", updown)
    job = subprocess.Popen(
        argv(root, "--workers", 1), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=surroundings(), cwd=root,
    )  # fmt: skip
    try:
        next_path(root, "*/curate/verified.part/log.txt", job)
    finally:
        job.send_signal(sent)
    assert job.wait(60) == code
