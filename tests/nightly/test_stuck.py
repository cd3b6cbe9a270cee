"""A night that cannot go on: people are reminded, later nights collect, and there is a way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.nightly.history import read_history
from rtlbench.nightly.night import read_state, write_state
from rtlbench.nightly.publish import published
from tests.nightly.endpoints import webhook
from tests.nightly.judged import judged_night
from tests.nightly.made import Runs, Task, night_of, nightly

pytestmark = pytest.mark.slow

STUCK = "2026-03-02"


def stuck(root: Path, task: Task) -> Any:
    """A night whose results the gate cannot compare, as long as `mend` is not called."""
    night = judged_night(root, task, STUCK, right=11, min_delta=1000)
    run = night.paths.night / "benchmark" / "mainline" / "results" / "run.json"
    right = run.read_text()
    run.write_text(right.replace('"yosys": "0.23"', '"yosys": "0.9"'))
    return night, lambda: run.write_text(right)


def outcomes(root: Path) -> dict[str, str]:
    nights = read_history(root / "data" / "run_db" / "nightly").nights
    return {n.date: n.outcome for n in nights}


def set_back(root: Path, date: str) -> None:
    """Have what is remembered of tonight's notice be of a day before."""
    paths = night_of(root, date).paths
    state = read_state(paths)
    assert state is not None
    told = tuple(f"2026-03-02{t[10:]}" for t in state.announced)
    write_state(paths, msgspec.structs.replace(state, announced=told))


def test_a_stuck_night_is_told_of_daily_and_later_nights_collect_until_it_is_freed(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    night, mend = stuck(root, updown)
    options = ("--policy", root / "gate.toml", "--workers", 1, "--min-delta", 1000)
    with webhook() as (port, told):
        notify = ("--notify", f"json://127.0.0.1:{port}/")
        runs.answer("later", shift)
        first = nightly(root, *options, *notify)
        assert first.returncode == 2, first.stdout + first.stderr
        assert "collect: 1 new passing answers of 1 runs" in first.stdout
        again = nightly(root, *options, *notify)
        assert again.returncode == 2
        assert [t["title"] for t in told.taken] == [f"nightly {STUCK}: stopped"]
        assert "--from STAGE` does it again" in told.taken[0]["message"]
        set_back(root, STUCK)
        nightly(root, *options, *notify)
        assert told.taken[1]["title"] == f"nightly {STUCK}: still stopped"
    tonight = next(date for date in outcomes(root) if date != STUCK)
    assert outcomes(root) == {STUCK: "failed", tonight: "failed"}
    rows = {n.date: n.reasons for n in read_history(root / "data/run_db/nightly").nights}
    assert f"waits for the night of {STUCK}" in rows[tonight][0]
    mend()
    done = nightly(root, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert outcomes(root) == {STUCK: "published", tonight: "skipped"}
    assert published(night.paths.latest) == night.paths.model


def test_nights_that_have_waited_are_caught_up_by_one_training(
    root: Path, runs: Runs, updown: Task
) -> None:
    (root / "data" / "runs").mkdir(parents=True)
    for day, task in (("2026-03-03", updown), ("2026-03-04", updown)):
        runs.answer(f"run_{day}", task, task.right + f"// {day}\n")
        done = nightly(root, "--date", day, "--policy", "none.toml")
        assert done.returncode == 2, done.stdout
    done = nightly(root, "--min-delta", 1000, "--workers", 1, "--accept", "proven")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        "2026-03-03: train: not trained: the night of 2026-03-04 has waited, and learns these too"
        in done.stdout
    )
    assert "2026-03-04: train: not trained: 1 new records" in done.stdout


def test_other_options_are_told_of_and_restart_does_those_stages_again(
    root: Path, updown: Task
) -> None:
    night = judged_night(root, updown, STUCK, right=11)
    call = ("--date", STUCK, "--policy", root / "gate.toml", "--workers", 1)
    with webhook() as (port, told):
        done = nightly(root, *call, "--samples", 3, "--notify", f"json://127.0.0.1:{port}/")
        assert done.returncode == 2
        assert "--samples: 5 then, 3 now" in done.stderr
        assert "--restart does the night again, from benchmark on" in done.stderr
        assert [t["title"] for t in told.taken] == [f"nightly {STUCK}: stopped"]
    assert outcomes(root) == {STUCK: "failed"}
    ahead = nightly(root, *call, "--samples", 3, "--restart", "--dry-run")
    assert ahead.returncode == 0, ahead.stderr
    assert "train: done" in ahead.stdout
    assert "--samples 3" in ahead.stdout
    begun = nightly(root, *call, "--samples", 3, "--restart")
    assert "stopped in benchmark" in begun.stderr, "the model made up here gives no answers"
    assert night.paths.anew.state.is_file()
    assert night.paths.model.is_dir()
