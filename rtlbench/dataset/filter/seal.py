"""The seal of a record that the filter wrote: SHA-256 over what is trained, and over what the
filter says of it. Whoever edits a word of either is told before it is used."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from rtlbench.records.example import Record

SEAL = "seal"


def seal_of(record: Record, about: Mapping[str, Any]) -> str:
    """The seal of a record.

    Args:
        about: `metadata.rtlbench`; a seal in it plays no part.
    """
    said = {name: value for name, value in about.items() if name != SEAL}
    parts = (record.instruction, record.output, record.testbench, said)
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


def doubt_of(record: Record, about: Mapping[str, Any], judged: str, given: str | None) -> str:
    """Why a record is not the one that was judged; empty where it is.

    Args:
        judged: SHA-256 of the answer that was judged.
        given: That answer, where the RTL in it is what was kept.
    """
    if SEAL in about:
        is_whole = about[SEAL] == seal_of(record, about)
        return "" if is_whole else "it was changed since the filter wrote it"
    if given is not None:
        return "it is from before the filter sealed what it keeps of an answer"
    digest = hashlib.sha256(record.output.encode("utf-8", "surrogatepass")).hexdigest()
    return "" if digest == judged else "its answer is not the one that was judged"
