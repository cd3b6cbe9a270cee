"""Ports: stuck at a level, or mixed up with another of the same width."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rtlbench.mutation.design import Design, propose, rename, replace
from rtlbench.mutation.mutant import Edit, Operator, Proposal
from rtlbench.records.spec import Port


def _data(design: Design) -> list[Port]:
    return [p for p in design.spec.inputs if p.role in ("data", "enable")]


def port_stuck(design: Design) -> Iterator[Proposal]:
    """An input is never looked at, an output never moves."""
    for port in _data(design):
        for level in "01":
            yield from _stuck_input(design, port, f"{port.width}'b{level * port.width}")
    for port in design.spec.outputs:
        zero = f"{port.width}'b{'0' * port.width}"
        assigned = [a for a in design.assignments() if design.names(a.left)[:1] == [port.name]]
        if assigned:
            edits = (replace(a.right, zero) for a in assigned)
            yield propose(f"`{port.name}` is always 0", *edits)


def _stuck_input(design: Design, port: Port, value: str) -> Iterator[Proposal]:
    uses = design.uses(port.name)
    if not uses:
        return
    start, _ = design.body
    name = f"stuck_{port.name}"
    declared = Edit(start, start, f" wire [{port.width - 1}:0] {name} = {value};")
    yield propose(f"`{port.name}` is taken for {value}", declared, *(rename(u, name) for u in uses))


def ports_swapped(design: Design) -> Iterator[Proposal]:
    """Two ports of one direction and width are taken for each other."""
    outputs = list(design.spec.outputs)
    for group in (_data(design), outputs):
        for one, other in combinations(group, 2):
            if one.width == other.width:
                yield from _swapped(design, one.name, other.name)


def _swapped(design: Design, one: str, other: str) -> Iterator[Proposal]:
    edits = [rename(u, other) for u in design.uses(one)]
    edits += [rename(u, one) for u in design.uses(other)]
    if edits:
        yield propose(f"`{one}` and `{other}` are taken for each other", *edits)


OPERATORS = (
    Operator("port-stuck", port_stuck),
    Operator("ports-swapped", ports_swapped),
)
