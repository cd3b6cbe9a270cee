"""What each part of a plan finds, and how many frames wrong answers need.

    python -m perf.frames_needed [--every 1] [--offset 0] [--mutants 25] [--rare 8]

For each K-th task: mutants of its golden, as `rtlbench specs validate` makes them; faults that show
rarely, by hand and by chance (perf/rare_faults.py); and answers that are right until a trigger
(perf/triggers.py), since a hostile answer chooses when to be wrong. Each is simulated with the
task's plan. What the parts before the drawn ones leave is simulated again with less in the plan.

Limit: what no way finds may be a right answer; only differences between ways mean anything.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from perf.rare_faults import broken
from perf.triggers import with_trigger
from rtlbench.mutation.classification import make_mutants
from rtlbench.records.spec import Spec
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.rtl.slang import elaborate
from rtlbench.simulation.frames import Plan, plan_of
from rtlbench.simulation.lanes import Job, Lane, LaneResult, simulate
from rtlbench.simulation.simulators import get_simulator
from rtlbench.simulation.stimulus import RANDOM_FACTOR, parts_of, stimulus_for
from rtlbench.suites.families import load_suite
from tests.checks.rare_faults import FAULTS

KINDS = ("mutants", "by hand", "by chance", "by trigger")
WHOLE = "the whole plan"
FIRST_DRAWN = "random"
"""The part from which ways differ."""


class Way(msgspec.Struct, frozen=True):
    """A plan with less in it."""

    without: str = ""
    times: int = RANDOM_FACTOR


WAYS = {
    WHOLE: Way(),
    "half the random cycles": Way(times=RANDOM_FACTOR // 2),
    "no random cycles": Way("random"),
    "no tour": Way("tour"),
    "nothing by kind": Way("by kind"),
}


class Seen(msgspec.Struct, frozen=True):
    """What was seen of one task."""

    category: str
    begins: Mapping[str, int]
    """The first frame of each part of the whole plan."""
    frames: Mapping[str, int]
    """How many there are, by way."""
    firsts: Sequence[tuple[str, int]]
    """Kind and frame of the first mismatch of each answer that the whole plan refuses."""
    found: Mapping[str, Counter[str]]
    """By way: how many are refused of each kind."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--every", type=int, default=1, help="each K-th task (default: all)")
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--mutants", type=int, default=25, help="for each task")
    parser.add_argument("--rare", type=int, default=8, help="by chance and by trigger, each")
    asked = parser.parse_args()
    specs = load_suite()[asked.offset :: asked.every]
    seen = [see(s, list(wrong_answers(s, asked.mutants, asked.rare))) for s in specs]
    for line in report(seen):
        print(line)


def wrong_answers(spec: Spec, mutants: int, rare: int) -> Iterator[tuple[str, str]]:
    """Kind and text of each."""
    texts = (m.text for m in make_mutants(spec, mutants))
    yield from (("mutants", text) for text in texts if not any(elaborate(text, spec.top).errors))
    for fault in FAULTS:
        if fault.spec_id == spec.id:
            yield "by hand", spec.golden.replace(fault.old, fault.new)
    for k in range(rare):
        by_chance, by_trigger = broken([spec], 1, k), with_trigger(spec, k)
        if by_chance is not None:
            yield "by chance", by_chance.text
        if by_trigger is not None:
            yield "by trigger", by_trigger


def see(spec: Spec, answers: Sequence[tuple[str, str]]) -> Seen:
    """Simulate the answers by each way."""
    plan, begins = made(spec, Way())
    firsts = dict(zip(range(len(answers)), first_mismatches(spec, plan, answers), strict=True))
    late = [k for k, at in firsts.items() if at is None or at >= begins[FIRST_DRAWN]]
    early = Counter(answers[k][0] for k in firsts if k not in late)
    frames, found = {}, {}
    for name, way in WAYS.items():
        other, _ = made(spec, way)
        ends = first_mismatches(spec, other, [answers[k] for k in late])
        frames[name] = len(other.frames)
        late_found = (answers[k][0] for k, at in zip(late, ends, strict=True) if at is not None)
        found[name] = early + Counter(late_found)
    refused = [(answers[k][0], at) for k, at in firsts.items() if at is not None]
    return Seen(spec.category, begins, frames, refused, found)


