"""TOML files that people write: each mistake is one message with the file and the remedy."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.io.toml_file import read_toml_as


class Table(msgspec.Struct, forbid_unknown_fields=True):
    count: int


def test_what_is_right_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("count = 3")
    assert read_toml_as(path, "table", Table) == Table(3)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, r"cannot read the table \(No such file"),
        (b"count = ", "the table is not TOML"),
        (b"count = 3 # \xff", "the table is not TOML"),
        (b"count = 'three'", "Expected `int`"),
        (b"counts = 3", "unknown field `counts`"),
    ],
)
def test_a_mistake_names_file_and_remedy(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "a.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=rf"a\.toml: .*{told}.*; see docs$"):
        read_toml_as(path, "table", Table, "see docs")
