"""Training data as it comes: the records in a file of any kind that can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from rtlbench.dataset.layouts import to_record
from rtlbench.intake.rows import Row, read_rows
from rtlbench.records.example import Broken, Placed


def read_records(url: str, columns: Mapping[str, str] | None = None) -> Iterator[Placed | Broken]:
    """Every record of a file, in order; see `read_rows`.

    Args:
        url: A path, or a URL that fsspec understands.
        columns: What to read for `instruction`, `output` and `testbench`, where the names of a
            data set are no layout's.

    Raises:
        UserError: The file cannot be opened, or is of no kind that can be read.
    """
    for row in read_rows(url, partial(to_record, columns=columns or {})):
        if isinstance(row, Row):
            yield Placed(index=row.index, where=row.where, record=row.value)
        else:
            yield row
