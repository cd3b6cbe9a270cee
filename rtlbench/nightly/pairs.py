"""Failed-then-fixed pairs, for preference training: the Verifier has judged both sides. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rtlbench.dataset.filter.judge import PLACE
from rtlbench.nightly.candidates import REJECTED_OF
from rtlbench.records.example import Record

JUDGED_WRONG = ("fail", "timeout")


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A line of pairs.jsonl; the first three columns are those of TRL's `DPOTrainer`."""

    prompt: str
    chosen: str
    rejected: str
    metadata: dict[str, Any]


def pairs_of(right: Mapping[str, Record], failed: Iterable[Record]) -> list[Pair]:
    """Pairs of an answer that failed and the one to the same task, of the same run and sample,
    that mended it.

    Args:
        right: Verified records by their event.
        failed: What the Verifier has refused; only what it found wrong makes a pair.
    """
    pairs: dict[tuple[str, str, str], Pair] = {}
    for record in failed:
        chosen = right.get(str(record.metadata.get(REJECTED_OF)))
        judged = record.metadata[PLACE]
        if chosen is None or judged["outcome"] not in JUDGED_WRONG:
            continue
        about = {k: chosen.metadata[k] for k in ("source", "spec_hash", "run_id", "generated_at")}
        why = {"refused": judged["refused"], "category": judged["category"]}
        pair = Pair(
            prompt=chosen.instruction,
            chosen=chosen.output,
            rejected=record.output,
            metadata={**about, **why},
        )
        pairs.setdefault((pair.prompt, pair.chosen, pair.rejected), pair)
    return list(pairs.values())
