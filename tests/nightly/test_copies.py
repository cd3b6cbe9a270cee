"""Copies that failed are made by whatever run comes next, and the ledger says what is where."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.nightly.copies import MARK, Copies
from rtlbench.nightly.night import Night, read_state
from tests.nightly.endpoints import closed_port, s3_environment, webhook
from tests.nightly.judged import judged_night
from tests.nightly.made import Task, nightly
from tests.nightly.test_outcome import go_on, record

FIRST, SECOND, QUIET, LATER = "2026-03-02", "2026-03-03", "2026-03-05", "2026-03-06"


class Dead:
    """A night that is published, whose copy and whose model's could not be made."""

    def __init__(self, root: Path, task: Task) -> None:
        self.root, self.place = root, root.parent / "offsite"
        self.place.write_text("in the way")
        self.night = judged_night(root, task, FIRST, right=10)
        assert go_on(self.night, "--snapshot", self.place).returncode == 3
        assert "not copied away" in record(self.night)["reasons"][0]

    def run(self, date: str, *more: object, code: int = 0) -> str:
        done = nightly(self.root, "--date", date, "--snapshot", self.place, "--workers", 1,
                       "--policy", self.root / "gate.toml", *more)  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def check(self, *names: str) -> None:
        """These are copied, and that is what the ledger says."""
        assert copies(self.root, self.place) == {
            name: hashlib.sha256((self.place / name / "manifest.json").read_bytes()).hexdigest()
            for name in names
        }
        found = {p.parent.name for p in self.place.glob("*/manifest.json")}
        assert found == set(names)

    def raw(self) -> bool:
        return self.night.paths.raw.exists()


def copies(root: Path, place: object) -> dict[str, str]:
    """What the ledger says of a place: the hash of each copy's manifest."""
    text = (root / "work" / "continuous_retrain" / "copies.json").read_bytes()
    said = msgspec.json.decode(text, type=Copies).places[str(place)]
    return {name: copied.manifest_sha256 for name, copied in said.copies.items()}


@pytest.fixture
def dead(root: Path, updown: Task) -> Dead:
    return Dead(root, updown)


def check_mended(night: Night, place: Path) -> None:
    """Nothing says any more that the night is not copied away."""
    said: dict[str, Any] = record(night)
    assert said["snapshot"] == f"{place}/{FIRST}"
    assert not [reason for reason in said["reasons"] if "not copied away" in reason]
    assert [s["message"] for s in said["stages"] if s["name"] == "snapshot"] == [
        "copied away by a later run"
    ]
    state = read_state(night.paths)
    assert state is not None
    assert "failed" not in state.result("snapshot")


def test_a_night_without_news_makes_the_copies_that_failed_and_purges(dead: Dead) -> None:
    told = dead.run(QUIET, "--keep-days", 0, code=3)
    assert "nothing new in the runs" in told
    assert "not copied away: " in told
    assert dead.raw()
    (row,) = [r for r in [dead.night.paths.history / f"{QUIET}.json"] if r.is_file()]
    assert "not copied away" in row.read_text()
    dead.place.unlink()
    told = dead.run(LATER, "--keep-days", 0)
    assert f"copied away by this run: {FIRST}, nightly_{FIRST}" in told
    dead.check(FIRST, f"nightly_{FIRST}")
    assert (dead.place / f"nightly_{FIRST}" / "adapter_model.safetensors").is_file()
    check_mended(dead.night, dead.place)
    assert not dead.raw(), "it was read back, and is old enough"
    again = dead.run(LATER, "--keep-days", 0)
    assert "copied away" not in again
    assert "purge" not in again


def test_the_same_command_makes_the_copy_that_failed(dead: Dead) -> None:
    dead.place.unlink()
    told = dead.run(FIRST)
    assert "this night is finished (published)" not in told.splitlines()
    assert f"copied away by this run: {FIRST}, nightly_{FIRST}" in told
    dead.check(FIRST, f"nightly_{FIRST}")
    check_mended(dead.night, dead.place)


