"""Is an answer right from whatever its registers hold at power-up?

A simulator has X in a register that nothing has set, and `if (x)` quietly takes its `else`; in
hardware the register holds some value, and never X. So an answer that is right, and has state
without a start value that no reset is seen to set, is simulated again as two lanes: that state
started at drawn bits, and at their complement; an X that the text writes down is drawn likewise.
Where a lane is wrong, there is a start from which the hardware is wrong: what was right is the
simulator's X. A right answer has nothing to fear: what its outputs do after reset does not hang
on what an unset register holds.

A declared start value stays as it is: hardware loads it.

The golden is treated likewise, in the same simulation; where it fails so, the question is not
asked of anyone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from rtlbench.bench.lanes import Job, LaneResult
from rtlbench.bench.wrapper import Lane
from rtlbench.checks.base import Work
from rtlbench.errors import HarnessError
from rtlbench.source import prepare
from rtlbench.spec import Spec
from rtlbench.tools.known_literals import unknown_literals, with_bits
from rtlbench.tools.slang import Elaboration, elaborate
from rtlbench.tools.start_state import unknown_state
from rtlbench.tools.start_values import Started, start_at
from rtlbench.tools.syntax_scan import Scan, as_hardware, rename, scan

SHOWN = 3
"""Variables that a message names."""
Play = Callable[[Job, Sequence[Lane]], list[LaneResult]]


class OtherStarts(msgspec.Struct, frozen=True, kw_only=True):
    """What came of starting one answer otherwise."""

    told: str
    """The variables that were started, for people; with their values where a lane went wrong."""
    lane: LaneResult | None
    """The first lane that was not right, or the last; None where the golden fails likewise."""


class _Entry(msgspec.Struct, frozen=True):
    """One lane to play, and whose it is: a place in the works, or -1 for the golden."""

    owner: int
    lane: Lane
    told: str
    alone: bool


def other_starts(
    job: Job, works: Sequence[Work], seed: int, play: Play, most: int
) -> list[OtherStarts | None]:
    """What other starts make of each of `works`, in order; None for one that has none.

    Args:
        works: Answers that are right from the start that they had.
        play: How to simulate lanes.
        most: Lanes in one simulation.
    """
    entries: list[_Entry] = []
    broken: dict[int, OtherStarts] = {}
    for k, work in enumerate(works):
        try:
            entries += _of_work(job.spec, work, k, seed)
        except HarnessError as e:
            broken[k] = OtherStarts(told="", lane=LaneResult(ended="crash", detail=str(e)))
    if entries:
        entries = [*_of_golden(job.spec, seed), *entries]
    played = _played(job, entries, play, most)
    golden_fails = any(e.owner < 0 and not _right(r) for e, r in played)
    found: list[OtherStarts | None] = []
    for k in range(len(works)):
        own = [(e, r) for e, r in played if e.owner == k]
        found.append(_of_lanes(own, golden_fails) if own else broken.get(k))
    return found


def _of_lanes(own: Sequence[tuple[_Entry, LaneResult]], golden_fails: bool) -> OtherStarts:
    entry, result = next(((e, r) for e, r in own if not _right(r)), own[-1])
    return OtherStarts(told=entry.told, lane=None if golden_fails else result)


def _right(result: LaneResult) -> bool:
    return result.ended == "done" and result.mismatch is None


def _played(
    job: Job, entries: Sequence[_Entry], play: Play, most: int
) -> list[tuple[_Entry, LaneResult]]:
    shared = [e for e in entries if not e.alone]
    groups = [shared[k : k + most] for k in range(0, len(shared), most)]
    groups += [[e] for e in entries if e.alone]
    return [
        pair
        for group in groups
        for pair in zip(group, play(job, [e.lane for e in group]), strict=True)
    ]


def _of_work(spec: Spec, work: Work, k: int, seed: int) -> Iterator[_Entry]:
    assert work.scan is not None
    assert work.elaboration is not None
    drawn = f"{seed}/{work.candidate.digest()}"
    yield from _pair(spec, (work.text, work.scan, work.elaboration), drawn, k)


def _of_golden(spec: Spec, seed: int) -> Iterator[_Entry]:
    text = prepare(spec.golden).text
    view = elaborate(text, spec.top)
    found = scan(view.tree)
    yield from _pair(spec, (as_hardware(text, found), found, view), f"{seed}/{spec.id}", -1)


def _pair(
    spec: Spec, read: tuple[str, Scan, Elaboration], drawn: str, owner: int
) -> Iterator[_Entry]:
    """The two lanes of one text; none where nothing in it starts unknown."""
    text, found, view = read
    variables, literals = unknown_state(view, spec), unknown_literals(view.tree)
    if not variables and not literals:
        return
    names_told = [*(v.name for v in variables), *(["an X in the text"] if literals else [])]
    for inverted in (False, True):
        started = start_at(variables, drawn, inverted=inverted)
        known = with_bits(text, literals, drawn, inverted=inverted)
        prefix = f"start{owner + 1}{'n' if inverted else 'p'}_"
        renamed, names = rename(known, found, prefix, started.insertions)
        lane = Lane(renamed, names[spec.top])
        yield _Entry(owner, lane, _told(names_told, started), found.other_members)


def _told(names: Sequence[str], started: Started) -> str:
    """`t (started at 1'h1), store and 2 more`."""
    unique = list(dict.fromkeys(names))
    parts = [
        f"{n} (started at {started.shown[n]})" if n in started.shown else n for n in unique[:SHOWN]
    ]
    more = len(unique) - SHOWN
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")
