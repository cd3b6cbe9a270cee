"""What the filter takes beside an earlier commit's: the same records, in parts, both by turns, so
that a busy machine weighs on both alike."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from perf.raw_set import write_raw_set

HERE = Path(__file__).parents[1]
SCRIPT = """
import json, sys, time
from perf.filter_stages import cost
from rtlbench.dataset.filter.run import FilterOptions, FilterRun
from rtlbench.dataset.filter.shards import judge_shard
from rtlbench.records.candidate import Candidate
from rtlbench.verifier import Verifier

def filtered():
    run = FilterRun(FilterOptions(dataset=sys.argv[1], out=sys.argv[2], cache="none"))
    for shard in run.shards:
        judge_shard(run.work.shard(shard), run.config)
    run.finish()
    run.close()

Verifier().verify(None, [Candidate(text="module m; endmodule")])  # imports, the sandbox
start = time.perf_counter()
cpu = cost(filtered)
print(json.dumps({"wall": time.perf_counter() - start, "cpu": cpu}))
"""
"""Runs in either checkout: split, judge and write in one process, all that it starts counted."""
TURNS = 8


class Spent(msgspec.Struct, frozen=True):
    """Seconds."""

    wall: float
    cpu: float
    """Of all processes that were started."""

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall + other.wall, self.cpu + other.cpu)


def report_before(folder: Path, before: Path, records: int) -> None:
    """Print after each part what both have taken so far, and how many times as much it is now.

    Args:
        before: A checkout of the earlier commit.
    """
    raw = folder / "raw.jsonl"
    write_raw_set(raw, records)
    total = {"before": Spent(0.0, 0.0), "now": Spent(0.0, 0.0)}
    codes = {"before": before.resolve(), "now": HERE}
    done = 0
    for number, part in enumerate(_parts(raw.read_bytes().splitlines(keepends=True))):
        done += len(part)
        for name in sorted(codes, reverse=number % 2 == 1):  # neither is always the first
            own = folder / f"{name}-{number}"
            own.mkdir()
            (own / "raw.jsonl").write_bytes(b"".join(part))
            total[name] += _filtered(codes[name], own)
        old, new = total["before"], total["now"]
        print(f"{done:>6} records  before {old.wall:7.1f} s, {old.cpu:7.1f} CPU  "
              f"now {new.wall:7.1f} s, {new.cpu:7.1f} CPU  "
              f"ratio {new.wall / old.wall:.2f} by time, {new.cpu / old.cpu:.2f} by CPU",
              flush=True)


def _parts(lines: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    size = -(-len(lines) // TURNS)
    return (lines[at : at + size] for at in range(0, len(lines), size))


def _filtered(code: Path, folder: Path) -> Spent:
    command = [sys.executable, "-c", SCRIPT, str(folder / "raw.jsonl"), str(folder / "gold.jsonl")]
    told = subprocess.check_output(command, cwd=code, env={**os.environ, "PYTHONPATH": str(code)})
    return msgspec.json.decode(told.splitlines()[-1], type=Spent)
