"""Reading and writing training data: every form, and whatever may be wrong with a file."""

from __future__ import annotations

import gzip
import http.server
import re
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rtlbench.dataset.files import writing
from rtlbench.dataset.reading import read_records
from rtlbench.errors import UserError
from rtlbench.intake.rows import MAX_LINE
from rtlbench.records.example import RAW_KEPT, Broken, Placed, Record

GOOD = b'{"instruction": "a", "output": "b"}'


def read(path: Path, data: bytes) -> list[Placed | Broken]:
    path.write_bytes(data)
    return list(read_records(str(path)))


def kinds(found: list[Placed | Broken]) -> str:
    return "".join("r" if isinstance(f, Placed) else "b" for f in found)


@pytest.mark.parametrize(
    "name", ["d.jsonl", "d.jsonl.gz", "d.jsonl.zst", "d.parquet", "D.JSONL.GZ", "odd"]
)
def test_what_is_written_is_read_back(tmp_path: Path, name: str) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    path = tmp_path / "new" / name
    records = [
        Record(instruction=f"é {k}", output="m\n", metadata={"k": k, "deep": {"x": [1, None]}})
        for k in range(3000)
    ]
    records.append(Record(instruction="", output="", testbench="t"))
    with writing(path) as out:
        for record in records:
            out.write(record)
    assert [p.name for p in path.parent.iterdir()] == [name]
    found = list(read_records(str(path)))
    assert [f.record for f in found if isinstance(f, Placed)] == records
    assert [f.index for f in found] == list(range(len(records)))
    again = tmp_path / name
    with writing(again) as out:
        for record in records:
            out.write(record)
    assert again.read_bytes() == path.read_bytes()


def test_a_file_that_is_not_finished_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text("before\n")
    with pytest.raises(RuntimeError, match="stop"), writing(path) as out:
        out.write(Record(instruction="a", output="b"))
        raise RuntimeError("stop")
    assert path.read_text() == "before\n"
    assert [p.name for p in tmp_path.iterdir()] == ["d.jsonl"]


@pytest.mark.parametrize("name", ["d.jsonl", "d.jsonl.gz", "d.jsonl.zst"])
def test_a_url_is_read(tmp_path: Path, name: str) -> None:
    pytest.importorskip("aiohttp")
    with writing(tmp_path / name) as out:
        for _ in range(3):
            out.write(Record(instruction="a", output="b"))
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = list(read_records(f"http://127.0.0.1:{server.server_port}/{name}"))
        server.shutdown()
    assert kinds(found) == "rrr", found


def test_a_url_that_names_its_file_system_is_read(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(GOOD)
    assert kinds(list(read_records(path.as_uri()))) == "r"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"not json", "JSON is malformed"),
        (b'{"instruction": "a"', "truncated"),
        (b'{"instruction": "a\xff", "output": "b"}', "UTF-8"),
        (b"\0" * 100, "JSON is malformed"),
        (b'{"instruction": "a", "output": "b", "output": "c"}', "'output' is given twice"),
        (b'{"instruction": "\\ud800", "output": "b"}', "surrogate"),
        (b"[" * 100_000, "recursion|malformed|truncated"),
        (b'{"instruction": ' + b"9" * 5000 + b', "output": "b"}', "text|range|number"),
    ],
)
def test_a_broken_line_is_set_aside_with_its_place(
    tmp_path: Path, line: bytes, told: str
) -> None:
    first, second, third = read(tmp_path / "d.jsonl", b"\n".join([GOOD, line, GOOD]))
    assert isinstance(first, Placed)
    assert isinstance(third, Placed)
    assert isinstance(second, Broken)
    assert (second.index, second.where) == (1, "d.jsonl:2")
    assert re.search(told, second.reason, re.I), second.reason
    assert second.raw.encode("utf-8", "replace")[:4] == line.decode("utf-8", "replace").encode()[:4]


def test_a_line_of_very_many_fields_with_a_twin_is_done_with_at_once(tmp_path: Path) -> None:
    fields = b",".join(b'"%d": 1' % k for k in range(500_000))
    (found,) = read(tmp_path / "d.jsonl", b"{" + fields + b', "499999": 1}')
    assert isinstance(found, Broken)
    assert found.reason == "field '499999' is given twice"


def test_a_reason_is_one_printable_line(tmp_path: Path) -> None:
    (found,) = read(tmp_path / "d.jsonl", b'{"a\\u001b[2J\\nb": 1}')
    assert isinstance(found, Broken)
    assert found.reason.isprintable()


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    found = read(tmp_path / "d.jsonl", b"x" * (MAX_LINE + 5) + b"\n" + GOOD)
    assert kinds(found) == "br"
    assert isinstance(found[0], Broken)
    assert "longer than" in found[0].reason
    assert len(found[0].raw) == RAW_KEPT


