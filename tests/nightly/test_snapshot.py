"""A snapshot counts only when it has been read back; S3 is a real server."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import msgspec
import pytest
from fsspec.implementations.local import LocalFileSystem

from rtlbench.errors import UserError
from rtlbench.nightly.snapshot import MANIFEST, SnapshotManifest, StoredFile, snapshot
from rtlbench.nightly.store import shown
from tests.nightly.endpoints import closed_port, s3_environment, s3_server

FILES = {
    "state.json": b"{}",
    "raw/run1/e1/dut.sv": b"module dut; endmodule\n",
    "raw/run1/e1/odd name? #[x]*%20.log": b"",
    "raw/run2/wave.bin": bytes(range(256)) * 6_000,
    "benchmark/gr\N{LATIN SMALL LETTER O WITH DIAERESIS}n/run.json": b'{"a": 1}',
}


@pytest.fixture
def night(tmp_path: Path) -> Path:
    folder = tmp_path / "2026-03-01"
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with s3_server(tmp_path_factory.mktemp("s3") / "log") as environment:
        yield environment


class Place:
    """Where snapshots go, and what is there."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.system, self.root = fsspec.url_to_fs(
            f"{target}/2026-03-01", skip_instance_cache=True, use_listings_cache=False
        )

    def stored(self, name: str) -> bytes:
        return bytes(self.system.cat_file(f"{self.root}/{name}"))

    @property
    def files(self) -> dict[str, StoredFile]:
        """Those that the manifest names."""
        return msgspec.json.decode(self.stored(MANIFEST), type=SnapshotManifest).files


@pytest.fixture(params=["s3", "folder"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Place:
    """A bucket of an S3 server, and a folder."""
    if request.param == "folder":
        return Place(str(tmp_path / "elsewhere" / "snaps"))
    for name, value in request.getfixturevalue("server").items():
        monkeypatch.setenv(name, value)
    bucket = "b" + hashlib.sha256(str(tmp_path).encode()).hexdigest()[:20]
    made = Place(f"s3://{bucket}/rtlbench/nights")
    made.system.mkdir(bucket)
    return made


def test_every_file_and_its_hash_are_there(night: Path, place: Place) -> None:
    taken = snapshot(night, place.target)
    assert taken.url == f"{place.target}/2026-03-01"
    assert (taken.files, taken.sent, taken.left_out) == (len(FILES), len(FILES), ())
    assert taken.bytes == sum(map(len, FILES.values()))
    assert hashlib.sha256(place.stored(MANIFEST)).hexdigest() == taken.manifest_sha256
    assert set(place.files) == set(FILES)
    for name, content in FILES.items():
        assert place.stored(name) == content
        digest = hashlib.sha256(content).hexdigest()
        assert place.files[name] == StoredFile(sha256=digest, size=len(content))


def test_again_only_what_changed_is_sent_and_what_was_purged_is_remembered(
    night: Path, place: Place
) -> None:
    snapshot(night, place.target)
    before = place.files
    (night / "state.json").write_text('{"outcome": "published"}')
    (night / "raw" / "run2" / "wave.bin").unlink()
    assert snapshot(night, place.target).sent == 1
    after = place.files
    assert after["raw/run2/wave.bin"] == before["raw/run2/wave.bin"]
    assert after["state.json"] != before["state.json"]
    assert place.stored("state.json") == b'{"outcome": "published"}'


def test_what_the_store_has_lost_since_is_sent_again(night: Path, place: Place) -> None:
    snapshot(night, place.target)
    place.system.rm_file(f"{place.root}/raw/run1/e1/dut.sv")
    place.system.pipe_file(f"{place.root}/raw/run2/wave.bin", b"short")
    assert snapshot(night, place.target).sent == 2
    assert place.stored("raw/run2/wave.bin") == FILES["raw/run2/wave.bin"]


def test_links_are_neither_followed_nor_sent(night: Path, place: Place) -> None:
    (night / "raw" / "out").symlink_to("/etc/passwd")
    (night / "raw" / "loop").symlink_to("..")
    os.mkfifo(night / "raw" / "pipe")
    taken = snapshot(night, place.target)
    assert taken.left_out == ("raw/loop", "raw/out", "raw/pipe")
    assert set(place.files) == set(FILES)


class Lossy(LocalFileSystem):  # type: ignore[misc]
    """A file system that keeps the first bytes of a file only."""

    protocol = "lossy"

    def put_file(self, lpath: str, rpath: str, **_: Any) -> None:
        Path(rpath).parent.mkdir(parents=True, exist_ok=True)
        Path(rpath).write_bytes(Path(lpath).read_bytes()[:10])


def test_a_store_that_truncates_makes_no_snapshot(night: Path, tmp_path: Path) -> None:
    fsspec.register_implementation("lossy", Lossy, clobber=True)
    with pytest.raises(UserError, match="reads back other than it was sent"):
        snapshot(night, f"lossy://{tmp_path}/lossy")
    assert not list((tmp_path / "lossy").rglob(MANIFEST))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nonsense://bucket/x", "nonsense"),
        ("s3://no-such-bucket-here/x", "no-such-bucket-here"),
        ("/proc/nowhere", "/proc/nowhere"),
        ("memory://x", "the place itself"),
        ("simplecache::s3://bucket/x", "the place itself"),
    ],
)
def test_a_target_that_cannot_be_is_one_message(
    night: Path, server: dict[str, str], monkeypatch: pytest.MonkeyPatch, target: str, said: str
) -> None:
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=said) as e:
        snapshot(night, target)
    assert "\n" not in str(e.value)


