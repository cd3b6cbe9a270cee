"""Raw copies go only when the snapshot of their night was just seen to hold every byte of them."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import msgspec
import pytest

from rtlbench.nightly.night import State, write_state
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.purge import PurgedNight, purge, purgeable
from rtlbench.nightly.snapshot import snapshot
from tests.nightly.endpoints import closed_port, s3_environment, s3_server

TONIGHT, OLD, YOUNG = "2026-03-31", "2026-02-28", "2026-03-01"
FILES = {"run1/e1/dut.sv": "module dut; endmodule\n", "run1/e1/spec.json": "{}", "run2/log": "x"}


class Nights:
    """Some nights with raw copies, and where their snapshots go."""

    def __init__(self, root: Path, target: str) -> None:
        self.paths = Paths(root=root, runs=root / "data" / "runs", date=TONIGHT)
        self.target = target
        for date in (OLD, YOUNG, TONIGHT):
            self.make(date)

    def make(self, date: str, outcome: str | None = "published") -> None:
        paths = self.paths.of(date)
        for name, content in FILES.items():
            path = paths.raw / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            os.utime(path, (0, 0))  # times of files say nothing
        write_state(paths, State(date=date, started="", settings={}, outcome=outcome))

    def store(self, *dates: str) -> None:
        for date in dates:
            snapshot(self.paths.of(date).night, self.target)

    def left(self, date: str) -> set[str]:
        raw = self.paths.of(date).raw
        return {str(p.relative_to(raw)) for p in raw.rglob("*") if not p.is_dir()}

    def purge(self) -> list[PurgedNight]:
        return purge(self.paths, 30, self.target)

    def refused(self) -> str:
        """A purge that keeps everything; gives the one reason."""
        before = self.left(OLD)
        (night,) = self.purge()
        assert (night.date, night.files, night.bytes) == (OLD, 0, 0)
        assert self.left(OLD) == before
        assert night.kept
        assert "\n" not in night.kept
        return night.kept


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with s3_server(tmp_path_factory.mktemp("s3") / "log") as environment:
        yield environment


@pytest.fixture
def s3(server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A file system on an S3 server."""
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    return fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)


@pytest.fixture
def nights(tmp_path: Path, s3: Any) -> Nights:
    """Nights whose snapshots go to a bucket of their own."""
    bucket = "b" + hashlib.sha256(str(tmp_path).encode()).hexdigest()[:20]
    s3.mkdir(bucket)
    return Nights(tmp_path, f"s3://{bucket}/rtlbench")


@pytest.fixture
def here(tmp_path: Path) -> Nights:
    """The same with snapshots in a folder."""
    return Nights(tmp_path / "root", str(tmp_path / "snaps"))


def test_old_nights_go_and_the_others_stay(nights: Nights) -> None:
    nights.store(OLD, YOUNG, TONIGHT)
    (night,) = nights.purge()
    size = sum(map(len, FILES.values()))
    assert night == PurgedNight(date=OLD, files=len(FILES), bytes=size)
    assert not nights.paths.of(OLD).raw.exists()
    assert nights.paths.of(OLD).state.is_file()
    assert nights.left(YOUNG) == nights.left(TONIGHT) == set(FILES)
    assert nights.purge() == []


def test_what_was_purged_stays_in_the_snapshot(nights: Nights, s3: Any) -> None:
    nights.store(OLD)
    nights.purge()
    nights.store(OLD)  # a later snapshot of the same night, without its raw copies
    assert s3.cat_file(f"{nights.target}/{OLD}/raw/run2/log") == b"x"
    manifest = msgspec.json.decode(s3.cat_file(f"{nights.target}/{OLD}/manifest.json"))
    assert f"raw/{min(FILES)}" in manifest["files"]


def spoil_truncate(s3: Any, place: str) -> None:
    s3.pipe_file(f"{place}/raw/run1/e1/dut.sv", b"module")


def spoil_same_size(s3: Any, place: str) -> None:
    text = FILES["run1/e1/dut.sv"].replace("dut", "tud")
    s3.pipe_file(f"{place}/raw/run1/e1/dut.sv", text.encode())


def spoil_lose(s3: Any, place: str) -> None:
    s3.rm_file(f"{place}/raw/run2/log")


def spoil_lose_manifest(s3: Any, place: str) -> None:
    s3.rm_file(f"{place}/manifest.json")


def spoil_tear_manifest(s3: Any, place: str) -> None:
    s3.pipe_file(f"{place}/manifest.json", s3.cat_file(f"{place}/manifest.json")[:-40])


