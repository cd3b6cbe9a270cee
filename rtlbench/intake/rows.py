"""Rows of what others wrote: JSONL, a JSON list, Parquet, CSV or TSV, plain, gzip or zstd, a path
or a URL.

Guarantee: memory does not grow with the input, what the reader of values refuses is given as
Broken with its place and reason, and neither stops the reading; nor does a file that breaks off,
whose rest is one more Broken.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import IO, Any, Generic, TypeVar

import msgspec

from rtlbench.errors import UserError
from rtlbench.intake.field_values import LayoutError, reason_of
from rtlbench.intake.files import NamedFile, cannot_open, input_of, opened, parquet_library
from rtlbench.io.log import bounded_lines
from rtlbench.io.untrusted import from_json, one_line
from rtlbench.records.example import RAW_KEPT, Broken

MAX_LINE = 16 << 20
"""Bytes; no example is as long."""
MAX_LIST = 256 << 20
"""Bytes of a JSON list, which is held whole."""
_BOM = b"\xef\xbb\xbf"


T = TypeVar("T")


class Row(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What was made of one row, and where it was read."""

    index: int
    """Position in the input, from 0, broken ones counted."""
    where: str
    """`file:line` (JSONL) or `file:row` (Parquet), for messages."""
    value: T


def read_rows(url: str, read: Callable[[Any], T]) -> Iterator[Row[T] | Broken]:
    """Every row of a file, in order.

    Args:
        url: A path, or a URL that fsspec understands.
        read: Makes something of a decoded row, or raises LayoutError.

    Raises:
        UserError: The file cannot be opened, or is of no kind that can be read.
    """
    source = input_of(url)
    with opened(source) as file:
        if source.is_parquet:
            yield from _rows(source, file, read)
        elif source.delimiter is not None:
            yield from _table(source, file, read)
        else:
            yield from _lines(source, file, read)


def _lines(
    source: NamedFile, file: IO[bytes], read: Callable[[Any], T]
) -> Iterator[Row[T] | Broken]:
    index = 0
    for number, raw, problem in _raw_lines(file):
        line = raw.removeprefix(_BOM) if number == 1 else raw
        if number == 1 and line.lstrip()[:1] == b"[":
            yield from _json_list(source, read)
            return
        if not problem and not line.strip():
            continue
        yield _from_line(index, f"{source.name}:{number}", line, problem, read)
        index += 1


def _raw_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes, str]]:
    """Number, bytes and what is wrong with each line; of one too long, only its beginning."""
    number = 0
    try:
        for number, (_, raw, _) in enumerate(bounded_lines(file, MAX_LINE), 1):
            if len(raw) > MAX_LINE:
                yield number, raw[:RAW_KEPT], f"the line is longer than {MAX_LINE >> 20} MiB"
            else:
                yield number, raw, ""
    except Exception as e:  # noqa: BLE001 - each codec has errors of its own
        yield number + 1, b"", f"the file breaks off here or is damaged ({e})"


def _json_list(source: NamedFile, read: Callable[[Any], T]) -> Iterator[Row[T] | Broken]:
    """Every element of a file that is one JSON list.

    Raises:
        UserError: It is too long to be held, or no JSON.
    """
    with opened(source) as file:
        text = file.read(MAX_LIST + 1)
    advice = "give a record a line: jq -c '.[]' FILE > NEW"
    if len(text) > MAX_LIST:
        raise UserError(f"{source.url}: one JSON list of more than {MAX_LIST >> 20} MiB; {advice}")
    try:
        elements = msgspec.json.decode(text.removeprefix(_BOM), type=list[msgspec.Raw])
    except msgspec.DecodeError as e:
        raise UserError(f"{source.url}: begins as a JSON list and is none ({e}); {advice}") from e
    for index, raw in enumerate(elements):
        yield _from_line(index, f"{source.name}:{index + 1}", bytes(raw), "", read)


