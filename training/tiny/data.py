"""Examples for a small model: members of the families' training part, by the ten thousand.

Guarantee: no example is of a parameter point that the benchmark, frozen or fresh, can show; the
same options give the same bytes. Answers keep the golden's style. Goldens are rendered, and used
where slang has nothing to say of them; that is all that is judged here.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec
from jinja2 import TemplateError
from msgspec import structs

from rtlbench.dataset.golden_edits import SPOILT, spoilt, suspects
from rtlbench.errors import HarnessError, UserError
from rtlbench.mutation.fresh import TRAINING, frozen_points, unseen_member
from rtlbench.records.example import Record
from rtlbench.records.spec import Spec
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.slang import elaborate
from rtlbench.suites.families import Family, Member, family_folders, read_family
from rtlbench.suites.rendering import family_specs
from training.tiny.names import clash, renamed

CATEGORIES = (
    "clock_divider", "load_enable", "updown_counter", "shift_register", "edge_detect", "fsm",
)  # fmt: skip
"""The categories that the shipped model was made for."""
SOURCE = "rtlbench-tiny"
PER_MEMBER = 4
"""Examples of one task: to look for defects takes far longer than to render."""
SPARE = 6
SPOILT_SHARE = 0.1
_UNFIT = (UserError, HarnessError, TemplateError, ValueError, ArithmeticError, LookupError)


def records(
    categories: Sequence[str],
    count: int,
    seed: int,
    families: Sequence[str] = (),
    defects: float = 0.0,
) -> Iterator[Record]:
    """`count` examples of the `families` (default: all) of `categories`, in turn.

    Args:
        defects: Share of answers with a defect, 0 to 1; see `answers`.

    Raises:
        UserError: No family is left, or one has no point for training.
    """
    folders = [
        f
        for f in family_folders()
        if f.parent.name in categories and (not families or f.name in families)
    ]
    missing = set(families) - {f.name for f in folders}
    if missing or not folders:
        raise UserError(f"no family {min(missing, default='')!r} in {', '.join(categories)}: "
                        "see `rtlbench specs list`")
    return islice(_in_turn([_Draws(folder, seed, defects) for folder in folders]), count)


def digest(examples: Sequence[Record]) -> str:
    """SHA-256 of what is learnt from: instructions and answers, in order."""
    total = hashlib.sha256()
    for example in examples:
        total.update(msgspec.json.encode([example.instruction, example.output]) + b"\n")
    return total.hexdigest()


def _in_turn(draws: Sequence[_Draws]) -> Iterator[Record]:
    while True:
        for draw in draws:
            yield from draw.next()


class _Draws:
    """Endless examples of one family; points come again under other names and phrasings."""

    def __init__(self, folder: Path, seed: int, defects: float) -> None:
        self.folder, self.defects = folder, defects
        self.family: Family = read_family(folder)
        self.golden = (folder / "golden.sv.j2").read_text()
        self.rng = random.Random(f"tiny/{seed}/{folder.name}")
        self.frozen = frozen_points(self.family)

    def next(self) -> Iterator[Record]:
        """The examples of another member: one, or a few where some are to be wrong."""
        member, spec = self._member()
        if not self.defects:
            yield _record(spec, member, spec.golden, None)
            return
        for output, defect in answers(spec, self.defects, self.rng):
            yield _record(*self._reworded(spec, member), output, defect)

    def _member(self) -> tuple[Member, Spec]:
        while True:
            found = unseen_member(
                self.folder.name, self.family, self.rng, set(self.frozen), TRAINING
            )
            if found is None:
                raise UserError(f"{self.folder}: its parameter space has no point for training")
            member = renamed(found, self.family, self.golden, self.rng)
            try:
                spec = self._spec(member)
            except _UNFIT:
                continue
            if not clash(spec.ports, spec.top) and _is_clean(spec):
                return member, spec

    def _reworded(self, spec: Spec, member: Member) -> tuple[Spec, Member]:
        """The same task in any of its phrasings; some do not fit every member."""
        style = self.rng.choice(self.family.phrasings).style
        asked = structs.replace(member, phrasing=style)
        try:
            return self._spec(asked), asked
        except _UNFIT:
            return spec, member

    def _spec(self, member: Member) -> Spec:
        return family_specs(self.folder, self.family, [member])[0]


def _is_clean(spec: Spec) -> bool:
    """Whether slang has nothing to say of the golden; a constant that is too wide is the usual."""
    try:
        view = elaborate(spec.golden, spec.top)
    except HarnessError:
        return False
    return view.top is not None and not view.diagnostics


def _record(spec: Spec, member: Member, output: str, defect: str | None) -> Record:
    told = {k: v for k, v in structs.asdict(member).items() if k != "id"}
    return Record(
        instruction=spec.prompt,
        output=output,
        metadata={
            "source": SOURCE,
            "category": spec.category,
            "defect": defect,
            "member": {"family": spec.family, **told},
        },
    )


def answers(
    spec: Spec, defects: float, rng: random.Random, count: int = PER_MEMBER
) -> Iterator[tuple[str, str | None]]:
    """About `count` answers, the golden and changed ones, with the kind of their defect.

    Args:
        defects: Share of changed ones, 0 to 1.
    """
    text = prepare(spec.golden).text
    exact = count * defects
    wrong = int(exact) + (rng.random() < exact - int(exact))
    try:
        found = suspects(spec, text, wrong + SPARE, rng.randrange(1 << 30))
    except HarnessError:
        return
    made: list[tuple[str, str | None]] = [(text, None)] * (count - wrong)
    for suspect in found[:wrong]:
        kind = rng.choice(SPOILT)
        broken = spoilt(spec, text, kind, rng) if rng.random() < SPOILT_SHARE else None
        made.append((broken, kind) if broken is not None else (suspect.text, suspect.kind))
    rng.shuffle(made)
    yield from made
