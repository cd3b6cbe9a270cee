"""The day that names a night: one that exists, by the local clock, and none before the newest."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.nightly.history import read_history
from rtlbench.nightly.paths import check_date
from rtlbench.nightly.publish import published
from tests.nightly.endpoints import webhook
from tests.nightly.judged import judged_night
from tests.nightly.made import Runs, Task, night_of, nightly
from tests.nightly.test_outcome import go_on

FIRST_ZONE, LAST_ZONE = "Etc/GMT+12", "Pacific/Kiritimati"
"""Of a day: 26 hours apart, so that their days always differ."""


@pytest.mark.parametrize("date", ["2026-02-30", "2026-13-01", "0000-01-01", "2026-02-29b"])
def test_a_day_that_does_not_exist_is_none(date: str) -> None:
    with pytest.raises(UserError, match="there is no such day"):
        check_date(date)


@pytest.mark.parametrize("date", ["2028-02-29", "2026-03-02b"])
def test_a_day_that_exists_is_one(date: str) -> None:
    assert check_date(date) == date


def test_a_clock_set_back_replaces_no_model_and_is_told_of(
    root: Path, runs: Runs, updown: Task
) -> None:
    night = judged_night(root, updown, "2026-03-05", right=11)
    assert go_on(night).returncode == 0
    runs.answer("late", updown, updown.right + "// late\n")
    with webhook() as (port, told):
        call = ("--date", "2026-03-01", "--notify", f"json://127.0.0.1:{port}/")
        done = nightly(root, *call)
        assert done.returncode == 2
        assert "is older than the newest one, 2026-03-05" in done.stderr
        assert "--allow-older begins it" in done.stderr
        assert [t["title"] for t in told.taken] == ["nightly 2026-03-01: stopped"]
    assert not night_of(root, "2026-03-01").paths.night.exists()
    assert published(night.paths.latest) == night.paths.model
    assert nightly(root, "--date", "2026-03-01", "--dry-run").returncode == 2
    done = nightly(root, "--date", "2026-03-01", "--allow-older", "--policy", "none.toml")
    assert "collect: 1 new passing answers" in done.stdout, "it is asked for"


def test_the_local_day_names_the_night_and_the_zone_is_written_down(root: Path) -> None:
    (root / "data" / "runs").mkdir(parents=True)
    for zone in (FIRST_ZONE, LAST_ZONE):
        assert nightly(root, env={"TZ": zone}).returncode == 0
    nights = read_history(root / "data" / "run_db" / "nightly").nights
    assert [n.zone for n in nights] == ["-12 (UTC-1200)", "+14 (UTC+1400)"]
    assert len({n.date for n in nights}) == 2