def test_a_target_that_is_away_is_one_message(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3_environment(closed_port()).items():
        monkeypatch.setenv(name, value)
    began = time.monotonic()
    with pytest.raises(UserError, match=r"^s3://bucket/x/2026-03-01/manifest.json: cannot") as e:
        snapshot(night, "s3://bucket/x")
    assert time.monotonic() - began < 120, "minutes are lost otherwise, each night"
    assert "\n" not in str(e.value)


def test_a_full_disk_is_one_message_and_no_manifest(night: Path, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(UserError, match="File too large") as e:
            snapshot(night, str(tmp_path / "small"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert "\n" not in str(e.value)
    assert not list((tmp_path / "small").rglob(MANIFEST))
    assert snapshot(night, str(tmp_path / "small")).files == len(FILES)


def test_killed_while_sending_there_is_no_manifest_and_it_goes_on(
    night: Path, tmp_path: Path
) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from rtlbench.nightly import snapshot as module

class Dying(module.Store):
    def put(self, file, name):
        if "run2" in name:
            os.kill(os.getpid(), signal.SIGKILL)
        super().put(file, name)

module.Store = Dying
module.snapshot(Path(sys.argv[1]), sys.argv[2])
"""
    place = Place(str(tmp_path / "there"))
    argv = [sys.executable, "-c", script, str(night), place.target]
    assert subprocess.run(argv, check=False, timeout=120).returncode == -signal.SIGKILL
    assert not list((tmp_path / "there").rglob(MANIFEST))
    assert snapshot(night, place.target).files == len(FILES)
    assert set(place.files) == set(FILES)


@pytest.mark.parametrize("name", [b"raw/a\nb", b"raw/\xff\xfe", b"manifest.json"])
def test_a_name_that_cannot_be_kept_is_refused(night: Path, tmp_path: Path, name: bytes) -> None:
    (Path(os.fsdecode(bytes(night))) / os.fsdecode(name)).write_bytes(b"")
    with pytest.raises(UserError, match="rename it") as e:
        snapshot(night, str(tmp_path / "there"))
    str(e.value).encode()
    assert "\n" not in str(e.value)


def test_a_target_within_the_night_is_refused(night: Path) -> None:
    with pytest.raises(UserError, match="lies within"):
        snapshot(night, str(night / "raw"))


def test_a_foreign_manifest_is_refused(night: Path, tmp_path: Path) -> None:
    place = tmp_path / "there" / "2026-03-01"
    place.mkdir(parents=True)
    (place / MANIFEST).write_text("<html>")
    with pytest.raises(UserError, match="no manifest of a snapshot"):
        snapshot(night, str(tmp_path / "there"))
    assert (place / MANIFEST).read_text() == "<html>"


def test_passwords_are_never_shown() -> None:
    assert shown("sftp://me:se@cret@host/x?key=k&b") == "sftp://host/x"
    assert shown("cannot reach ftp://me:secret@host/x: refused") == (
        "cannot reach ftp://host/x: refused"
    )
