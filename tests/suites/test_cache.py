"""What is kept in the cache folder, and what found there is not believed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rtlbench.io.cache import kept_as

MADE = ["made"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "rtlbench" / "things"


def ask(made: list[str] = MADE) -> list[str]:
    return kept_as(list[str], "d1", lambda: made, "things")


def test_what_was_made_is_kept_for_this_account_alone(folder: Path) -> None:
    assert ask() == MADE
    assert ask(["another"]) == MADE
    (file,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)


def _planted(file: Path) -> None:
    file.write_bytes(b"\x91\xa5other")


def _one_byte(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:-1] + b"x")


def _link(file: Path) -> None:
    aside = file.with_suffix(".aside")
    file.rename(aside)
    file.symlink_to(aside)


def _fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _writable(file: Path) -> None:
    file.chmod(0o666)


def _open_folder(file: Path) -> None:
    file.parent.chmod(0o777)


def _linked_folder(file: Path) -> None:
    file.parent.rename(file.parents[1] / "aside")
    file.parent.symlink_to(file.parents[1] / "aside")


@pytest.mark.parametrize(
    "poison", [_planted, _one_byte, _link, _fifo, _writable, _open_folder, _linked_folder]
)
def test_what_another_may_have_written_is_made_anew(
    folder: Path, poison: Callable[[Path], None]
) -> None:
    ask()
    poison(next(folder.iterdir()))
    assert ask(["another"]) == ["another"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a file away")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_another_account_owns_is_made_anew(folder: Path, what: str) -> None:
    ask()
    os.chown(folder if what == "folder" else next(folder.iterdir()), 65534, 65534)
    assert ask(["another"]) == ["another"]
