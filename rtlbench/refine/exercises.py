"""Exercises: work on code that is there, made from members of our families and their mutants.

- `complete`: a part of the golden is left out.
- `modify`: the golden of another member, whose requirement has changed into this one's.
- `mend`: a wrong answer and what the Verifier has found.
- `find`: a wrong answer, and no word of what is wrong with it.

Guarantee: the code that is given is judged wrong for what is asked, and the golden right, with the
words of the exercise as its instruction; what is not so is dropped. Where a set is for training, no
exercise is of a point that the benchmark can show, and none asks of the benchmark's for training's.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, cycle, islice
from pathlib import Path
from typing import get_args

import msgspec
from pyslang.syntax import SyntaxKind

from rtlbench.dataset.corpus import training_members
from rtlbench.dataset.golden_edits import suspects
from rtlbench.errors import HarnessError, UserError
from rtlbench.io.progress import waiting
from rtlbench.judging.judge import Judge
from rtlbench.mutation.design import Design, span
from rtlbench.mutation.fresh import REDRAWN, part_of
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Record
from rtlbench.records.spec import ParamValue, Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.refine.feedback import HEAD, feedback
from rtlbench.rewards.functions import right
from rtlbench.rtl.preprocessing import prepare
from rtlbench.suites.exercises import (
    Exercise,
    ExerciseKind,
    fitting,
    folder_of,
    member_of,
    spec_of,
)
from rtlbench.suites.families import Family, Member, read_family

KINDS: tuple[ExerciseKind, ...] = get_args(ExerciseKind)
SOURCE = "rtlbench-exercises"
CHUNK = 16
"""Exercises that are judged together."""
BARREN = 400
"""Members in a row that give none before it is said that there are none."""
DRAWS = 8
FOUND = "What was found:"
_ASKED: dict[ExerciseKind, str] = {
    "complete": "A part of this module is left out where it says TODO. Write what is missing, and "
    "give the whole module.",
    "modify": "This module does what was asked before, and the requirement has changed to the one "
    "above. Change it, and give the whole module.",
    "mend": "This module is wrong. Mend it, and give the whole module.",
    "find": "This module has a bug. Find and mend it, and give the whole module.",
}
_BLOCKS = (
    SyntaxKind.AlwaysBlock, SyntaxKind.AlwaysFFBlock, SyntaxKind.AlwaysCombBlock,
    SyntaxKind.ContinuousAssign,
)  # fmt: skip


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An exercise that is not judged yet: the task, and the code that is given."""

    kind: ExerciseKind
    spec: Spec
    given: str


def make_exercises(
    specs: Iterable[Spec], kinds: Sequence[ExerciseKind], wanted: int, seed: int, judge: Judge
) -> Iterator[Exercise]:
    """Up to `wanted` exercises on `specs`, kinds in turn; the same for the same seed.

    Raises:
        UserError: A task is of no family, or many in a row give no exercise.
    """
    drafts = _drafts(specs, kinds, seed)
    made = 0
    with waiting("making exercises", "exercises", wanted) as phase:
        while made < wanted:
            chunk = list(islice(drafts, CHUNK))
            if not chunk:
                return
            for exercise in islice(_judged(chunk, f"{seed}_{made}", judge), wanted - made):
                made += 1
                phase.advance()
                yield exercise


def training_specs(folders: Sequence[Path], seed: int) -> Iterator[Spec]:
    """Tasks of the families' training part without end, families in turn."""
    streams = [training_members(folder, seed) for folder in folders]
    for number in count():
        folder, members = folders[number % len(folders)], streams[number % len(folders)]
        found = fitting(folder, next(members))
        if found is not None:
            yield found[1]


def _drafts(
    specs: Iterable[Spec], kinds: Sequence[ExerciseKind], seed: int
) -> Iterator[Draft]:
    barren = 0
    for number, (spec, kind) in enumerate(zip(specs, cycle(kinds), strict=False)):
        if spec.reference is None:
            raise UserError(f"{spec.id}: exercises are made from rtlbench's own families alone")
        draft = _draft(spec, kind, random.Random(f"{seed}/{number}/{spec.id}"))
        barren = 0 if draft is not None else barren + 1
        if barren > BARREN:
            raise UserError(f"{BARREN} members in a row gave no exercise of {', '.join(kinds)}")
        if draft is not None:
            yield draft


def _draft(spec: Spec, kind: ExerciseKind, rng: random.Random) -> Draft | None:
    text = prepare(spec.golden).text
    try:
        if kind == "complete":
            given = _left_out(spec, text, rng)
        elif kind == "modify":
            given = _before(spec, rng)
        else:
            given = rng.choice(suspects(spec, text, DRAWS, rng.randrange(1 << 30))).text
    except (HarnessError, IndexError):
        return None
    return Draft(kind=kind, spec=spec, given=given) if given else None


