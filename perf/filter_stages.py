"""CPU time of each stage of the filter, and the bytes that it moves."""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from perf.raw_set import KINDS, write_raw_set
from rtlbench.checks import CHECKS
from rtlbench.dataset.filter.run import FilterOptions, FilterRun
from rtlbench.dataset.filter.shards import judge_shard
from rtlbench.dataset.reading import read_records
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Placed
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.preprocessing import prepare
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier

TICK = os.sysconf("SC_CLK_TCK")
FEW, MANY = 4, 64
"""Lanes; the line through both gives the cost of a simulation and of a lane."""
SPECS = 6
_LOOKING = [0.0]
"""CPU seconds that measuring took."""


def report_stages(folder: Path, records: int, specs: int | None) -> None:
    """Print everything."""
    raw = folder / "raw.jsonl"
    write_raw_set(raw, records, specs)
    Verifier().verify(None, [Candidate(text="module m; endmodule")])  # imports, the sandbox
    read = cost(lambda: list(read_records(str(raw))))
    placed = [p for p in read_records(str(raw)) if isinstance(p, Placed)]
    extracted = cost(lambda: [prepare(extract(p.record.output, None).rtl) for p in placed])
    run, split = _split(folder, raw)
    with watched() as checks:
        judged = cost(lambda: [judge_shard(run.work.shard(n), run.config) for n in run.shards])
    sizes = {"raw": raw.stat().st_size, "work folder": _size(run.work.path)}
    written = cost(run.finish)
    run.close()
    sizes["cache"] = _size(folder / "cache")
    sizes["kept"] = (folder / "gold.jsonl").stat().st_size
    sizes["refused"] = (folder / "gold.refused.jsonl").stat().st_size
    again, _ = _split(folder, raw)
    hit = cost(lambda: [judge_shard(again.work.shard(n), again.config) for n in again.shards])
    again.close()
    answers = (KINDS - 1) * max(1.0, records / KINDS / (specs or len(load_suite())))
    print(f"{records} records, {answers:.1f} answers a spec; CPU ms a record, and per second")
    rows = {"read": read, "split (match, category, write)": split - read,
            "extract and prepare": extracted, **{f"Check {n}": s for n, s in checks.items()},
            "judge, all of it": judged, "judge, from the cache": hit, "write": written}
    for name, seconds in rows.items():
        _line(name, seconds / records)
    _simulations()
    for name, size in sizes.items():
        print(f"  {name:<38} {size / records:8.0f} bytes a record")


def _split(folder: Path, raw: Path) -> tuple[FilterRun, float]:
    found: list[FilterRun] = []
    options = FilterOptions(
        dataset=str(raw), out=str(folder / "gold.jsonl"), cache=str(folder / "cache"))
    spent = cost(lambda: found.append(FilterRun(options)))
    return found[0], spent


def _line(name: str, seconds: float) -> None:
    rate = 1 / seconds if seconds > 0 else float("inf")
    print(f"  {name:<38} {1000 * seconds:8.2f} ms {rate:8.0f} /s")


def _simulations() -> None:
    """Cost of one more simulation, and of one more lane, over some specs."""
    fixed = lane = 0.0
    for spec in load_suite()[:: len(load_suite()) // SPECS][:SPECS]:
        spent = {}
        for count in (FEW, MANY):
            texts = (f"// {count} {k}\n{spec.golden}" for k in range(count))
            candidates = [Candidate(text=t, spec_id=spec.id) for t in texts]
            verifier = Verifier()
            with watched() as checks:
                verifier.verify(spec, candidates)
            spent[count] = checks["simulation"]
        slope = (spent[MANY] - spent[FEW]) / (MANY - FEW)
        lane += slope / SPECS
        fixed += (spent[FEW] - slope * FEW) / SPECS
    _line("simulation, each (means of 6 specs)", fixed)
    _line("simulation, each lane", lane)


def _size(path: Path) -> int:
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())


def cost(job: Callable[[], object]) -> float:
    """CPU seconds of `job`, here and in every process below."""
    start = family_cpu()
    job()
    return family_cpu() - start


def family_cpu() -> float:
    """CPU seconds so far of this process, of its descendants, and of those that have ended; what
    this function takes itself is left out."""
    start = time.process_time()
    parents: dict[int, int] = {}
    spent: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
            spent[int(entry.name)] = sum(int(f) for f in fields[11:15])
    family, newest = set[int](), {os.getpid()}
    while newest := {p for p, above in parents.items() if above in newest or p in newest} - family:
        family |= newest
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    below = sum(spent.get(p, 0) for p in family - {os.getpid()}) / TICK
    _LOOKING[0] += time.process_time() - start
    return time.process_time() - _LOOKING[0] + ended.ru_utime + ended.ru_stime + below


@contextmanager
def watched() -> Iterator[Counter[str]]:
    """Adds up the CPU seconds of each Check."""
    spent: Counter[str] = Counter()
    runs = {name: check.run for name, check in CHECKS.items()}

    def measured(name: str, job: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any) -> Any:
            start = family_cpu()
            try:
                return job(*given)
            finally:
                spent[name] += family_cpu() - start  # type: ignore[assignment]

        return run

    try:
        for name, check in CHECKS.items():
            check.run = measured(name, runs[name])  # type: ignore[method-assign]
        yield spent
    finally:
        for name, check in CHECKS.items():
            check.run = runs[name]  # type: ignore[method-assign]
