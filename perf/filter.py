"""What filtering training data costs, stage by stage; and its rate and memory as a whole.

    python -m perf.filter stages [--records 1000] [--specs 277]
    python -m perf.filter together [--records 2] [--specs 40]
    python -m perf.filter rate   [--records 2347] [--workers 2] [--before CHECKOUT]
    python -m perf.filter memory [--records 100000] [--distinct 100000]
    python -m perf.filter engines [--records 2347] [--specs 277]
    python -m perf.filter truth  [--records 20000 | --corpus FILE]
    python -m perf.filter truth  --corpora 20 --size 1000 --seed S --folder FOLDER [--write]

`stages` and `together` (with so many records a spec) count CPU time, of this process and of all
that it starts, so a busy machine does not matter much; the others measure wall time. Every run has
a cache of its own. `truth --corpora` draws each corpus by a seed of its own, S and the next ones;
stopped, it goes on where it was, and with `--write` the figures go into docs/dataset.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from perf.filter_before import report_before
from perf.filter_corpora import Ways, figures_in, report_corpora, write_page
from perf.filter_stages import report_stages
from perf.filter_together import report_together
from perf.filter_truth import report_truth
from perf.page import commit
from perf.raw_set import write_raw_set
from rtlbench.dataset.filter.run import FilterOptions, FilterRun
from rtlbench.dataset.filter.shards import judge_shard

PAGE = os.sysconf("SC_PAGE_SIZE")
RTLBENCH = (sys.executable, "-c", "from rtlbench.cli.main import main; main()")
KINDS = ("stages", "together", "rate", "memory", "engines", "truth")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("what", choices=KINDS)
    parser.add_argument("--records", type=int)
    parser.add_argument("--distinct", type=int, help="texts that differ (default: all)")
    parser.add_argument("--specs", type=int, help="that the records answer (default: all)")
    parser.add_argument("--corpus", type=Path, help="with its truth (default: a new one)")
    parser.add_argument("--before", type=Path, help="an earlier commit's, measured by turns")
    parser.add_argument("--corpora", type=int, help="so many, each by a seed of its own")
    parser.add_argument("--size", type=int, default=1000, help="of each of --corpora")
    parser.add_argument("--seed", type=int, default=11, help="of the (first) corpus")
    parser.add_argument("--folder", type=Path, help="where --corpora keep what they made")
    parser.add_argument("--write", action="store_true", help="figures into docs/dataset.md")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.what == "stages":
            report_stages(folder, args.records or 1000, args.specs)
        elif args.what == "together":
            report_together(args.specs or 40, args.records or 2)
        elif args.what == "rate" and args.before:
            report_before(folder, args.before, args.records or 2347)
        elif args.what == "rate":
            report_rate(folder, args.records or 2347, args.workers)
        elif args.what == "memory":
            report_memory(folder, args.records or 100_000, args.distinct)
        elif args.what == "engines":
            report_engines(folder, args.records or 2347, args.workers, args.specs)
        elif args.corpora:
            many_corpora(args.folder or folder, folder / "cache", args)
        else:
            corpus = args.corpus or folder / "corpus.jsonl"
            if not args.corpus:
                make_corpus(args.workers, args.records or 20_000, corpus, args.seed)
            report_truth(folder, corpus, partial(run_filter_at, folder / "cache", args.workers))


def report_rate(folder: Path, records: int, workers: int) -> None:
    """The whole command, cold and from the cache."""
    raw = folder / "raw.jsonl"
    write_raw_set(raw, records)
    for what in ("cold", "from the cache"):
        seconds = run_filter(raw, folder / "gold.jsonl", folder / "cache", workers)
        print(f"{what:<16} {seconds:8.1f} s {records / seconds:8.0f} records/s", flush=True)


def run_filter(raw: Path, out: Path, cache: Path, workers: int, *more: str) -> float:
    """Wall seconds of `rtlbench filter`, start and end counted."""
    command = [*RTLBENCH, "filter", str(raw), "--out", str(out), "--cache", str(cache),
               "-n", str(workers), "--json"]
    start = time.perf_counter()
    subprocess.run([*command, *more], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def run_filter_at(
    cache: Path, workers: int, raw: Path, out: Path, thresholds: Sequence[float]
) -> float:
    """As `run_filter`, with several thresholds."""
    more = [word for t in thresholds for word in ("--threshold", str(t))]
    return run_filter(raw, out, cache, workers, *more)


def many_corpora(folder: Path, cache: Path, args: argparse.Namespace) -> None:
    """Corpora by several seeds, and their figures where the documentation tells them."""
    seeds = range(args.seed, args.seed + args.corpora)
    draw = partial(make_corpus, args.workers, args.size)
    ways = Ways(draw, partial(run_filter_at, cache, args.workers), commit())
    report_corpora(folder, seeds, ways)
    if args.write:
        write_page(figures_in(folder))


def make_corpus(workers: int, records: int, out: Path, seed: int) -> None:
    """Examples of which 55 % have a defect that their metadata name."""
    start = time.perf_counter()
    subprocess.run(
        [*RTLBENCH, "corpus", "--out", str(out), "--size", str(records), "--defects", "0.55",
         "--per-member", "40", "--seed", str(seed), "-n", str(workers)],
        check=True, stdout=subprocess.DEVNULL)
    print(f"corpus           {time.perf_counter() - start:8.1f} s", flush=True)


def report_memory(folder: Path, records: int, distinct: int | None) -> None:
    """Resident memory of one process that splits, judges and writes everything."""
    raw = folder / "raw.jsonl"
    write_repeated(raw, records, distinct or records)
    start = time.perf_counter()
    marks: list[float] = []

    def mark(done: int) -> None:
        marks.append(resident())
        spent = time.perf_counter() - start
        print(f"{done:>8} records  {marks[-1]:6.0f} MB  {spent:7.0f} s", flush=True)

    options = FilterOptions(
        dataset=str(raw), out=str(folder / "gold.jsonl"), cache=str(folder / "cache"))
    run = FilterRun(options)
    mark(0)
    judge_all(run, records, mark)
    run.finish()
    run.close()
    mark(records)
    print(f"growth from the first tenth to the end: {marks[-1] - marks[1]:+.0f} MB")


def judge_all(run: FilterRun, records: int, mark: Callable[[int], None]) -> None:
    """Judge every shard here, with a mark at each tenth."""
    done = tenths = 0
    for name, count in run.split.shards.items():
        judge_shard(run.work.shard(name), run.config)
        done += count
        if done * 10 // records > tenths:
            tenths = done * 10 // records
            mark(done)


def write_repeated(path: Path, records: int, distinct: int) -> None:
    """`distinct` records, over and over."""
    first = path.with_name("first.jsonl")
    write_raw_set(first, min(distinct, records))
    lines = first.read_bytes().splitlines(keepends=True)
    with path.open("wb") as file:
        for number in range(records):
            file.write(lines[number % len(lines)])


def report_engines(folder: Path, records: int, workers: int, specs: int | None) -> None:
    """A process pool and Ray, in turn, each with an empty cache; whether they write the same."""
    raw = folder / "raw.jsonl"
    write_raw_set(raw, records, specs)
    spent, made = {}, {}
    for engine in ("processes", "ray"):
        out = folder / engine / "gold.jsonl"
        spent[engine] = run_filter(
            raw, out, folder / f"cache-{engine}", workers, "--engine", engine)
        made[engine] = {p.name: p.read_bytes() for p in out.parent.iterdir()}
        rate = records / spent[engine]
        print(f"{engine:<10} {spent[engine]:8.1f} s {rate:8.1f} records/s", flush=True)
    same = "the same" if made["ray"] == made["processes"] else "ANOTHER"
    print(f"Ray at {spent['processes'] / spent['ray']:.2f} of the pool's rate, {same} output")


def resident() -> float:
    """Megabytes of resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6


if __name__ == "__main__":
    main()
