"""Write the diagnostic corpora out of their folders.

    python scripts/make_diagnostic_corpus.py

`data/training/diagnostic/<category>/<kind>/` holds one hand-written example: `instruction.md`,
`rtl.sv` and `tb.v`, a bench that judges it. Those of the categories in `WEAK` make
`diagnostic_corpus.jsonl`; all of them make `diagnostic_corpus_expanded.jsonl`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.records.example import Record

TRAINING = Path(__file__).parents[1] / "data" / "training"
WEAK = ("fsm", "shift_register", "edge_detect")
"""Categories in which models are weakest."""


def main() -> None:
    """Write both files."""
    every = read_folders(TRAINING / "diagnostic")
    core = [r for r in every if r.metadata["category"] in WEAK]
    for name, records in (("diagnostic_corpus", core), ("diagnostic_corpus_expanded", every)):
        (TRAINING / f"{name}.jsonl").write_bytes(jsonl(records))
        print(f"{name}.jsonl: {len(records)} examples")


def read_folders(root: Path) -> list[Record]:
    """One record a folder, in order of category and kind."""
    return [_record(file.parent) for file in sorted(root.glob("*/*/rtl.sv"))]


def _record(folder: Path) -> Record:
    return Record(
        instruction=(folder / "instruction.md").read_text().strip(),
        output=(folder / "rtl.sv").read_text(),
        testbench=(folder / "tb.v").read_text(),
        metadata={
            "source": "diagnostic_corpus",
            "category": folder.parent.name,
            "kind": folder.name,
        },
    )


def jsonl(records: Sequence[Record]) -> bytes:
    """One record a line."""
    return b"".join(msgspec.json.encode(r) + b"\n" for r in records)


if __name__ == "__main__":
    main()