def test_byte_order_marks_line_ends_and_blank_lines(tmp_path: Path) -> None:
    found = read(tmp_path / "d.jsonl", b"\xef\xbb\xbf" + GOOD + b"\r\n\r\n  \n" + GOOD)
    assert [f.where for f in found] == ["d.jsonl:1", "d.jsonl:4"]
    assert kinds(found) == "rr"
    assert read(tmp_path / "empty.jsonl", b"") == []


@pytest.mark.parametrize("name", ["d.jsonl.gz", "d.jsonl.zst"])
def test_files_that_were_joined_are_read_to_the_end(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with writing(path) as out:
        out.write(Record(instruction="a", output="b"))
    path.write_bytes(path.read_bytes() * 3)
    assert kinds(list(read_records(str(path)))) == "rrr"


@pytest.mark.parametrize("name", ["d.jsonl.gz", "d.jsonl.zst"])
def test_a_file_that_breaks_off_keeps_what_came_before(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with writing(path) as out:
        for k in range(20_000):
            out.write(Record(instruction=f"{k * 7919}", output="b"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    found = list(read_records(str(path)))
    assert len(found) > 1000
    assert kinds(found) == "r" * (len(found) - 1) + "b"


def test_damaged_and_foreign_files(tmp_path: Path) -> None:
    damaged = read(tmp_path / "d.jsonl.gz", b"no gzip at all")
    assert kinds(damaged) == "b"
    with pytest.raises(UserError, match="begins as a JSON list and is none"):
        read(tmp_path / "d.json", b'[{"instruction": "a", "output": "b"}')
    with pytest.raises(UserError, match="cannot read it"):
        list(read_records(str(tmp_path / "missing.jsonl")))
    with pytest.raises(UserError, match="cannot read it"):
        list(read_records("nosuchsystem://somewhere/d.jsonl"))


def test_rows_of_parquet_that_are_no_record(tmp_path: Path) -> None:
    pyarrow: Any = pytest.importorskip("pyarrow")
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    rows = [{"prompt": "a", "completion": "b", "n": 1.5}, {"prompt": None, "completion": "b"}]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "d.parquet")
    found = list(read_records(str(tmp_path / "d.parquet")))
    assert kinds(found) == "rb"
    assert found[1].where == "d.parquet:2"
    with pytest.raises(UserError, match="cannot read it"):
        read(tmp_path / "e.parquet", b"no parquet")


def table_of(path: Path, column: Any, *, name: str = "x") -> list[Placed | Broken]:
    """What is read of a Parquet file with two good records and `column` beside them."""
    pyarrow: Any = pytest.importorskip("pyarrow")
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    texts = [pyarrow.array(["a"] * 2), pyarrow.array(["b"] * 2)]
    table = pyarrow.Table.from_arrays([*texts, column(pyarrow)], ["instruction", "output", name])
    parquet.write_table(table, path)
    return list(read_records(str(path)))


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (lambda pa: pa.array([1, 2**62], pa.timestamp("us")), "rb"),
        (lambda pa: pa.array([2**30, 1], pa.date32()), "br"),
        (lambda pa: pa.array([b"\xff", b"x"]).view(pa.string()), "br"),
        (lambda pa: pa.array([1, 1], pa.timestamp("us", tz="Nowhere/None")), "bb"),
        (lambda pa: pa.StructArray.from_arrays([pa.array([1, 2])] * 2, names=["k", "k"]), "bb"),
        (lambda pa: pa.array([1, 2**62], pa.timestamp("ns")), "rr"),
        (lambda pa: pa.array([1, 2], pa.duration("ns")), "rr"),
    ],
)
def test_a_row_with_a_value_that_cannot_be_had_costs_no_other_row(
    tmp_path: Path, column: Any, expected: str
) -> None:
    found = table_of(tmp_path / "d.parquet", column)
    assert kinds(found) == expected, found
    assert [f.where for f in found] == ["d.parquet:1", "d.parquet:2"]


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="column 'output' is there twice"):
        table_of(tmp_path / "d.parquet", lambda pa: pa.array(["b", "c"]), name="output")


def test_compressed_data_is_not_read_at_once(tmp_path: Path) -> None:
    """A few kilobytes that unpack to a gigabyte: the reader takes what is asked for."""
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(GOOD + b"\n")
        for _ in range(64):
            file.write(b" " * (1 << 20))
    records = read_records(str(path))
    assert isinstance(next(records), Placed)
    assert all(isinstance(r, Broken) for r in records)
