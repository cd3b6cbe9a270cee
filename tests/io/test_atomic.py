"""Files that others see whole or not at all."""

from __future__ import annotations

import os
import resource
import signal
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.dataset.files import writing
from rtlbench.errors import UserError
from rtlbench.io.atomic import write_whole


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4))
def test_the_last_that_was_written_is_there_and_nothing_beside_it(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("durable") / "a.json"
    for content in contents:
        write_whole(path, content)
    assert path.read_bytes() == contents[-1]
    assert list(path.parent.iterdir()) == [path]


def test_a_link_under_the_name_of_the_part_is_not_followed(tmp_path: Path) -> None:
    path, canary = tmp_path / "a.json", tmp_path / "canary"
    canary.write_text("alive")
    path.with_name(f"a.json.{os.getpid()}.part").symlink_to(canary)
    write_whole(path, b"new")
    assert (path.read_bytes(), canary.read_text()) == (b"new", "alive")


def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_whole(path, b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write_whole(path, b"new" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_file_is_not_replaced_by_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="no file"):
        write_whole(pipe, b"x")
    with pytest.raises(UserError, match="no file"), writing(pipe):
        pass
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]
