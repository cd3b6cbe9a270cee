"""Members that nobody has seen: drawn from the families' parameter spaces by a seed.

A fresh member keeps the features of one frozen member and draws anew its numbers (widths,
constants), reset kind and polarity, enable polarity, clock edge, port names and phrasing. It must
keep the family's limits (`limits` in spec.toml), and pass the gate on specs before it is used
(rtlbench.mutation.validate); a draw that does not (a mutant that its stimulus does not tell apart,
say) is dropped and another made.

Parameter points are split by their hash into 16 classes: 8 for training, 8 for the benchmark, of
which a seed uses the one that it is congruent to. So what training may draw and what the
benchmark draws are disjoint by construction, and so are the behaviours of two seeds that differ
modulo 8. Frozen members are drawn by neither.
"""

from __future__ import annotations

import hashlib
import random
import re
import sys
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
from jinja2 import TemplateError

from rtlbench.errors import HarnessError, UserError
from rtlbench.io.cache import kept
from rtlbench.io.progress import waiting
from rtlbench.mutation import validate
from rtlbench.mutation.validate import objection
from rtlbench.records.spec import ParamValue, Spec
from rtlbench.sandbox.pool import WorkerPool
from rtlbench.suites.families import (
    COMMON_DEFAULTS,
    Family,
    Member,
    family_folders,
    load_family,
    read_family,
    suite_digest,
)
from rtlbench.suites.rendering import broken_limit, family_specs

SpaceSplit = Literal["benchmark", "training"]
CLASSES = 16
BENCHMARK_CLASSES = 8
TRAINING = range(BENCHMARK_CLASSES, CLASSES)
"""The classes that training may draw from."""
HELD_OUT = TRAINING[-1:]
"""Of these, the ones that no stream shows: who learns from one can be watched on them."""
STREAMED = TRAINING[:-1]
ATTEMPTS = 1_000
"""Points that are looked at for one that nobody has seen."""
TRIALS = 12
"""Draws that may fail the gate one after the other before a family is passed over."""
REDRAWN = ("reset", "reset_active", "edge", "enable_active")
_UNFIT = (UserError, HarnessError, TemplateError, ValueError, ArithmeticError, LookupError)
"""What a template may raise on a point that makes no sense."""
STREAM = "train"
SYNONYMS: dict[str, tuple[str, ...]] = {
    "clk": ("clk", "clock", "clk_i", "ck"),
    "rst": ("rst", "reset", "rst_i", "clear_i"),
    "en": ("en", "enable", "ce", "en_i"),
    "d": ("d", "din", "data_in", "d_i"),
    "q": ("q", "dout", "data_out", "q_o"),
}


def point_class(family: str, params: dict[str, ParamValue]) -> int:
    """The class, 0 to 15, of a point of a family's parameter space."""
    text = f"{family} {_point(params)}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big") % CLASSES


def part_of(family: str, params: dict[str, ParamValue]) -> SpaceSplit:
    """Which part of the parameter space a point belongs to."""
    return "benchmark" if point_class(family, params) < BENCHMARK_CLASSES else "training"


def fresh_suite(seed: int, count: int | None = None, root: Path | None = None) -> tuple[Spec, ...]:
    """`count` validated fresh members (default: one a family); the same everywhere for a seed.

    The first time takes seconds a member, on all processors; then the set is kept in the user's
    cache folder.

    Raises:
        UserError: `seed` is negative, or so many members cannot be drawn.
        HarnessError: A tool or a limit on time stood in the way.
    """
    if seed < 0:
        raise UserError(f"--fresh {seed}: give a seed of 0 or more")
    folders = family_folders(root)
    wanted = len(folders) if count is None else count
    rules = b"".join(Path(m).read_bytes() for m in (__file__, validate.__file__))
    text = f"{suite_digest(folders)} {seed} {wanted}".encode()
    digest = hashlib.sha256(text + rules).hexdigest()
    return kept(digest, lambda: _draw_suite(seed, wanted, folders), "fresh")


def _draw_suite(seed: int, wanted: int, folders: list[Path]) -> tuple[Spec, ...]:
    """Families in turn, until there are enough or none has any left."""
    found: list[Spec] = []
    asking = [Draws(folder, seed) for folder in folders]
    empty: list[str] = []
    dropped = 0
    drawing = f"fresh members of seed {seed}"
    with WorkerPool(wanted) as pool, waiting(drawing, "tasks", wanted) as phase:
        while asking and len(found) < wanted:
            asked = wanted - len(found)
            now, asking = asking[:asked], asking[asked:]
            for draws, spec in pool.map(next_member, now):
                dropped += len(draws.dropped)
                phase.notes = f"{dropped} draws dropped"
                if spec is not None:
                    found.append(spec)
                    asking.append(draws)
                    phase.advance()
                else:
                    empty.append(f"{draws.folder.name} ({draws.made})")
    told = f"; no more of {', '.join(empty)}" if empty else ""
    print(f"{drawing}: {len(found)} of {wanted}, {dropped} draws dropped{told}", file=sys.stderr)
    if len(found) < wanted:
        raise UserError(f"--fresh {seed}: only {len(found)} of {wanted} members could be drawn")
    return tuple(found)


