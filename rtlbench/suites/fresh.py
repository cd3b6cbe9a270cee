"""Members that nobody has seen: drawn from the families' parameter spaces by a seed.

A fresh member keeps the features of one frozen member and draws anew its numbers (widths,
constants), reset kind and polarity, enable polarity, clock edge, port names and phrasing. It must
pass the gate on specs before it is used; a draw that does not (a limit that its width cannot hold,
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
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

import msgspec
from jinja2 import TemplateError

from rtlbench.bench.stimulus import build_plan
from rtlbench.errors import HarnessError, UserError
from rtlbench.spec import ParamValue, Spec
from rtlbench.suites.cache import kept
from rtlbench.suites.families import (
    COMMON_DEFAULTS,
    Family,
    Member,
    family_folders,
    family_specs,
    read_family,
    suite_digest,
)
from rtlbench.suites.validate import validate_spec

Part = Literal["benchmark", "training"]
CLASSES = 16
BENCHMARK_CLASSES = 8
ATTEMPTS = 60
"""Draws a family gets for one member before it is passed over."""
MAX_FRAMES = 20_000
REDRAWN = ("reset", "reset_active", "edge", "enable_active")
_UNFIT = (UserError, HarnessError, TemplateError, ValueError, ArithmeticError, LookupError)
"""What a template or a model may raise on a point that makes no sense."""
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


def part_of(family: str, params: dict[str, ParamValue]) -> Part:
    """Which part of the parameter space a point belongs to."""
    return "benchmark" if point_class(family, params) < BENCHMARK_CLASSES else "training"


def fresh_suite(seed: int, count: int | None = None, root: Path | None = None) -> tuple[Spec, ...]:
    """`count` validated fresh members (default: one a family); the same everywhere for a seed.

    Raises:
        UserError: `seed` is negative, or so many members cannot be drawn.
    """
    if seed < 0:
        raise UserError(f"--fresh {seed}: give a seed of 0 or more")
    folders = family_folders(root)
    wanted = len(folders) if count is None else count
    digest = hashlib.sha256(f"{suite_digest(folders)} {seed} {wanted}".encode()).hexdigest()
    return kept(digest, lambda: tuple(_draw_suite(seed, wanted, folders)))


def _draw_suite(seed: int, wanted: int, folders: list[Path]) -> Iterator[Spec]:
    """Families in turn, until there are enough or none has any left."""
    rounds = {f: draw_members(f, seed) for f in folders}
    made = 0
    for folder in cycle(folders):
        if made >= wanted or not rounds:
            break
        if folder not in rounds:
            continue
        spec = next(rounds[folder], None)
        if spec is None:
            del rounds[folder]
            continue
        made += 1
        yield spec
    if made < wanted:
        raise UserError(f"--fresh {seed}: only {made} of {wanted} members could be drawn")


def draw_members(folder: Path, seed: int) -> Iterator[Spec]:
    """Validated fresh members of one family, each another point; ends when draws run dry."""
    family = read_family(folder)
    rng = random.Random(f"{seed}/{folder.name}")
    seen = {_point(m.params) for m in family.members}
    number = failed = 0
    while failed < ATTEMPTS:
        member = _draw(family, rng, f"fresh{seed}_{number}")
        wrong_class = point_class(folder.name, member.params) != seed % BENCHMARK_CLASSES
        if wrong_class or _point(member.params) in seen:
            failed += 1
            continue
        seen.add(_point(member.params))
        spec = _usable(folder, family, member)
        if spec is None:
            failed += 1
            continue
        number, failed = number + 1, 0
        yield spec


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


def _usable(folder: Path, family: Family, member: Member) -> Spec | None:
    """The Spec of a drawn member, where it passes the gate."""
    try:
        spec = family_specs(folder, family, [member])[0]
        if len(build_plan(spec).frames) > MAX_FRAMES:
            return None
    except _UNFIT:
        return None
    return spec if not validate_spec(spec) else None
