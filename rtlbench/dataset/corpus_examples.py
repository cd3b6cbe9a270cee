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
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec
from jinja2 import TemplateError

from rtlbench.dataset.golden_edits import (
    SPOILT,
    elaborates,
    restyled,
    spoilt,
    suspects,
    with_comments,
    wrapped,
)
from rtlbench.errors import GoldenError, HarnessError, UserError
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Record
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.renaming import renamed_golden, renamed_text
from rtlbench.simulation.lanes import Job, simulate_answers
from rtlbench.simulation.simulators import get_simulator
from rtlbench.simulation.stimulus import build_plan
from rtlbench.suites.families import Family, Member, read_family
from rtlbench.suites.rendering import family_specs
from rtlbench.verifier import Verifier

SOURCE = "rtlbench-corpus"
TIMES = 6
"""Random cycles for each one that a family asks for; the filter's stimulus has 2."""
LABEL_SEED = 7_919
MAX_FRAMES = 40_000
SPARE = 6
"""Changed goldens made beyond those wanted: some turn out to be right."""
SPOILT_SHARE = 0.12
_UNFIT = (UserError, HarnessError, TemplateError, ValueError, ArithmeticError, LookupError)


class ExampleOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be made of one member; the same order gives the same examples anywhere."""

    folder: Path
    member: Member
    count: int
    defects: float
    """Share of wrong answers, 0 to 1."""
    seed: str
    plain: bool = False
    """Whether answers keep the golden's style; then the task's phrasing differs instead."""


Restyling = Callable[[Spec, str, random.Random], str]
"""What is done to an answer's text that leaves its behaviour as it is."""


class LabelledAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer whose worth is known; `defect` is None where it is right."""

    text: str
    defect: str | None


def examples(order: ExampleOrder) -> list[Record]:
    """Up to `order.count` examples; none where the member makes no sense.

    Where there are too few answers of one kind, there are fewer of the other too, so that the
    share stays.

    Raises:
        HarnessError: A tool broke, so that nothing is known of the member.
    """
    rng = random.Random(order.seed)
    job = _job(order)
    if job is None or not _is_sound(job.spec):
        return []
    spec, text = job.spec, prepare(job.spec.golden).text
    right, wrong = _wanted(order, rng)
    style = _as_it_is if order.plain else _styled
    makings = [*_right(spec, text, right, rng, style), *_suspects(spec, text, wrong, rng, style)]
    try:
        known = _labelled(job, makings)
    except GoldenError:  # it contradicts the model under this stimulus
        return []
    chosen = _chosen(known, right, wrong, list(_spoilt(spec, text, wrong, rng, style)))
    rng.shuffle(chosen)
    return [_record(order, spec, a, rng) for a in chosen]


def _job(order: ExampleOrder) -> Job | None:
    """What the member's answers are labelled by; None where the member makes no sense.

    Neither a simulator nor Yosys has a part in it, so what breaks here is the member.
    """
    try:
        spec = family_specs(order.folder, _family(order.folder), [order.member])[0]
        golden = renamed_golden(spec, "golden_")
        if TIMES * len(build_plan(spec).frames) > MAX_FRAMES:
            return None
        plan = build_plan(spec, LABEL_SEED, TIMES)
    except _UNFIT:
        return None
    return Job(spec, plan, golden, get_simulator("icarus"))


@lru_cache(maxsize=64)
def _family(folder: Path) -> Family:
    return read_family(folder)


@lru_cache(maxsize=1)
def _verifier() -> Verifier:
    return Verifier()


def _wanted(order: ExampleOrder, rng: random.Random) -> tuple[int, int]:
    """How many right and wrong ones; the share holds over many members."""
    exact = order.count * order.defects
    wrong = int(exact) + (rng.random() < exact - int(exact))
    return order.count - wrong, wrong


def _is_sound(spec: Spec) -> bool:
    """Whether the golden is clean under all Checks that need no simulation."""
    alone = msgspec.structs.replace(spec, reference=None)
    verdict = _verifier().verify(alone, [Candidate(text=spec.golden)])[0]
    if verdict.outcome is Outcome.ERROR:
        broken = next(r for r in verdict.checks.values() if r.outcome is Outcome.ERROR)
        told = broken.detail.get("reason", "no reason given")
        raise HarnessError(f"{spec.family}: {broken.name} of a member's golden: {told}")
    return verdict.outcome is Outcome.PASS and verdict.score == 1.0


def _styled(spec: Spec, text: str, rng: random.Random) -> str:
    return with_comments(spec, restyled(spec, text, rng), rng)


def _as_it_is(spec: Spec, text: str, rng: random.Random) -> str:  # noqa: ARG001 - a style
    return text


def _right(
    spec: Spec, text: str, count: int, rng: random.Random, style: Restyling
) -> Iterator[LabelledAnswer]:
    if style is _as_it_is:
        yield from [LabelledAnswer(text=text, defect=None)] * count
        return
    seen: set[str] = set()
    for _ in range(3 * count):
        styled = style(spec, text, rng)
        if styled not in seen and len(seen) < count and elaborates(spec, styled):
            seen.add(styled)
            yield LabelledAnswer(text=styled, defect=None)


def _suspects(
    spec: Spec, text: str, count: int, rng: random.Random, style: Restyling
) -> Iterator[LabelledAnswer]:
    if not count:
        return
    for defect in suspects(spec, text, count + SPARE, rng.randrange(1 << 30)):
        styled = style(spec, defect.text, rng)
        if elaborates(spec, styled):
            yield LabelledAnswer(text=styled, defect=defect.kind)


def _spoilt(
    spec: Spec, text: str, count: int, rng: random.Random, style: Restyling
) -> Iterator[LabelledAnswer]:
    for _ in range(count):
        kind = rng.choice(SPOILT)
        made = spoilt(spec, style(spec, text, rng), kind, rng)
        if rng.random() < SPOILT_SHARE and made is not None and not elaborates(spec, made):
            yield LabelledAnswer(text=made, defect=kind)


def _labelled(job: Job, makings: Sequence[LabelledAnswer]) -> list[LabelledAnswer]:
    """Those of which a simulation shows what they are taken for.

    Raises:
        GoldenError: The golden itself contradicts the model.
        HarnessError: The simulator broke.
    """
    spec = job.spec
    units = [renamed_text(m.text, spec.top, f"lane{k}_", spec.id) for k, m in enumerate(makings)]
    played = simulate_answers(job, units)
    return [
        making
        for making, lane in zip(makings, played, strict=True)
        if lane.ended == "done" and (lane.mismatch is None) == (making.defect is None)
    ]


def _chosen(
    known: Sequence[LabelledAnswer], right: int, wrong: int, extra: Sequence[LabelledAnswer]
) -> list[LabelledAnswer]:
    """As many of both as were wanted, or fewer of both in the same proportion."""
    good = [a for a in known if a.defect is None][:right]
    bad = [*extra, *(a for a in known if a.defect is not None)][:wrong]
    reach = min(len(good) / right if right else 1.0, len(bad) / wrong if wrong else 1.0)
    return [*good[: round(right * reach)], *bad[: round(wrong * reach)]]


def _record(order: ExampleOrder, spec: Spec, answer: LabelledAnswer, rng: random.Random) -> Record:
    member, prompt, output = order.member, spec.prompt, answer.text
    if order.plain:
        member, prompt = _reworded(order, spec, rng)
    else:
        output = wrapped(output, rng)
    return Record(
        instruction=prompt,
        output=output,
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


def _reworded(order: ExampleOrder, spec: Spec, rng: random.Random) -> tuple[Member, str]:
    """The member in any of its phrasings, and the prompt; some do not fit every member."""
    family = _family(order.folder)
    style = rng.choice(family.phrasings).style
    member = msgspec.structs.replace(order.member, phrasing=style)
    try:
        return member, family_specs(order.folder, family, [member])[0].prompt
    except _UNFIT:
        return order.member, spec.prompt