def _left_out(spec: Spec, text: str, rng: random.Random) -> str:
    """The golden without one of its blocks; without all of its body where it has but one."""
    design = Design(spec, text)
    spans = [span(node) for node in design.of(*_BLOCKS)]
    if len(spans) > 1:
        start, end = rng.choice(spans)
        return f"{text[:start]}// TODO{text[end:]}"
    return f"{text[: design.body[0]]}\n    // TODO\nendmodule\n"


def _before(spec: Spec, rng: random.Random) -> str:
    """The golden of a member that differs in one thing, under the names of this one."""
    folder = folder_of(spec.family)
    family = read_family(folder)
    part = part_of(spec.family, _params(family, spec))
    for _ in range(DRAWS):
        params = _changed(family, _params(family, spec), rng)
        if params is None:
            return ""
        if part_of(spec.family, params) != part:
            continue
        found = fitting(folder, _member(spec, params))
        if found is not None and found[1].golden != spec.golden:
            return found[1].golden
    return ""


def _changed(
    family: Family, params: dict[str, ParamValue], rng: random.Random
) -> dict[str, ParamValue] | None:
    """The point with one parameter changed."""
    choices: list[tuple[str, ParamValue]] = []
    for name, allowed in family.space.items():
        value = params.get(name)
        if name in REDRAWN:
            choices += [(name, other) for other in allowed if other != value]
        elif isinstance(allowed, dict) and isinstance(value, int) and not isinstance(value, bool):
            low, high = max(allowed["min"], value // 2), min(allowed["max"], 2 * value + 2)
            choices += [(name, other) for other in range(low, high + 1) if other != value]
    if not choices:
        return None
    names = sorted({name for name, _ in choices})
    chosen = rng.choice(names)
    return params | {chosen: rng.choice([v for name, v in choices if name == chosen])}


def _params(family: Family, spec: Spec) -> dict[str, ParamValue]:
    return {n: v for n, v in spec.params.items() if n in family.space}


def _member(spec: Spec, params: dict[str, ParamValue]) -> Member:
    names = {p.id: p.name for p in spec.ports}
    return Member(id="exercise", difficulty=spec.difficulty, phrasing="", params=params,
                  names=names, top=spec.top)  # fmt: skip


def _judged(drafts: Sequence[Draft], mark: str, judge: Judge) -> Iterator[Exercise]:
    """Those of which it is shown that the given code is wrong and the golden right."""
    specs = [d.spec for d in drafts]
    given = judge.judge_each(specs, [Candidate(text=d.given) for d in drafts])
    wrong = [
        _exercise(d, v, f"{d.kind}_{mark}_{k}")
        for k, (d, v) in enumerate(zip(drafts, given, strict=True))
        if v.outcome in (Outcome.FAIL, Outcome.TIMEOUT) and not right(v)
    ]
    specs = [spec_of(e) for e in wrong]
    goldens = judge.judge_each(specs, [Candidate(text=s.golden) for s in specs])
    for exercise, verdict in zip(wrong, goldens, strict=True):
        if right(verdict):
            yield exercise


def _exercise(draft: Draft, verdict: Verdict, name: str) -> Exercise:
    spec = draft.spec
    member = _member(spec, _params(read_family(folder_of(spec.family)), spec))
    return Exercise(
        id=name, kind=draft.kind, prompt=prompt_of(draft, verdict), given=draft.given,
        family=spec.family, params=member.params, names=member.names, top=member.top,
        difficulty=spec.difficulty,
    )  # fmt: skip


def prompt_of(draft: Draft, verdict: Verdict) -> str:
    """What is asked: the requirement, the code, what is to be done, and the Findings of `mend`."""
    parts = [
        draft.spec.prompt.rstrip(), _ASKED[draft.kind],
        f"```systemverilog\n{draft.given.strip()}\n```",
    ]  # fmt: skip
    if draft.kind == "mend":
        parts.append(feedback(verdict, draft.given).replace(HEAD, FOUND, 1).rstrip())
    return "\n\n".join(parts) + "\n"


def record_of(exercise: Exercise) -> Record:
    """The exercise as a training example, whose answer is the golden."""
    member, spec = member_of(exercise)
    told = {k: v for k, v in msgspec.structs.asdict(member).items() if k != "id"}
    return Record(
        instruction=exercise.prompt,
        output=spec.golden,
        metadata={
            "source": SOURCE, "category": spec.category, "exercise": exercise.kind,
            "member": {"family": exercise.family, **told},
        },
    )  # fmt: skip