def test_a_night_that_stops_makes_the_copies_of_the_others(dead: Dead, updown: Task) -> None:
    dead.place.unlink()
    judged_night(dead.root, updown, SECOND, right=11, last=10)
    told = dead.run(SECOND, "--policy", "nowhere.toml", code=2)
    assert "nowhere.toml: there is no such file" in told
    dead.check(FIRST, f"nightly_{FIRST}")
    check_mended(dead.night, dead.place)


def test_a_folder_that_cannot_be_copied_holds_up_no_other(dead: Dead, updown: Task) -> None:
    dead.place.unlink()
    bad = dead.night.paths.night / "manifest.json"
    bad.write_text("a name that is taken")
    judged_night(dead.root, updown, SECOND, right=11, last=10)
    assert "the snapshot's own manifest; rename it" in dead.run(SECOND, code=3)
    dead.check(f"nightly_{FIRST}", SECOND, f"nightly_{SECOND}")
    bad.unlink()
    dead.run(QUIET)
    dead.check(FIRST, f"nightly_{FIRST}", SECOND, f"nightly_{SECOND}")
    check_mended(dead.night, dead.place)


def test_what_the_place_has_lost_is_kept_here_and_sent_again_by_the_next_run(dead: Dead) -> None:
    dead.place.unlink()
    dead.run(QUIET)
    (lost,) = (dead.place / FIRST).glob("raw/*/*/rtl.sv")
    lost.write_text("")
    told = dead.run(QUIET, "--keep-days", 0)
    assert "the next run sends it again" in told
    assert dead.raw()
    told = dead.run(LATER, "--keep-days", 0)
    assert f"copied away by this run: {FIRST}\n" in told
    assert lost.read_bytes()
    assert not dead.raw()
    dead.check(FIRST, f"nightly_{FIRST}")


@pytest.mark.parametrize("how", ["empty", "another"])
def test_a_place_that_is_not_the_one_before_gets_and_costs_nothing(
    dead: Dead, updown: Task, how: str
) -> None:
    """As a disk that is not mounted, or another one in its place."""
    dead.place.unlink()
    dead.run(QUIET)
    real = dead.place.rename(dead.root.parent / "real")
    dead.place.mkdir()
    if how == "another":
        (dead.place / MARK).write_text('{"copies_id": "0"}')
    judged_night(dead.root, updown, SECOND, right=11, last=10)
    told = dead.run(SECOND, "--keep-days", 0, code=3)
    assert "is not the place that was copied to before" in told
    assert not list(dead.place.glob("*/*"))
    assert dead.raw()
    (dead.place / MARK).unlink(missing_ok=True)
    dead.place.rmdir()
    real.rename(dead.place)
    dead.run(LATER, "--keep-days", 0)
    dead.check(FIRST, f"nightly_{FIRST}", SECOND, f"nightly_{SECOND}")
    assert not dead.raw()


def test_another_target_gets_all_of_it_and_the_ledger_has_both(dead: Dead) -> None:
    dead.place.unlink()
    dead.run(QUIET)
    first, dead.place = dead.place, dead.root.parent / "another"
    dead.run(LATER)
    dead.check(FIRST, f"nightly_{FIRST}")
    assert copies(dead.root, first).keys() == copies(dead.root, dead.place).keys()


def test_a_quiet_night_whose_target_is_away_is_told_of(dead: Dead) -> None:
    with webhook() as (port, told):
        done = nightly(
            dead.root, "--date", QUIET, "--snapshot", "s3://bucket/x", "--notify",
            f"json://127.0.0.1:{port}/", env=s3_environment(closed_port()),
        )  # fmt: skip
        assert done.returncode == 3, done.stdout + done.stderr
        assert [t["title"] for t in told.taken] == [f"nightly {QUIET}: copies outstanding"]
        assert "s3://bucket/x" in told.taken[0]["message"]


def test_a_ledger_that_cannot_be_read_is_said_and_made_anew(dead: Dead) -> None:
    dead.place.unlink()
    dead.run(QUIET)
    ledger = dead.root / "work" / "continuous_retrain" / "copies.json"
    ledger.write_text("{")
    assert "copies.json: cannot be read" in dead.run(LATER, "--keep-days", 0, code=3)
    assert dead.raw()
    ledger.unlink()
    dead.run(LATER)
    dead.check(FIRST, f"nightly_{FIRST}")
