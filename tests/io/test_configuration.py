"""TOML files that people write: each mistake is one message with the file and the remedy; and what
a refusal to go on says of two configurations."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.io.configuration import changes, in_words, read_toml_as


class Table(msgspec.Struct, forbid_unknown_fields=True):
    count: int


def test_what_is_right_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("count = 3")
    assert read_toml_as(path, "table", Table) == Table(3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"cannot read the table \(No such file"),
        (b"count = ", "the table is not TOML"),
        (b"count = 3 # \xff", "the table is not TOML"),
        (b"count = 'three'", "Expected `int`"),
        (b"counts = 3", "unknown field `counts`"),
    ],
)
def test_a_mistake_names_file_and_remedy(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "a.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=rf"a\.toml: .*{message}.*; see docs$"):
        read_toml_as(path, "table", Table, "see docs")


BEFORE = {"a": {"b": 1, "c": 2}}
NOW = {"a": {"b": 1, "c": 3}, "d": 4}


def test_differences_name_the_place() -> None:
    assert changes(BEFORE, NOW) == {"a.c": ("2", "3"), "d": ("none", "4")}
    assert in_words(BEFORE, NOW) == "a.c: 2 before, 3 now; d: none before, 4 now"


def test_alike_is_no_difference() -> None:
    assert in_words(NOW, NOW) == ""


def test_long_values_are_cut_where_they_are_shown_not_where_they_are_compared() -> None:
    before, now = {"path": "x" * 40 + "1"}, {"path": "x" * 40 + "2"}
    assert in_words(before, now, longest=9) == "path: xxxxxx... before, xxxxxx... now"
