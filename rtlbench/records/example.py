"""The Record: one training example, as it was read and as it is written."""

from __future__ import annotations

from typing import Any

import msgspec

RAW_KEPT = 1024
"""Bytes kept of input that is no Record."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An instruction and the answer to it.

    `metadata` holds `source`, and `category`, `spec_id` and whatever else its maker knows; the
    filter adds its own under `metadata.rtlbench` and touches nothing else there.
    """

    instruction: str
    output: str
    testbench: str | None = None
    metadata: dict[str, Any] = {}


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A Record and where it was read."""

    index: int
    """Position in the input, from 0, broken ones counted."""
    where: str
    """`file:line` (JSONL) or `file:row` (Parquet), for messages."""
    record: Record


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """Input that is no Record: where it stands, why it cannot be used, and what it was."""

    index: int
    where: str
    reason: str
    raw: str = ""
    """The first kilobyte of it."""
