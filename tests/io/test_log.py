"""Append-only logs, cut off at any byte."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.io import log


class Entry(msgspec.Struct):
    text: str


TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=8)


def _decoded(path: Path) -> list[str]:
    return [msgspec.json.decode(line, type=Entry).text for _, line in log.whole_lines(path)]


@given(TEXTS, TEXTS, st.integers(min_value=0))
def test_nothing_is_lost_wherever_a_write_was_torn(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("log")
    path, aside = folder / "log.jsonl", folder / "log.torn"
    log.append(path, map(Entry, before))
    torn = msgspec.json.encode(Entry("torn"))
    part = torn[: cut % (len(torn) + 1)]
    with path.open("ab") as file:
        file.write(part)
    assert _decoded(path) == before
    assert log.set_torn_line_aside(path, aside) == bool(part)
    log.append(path, map(Entry, after))
    assert _decoded(path) == [*before, *after]
    assert (aside.read_bytes() if part else b"\n") == part + b"\n"


def test_reading_goes_on_from_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log.append(path, [Entry("a")])
    seen_to = path.stat().st_size
    log.append(path, [Entry("b"), Entry("c")])
    assert [line for _, line in log.whole_lines(path, seen_to)] == [
        b'{"text":"b"}\n', b'{"text":"c"}\n'
    ]  # fmt: skip


def test_a_line_longer_than_a_block_is_found_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log.append(path, [Entry("first")])
    with path.open("ab") as file:
        file.write(b"x" * 200_000)
    assert log.set_torn_line_aside(path, tmp_path / "aside")
    assert _decoded(path) == ["first"]
    assert (tmp_path / "aside").stat().st_size == 200_001


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"kept")
    (tmp_path / "log.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="is a link"):
        log.set_torn_line_aside(tmp_path / "log.jsonl", tmp_path / "aside")
    assert (tmp_path / "elsewhere").read_bytes() == b"kept"
