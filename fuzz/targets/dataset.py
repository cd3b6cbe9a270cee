"""The reader of training data never raises but for a file that is none of its kind; what it reads
is a Record or a named problem, in order; and a Record that is written is read back as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec

from fuzz.choices import Choices
from fuzz.containers import broken, packed, unpacked
from fuzz.examples import lines
from fuzz.tables import table
from fuzz.target import Target
from rtlbench.dataset.files import writing
from rtlbench.dataset.reading import read_records
from rtlbench.errors import UserError
from rtlbench.intake.files import input_of
from rtlbench.io.untrusted import MAX_MESSAGE
from rtlbench.records.example import RAW_KEPT, Broken, Placed, Record

NAMES = ("d.jsonl", "d.jsonl.gz", "d.jsonl.zst", "d.parquet", "D.JSONL.ZSTD", "odd", "d.pq")
COPIES = ("copy.jsonl", "copy.jsonl.gz", "copy.jsonl.zst", "copy.parquet")


class DataCase(msgspec.Struct, frozen=True):
    """A file of training data, and the form in which its records are written again."""

    name: str
    data: bytes
    whole: bool
    """Whether the container is as a packer made it, so that what it holds is known."""
    copy: str


def make(c: Choices) -> DataCase:
    """Examples of all shapes among rubbish, packed, one in three files damaged."""
    name, copy = c.pick(NAMES), c.pick(COPIES)
    source = input_of(name)
    data = table(c) if source.is_parquet else packed(c, lines(c), source.compression)
    is_damaged = c.integer(0, 2) == 2
    return DataCase(name, broken(c, data) if is_damaged else data, not is_damaged, copy)


def check(case: DataCase) -> bool:
    """True where the file holds a record."""
    with tempfile.TemporaryDirectory(prefix="rtlbench-fuzz-") as folder:
        path = Path(folder) / case.name
        path.write_bytes(case.data)
        try:
            found = list(read_records(str(path)))
        except UserError as e:
            assert str(e).startswith(str(path)), f"the file is not named: {e}"
            return False
        _check_found(found, case)
        records = [f.record for f in found if isinstance(f, Placed)]
        _check_copy(records, Path(folder) / case.copy)
        return bool(records)


def _check_found(found: list[Placed | Broken], case: DataCase) -> None:
    """All that was read stands at its place, once, in order."""
    assert [f.index for f in found] == list(range(len(found)))
    places = [int(f.where.removeprefix(f"{case.name}:")) for f in found]
    assert places == sorted(set(places)), "a place is named twice, or out of order"
    for one in found:
        assert msgspec.json.decode(msgspec.json.encode(one), type=type(one)) == one
        if isinstance(one, Broken):
            assert one.reason.isprintable(), f"not to be printed: {one.reason!r}"
            assert 0 < len(one.reason) <= MAX_MESSAGE
            assert len(one.raw) <= RAW_KEPT
    source = input_of(case.name)
    if source.is_parquet:
        assert places == list(range(1, len(found) + 1))
    elif case.whole or source.compression is None:
        plain = unpacked(case.data, source.compression)
        assert places == _filled(plain), "a line is neither used nor named"


def _filled(plain: bytes) -> list[int]:
    """Numbers of the lines that are not blank."""
    rows = plain.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [number for number, row in enumerate(rows, 1) if row.strip()]


def _check_copy(records: list[Record], path: Path) -> None:
    with writing(path) as out:
        for record in records:
            out.write(record)
    again = list(read_records(str(path)))
    bad = [f.reason for f in again if isinstance(f, Broken)]
    assert not bad, f"what was written cannot be read: {bad[0]}"
    assert [f.record for f in again if isinstance(f, Placed)] == records, "written, it is another"


TARGET = Target(case=DataCase, make=make, check=check, share=10)
