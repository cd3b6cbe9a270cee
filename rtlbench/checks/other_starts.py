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

from rtlbench.checks.base import OtherStarts, Work
from rtlbench.equivalence.start_state import unknown_state
from rtlbench.equivalence.start_values import Started, start_at
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.renaming import unknown_literals, with_bits
from rtlbench.rtl.scan import Scan, as_hardware, rename, scan
from rtlbench.rtl.slang import Elaboration, elaborate
from rtlbench.simulation.lanes import Job, LaneResult
from rtlbench.simulation.wrapper import Lane

SHOWN = 3
"""Variables that a message names."""
Play = Callable[[Job, Sequence[Lane]], list[LaneResult]]


class _Entry(msgspec.Struct, frozen=True):
    """One lane to play, and whose it is: a place in the works, or -1 for the golden."""

    owner: int
    lane: Lane
    told: str


class Question(msgspec.Struct, frozen=True):
    """What is to be simulated of the right answers to one Spec."""

    count: int
    """Answers."""
    entries: list[_Entry]
    broken: dict[int, OtherStarts]
    """Answers of which no lane could be made."""

    @property
    def lanes(self) -> list[Lane]:
        """What to play, the golden's own first."""
        return [e.lane for e in self.entries]

    def answered(self, played: Sequence[LaneResult]) -> list[OtherStarts | None]:
        """What came of each answer, in order, after its `lanes` were played; None for one that has
        no other start."""
        pairs = list(zip(self.entries, played, strict=True))
        golden_fails = any(e.owner < 0 and not _right(r) for e, r in pairs)
        found: list[OtherStarts | None] = []
        for k in range(self.count):
            own = [(e, r) for e, r in pairs if e.owner == k]
            found.append(_of_lanes(own, golden_fails) if own else self.broken.get(k))
        return found


def question(spec: Spec, works: Sequence[Work], seed: int, tag: str = "") -> Question:
    """What to simulate of `works`, which are right from the start that they had.

    Args:
        tag: What tells the names of the modules from those of another Spec.
    """
    entries: list[_Entry] = []
    broken: dict[int, OtherStarts] = {}
    for k, work in enumerate(works):
        try:
            entries += _of_work(spec, work, k, seed, tag)
        except HarnessError as e:
            broken[k] = OtherStarts(told="", lane=LaneResult(ended="crash", detail=str(e)))
    if entries:
        entries = [*_of_golden(spec, seed, tag), *entries]
    return Question(len(works), entries, broken)


def other_starts(
    job: Job, works: Sequence[Work], seed: int, play: Play, most: int
) -> list[OtherStarts | None]:
    """What other starts make of each of `works`, in order; None for one that has none.

    Args:
        works: Answers that are right from the start that they had.
        play: How to simulate lanes.
        most: Lanes in one simulation.
    """
    asked = question(job.spec, works, seed)
    return asked.answered(_played(job, asked.lanes, play, most))


def _of_lanes(own: Sequence[tuple[_Entry, LaneResult]], golden_fails: bool) -> OtherStarts:
    entry, result = next(((e, r) for e, r in own if not _right(r)), own[-1])
    return OtherStarts(told=entry.told, lane=None if golden_fails else result)


def _right(result: LaneResult) -> bool:
    return result.ended == "done" and result.mismatch is None


def _played(job: Job, lanes: Sequence[Lane], play: Play, most: int) -> list[LaneResult]:
    shared = [k for k, lane in enumerate(lanes) if not lane.alone]
    groups = [shared[k : k + most] for k in range(0, len(shared), most)]
    groups += [[k] for k, lane in enumerate(lanes) if lane.alone]
    results: dict[int, LaneResult] = {}
    for group in groups:
        results.update(zip(group, play(job, [lanes[k] for k in group]), strict=True))
    return [results[k] for k in range(len(lanes))]


def _of_work(spec: Spec, work: Work, k: int, seed: int, tag: str) -> Iterator[_Entry]:
    assert work.scan is not None
    assert work.elaboration is not None
    drawn = f"{seed}/{work.candidate.digest()}"
    yield from _pair(spec, (work.text, work.scan, work.elaboration), drawn, k, tag)


def _of_golden(spec: Spec, seed: int, tag: str) -> Iterator[_Entry]:
    text = prepare(spec.golden).text
    view = elaborate(text, spec.top)
    found = scan(view.tree)
    yield from _pair(spec, (as_hardware(text, found), found, view), f"{seed}/{spec.id}", -1, tag)


def _pair(
    spec: Spec, read: tuple[str, Scan, Elaboration], drawn: str, owner: int, tag: str
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
        prefix = f"start{tag}{owner + 1}{'n' if inverted else 'p'}_"
        renamed, names = rename(known, found, prefix, started.insertions)
        lane = Lane(renamed, names[spec.top], bool(found.other_members))
        yield _Entry(owner, lane, _told(names_told, started))


def _told(names: Sequence[str], started: Started) -> str:
    """`t (started at 1'h1), store and 2 more`."""
    unique = list(dict.fromkeys(names))
    parts = [
        f"{n} (started at {started.shown[n]})" if n in started.shown else n for n in unique[:SHOWN]
    ]
    more = len(unique) - SHOWN
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")
