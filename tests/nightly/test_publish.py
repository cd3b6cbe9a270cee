"""The link to the published model: switched whole, or as it was."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.nightly.publish import publish, published

KILLED = """
import os, signal, sys
from pathlib import Path
from rtlbench.nightly.publish import publish

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(Path, sys.argv[1], die)
publish(Path(sys.argv[2]), Path(sys.argv[3]))
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with two models that could be published."""
    make_models(tmp_path)
    return tmp_path


def make_models(folder: Path) -> None:
    for name in ("nightly_2026-03-01", "nightly_2026-03-02"):
        (folder / name).mkdir()
        (folder / name / "adapter_model.safetensors").write_text(name)


def weights(latest: Path) -> str:
    return (latest / "adapter_model.safetensors").read_text()


def test_the_link_leads_to_what_was_published_last(models: Path) -> None:
    latest = models / "latest_nightly"
    assert published(latest) is None
    for name in ("nightly_2026-03-01", "nightly_2026-03-02", "nightly_2026-03-02"):
        publish(models / name, latest)
        assert published(latest) == models / name
        assert weights(latest) == name
    assert latest.readlink() == Path("nightly_2026-03-02")
    assert len(list(models.iterdir())) == 3


def test_the_folder_of_models_can_be_moved(models: Path, tmp_path: Path) -> None:
    publish(models / "nightly_2026-03-01", models / "latest_nightly")
    moved = tmp_path.with_name(f"{tmp_path.name}_moved")
    models.rename(moved)
    assert weights(moved / "latest_nightly") == "nightly_2026-03-01"


@pytest.mark.parametrize("before", [None, "nightly_2026-03-01"])
@pytest.mark.parametrize("step", ["symlink_to", "replace"])
def test_killed_between_two_steps_the_link_is_as_it_was(
    models: Path, step: str, before: str | None
) -> None:
    latest, new = models / "latest_nightly", models / "nightly_2026-03-02"
    if before is not None:
        publish(models / before, latest)
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, step, str(new), str(latest)], check=False, timeout=120
    )
    assert ran.returncode == -signal.SIGKILL
    assert published(latest) == (models / before if before is not None else None)
    assert bool(list(models.glob("*.part"))) == (step == "replace")
    publish(new, latest)
    assert published(latest) == new
    assert not list(models.glob("*.part"))


def test_readers_never_see_a_missing_or_half_model(models: Path) -> None:
    latest = models / "latest_nightly"
    publish(models / "nightly_2026-03-01", latest)
    reader = "import sys, pathlib\nfor _ in range(5000): pathlib.Path(sys.argv[1]).read_text()\n"
    path = latest / "adapter_model.safetensors"
    with subprocess.Popen([sys.executable, "-c", reader, str(path)]) as process:
        switches = 0
        while process.poll() is None:
            publish(models / f"nightly_2026-03-0{1 + switches % 2}", latest)
            switches += 1
    assert process.returncode == 0
    assert switches > 1


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for two models and a link, and nothing else."""
    folder = tmp_path / "disk"
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, b"nr_inodes=6"):
        pytest.skip(f"cannot mount a small file system: {os.strerror(ctypes.get_errno())}")
    try:
        yield folder
    finally:
        libc.umount2(str(folder).encode(), 2)


def test_a_full_disk_is_one_message_and_the_link_is_as_it_was(full_disk: Path) -> None:
    make_models(full_disk)
    latest = full_disk / "latest_nightly"
    publish(full_disk / "nightly_2026-03-01", latest)
    with pytest.raises(UserError, match="No space left on device") as e:
        publish(full_disk / "nightly_2026-03-02", latest)
    assert "\n" not in str(e.value)
    assert weights(latest) == "nightly_2026-03-01"
    assert len(list(full_disk.iterdir())) == 3


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_no_link_is_refused_and_stays(models: Path, kind: str) -> None:
    latest = models / "latest_nightly"
    if kind == "folder":
        latest.mkdir()
    else:
        latest.write_text("mine")
    with pytest.raises(UserError, match=f"is a {kind}, not a link") as e:
        publish(models / "nightly_2026-03-01", latest)
    assert "\n" not in str(e.value)
    with pytest.raises(UserError, match=f"is a {kind}, not a link"):
        published(latest)
    assert latest.exists()
    assert not latest.is_symlink()


@pytest.mark.parametrize("kind", ["missing", "empty", "file", "link"])
def test_a_model_that_is_none_is_refused(models: Path, kind: str) -> None:
    model, latest = models / "bad", models / "latest_nightly"
    publish(models / "nightly_2026-03-01", latest)
    if kind == "empty":
        model.mkdir()
    elif kind == "file":
        model.write_text("")
    elif kind == "link":
        model.symlink_to("nightly_2026-03-02")
    with pytest.raises(UserError, match="nothing was published"):
        publish(model, latest)
    assert weights(latest) == "nightly_2026-03-01"


def test_a_link_to_nothing_is_told(models: Path) -> None:
    latest = models / "latest_nightly"
    latest.symlink_to("nightly_2020-01-01")
    with pytest.raises(UserError, match="leads to nightly_2020-01-01, which is not there"):
        published(latest)
    publish(models / "nightly_2026-03-01", latest)
    assert weights(latest) == "nightly_2026-03-01"


def test_another_ones_part_is_left_alone(models: Path) -> None:
    latest = models / "latest_nightly"
    (models / "latest_nightly.old.part").symlink_to("nightly_2026-03-01")
    (models / "latest_nightly.12.part").write_text("a file")
    publish(models / "nightly_2026-03-01", latest)
    assert len(list(models.glob("*.part"))) == 2