def _table(
    source: NamedFile, file: IO[bytes], read: Callable[[Any], T]
) -> Iterator[Row[T] | Broken]:
    """Every row of a CSV or TSV, whose first names the columns.

    Raises:
        UserError: There is no such row, or it names a column twice.
    """
    csv.field_size_limit(MAX_LINE)
    text = io.TextIOWrapper(file, "utf-8-sig", "replace", newline="")
    rows = csv.reader(text, delimiter=source.delimiter or ",")
    names = _column_names(source, rows)
    for index in count():
        try:
            values = next(rows, None)
        except Exception as e:  # noqa: BLE001 - each codec has errors of its own
            spoilt = isinstance(e, csv.Error)
            reason = str(e) if spoilt else f"the file breaks off here or is damaged ({e})"
            where = f"{source.name}:{rows.line_num}"
            yield Broken(index=index, where=where, reason=one_line(reason))
            if not spoilt:
                return
            continue
        if values is None:
            return
        yield _from_cells(index, f"{source.name}:{rows.line_num}", names, values, read)


def _from_cells(
    index: int, where: str, names: Sequence[str], values: Sequence[str], read: Callable[[Any], T]
) -> Row[T] | Broken:
    """A row of a table. A cell that is empty says nothing; so does one that is not there."""
    try:
        if len(values) > len(names):
            raise LayoutError(f"{len(values)} values for {len(names)} columns")
        row = {name: value for name, value in zip(names, values, strict=False) if value}
        return Row(index=index, where=where, value=read(row))
    except LayoutError as e:
        raw = " ".join(values)[:RAW_KEPT]
        return Broken(index=index, where=where, reason=reason_of(e), raw=raw)


def _column_names(source: NamedFile, rows: Iterator[list[str]]) -> list[str]:
    try:
        names = [name.strip() for name in next(rows, [])]
    except Exception as e:
        raise cannot_open(source.url, e) from e
    if not any(names):
        raise UserError(f"{source.url}: the first row must name the columns, it is empty")
    _refuse_twins(source, names)
    return names


def _refuse_twins(source: NamedFile, names: Sequence[str]) -> None:
    twin = next((n for n, times in Counter(names).items() if times > 1), None)
    if twin is not None:
        raise UserError(f"{source.url}: column {twin[:80]!r} is there twice; leave one of them out")


def _from_line(
    index: int, where: str, line: bytes, problem: str, read: Callable[[Any], T]
) -> Row[T] | Broken:
    try:
        if problem:
            raise LayoutError(problem)
        return Row(index=index, where=where, value=read(from_json(line)))
    except (LayoutError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raw = line[:RAW_KEPT].decode("utf-8", "replace")
        return Broken(index=index, where=where, reason=reason_of(e), raw=raw)


BATCH_ROWS = 32
"""Of Parquet: few, since a long text that rows share stands in the file once."""
_NO_ROW = (ValueError, OverflowError, TypeError, LookupError, RecursionError, msgspec.MsgspecError)
"""What pyarrow raises of text that is none, dates out of range and the like, and what we do."""


def _rows(
    source: NamedFile, file: IO[bytes], read: Callable[[Any], T]
) -> Iterator[Row[T] | Broken]:
    """Every row of a file, in order.

    Raises:
        UserError: It is no Parquet file.
    """
    table = _parquet_file(source, file)
    batches = table.iter_batches(batch_size=BATCH_ROWS)
    index = 0
    while True:
        try:
            batch = next(batches, None)
        except Exception as e:  # noqa: BLE001 - each codec has errors of its own
            reason = one_line(f"the file breaks off here or is damaged ({e})")
            yield Broken(index=index, where=f"{source.name}:{index + 1}", reason=reason)
            return
        if batch is None:
            return
        for at in range(batch.num_rows):
            yield _from_row(index, f"{source.name}:{index + 1}", batch.slice(at, 1), read)
            index += 1


def _parquet_file(source: NamedFile, file: IO[bytes]) -> Any:
    pyarrow = parquet_library()
    try:
        table = pyarrow.parquet.ParquetFile(file)
        names = table.schema_arrow.names
    except (pyarrow.ArrowException, OSError, ValueError) as e:
        raise cannot_open(source.url, e) from e
    _refuse_twins(source, names)
    return table


def _from_row(index: int, where: str, row: Any, read: Callable[[Any], T]) -> Row[T] | Broken:
    """The record in a table of one row."""
    found: Any = None
    try:
        found = row.to_pylist()[0]
        # Dates and decimals as JSON has them, and what JSON has not as it is printed.
        plain = msgspec.json.decode(msgspec.json.encode(found, enc_hook=str))
        return Row(index=index, where=where, value=read(plain))
    except _NO_ROW as e:
        raw = "" if found is None else repr(found)[:RAW_KEPT]
        return Broken(index=index, where=where, reason=reason_of(e), raw=raw)
