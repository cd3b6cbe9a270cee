"""Training data as it comes: JSONL or Parquet, plain, gzip or zstd, a path or a URL.

Guarantee: memory does not grow with the input, input that is no Record is given as Broken with
its place and reason, and neither stops the reading; nor does a file that breaks off, whose rest
is one more Broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

import msgspec

from rtlbench.dataset.files import NamedFile, cannot_open, input_of, opened, parquet_library
from rtlbench.dataset.layouts import LayoutError, reason_of, to_record
from rtlbench.errors import UserError
from rtlbench.io.log import bounded_lines
from rtlbench.io.untrusted import from_json, one_line
from rtlbench.records.example import RAW_KEPT, Broken, Placed

MAX_LINE = 16 << 20
"""Bytes; no example is as long."""
_BOM = b"\xef\xbb\xbf"


def read_records(url: str) -> Iterator[Placed | Broken]:
    """Every record of a file, in order.

    Args:
        url: A path, or a URL that fsspec understands.

    Raises:
        UserError: The file cannot be opened, or is of no kind that can be read.
    """
    source = input_of(url)
    with opened(source) as file:
        yield from _rows(source, file) if source.is_parquet else _lines(source, file)


def _lines(source: NamedFile, file: IO[bytes]) -> Iterator[Placed | Broken]:
    index = 0
    for number, raw, problem in _raw_lines(file):
        line = raw.removeprefix(_BOM) if number == 1 else raw
        if number == 1:
            _refuse_json_list(source, line)
        if not problem and not line.strip():
            continue
        yield _from_line(index, f"{source.name}:{number}", line, problem)
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


def _refuse_json_list(source: NamedFile, line: bytes) -> None:
    if line.lstrip()[:1] == b"[":
        raise UserError(
            f"{source.url}: holds one JSON list; give a record a line: jq -c '.[]' FILE > NEW"
        )


def _from_line(index: int, where: str, line: bytes, problem: str) -> Placed | Broken:
    try:
        if problem:
            raise LayoutError(problem)
        return Placed(index=index, where=where, record=to_record(from_json(line)))
    except (LayoutError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raw = line[:RAW_KEPT].decode("utf-8", "replace")
        return Broken(index=index, where=where, reason=reason_of(e), raw=raw)


BATCH_ROWS = 32
"""Of Parquet: few, since a long text that rows share stands in the file once."""
_NO_ROW = (ValueError, OverflowError, TypeError, LookupError, RecursionError, msgspec.MsgspecError)
"""What pyarrow raises of text that is none, dates out of range and the like, and what we do."""


def _rows(source: NamedFile, file: IO[bytes]) -> Iterator[Placed | Broken]:
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
            yield _from_row(index, f"{source.name}:{index + 1}", batch.slice(at, 1))
            index += 1


def _parquet_file(source: NamedFile, file: IO[bytes]) -> Any:
    pyarrow = parquet_library()
    try:
        table = pyarrow.parquet.ParquetFile(file)
        names = table.schema_arrow.names
    except (pyarrow.ArrowException, OSError, ValueError) as e:
        raise cannot_open(source.url, e) from e
    twin = next((n for n, count in Counter(names).items() if count > 1), None)
    if twin is not None:
        raise UserError(f"{source.url}: column {twin[:80]!r} is there twice; leave one of them out")
    return table


def _from_row(index: int, where: str, row: Any) -> Placed | Broken:
    """The record in a table of one row."""
    found: Any = None
    try:
        found = row.to_pylist()[0]
        # Dates and decimals as JSON has them, and what JSON has not as it is printed.
        plain = msgspec.json.decode(msgspec.json.encode(found, enc_hook=str))
        return Placed(index=index, where=where, record=to_record(plain))
    except _NO_ROW as e:
        raw = "" if found is None else repr(found)[:RAW_KEPT]
        return Broken(index=index, where=where, reason=reason_of(e), raw=raw)
