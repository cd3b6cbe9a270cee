"""A raw set of training data for measurements: right, wrong, cut-off and unknown, each a text of
its own."""

from __future__ import annotations

from pathlib import Path

from rtlbench.dataset.files import writing
from rtlbench.records.example import Record
from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite

KINDS = 5
"""Of five records on end: two right, a constant one, one cut off, one that answers no spec."""


def write_raw_set(path: Path, records: int, specs: int | None = None) -> None:
    """Write `records` records that answer `specs` specs of all kinds (default: all) in turn."""
    suite = load_suite()
    known = suite[:: max(1, len(suite) // specs)] if specs else suite
    with writing(path) as out:
        for number in range(records):
            out.write(_record(known[number // KINDS % len(known)], number))


def _record(spec: Spec, number: int) -> Record:
    stub = spec.golden[: spec.golden.index(");") + 2]
    texts = (spec.golden, spec.golden, f"{stub}\nendmodule\n", spec.golden[: len(spec.golden) // 2])
    kind = number % KINDS
    text = texts[kind] if kind < len(texts) else spec.golden
    return Record(
        instruction=spec.prompt if kind < len(texts) else f"Module {number} as discussed",
        output=f"// answer {number}\n{text}",
        metadata={"source": "perf", "category": spec.category},
    )
