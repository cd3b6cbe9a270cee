"""Training examples as tables for Parquet: columns of text, and of every other type."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from fuzz.choices import Choices
from fuzz.examples import KEYS, PAIRS, ROLES, any_word

_OF_NUMBER = (
    pa.timestamp("ns"), pa.timestamp("us"), pa.timestamp("ms", tz="UTC"), pa.duration("us"),
    pa.timestamp("ms", tz="Nowhere/None"), pa.duration("ns"), pa.int64(), pa.time64("ns"),
)  # fmt: skip
_NUMBERS = (0, 1, -1, 2**62, -(2**62), None)
_DAYS = (0, 2**31 - 1, -(2**31))
_FLOATS = (0.5, float("nan"), float("inf"), -0.0)
_TURN = pa.struct([("role", pa.string()), ("content", pa.string())])
_NAMED = tuple(r for r in ROLES if isinstance(r, str))


def table(c: Choices) -> bytes:
    """A Parquet file: text where it should be, or columns of other types."""
    rows = c.integer(0, 5)
    asked, answered = c.pick(PAIRS)
    columns = [(asked, _texts(c, rows)), (answered, _texts(c, rows))]
    for _ in range(c.integer(0, 3)):
        columns.append((c.pick((*KEYS, asked)), c.pick(_COLUMNS)(c, rows)))
    built = pa.Table.from_arrays([a for _, a in columns], names=[n for n, _ in columns])
    out = io.BytesIO()
    pyarrow.parquet.write_table(
        built, out, compression=c.pick(("none", "snappy", "zstd", "gzip")),
        row_group_size=c.pick((1, 100)), store_schema=c.one_in(2), use_dictionary=c.one_in(2),
        data_page_version=c.pick(("1.0", "2.0")),
    )  # fmt: skip
    return out.getvalue()


def _texts(c: Choices, rows: int) -> Any:
    kind = c.integer(0, 5)
    if kind == 4:
        return c.pick(_COLUMNS)(c, rows)
    if kind == 5:  # not UTF-8, although the file says so
        return _bytes(c, rows).view(pa.string())
    return pa.array([None if c.one_in(9) else any_word(c) for _ in range(rows)], pa.string())


def _bytes(c: Choices, rows: int) -> Any:
    return pa.array([c.raw(9) for _ in range(rows)], pa.binary())


def _times(c: Choices, rows: int) -> Any:
    numbers = pa.array([c.pick(_NUMBERS) for _ in range(rows)], pa.int64())
    return numbers.view(c.pick(_OF_NUMBER))


def _dates(c: Choices, rows: int) -> Any:
    return pa.array([c.pick(_DAYS) for _ in range(rows)], pa.date32())


def _floats(c: Choices, rows: int) -> Any:
    kind = c.pick((pa.float64(), pa.float32(), pa.float16()))
    return pa.array([c.pick(_FLOATS) for _ in range(rows)], kind)


def _chats(c: Choices, rows: int) -> Any:
    turns = [[{"role": c.pick(_NAMED), "content": any_word(c)}] for _ in range(rows)]
    return pa.array(turns, pa.list_(_TURN))


def _maps(c: Choices, rows: int) -> Any:
    pairs = [[(c.pick(("a", "b")), any_word(c))] * c.integer(0, 2) for _ in range(rows)]
    return pa.array(pairs, pa.map_(pa.string(), pa.string()))


def _objects(c: Choices, rows: int) -> Any:
    """Of two fields, which may have one name."""
    fields = [pa.array([k] * rows, pa.int8()) for k in range(2)]
    return pa.StructArray.from_arrays(fields, names=["k", c.pick(("k", "l"))])


def _decimals(c: Choices, rows: int) -> Any:
    values = [c.pick((Decimal("1.5"), None)) for _ in range(rows)]
    return pa.array(values, pa.decimal128(9, 2))


def _nothing(_c: Choices, rows: int) -> Any:
    return pa.nulls(rows)


_COLUMNS: tuple[Callable[[Choices, int], Any], ...] = (
    _bytes, _times, _dates, _floats, _chats, _maps, _objects, _decimals, _nothing,
)  # fmt: skip
