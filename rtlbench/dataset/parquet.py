"""Parquet as training data, a row a record; pyarrow is an extra."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

import msgspec

from rtlbench.dataset.opening import Input, cannot_open
from rtlbench.dataset.shapes import reason_of, to_record
from rtlbench.errors import UserError
from rtlbench.io.untrusted import one_line
from rtlbench.records.example import RAW_KEPT, Broken, Placed

BATCH_ROWS = 32
"""Of Parquet: few, since a long text that rows share stands in the file once."""
_NO_ROW = (ValueError, OverflowError, TypeError, LookupError, RecursionError, msgspec.MsgspecError)
"""What pyarrow raises of text that is none, dates out of range and the like, and what we do."""


def rows(source: Input, file: IO[bytes]) -> Iterator[Placed | Broken]:
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


def _parquet_file(source: Input, file: IO[bytes]) -> Any:
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


def parquet_library() -> Any:
    """pyarrow, with its Parquet part.

    Raises:
        UserError: It is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as e:
        raise UserError("Parquet needs pyarrow: pip install 'rtlbench[data]'") from e
    return pyarrow


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
