"""A refused night is put aside whole, once, and the published model stays where it is."""

from __future__ import annotations

import errno
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.nightly.publish import archive, publish, published

REASONS = ["functional, fsm: 0.500, at least 0.750", "functional, all: worse than last nightly"]
KILLED = """
import os, shutil, signal, sys
from pathlib import Path
import rtlbench.nightly.publish as module

calls = 0
def dying(real):
    def call(*args, **named):
        global calls
        calls += 1
        if calls > int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **named)
    return call

for owner, name in (
    (shutil, "copytree"), (Path, "rename"), (module, "write_whole"), (module, "sync_tree"),
):
    setattr(owner, name, dying(getattr(owner, name)))
night, model, where, *reasons = sys.argv[2:]
module.archive(Path(night), Path(model), Path(where), reasons)
"""
STEPS = 5
"""Of an archive: copytree, rename, write_whole, sync_tree, rename."""


class Refused:
    """A night whose model was refused."""

    def __init__(self, root: Path) -> None:
        self.night, self.model = root / "2026-03-02", root / "models" / "nightly_2026-03-02"
        self.where = root / "archive" / "2026-03-02"
        self.latest = root / "models" / "latest_nightly"
        (self.night / "raw" / "run1").mkdir(parents=True)
        (self.night / "raw" / "run1" / "dut.sv").write_text("module dut; endmodule\n")
        (self.night / "benchmark").mkdir()
        (self.night / "benchmark" / "run.json").write_text("{}")
        (self.night / "state.json").write_text("{}")
        self.make_model("new")
        (root / "models" / "nightly_2026-03-01").mkdir()
        (root / "models" / "nightly_2026-03-01" / "adapter.bin").write_text("old")
        publish(root / "models" / "nightly_2026-03-01", self.latest)

    def make_model(self, text: str) -> None:
        self.model.mkdir(parents=True)
        (self.model / "adapter.bin").write_text(text)
        (self.model / "README.md").write_text("a card")

    def archive(self, reasons: Sequence[str] = REASONS) -> Path:
        return archive(self.night, self.model, self.where, reasons)

    def check(self, made: Path) -> None:
        """The archive is whole, and nothing else changed."""
        found = {str(p.relative_to(made)) for p in made.rglob("*") if p.is_file()}
        assert found == {
            "summary.md", "model/adapter.bin", "model/README.md", "night/state.json",
            "night/benchmark/run.json",
        }  # fmt: skip
        assert (made / "model" / "adapter.bin").read_text() == "new"
        assert not self.model.exists()
        assert (self.night / "raw" / "run1" / "dut.sv").is_file()
        assert not list(made.parent.glob("*.part"))
        before = published(self.latest)
        assert before is not None
        assert before.name == "nightly_2026-03-01"


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    return Refused(tmp_path)


def test_model_night_and_reasons_are_put_aside(refused: Refused) -> None:
    made = refused.archive()
    assert made == refused.where
    refused.check(made)
    summary = (made / "summary.md").read_text()
    assert summary.startswith("# The night of 2026-03-02 was not published\n")
    assert all(f"- {reason}\n" in summary for reason in REASONS)
    assert "`nightly_2026-03-02`" in summary


def test_called_again_it_does_nothing(refused: Refused) -> None:
    made = refused.archive()
    before = {p: p.stat().st_mtime_ns for p in made.rglob("*")}
    assert refused.archive() == made
    assert {p: p.stat().st_mtime_ns for p in made.rglob("*")} == before
    assert list(made.parent.iterdir()) == [made]


@pytest.mark.parametrize("step", range(STEPS))
def test_killed_before_any_step_it_goes_on_to_the_same(refused: Refused, step: int) -> None:
    paths = map(str, (refused.night, refused.model, refused.where))
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(step), *paths, *REASONS], check=False, timeout=120
    )
    assert ran.returncode == -signal.SIGKILL
    assert not refused.where.exists()
    refused.check(refused.archive())


def test_a_night_that_is_done_anew_gets_an_archive_of_its_own(refused: Refused) -> None:
    first = refused.archive()
    refused.make_model("newer")
    second = refused.archive()
    assert second.name == "2026-03-02.2"
    assert refused.archive() in (first, second)
    third = refused.archive(["another reason"])
    assert third.name == "2026-03-02.3"
    assert refused.archive(["another reason"]) == third
    refused.check(first)
    assert (second / "model" / "adapter.bin").read_text() == "newer"


def test_without_a_model_the_night_alone_is_put_aside(refused: Refused) -> None:
    made = archive(refused.night, None, refused.where, [])
    assert not (made / "model").exists()
    assert refused.model.is_dir()
    summary = (made / "summary.md").read_text()
    assert "No reason was given" in summary
    assert "model/" not in summary


def test_the_published_model_is_never_taken(refused: Refused) -> None:
    refused.latest.unlink()
    publish(refused.model, refused.latest)
    with pytest.raises(UserError, match="is published"):
        refused.archive()
    assert refused.model.is_dir()
    assert not refused.where.parent.exists()


def test_words_of_others_stay_on_their_line(refused: Refused) -> None:
    made = refused.archive(["x\n\n# passed\x1b[2J"])
    assert "- x # passed?[2J\n" in (made / "summary.md").read_text()


@pytest.mark.parametrize("half_removed", [False, True])
def test_to_another_file_system_it_is_copied_first(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, half_removed: bool
) -> None:
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if self == refused.model:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    if half_removed:  # killed while the model was being removed behind its copy
        copy = refused.where.with_name("2026-03-02.part") / "model"
        copy.mkdir(parents=True)
        for file in refused.model.iterdir():
            (copy / file.name).write_text(file.read_text())
        (refused.model / "README.md").unlink()
    refused.check(refused.archive())


def test_a_full_disk_is_one_message_and_it_goes_on_when_there_is_room(refused: Refused) -> None:
    (refused.night / "delta.jsonl").write_bytes(b"x" * 200_000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(
            UserError, match=r"\(\[Errno 27\] File too large[^\[]*\); see to it"
        ) as e:
            refused.archive()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert "\n" not in str(e.value)
    assert refused.model.is_dir()
    assert not refused.where.exists()
    (refused.night / "delta.jsonl").unlink()
    refused.check(refused.archive())


def test_a_place_that_cannot_be_written_is_one_message(refused: Refused) -> None:
    refused.where.parent.write_text("no folder")
    with pytest.raises(UserError, match="nothing was published") as e:
        refused.archive()
    assert "\n" not in str(e.value)
    assert refused.model.is_dir()
