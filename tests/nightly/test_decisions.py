"""How things stand, and what people decide: status, the last nights, rollback, exclude."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import Any

import pytest

from rtlbench.dataset.files import writing
from rtlbench.nightly.night import Night
from rtlbench.nightly.publish import published
from rtlbench.nightly.train import gather
from rtlbench.records.example import Record
from tests.nightly.judged import judged_night, other_tools
from tests.nightly.made import Task, lines, night_of, nightly
from tests.nightly.test_outcome import go_on

DATES = ("2026-03-01", "2026-03-02", "2026-03-03")
TOMORROW = "2026-03-04"


class Week:
    """Three nights that are published, each with a record of its own."""

    def __init__(self, root: Path, task: Task) -> None:
        self.root = root
        self.nights = [self._night(date, task, right) for right, date in enumerate(DATES, 10)]
        self.latest = self.nights[0].paths.latest

    def _night(self, date: str, task: Task, right: int) -> Night:
        night = judged_night(self.root, task, date, right=right,
                             last=right - 1 if date != DATES[0] else None)  # fmt: skip
        with writing(night.paths.delta) as file:
            file.write(Record(instruction=date, output="y", metadata={"spec_hash": date}))
        assert go_on(night).returncode == 0
        return night

    def live(self) -> str:
        found = published(self.latest)
        assert found is not None
        return found.name

    def learnt(self) -> set[str]:
        """The nights whose records tomorrow's would learn."""
        tomorrow = night_of(self.root, TOMORROW).paths
        tomorrow.night.mkdir(exist_ok=True)
        tomorrow.delta.touch()
        found = {r.instruction for r in gather(tomorrow).records}
        tomorrow.delta.unlink()
        tomorrow.night.rmdir()
        return found

    def call(self, *words: str, code: int = 0) -> str:
        done = nightly(self.root, *words)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def status(self) -> dict[str, Any]:
        return json.loads(self.call("status", "--json"))  # type: ignore[no-any-return]


@pytest.fixture
def week(root: Path, updown: Task) -> Week:
    return Week(root, updown)


def test_a_rollback_switches_the_link_and_is_written_down_and_taken_back(week: Week) -> None:
    told = week.call("rollback", "--why", "loops on fifos")
    assert "latest_nightly leads to nightly_2026-03-02 (before: nightly_2026-03-03)" in told
    assert week.live() == "nightly_2026-03-02"
    assert week.learnt() == set(DATES)
    week.call("rollback", "2026-03-01", "--why", "that one too", "--drop-data")
    assert week.live() == "nightly_2026-03-01"
    assert week.learnt() == {"2026-03-01", "2026-03-03"}
    week.call("rollback", "2026-03-03", "--why", "a false alarm")
    week.call("exclude", "2026-03-02", "--undo", "--why", "a false alarm")
    assert week.live() == "nightly_2026-03-03"
    assert week.learnt() == set(DATES)
    said = lines(week.root / "work" / "continuous_retrain" / "decisions.jsonl")
    assert [(d["kind"], d["night"]) for d in said] == [
        ("rollback", "2026-03-02"), ("rollback", "2026-03-01"), ("exclude", "2026-03-02"),
        ("rollback", "2026-03-03"), ("include", "2026-03-02"),
    ]  # fmt: skip
    assert said[0]["why"] == "loops on fifos"
    assert all(week.nights[k].paths.model.is_dir() for k in range(3))


def test_what_cannot_be_decided_changes_nothing(week: Week) -> None:
    for words, told in (
        (("rollback", "2026-02-01", "--why", "x"), "has no published model that is there"),
        (("rollback", "--why", " "), "say in a line why"),
        (("rollback",), "--why"),
        (("exclude", "2026-02-01", "--why", "x"), "there is no such night"),
        (("exclude", "../x", "--why", "x"), "give YYYY-MM-DD"),
    ):
        assert told in week.call(*words, code=2)
    with week.nights[0].paths.lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "decide when it has ended" in week.call("rollback", "--why", "x", code=2)
        assert week.status()["is_running"]
    assert week.live() == "nightly_2026-03-03"
    assert not (week.root / "work" / "continuous_retrain" / "decisions.jsonl").exists()


def test_an_excluded_night_is_learnt_from_no_more(week: Week) -> None:
    week.call("exclude", "2026-03-02", "--why", "traces of a broken simulator")
    assert week.learnt() == {"2026-03-01", "2026-03-03"}
    assert week.status()["excluded"] == ["2026-03-02"]


def test_the_status_says_how_things_stand(week: Week, updown: Task) -> None:
    stuck = judged_night(week.root, updown, TOMORROW, right=12, last=12)
    other_tools(stuck)
    assert go_on(stuck, "--snapshot", week.root / "offsite").returncode == 2
    week.nights[0].paths.model.with_name("big").write_bytes(b"x" * 5_000_000)
    found = week.status()
    assert (found["live"], found["live_night"]) == ("nightly_2026-03-03", "2026-03-03")
    assert found["figures"]["functional"] == pytest.approx(1.0)
    assert not found["is_running"]
    (night,) = found["unfinished"]
    assert (night["date"], night["stage"]) == (TOMORROW, "gate")
    assert "tools.yosys: 0.23 and 0.9" in night["why"]
    assert found["last_success"]["nights"] == {"2026-03-03": "published"}
    assert found["outstanding"] == {str(week.root / "offsite"): []}
    assert found["disk"]["models"] >= 5_000_000
    text = week.call("status")
    assert "model in use: nightly_2026-03-03 (functional 1.000)" in text
    assert f"{TOMORROW}: not finished, gate is next: " in text


def test_the_status_of_a_root_without_nights(root: Path) -> None:
    done = nightly(root, "status")
    assert done.returncode == 0, done.stderr
    assert "model in use: none" in done.stdout
    assert not list(root.iterdir()), "it writes nothing"


def test_the_last_nights_alone(week: Week) -> None:
    table = week.call("history", "--last", "2").splitlines()
    assert [line.split()[0] for line in table if line.startswith("2026")] == list(DATES[1:])
    assert len(json.loads(week.call("history", "--last", "9", "--json"))["nights"]) == 3
    week.call("history", "--last", "0", code=2)