def made(spec: Spec, way: Way) -> tuple[Plan, dict[str, int]]:
    """The plan, and where each part of it begins."""
    stimulus, begins = stimulus_for(spec), dict[str, int]()
    for name, give in parts_of(stimulus, times=way.times):
        begins.setdefault(name, len(stimulus.frames))
        if name != way.without:
            give()
    return plan_of(spec, stimulus.frames), begins


def first_mismatches(
    spec: Spec, plan: Plan, answers: Sequence[tuple[str, str]]
) -> list[int | None]:
    """The frame of each; None where there is none, or Icarus takes no such text."""
    job = Job(spec, plan, renamed_golden(spec, "golden_"), get_simulator("icarus"))
    lanes = [
        Lane(job, renamed_golden(msgspec.structs.replace(spec, golden=text), f"lane{k}_"))
        for k, (_, text) in enumerate(answers)
    ]
    played = simulate(lanes) if lanes else []
    results = [p for p in played if isinstance(p, LaneResult)]
    if len(results) < len(played):
        raise SystemExit(f"{spec.id}: the harness is at fault: {played}")
    return [r.mismatch.frame if r.mismatch is not None else None for r in results]


def report(seen: Sequence[Seen]) -> Iterator[str]:
    """Lines."""
    total = sum(s.frames[WHOLE] for s in seen)
    yield f"{len(seen)} tasks, {total} frames"
    yield from _needed(seen)
    yield ""
    yield from _by_category(seen)
    yield ""
    yield from _by_part(seen, total)
    yield ""
    yield from _by_way(seen, total)


def _needed(seen: Sequence[Seen]) -> Iterator[str]:
    yield f"{'refused':<24}{'':>8}{'99%':>8}{'99.9%':>8}{'all':>8} frames   behind a task's last"
    for kind in KINDS:
        yield _counted(kind, [(s, [at for of, at in s.firsts if of == kind]) for s in seen])
    yield _counted("all of them", [(s, [at for _, at in s.firsts]) for s in seen])


def _by_category(seen: Sequence[Seen]) -> Iterator[str]:
    yield "mutants, by category"
    for category in sorted({s.category for s in seen}):
        some = [s for s in seen if s.category == category]
        yield _counted(category, [(s, [at for of, at in s.firsts if of == KINDS[0]]) for s in some])


def _counted(name: str, asked: Sequence[tuple[Seen, list[int]]]) -> str:
    """How many, and the frames that shares of them need."""
    all_firsts = sorted(at + 1 for _, firsts in asked for at in firsts)
    if not all_firsts:
        return f"{name:<24}{0:>8}"
    needed = [all_firsts[-(-len(all_firsts) * share // 1000) - 1] for share in (990, 999, 1000)]
    frames = sum(s.frames[WHOLE] for s, _ in asked)
    idle = frames - sum(max(firsts, default=-1) + 1 for _, firsts in asked)
    columns = "".join(f"{n:>8}" for n in (len(all_firsts), *needed))
    return f"{name:<24}{columns}          {idle / frames:.0%} of the frames"


def _by_part(seen: Sequence[Seen], total: int) -> Iterator[str]:
    yield f"{'first found in':<24}{'frames':>10}" + "".join(f"{kind:>12}" for kind in KINDS)
    frames: Counter[str] = Counter()
    firsts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in seen:
        ends = [*list(one.begins.values())[1:], one.frames[WHOLE]]
        for (name, begin), end in zip(one.begins.items(), ends, strict=True):
            frames[name] += end - begin
            firsts[name].update(kind for kind, at in one.firsts if begin <= at < end)
    for name, count in frames.items():
        columns = "".join(f"{firsts[name][kind]:>12}" for kind in KINDS)
        yield f"{name:<24}{count / total:>10.1%}{columns}"


def _by_way(seen: Sequence[Seen], total: int) -> Iterator[str]:
    yield f"{'refused by':<24}{'frames':>10}" + "".join(f"{kind:>12}" for kind in KINDS)
    for name in WAYS:
        found = sum((s.found[name] for s in seen), Counter[str]())
        share = sum(s.frames[name] for s in seen) / total
        yield f"{name:<24}{share:>10.1%}" + "".join(f"{found[kind]:>12}" for kind in KINDS)


if __name__ == "__main__":
    main()
