"""Examples of one drawn member: right answers and wrong ones, each known to be what it is.

What a label rests on:

- A member is used if its golden passes every Check and does what the reference model does.
- A right answer is the golden with changes of style that keep behaviour; those that a simulation
  contradicts all the same are dropped.
- A wrong answer contradicts the reference model in a simulation: a counterexample, not an
  opinion. Its stimulus is drawn from another seed than the filter's and has four times as many
  random cycles, so that some of what is labelled wrong is beyond the filter's own stimulus.
  Changed goldens that no simulation tells from right ones are dropped: most are equivalent.
- Answers of `SPOILT` kinds are no module of the asked name, whatever is done with them.

The Checks of an answer play no part in its label.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec
from jinja2 import TemplateError

from rtlbench.bench.lanes import Job, simulate
from rtlbench.bench.plan import build_plan
from rtlbench.bench.simulators import get_simulator
from rtlbench.bench.wrapper import Lane
from rtlbench.candidate import Candidate
from rtlbench.checks.units import renamed_golden, renamed_text
from rtlbench.dataset.corpus_defects import SPOILT, elaborates, spoilt, suspects
from rtlbench.dataset.corpus_style import restyled, with_comments, wrapped
from rtlbench.dataset.record import Record
from rtlbench.errors import HarnessError, UserError
from rtlbench.source import prepare
from rtlbench.spec import Spec
from rtlbench.suites.families import Family, Member, family_specs, read_family
from rtlbench.verdict import Outcome
from rtlbench.verifier import Verifier

SOURCE = "rtlbench-corpus"
TIMES = 4
"""So many times as many random cycles as the filter's stimulus has."""
LABEL_SEED = 7_919
MAX_FRAMES = 40_000
SPARE = 6
"""Changed goldens made beyond those wanted: some turn out to be right."""
SPOILT_SHARE = 0.12
_UNFIT = (UserError, HarnessError, TemplateError, ValueError, ArithmeticError, LookupError)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be made of one member; the same order gives the same examples anywhere."""

    folder: Path
    member: Member
    count: int
    defects: float
    """Share of wrong answers, 0 to 1."""
    seed: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer whose worth is known; `defect` is None where it is right."""

    text: str
    defect: str | None


def examples(order: Order) -> list[Record]:
    """Up to `order.count` examples; none where the member makes no sense.

    Where there are too few answers of one kind, there are fewer of the other too, so that the
    share stays.
    """
    rng = random.Random(order.seed)
    try:
        spec = family_specs(order.folder, _family(order.folder), [order.member])[0]
        frames = len(build_plan(spec).frames)
    except _UNFIT:
        return []
    if TIMES * frames > MAX_FRAMES or not _is_sound(spec):
        return []
    text = prepare(spec.golden).text
    right, wrong = _wanted(order, rng)
    makings = [*_right(spec, text, right, rng), *_suspects(spec, text, wrong, rng)]
    try:
        known = _labelled(spec, makings)
    except HarnessError:  # the golden itself contradicts the model there
        return []
    chosen = _chosen(known, right, wrong, list(_spoilt(spec, text, wrong, rng)))
    rng.shuffle(chosen)
    return [_record(order, spec, a, rng) for a in chosen]


@lru_cache(maxsize=64)
def _family(folder: Path) -> Family:
    return read_family(folder)


@lru_cache(maxsize=1)
def _verifier() -> Verifier:
    return Verifier()


def _wanted(order: Order, rng: random.Random) -> tuple[int, int]:
    """How many right and wrong ones; the share holds over many members."""
    exact = order.count * order.defects
    wrong = int(exact) + (rng.random() < exact - int(exact))
    return order.count - wrong, wrong


def _is_sound(spec: Spec) -> bool:
    """Whether the golden is clean under all Checks that need no simulation."""
    alone = msgspec.structs.replace(spec, reference=None)
    verdict = _verifier().verify(alone, [Candidate(text=spec.golden)])[0]
    return verdict.outcome is Outcome.PASS and verdict.score == 1.0


def _right(spec: Spec, text: str, count: int, rng: random.Random) -> Iterator[Answer]:
    seen: set[str] = set()
    for _ in range(3 * count):
        styled = with_comments(spec, restyled(spec, text, rng), rng)
        if styled not in seen and len(seen) < count and elaborates(spec, styled):
            seen.add(styled)
            yield Answer(text=styled, defect=None)


def _suspects(spec: Spec, text: str, count: int, rng: random.Random) -> Iterator[Answer]:
    if not count:
        return
    for defect in suspects(spec, text, count + SPARE, rng.randrange(1 << 30)):
        styled = with_comments(spec, restyled(spec, defect.text, rng), rng)
        if elaborates(spec, styled):
            yield Answer(text=styled, defect=defect.kind)


def _spoilt(spec: Spec, text: str, count: int, rng: random.Random) -> Iterator[Answer]:
    for _ in range(count):
        kind = rng.choice(SPOILT)
        made = spoilt(spec, restyled(spec, text, rng), kind, rng)
        if rng.random() < SPOILT_SHARE and made is not None and not elaborates(spec, made):
            yield Answer(text=made, defect=kind)


def _labelled(spec: Spec, makings: Sequence[Answer]) -> list[Answer]:
    """Those of which a simulation shows what they are taken for."""
    plan = build_plan(spec, LABEL_SEED, TIMES)
    golden = renamed_golden(spec, "golden_")
    job = Job(spec, plan, Lane(golden.text, golden.top), get_simulator("icarus"))
    units = [renamed_text(m.text, spec.top, f"lane{k}_", spec.id) for k, m in enumerate(makings)]
    played = simulate(job, [Lane(u.text, u.top) for u in units])
    return [
        making
        for making, lane in zip(makings, played, strict=True)
        if lane.ended == "done" and (lane.mismatch is None) == (making.defect is None)
    ]


def _chosen(
    known: Sequence[Answer], right: int, wrong: int, extra: Sequence[Answer]
) -> list[Answer]:
    """As many of both as were wanted, or fewer of both in the same proportion."""
    good = [a for a in known if a.defect is None][:right]
    bad = [*extra, *(a for a in known if a.defect is not None)][:wrong]
    reach = min(len(good) / right if right else 1.0, len(bad) / wrong if wrong else 1.0)
    return [*good[: round(right * reach)], *bad[: round(wrong * reach)]]


def _record(order: Order, spec: Spec, answer: Answer, rng: random.Random) -> Record:
    member = order.member
    return Record(
        instruction=spec.prompt,
        output=wrapped(answer.text, rng),
        metadata={
            "source": SOURCE,
            "category": spec.category,
            "defect": answer.defect,
            "seed": order.seed,
            "member": {
                "family": spec.family,
                "phrasing": member.phrasing,
                "params": member.params,
                "names": member.names,
                "top": member.top,
                "difficulty": member.difficulty,
            },
        },
    )
