"""Ports: stuck, mixed up with another of the same width, outputs a cycle late or early."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rtlbench.mutation.design import (
    ASSIGNMENTS,
    Design,
    Edit,
    K,
    Node,
    Proposal,
    propose,
    rename,
    replace,
)
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


def _outputs(design: Design) -> set[str]:
    return {p.name for p in design.spec.outputs}


def output_late(design: Design) -> Iterator[Proposal]:
    """A combinational output goes through a register."""
    clock = next((p.name for p in design.spec.inputs if p.role == "clock"), None)
    if clock is None:
        return
    for node in design.of(K.ContinuousAssign):
        changes = list(design.within(node, K.AssignmentExpression))
        targets = [design.said(c.left) for c in changes]
        if len(changes) == 1 and targets[0] in _outputs(design):
            text = f"{targets[0]} <= {design.said(changes[0].right)};"
            told = f"`{targets[0]}` comes a cycle late, out of a register"
            yield propose(told, replace(node, f"always @({design.spec.edge} {clock}) {text}"))


def output_early(design: Design) -> Iterator[Proposal]:
    """An output register is left out: its next value is shown at once."""
    for name in sorted(_outputs(design)):
        changes = [a for a in design.of(*ASSIGNMENTS) if design.names(a.left)[:1] == [name]]
        running = [a for a in changes if not design.in_reset(a)]
        if len(running) != 1 or not _is_plain_register(design, name, running[0]):
            continue
        value = design.said(running[0].right)
        _, end = design.body
        at = end - len("endmodule")
        statements = [a.parent for a in changes if a.parent.kind == K.ExpressionStatement]
        edits = [replace(statement, "begin end") for statement in statements]
        told = f"`{name}` comes a cycle early, without its register"
        yield propose(told, *edits, Edit(at, at, f"assign {name} = {value};\n"))


def _is_plain_register(design: Design, name: str, change: Node) -> bool:
    is_clocked = change.kind == K.NonblockingAssignmentExpression
    reads_itself = name in design.names(change.right)
    conditional = change.parent.parent.kind in (K.ConditionalStatement, K.ForLoopStatement)
    return is_clocked and not reads_itself and not conditional and change.left.kind == (
        K.IdentifierName
    ) and bool(design.block_of(change))
