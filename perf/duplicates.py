"""What the sieve finds: planted duplicates, planted copies of benchmark members, false alarms.

    python perf/duplicates.py [--every 1] [--training 5] [--corpus FILE.jsonl ...]

Prints a table; tools run as they do in `rtlbench dedupe`.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rtlbench.dataset.reading import read_records
from rtlbench.dataset.similarity.contamination import BenchmarkMember, Contamination, read_members
from rtlbench.dataset.similarity.duplicates import DuplicateIndex
from rtlbench.dataset.similarity.signatures import Signatures, signatures_of
from rtlbench.mutation.fresh import _draw, _point, _rendered, part_of
from rtlbench.records.example import Placed
from rtlbench.suites.families import family_folders, read_family
from tests.dataset.restructure import reformatted, renamed, restructured

UNSAID = "Write the module."
INDEXED = 20_000


def planted(members: Sequence[BenchmarkMember], kind: str) -> list[str]:
    """A copy of each member's code; "" where it cannot be made another in that way."""
    rng = random.Random(kind)
    codes = []
    for member in members:
        if kind == "renamed":
            codes.append(renamed(member.code, rng))
        elif kind == "reformatted":
            codes.append(reformatted(member.code, rng))
        else:
            text, ways = restructured(renamed(member.code, rng), rng)
            codes.append(text if ways else "")
    return codes


def training_members(per_family: int) -> Iterator[BenchmarkMember]:
    """Points of each family's training part, rendered."""
    rng = random.Random(7)
    for folder in family_folders():
        family = read_family(folder)
        seen = {_point(m.params) for m in family.members}
        made = 0
        for _ in range(60 * per_family):
            member = _draw(family, rng, f"train{made}")
            if part_of(folder.name, member.params) != "training" or _point(member.params) in seen:
                continue
            spec = _rendered(folder, family, member)
            if not isinstance(spec, str):
                seen.add(_point(member.params))
                made += 1
                yield BenchmarkMember(name=spec.id, instruction=spec.prompt, code=spec.golden)
            if made == per_family:
                break


def report_planted(members: Sequence[BenchmarkMember], benchmark: Contamination) -> None:
    """How many copies of each kind are found, as duplicates and as contamination."""
    index = DuplicateIndex()
    for member, one in zip(members, signatures_of([m.code for m in members]), strict=True):
        index.add(member.name, one)
    for kind in ("renamed", "reformatted", "restructured"):
        codes = planted(members, kind)
        made = [k for k, code in enumerate(codes) if code]
        found = signatures_of([codes[k] for k in made])
        report_kind(kind, [members[k].name for k in made], found, index, benchmark)


def report_kind(
    kind: str, names: Sequence[str], found: Sequence[Signatures], index: DuplicateIndex,
    benchmark: Contamination,
) -> None:
    """One row of the table."""
    likes = [index.find(one) for one in found]
    resembles = [benchmark.check_signed(UNSAID, one) for one in found]
    hits = sum(m is not None and m.record_id == n for m, n in zip(likes, names, strict=True))
    kept = sum(r is not None and r.member == n for r, n in zip(resembles, names, strict=True))
    measures = dict(Counter(m.measure for m in likes if m is not None))
    print(f"{kind:<13} planted {len(names):>4}  found as duplicates {hits:>4} {measures}  "
          f"as benchmark members {kept:>4}")
    missed = [n for n, m in zip(names, likes, strict=True) if m is None or m.record_id != n]
    if missed:
        print(f"{'':<13} missed: {', '.join(missed)}")


def report_alarms(title: str, benchmark: Contamination, asked: Sequence[BenchmarkMember]) -> None:
    """Examples that are none of the benchmark's and are taken for its members."""
    started = time.monotonic()
    found = signatures_of([m.code for m in asked])
    spent = time.monotonic() - started
    told = [(m.name, r) for m, one in zip(asked, found, strict=True)
            if (r := benchmark.check_signed(m.instruction, one)) is not None]
    print(f"{title}: {len(told)} of {len(asked)} flagged "
          f"({sum(s.function is None for s in found)} without a circuit, "
          f"{1000 * spent / max(1, len(asked)):.0f} ms each)")
    for name, r in told:
        print(f"    {name}: {r.member} by {r.measure} {r.similarity:.2f}")


def report_memory(*, has_circuit: bool) -> None:
    """Bytes that the index takes for a record."""
    rng = random.Random(0)
    tracemalloc.start()
    index = DuplicateIndex()
    before = tracemalloc.get_traced_memory()[0]
    for k in range(INDEXED):
        text, syntax = (rng.randbytes(256) for _ in range(2))
        function = rng.randbytes(16) if has_circuit else None
        one = Signatures(exact=rng.randbytes(16), function=function, text=text, syntax=syntax)
        index.add(f"data.jsonl:{k}", one)
    taken = (tracemalloc.get_traced_memory()[0] - before) / INDEXED
    tracemalloc.stop()
    kind = "with" if has_circuit else "without"
    print(f"index, records {kind} a circuit: {taken:,.0f} bytes each, "
          f"{2**30 / taken:,.0f} in a GiB")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="every so many-th member is copied")
    parser.add_argument("--training", type=int, default=5, help="members drawn for each family")
    parser.add_argument("--corpus", nargs="*", default=(), help="JSONL without benchmark members")
    options = parser.parse_args()
    report_memory(has_circuit=True)
    report_memory(has_circuit=False)
    members = read_members("rtlbench")
    benchmark = Contamination(members)
    for file in options.corpus:
        records = [p for p in read_records(file) if isinstance(p, Placed)]
        asked = [BenchmarkMember(name=p.where, instruction=p.record.instruction,
                                 code=p.record.output) for p in records]
        report_alarms(f"{file}", benchmark, asked)
    report_planted(members[:: options.every], benchmark)
    report_alarms("training part", benchmark, list(training_members(options.training)))


if __name__ == "__main__":
    main()
