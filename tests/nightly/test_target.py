"""Where copies go is an address or it is refused, before anything is done or relied upon."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.nightly.night import State, make_settings, write_state
from rtlbench.nightly.purge import purge
from rtlbench.nightly.snapshot import snapshot
from tests.nightly.made import ROOT, Runs, Task, night_of, nightly, surroundings, tree

DATE, OLD = "2026-03-31", "2026-02-01"
NO_PLACE = "names no bucket or host"
NO_FOLDER = "names no folder"
NO_ADDRESS = "no address"
EMPTY_PART = "has an empty part"


def checked(root: Path, target: str) -> str | None:
    """The address as the job uses it."""
    return make_settings({"root": str(root), "snapshot": target}).snapshot


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("s3://", NO_PLACE), ("s3:///", NO_PLACE), ("s3:///x", NO_PLACE), ("S3:///x", NO_PLACE),
        ("s3:////bucket/x", NO_PLACE), ("s3://./x", NO_PLACE), ("s3://../x", NO_PLACE),
        ("s3://$BUCKET/x", NO_PLACE), ("s3://${BUCKET}/x", NO_PLACE), ("s3:// /x", NO_PLACE),
        ("s3://key@/x", NO_PLACE), ("gs://", NO_PLACE), ("gcs:///x", NO_PLACE),
        ("sftp:///x", NO_PLACE), ("sftp://me@/x", NO_PLACE), ("sftp://me:se@:22/x", NO_PLACE),
        ("s3://bucket//nights", EMPTY_PART), ("s3://bucket/../other", EMPTY_PART),
        ("s3:", NO_ADDRESS), ("s3:/", NO_ADDRESS), ("s3:bucket/x", NO_ADDRESS),
        ("s3:/bucket/x", NO_ADDRESS), ("file:", NO_ADDRESS), ("file:/x", NO_ADDRESS),
        ("backup:/nights", NO_ADDRESS), ("C:\\nights", NO_ADDRESS),
        ("file://", NO_FOLDER), ("file:///", NO_FOLDER), ("file://x/y", NO_FOLDER),
        ("local://", NO_FOLDER), ("/", NO_FOLDER), ("//", NO_FOLDER),
        ("", NO_ADDRESS), (" ", NO_ADDRESS), (" s3://bucket/x", NO_ADDRESS),
        ("s3://bucket/x\n", NO_ADDRESS), ("nonsense://bucket/x", NO_ADDRESS),
        ("memory://x", "the place itself"), ("MEMORY://x", "the place itself"),
        ("filecache::s3://bucket/x", "the place itself"),
    ],
)  # fmt: skip
def test_what_names_no_place_is_refused(root: Path, target: str, why: str) -> None:
    with pytest.raises(UserError, match=why) as e:
        checked(root, target)
    assert str(e.value).startswith("--snapshot ")
    assert "\n" not in str(e.value)
    assert "se@" not in str(e.value)


@pytest.mark.parametrize(
    ("target", "used"),
    [
        ("s3://b", "s3://b"), ("S3://Bucket/x/", "s3://Bucket/x"),
        ("ftp://me:se@host:21/x", "ftp://me:se@host:21/x"), ("file:///mnt/x/", "file:///mnt/x"),
        ("/mnt/x//", "/mnt/x"), ("offsite", "offsite"), ("../offsite", "../offsite"),
        ("./s3:", "./s3:"), ("models", "models"),
    ],
)  # fmt: skip
def test_what_names_one_is_used(root: Path, target: str, used: str) -> None:
    assert checked(root, target) == used


@pytest.mark.parametrize(
    "place", ["work/continuous_retrain", f"work/continuous_retrain/{DATE}/raw",
              "models/qwen_coder_rtl", "models/qwen_coder_rtl/x", "data/runs/a", "linked",
              "/".join(("models", "..", "work", "continuous_retrain"))],
)  # fmt: skip
@pytest.mark.parametrize("form", ["{0}", "{1}", "file://{1}", "FILE://{1}/"])
def test_a_folder_of_the_nights_own_is_refused(root: Path, place: str, form: str) -> None:
    work = root / "work" / "continuous_retrain"
    work.mkdir(parents=True)
    (root / "linked").symlink_to(work)
    with pytest.raises(UserError, match="which it is to be a copy of"):
        checked(root, form.format(place, root / place))


@pytest.mark.parametrize("how", ["option", "variable", "stage", "dry run"])
def test_a_bucket_from_a_variable_that_is_not_set_stops_the_job_before_anything_is_done(
    root: Path, runs: Runs, updown: Task, how: str
) -> None:
    runs.answer("a", updown)
    before = tree(root)
    if how == "stage":
        script = str(ROOT / "training" / "nightly" / "collect.py")
        done = subprocess.run(
            [sys.executable, script, "--root", str(root), "--snapshot", "s3://"], check=False,
            capture_output=True, text=True, cwd=root, env=surroundings(), timeout=300,
        )  # fmt: skip
    elif how == "variable":
        done = nightly(root, "--date", DATE, env={"CT_RETRAIN_SNAPSHOT": "s3://"})
    else:
        dry = ["--dry-run"] if how == "dry run" else []
        done = nightly(root, "--date", DATE, "--snapshot", "s3://", *dry)
    assert done.returncode == 2, done.stdout
    assert NO_PLACE in done.stderr
    assert done.stderr.count("\n") == 1
    assert tree(root) == before


class Old:
    """A finished night with raw copies, and its copy in a folder."""

    def __init__(self, root: Path) -> None:
        self.paths = night_of(root, DATE).paths
        self.old = self.paths.of(OLD)
        self.old.raw.mkdir(parents=True)
        (self.old.raw / "dut.sv").write_text("module m; endmodule\n")
        write_state(self.old, State(date=OLD, started="t", settings={}, outcome="skipped"))
        self.target = root / "offsite"
        snapshot(self.old.night, str(self.target))

    def kept(self, target: Path) -> str:
        """Why a purge keeps all."""
        (night,) = purge(self.paths, 0, str(target))
        assert night.files == 0
        assert (self.old.raw / "dut.sv").read_text() == "module m; endmodule\n"
        return night.kept


def test_a_copy_that_has_become_the_night_itself_counts_for_nothing(root: Path) -> None:
    """By a link, a hard link, or a folder that leads there: removing ours would remove it too."""
    night = Old(root)
    stored = night.target / OLD / "raw" / "dut.sv"
    stored.unlink()
    stored.symlink_to(night.old.raw / "dut.sv")
    assert "is a link, or" in night.kept(night.target)
    stored.unlink()
    os.link(night.old.raw / "dut.sv", stored)
    assert "is a link, or" in night.kept(night.target)
    stored.unlink()
    stored.parent.rmdir()
    stored.parent.symlink_to(night.old.raw)
    assert "is a link, or" in night.kept(night.target)
    with pytest.raises(UserError, match="is a link, or"):
        snapshot(night.old.night, str(night.target))
    assert (night.old.raw / "dut.sv").is_file()


def test_nothing_is_sent_through_a_link_into_another_night(root: Path) -> None:
    night = Old(root)
    other = night.paths.of("2026-03-01")
    other.night.mkdir(parents=True)
    write_state(other, State(date=other.date, started="t", settings={}, outcome="skipped"))
    (night.target / other.date).symlink_to(night.old.night)
    before = tree(night.old.night)
    with pytest.raises(UserError, match="is a link, or"):
        snapshot(other.night, str(night.target))
    assert tree(night.old.night) == before


def test_a_target_that_is_another_one_since_is_asked_and_holds_nothing(root: Path) -> None:
    night = Old(root)
    assert "no snapshot of 20" in night.kept(root / "another")
    moved = night.target.rename(root / "moved")
    assert "no snapshot of 20" in night.kept(night.target)
    (gone,) = purge(night.paths, 0, str(moved))
    assert (gone.files, gone.kept) == (1, "")


def test_a_folder_by_its_path_and_by_its_url_is_one_place(root: Path) -> None:
    night = Old(root)
    (gone,) = purge(night.paths, 0, f"file://{night.target}")
    assert (gone.files, gone.kept) == (1, "")