def spoil_unname(s3: Any, place: str) -> None:
    manifest = msgspec.json.decode(s3.cat_file(f"{place}/manifest.json"))
    del manifest["files"]["raw/run2/log"]
    s3.pipe_file(f"{place}/manifest.json", msgspec.json.encode(manifest))


def spoil_other_night(s3: Any, place: str) -> None:
    for path in s3.find(place.replace(OLD, YOUNG)):
        s3.copy(path, path.replace(YOUNG, OLD))


SPOILS = (
    spoil_truncate, spoil_same_size, spoil_lose, spoil_lose_manifest, spoil_tear_manifest,
    spoil_unname, spoil_other_night,
)  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__.removeprefix("spoil_"))
def test_a_snapshot_that_is_not_whole_keeps_everything(
    nights: Nights, s3: Any, spoil: Callable[[Any, str], None]
) -> None:
    nights.store(OLD, YOUNG)
    spoil(s3, f"{nights.target}/{OLD}")
    assert nights.refused().startswith(f"{nights.target}/{OLD}")


def test_without_any_snapshot_everything_is_kept(nights: Nights) -> None:
    assert "no snapshot of 20" in nights.refused()
    (night,) = purge(nights.paths, 30, None)
    assert "no --snapshot" in night.kept
    assert nights.left(OLD) == set(FILES)


def test_a_target_that_is_away_keeps_everything(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.store(OLD)
    for name, value in s3_environment(closed_port()).items():
        monkeypatch.setenv(name, value)
    assert "cannot read it" in nights.refused()


@pytest.mark.parametrize("change", ["edit", "add", "link", "folder_link", "pipe"])
def test_what_the_snapshot_does_not_hold_keeps_everything(here: Nights, change: str) -> None:
    here.store(OLD)
    raw = here.paths.of(OLD).raw
    canary = here.paths.root / "canary"
    canary.mkdir()
    (canary / "file").write_text("alive")
    if change == "edit":
        (raw / "run2" / "log").write_text("y")
    elif change == "add":
        (raw / "run2" / "more").write_text("")
    elif change == "link":
        (raw / "run2" / "more").symlink_to(canary / "file")
    elif change == "folder_link":
        (raw / "run3").symlink_to(canary)
    else:
        os.mkfifo(raw / "pipe")
    here.refused()
    assert (canary / "file").read_text() == "alive"


@pytest.mark.parametrize("what", ["night", "raw"])
def test_a_folder_that_is_a_link_is_not_looked_into(here: Nights, what: str) -> None:
    here.store(OLD)
    paths = here.paths.of(OLD)
    folder = paths.night if what == "night" else paths.raw
    real = here.paths.root / "real"
    folder.rename(real)
    folder.symlink_to(real)
    assert here.purge() == []
    assert {p.name for p in real.rglob("*") if p.is_file()} >= {"dut.sv", "log"}


def test_only_finished_nights_older_than_that_many_days(here: Nights) -> None:
    here.make("2026-02-27", outcome=None)
    here.make("2026-02-26")
    here.paths.of("2026-02-26").state.write_text("torn")
    here.make("2027-01-01")
    here.make("2026-02-01b", outcome="archived")
    assert purgeable(here.paths, 30) == ["2026-02-01b", OLD]
    assert purgeable(here.paths, 31) == ["2026-02-01b"]
    assert purgeable(here.paths, 29) == ["2026-02-01b", OLD, YOUNG]
    assert purgeable(here.paths, 0) == ["2026-02-01b", OLD, YOUNG]
    assert purgeable(here.paths.of(f"{YOUNG}-again"), 0) == ["2026-02-01b", OLD]
    assert purgeable(here.paths.of(OLD), 1000) == []


def test_killed_between_two_files_it_goes_on(here: Nights) -> None:
    here.store(OLD)
    script = """
import os, signal, sys
from pathlib import Path
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.purge import purge

calls, unlink = 0, Path.unlink
def dying(*args, **named):
    global calls
    calls += 1
    if calls > 1:
        os.kill(os.getpid(), signal.SIGKILL)
    unlink(*args, **named)
Path.unlink = dying
root = Path(sys.argv[1])
purge(Paths(root=root, runs=root, date=sys.argv[2]), 30, sys.argv[3])
"""
    argv = [sys.executable, "-c", script, str(here.paths.root), TONIGHT, here.target]
    assert subprocess.run(argv, check=False, timeout=120).returncode == -signal.SIGKILL
    assert len(here.left(OLD)) == len(FILES) - 1
    (night,) = here.purge()
    assert (night.files, night.kept) == (len(FILES) - 1, "")
    assert not here.paths.of(OLD).raw.exists()
