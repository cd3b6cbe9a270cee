"""The interface of a task that comes with no more than a reference in Verilog: what its ports are,
and which of them are clock, reset and enable.

Roles are read off the reference's netlist (rtlbench.rtl.roles); where Yosys reads it not, by their
names alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import rtlbench
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Direction, Port, Spec
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.netlist import Netlist, NetlistFailure
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.rtl.roles import given_roles
from rtlbench.rtl.slang import elaborate
from rtlbench.rtl.versions import survey, tool_versions
from rtlbench.rtl.yosys import netlists

BATCH = 16
"""References that go through Yosys together: where it refuses one, the others go again."""
_DIRECTIONS: dict[str, Direction] = {"In": "input", "Out": "output"}


def ports_of(golden: str, top: str) -> tuple[Port, ...]:
    """The ports of module `top`, all of them data; none where slang does not elaborate it."""
    view = elaborate(golden, top)
    if view.top is None or any(view.errors):
        return ()
    return tuple(_ports(view.top.body.portList))


def _ports(symbols: Iterable[Any]) -> Iterator[Port]:
    for symbol in symbols:
        direction = _DIRECTIONS.get(symbol.direction.name)
        if direction is not None:
            width = int(symbol.type.bitWidth)
            yield Port(id=symbol.name, name=symbol.name, direction=direction, width=width)


def digest_of_texts(texts: Sequence[str]) -> str:
    """A hash of texts, and of what reads them."""
    digest = hashlib.sha256(rtlbench.__version__.encode())
    for text in (*texts, *map(str, sorted(tool_versions(survey()).items()))):
        digest.update(f"{len(text)}\0{text}".encode())
    return digest.hexdigest()


def with_roles(specs: Sequence[Spec]) -> tuple[Spec, ...]:
    """The Specs, their ports with roles."""
    units = {k: unit for k, s in enumerate(specs) if s.ports and (unit := _unit(s, k)) is not None}
    made: dict[int, Netlist | NetlistFailure] = {}
    for places in batched(units, BATCH):
        made.update(zip(places, netlists([units[k] for k in places]), strict=True))
    return tuple(given_roles(spec, made.get(k)) for k, spec in enumerate(specs))


def batched(items: Iterable[int], size: int) -> Iterator[list[int]]:
    """`items` in lists of at most `size`."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


def _unit(spec: Spec, k: int) -> Unit | None:
    try:
        return renamed_golden(spec, f"unit{k}_")
    except HarnessError:
        return None
