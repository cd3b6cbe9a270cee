"""Reader of RTLLM's native release layout: one folder a design, holding
`design_description.txt`, `testbench.v`, `verified_NAME.v` and the data files of the testbench.

Guarantee: the words are the suite's own and the task is what they say. Where they call the module
by another name than the testbench does, testbench and reference are adapted to the words, since the
words are all that a model sees. A port that the words do not name is not demanded either.

Limits: RTLLM states no difficulty, so every Spec says "medium". A reference that slang does not
elaborate gives a Spec without ports, whose title says so. What the testbench's word is worth is for
rtlbench.checks.testbench to find out. docs/suites.md says more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.checks.claims import Claims, read_claims
from rtlbench.errors import UserError
from rtlbench.records.spec import ActiveLevel, Direction, Port, Role, Spec, Testbench
from rtlbench.rtl.slang import elaborate
from rtlbench.suites.native import instantiated, read_text, renamed_module

DESCRIPTION = "design_description.txt"
TESTBENCH = "testbench.v"
MAX_DATA_BYTES = 4 << 20
"""Larger files beside a testbench are leftovers of simulations, not its data."""
_NOT_DATA = frozenset({DESCRIPTION, "makefile", "readme.md", "license"})
_NOT_DATA_ENDINGS = frozenset({".v", ".sv", ".vcd", ".fsdb", ".vvp", ".log"})
_STATED_NAME = re.compile(r"^\s*module\s+name\s*:\s*`?([A-Za-z_]\w*)", re.I | re.M)
_DIRECTIONS: dict[str, Direction] = {"In": "input", "Out": "output"}


def read_rtllm(folder: Path | None) -> tuple[Spec, ...]:
    """The designs below `folder`, in order of their paths.

    Raises:
        UserError: No folder is given, there is no design in it, a design lacks a file, or two
            designs share a name.
    """
    if folder is None:
        raise UserError("--suite rtllm needs its folder: --suite rtllm=FOLDER")
    found = sorted(p.parent for p in folder.rglob(DESCRIPTION))
    if not found:
        raise UserError(f"--suite rtllm={folder}: no {DESCRIPTION} below that folder")
    _refuse_twins(found)
    return tuple(_design(folder, p) for p in found)


def _refuse_twins(folders: list[Path]) -> None:
    seen: dict[str, Path] = {}
    for folder in folders:
        if folder.name in seen:
            raise UserError(f"{folder}: design {folder.name} is also in {seen[folder.name]}")
        seen[folder.name] = folder


class _Reference(msgspec.Struct, frozen=True):
    """The suite's own solution, its top module named as the words name it."""

    text: str
    ports: tuple[Port, ...]
    elaborates: bool


def _design(root: Path, folder: Path) -> Spec:
    words = read_text(folder / DESCRIPTION)
    testbench = read_text(folder / TESTBENCH)
    instance = instantiated(folder / TESTBENCH, testbench)
    top = _stated_name(words) or instance
    reference = _reference(folder, top, instance, words)
    category, family = _place(root, folder)
    title = folder.name.replace("_", " ")
    if not reference.elaborates:
        title += " (its reference does not elaborate: ports are not compared)"
    return Spec(
        id=folder.name,
        category=category,
        family=family,
        difficulty="medium",
        title=title,
        prompt=words,
        top=top,
        ports=reference.ports,
        golden=reference.text,
        testbench=Testbench(
            text=renamed_module(testbench, instance, top), files=_data_files(folder)
        ),
        suite="rtllm",
    )


def _place(root: Path, folder: Path) -> tuple[str, str]:
    """Category and family, from the folders between `root` and the design."""
    above = [re.sub(r"\W+", "_", p).strip("_").lower() for p in folder.relative_to(root).parts[:-1]]
    return (above[0] if above else "rtllm"), (above[-1] if len(above) > 1 else folder.name)


def _stated_name(words: str) -> str | None:
    found = _STATED_NAME.search(words)
    return found.group(1) if found else None


def _reference(folder: Path, top: str, instance: str, words: str) -> _Reference:
    text = read_text(_reference_file(folder))
    view = elaborate(text, None)
    root = view.top.name if view.top is not None else ""
    known = (top, f"verified_{top}", instance, f"verified_{instance}", root)
    named = next((n for n in known if n in view.modules), top)
    text = renamed_module(text, named, top)
    view = elaborate(text, top)
    if view.top is None or any(view.errors):
        return _Reference(text, (), False)
    return _Reference(text, tuple(_ports(view.top.body.portList, words)), True)


def _reference_file(folder: Path) -> Path:
    """`verified_*.v`, else `NAME.v`, else the only file that is not the bench."""
    others = [p for p in sorted(folder.glob("*.v")) if p.name != TESTBENCH]
    verified = [p for p in others if p.name.startswith("verified_")]
    own = [p for p in others if p.stem == folder.name]
    choice = (verified or own or others)[:1]
    if not choice or (len(others) > 1 and not verified and not own):
        raise UserError(
            f"{folder}: no reference (verified_{folder.name}.v); what a bench says counts only "
            "where the suite's own solution passes it"
        )
    return choice[0]


def _ports(symbols: list[Any], words: str) -> Iterator[Port]:
    """The reference's ports that the words name."""
    named = [s for s in symbols if re.search(rf"(?<!\w){re.escape(s.name)}(?!\w)", words)]
    claims = read_claims(words, (), [s.name for s in named if s.direction.name == "In"])
    for symbol in named:
        direction = _DIRECTIONS.get(symbol.direction.name)
        if direction is None:
            continue
        yield Port(
            id=symbol.name,
            name=symbol.name,
            direction=direction,
            width=int(symbol.type.bitWidth),
            role=_role(symbol.name, claims),
            active=_level(symbol.name, claims),
        )


def _role(name: str, claims: Claims) -> Role:
    """Clock or reset where the name alone tells it, else data."""
    if name == claims.clock:
        return "clock"
    return "reset" if name == claims.reset else "data"


def _level(name: str, claims: Claims) -> ActiveLevel:
    if name != claims.reset:
        return "high"
    return claims.reset_level or ("low" if name.lower().endswith("n") else "high")


def _data_files(folder: Path) -> dict[str, str]:
    """What the testbench may read, by its path in the design's folder."""
    found = (p for p in sorted(folder.rglob("*")) if p.is_file() and _is_data(p))
    return {p.relative_to(folder).as_posix(): read_text(p) for p in found}


def _is_data(path: Path) -> bool:
    return (
        path.name.lower() not in _NOT_DATA
        and path.suffix.lower() not in _NOT_DATA_ENDINGS
        and not path.name.startswith(".")
        and path.stat().st_size <= MAX_DATA_BYTES
    )