class Draws:
    """The fresh members of one family, each another point; may change processes in between."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.seed = seed
        self.rng = random.Random(f"{seed}/{folder.name}")
        self.seen = frozen_points(read_family(folder))
        self.made = 0
        self.dropped: list[str] = []
        """Draws that did not pass the gate since the last member, and why."""

    def next(self) -> Spec | None:
        """The next member that passes the gate; None when there seems to be none left."""
        self.dropped = []
        family = read_family(self.folder)
        every = load_family(self.folder)
        for _ in range(TRIALS):
            member = self._unseen(family)
            if member is None:
                return None
            spec = _rendered(self.folder, family, member)
            reason = objection(spec, every) if isinstance(spec, Spec) else spec
            if isinstance(spec, Spec) and not reason:
                self.made += 1
                return spec
            self.dropped.append(f"{member.params}: {reason}")
        return None

    def _unseen(self, family: Family) -> Member | None:
        """A point of this seed's class that was not drawn before."""
        own = (self.seed % BENCHMARK_CLASSES,)
        member = unseen_member(self.folder.name, family, self.rng, self.seen, own)
        name = f"fresh{self.seed}_{self.made}"
        return msgspec.structs.replace(member, id=name) if member is not None else None


def unseen_member(
    name: str,
    family: Family,
    rng: random.Random,
    seen: set[str],
    classes: Container[int],
) -> Member | None:
    """A point of the family `name` in one of `classes` that is not in `seen`, where it then is.

    It keeps the family's limits. None when `ATTEMPTS` draws found none.
    """
    for _ in range(ATTEMPTS):
        member = _draw(family, rng, "drawn")
        if broken_limit(family, member.params):
            continue
        point = _point(member.params)
        if point not in seen and point_class(name, member.params) in classes:
            seen.add(point)
            return member
    return None


def frozen_points(family: Family) -> set[str]:
    """The points of the family's frozen members, as `unseen_member` knows them."""
    return {_point(m.params) for m in family.members}


def next_member(draws: Draws) -> tuple[Draws, Spec | None]:
    """`draws.next()` for another process, with what became of `draws`."""
    spec = draws.next()
    return draws, spec


def draw_members(folder: Path, seed: int) -> Iterator[Spec]:
    """Validated fresh members of one family; ends when draws run dry."""
    draws = Draws(folder, seed)
    while (spec := draws.next()) is not None:
        yield spec


def streamed(folder: Path, seed: int, number: int) -> Spec | None:
    """The task `number` of a family's endless stream, `FAMILY_trainSEED_NUMBER`, of the training
    part and not held out; None where the point that is drawn makes no sense.

    Its golden is rendered and not judged: who uses it judges it with the first answer.
    """
    rng = random.Random(f"stream/{seed}/{folder.name}/{number}")
    name = f"{STREAM}{seed}_{number}"
    return rendered_unseen(folder, rng, frozen_points(read_family(folder)), STREAMED, name)


def rendered_unseen(
    folder: Path, rng: random.Random, seen: set[str], classes: Container[int], name: str
) -> Spec | None:
    """A member called `name` at a point of `classes` that is not in `seen`, where it then is."""
    family = read_family(folder)
    member = unseen_member(folder.name, family, rng, seen, classes)
    if member is None:
        return None
    spec = _rendered(folder, family, msgspec.structs.replace(member, id=name))
    return spec if isinstance(spec, Spec) else None


def _point(params: dict[str, ParamValue]) -> str:
    """A point in words; parameters that say nothing, as the level of no reset, are left out."""
    point = {**COMMON_DEFAULTS, **params}
    if point["reset"] == "none":
        del point["reset_active"]
    if not point["enable"]:
        del point["enable_active"]
    return msgspec.json.encode(point, order="sorted").decode()


def _draw(family: Family, rng: random.Random, name: str) -> Member:
    base = rng.choice(family.members)
    params = {k: _redraw(k, v, family.space.get(k), rng) for k, v in base.params.items()}
    for key in REDRAWN:
        if key in family.space and rng.random() < 0.5:
            params[key] = rng.choice(family.space[key])
    ids = [p.id for p in family.ports]
    names = {i: rng.choice(SYNONYMS[i]) for i in ids if i in SYNONYMS and rng.random() < 0.5}
    return Member(
        id=name,
        difficulty=base.difficulty,
        phrasing=rng.choice(family.phrasings).style,
        params=params,
        names=names,
        top=f"{plain_name(base.top or family.top)}_{rng.choice('abcdefgh')}{rng.randrange(100)}",
    )


def plain_name(name: str) -> str:
    """`div3` says what a fresh member no longer is."""
    return re.sub(r"_?\d+", "", name)


def _redraw(name: str, value: ParamValue, allowed: Any, rng: random.Random) -> ParamValue:
    """Another number near the old one within the space; features stay as they are."""
    if name in REDRAWN or isinstance(value, bool) or not isinstance(value, int):
        return value
    if isinstance(allowed, dict) and rng.random() < 0.8:
        low, high = allowed["min"], allowed["max"]
        near = max(2, abs(value) // 2)
        return rng.randint(max(low, value - near), min(high, value + near))
    return value


def _rendered(folder: Path, family: Family, member: Member) -> Spec | str:
    """The Spec of a drawn member, or why its templates make no sense there."""
    try:
        return family_specs(folder, family, [member])[0]
    except _UNFIT as e:
        return f"it cannot be rendered: {e}"
