"""The interface: ports stuck, mixed up or a cycle off; reset of another kind, level or value, or
forgotten; the wrong clock edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rtlbench.mutation.design import (
    ASSIGNMENTS,
    LITERALS,
    Design,
    Edit,
    K,
    Node,
    Proposal,
    propose,
    rename,
    replace,
    replace_token,
)
from rtlbench.mutation.operators.numbers import rewritten, value_of
from rtlbench.records.spec import Port

_OTHER_EDGE = {"posedge": "negedge", "negedge": "posedge"}


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
        targets = [design.source_text(c.left) for c in changes]
        if len(changes) == 1 and targets[0] in _outputs(design):
            text = f"{targets[0]} <= {design.source_text(changes[0].right)};"
            description = f"`{targets[0]}` comes a cycle late, out of a register"
            edit = replace(node, f"always @({design.spec.edge} {clock}) {text}")
            yield propose(description, edit)


def output_early(design: Design) -> Iterator[Proposal]:
    """An output register is left out: its next value is shown at once."""
    for name in sorted(_outputs(design)):
        changes = [a for a in design.of(*ASSIGNMENTS) if design.names(a.left)[:1] == [name]]
        running = [a for a in changes if not design.in_reset(a)]
        if len(running) != 1 or not _is_plain_register(design, name, running[0]):
            continue
        value = design.source_text(running[0].right)
        _, end = design.body
        at = end - len("endmodule")
        statements = [a.parent for a in changes if a.parent.kind == K.ExpressionStatement]
        edits = [replace(statement, "begin end") for statement in statements]
        description = f"`{name}` comes a cycle early, without its register"
        yield propose(description, *edits, Edit(at, at, f"assign {name} = {value};\n"))


def _is_plain_register(design: Design, name: str, change: Node) -> bool:
    is_clocked = change.kind == K.NonblockingAssignmentExpression
    reads_itself = name in design.names(change.right)
    conditional = change.parent.parent.kind in (K.ConditionalStatement, K.ForLoopStatement)
    return is_clocked and not reads_itself and not conditional and change.left.kind == (
        K.IdentifierName
    ) and bool(design.block_of(change))


def _with_reset(design: Design) -> list[Node]:
    """Clocked blocks that ask for reset."""
    blocks = [design.block_of(t) for t in design.reset_tests]
    return [b for b in design.clocked if b in blocks]


def reset_kind(design: Design) -> Iterator[Proposal]:
    """Asynchronous for synchronous, and the reverse; in one block and in all of them."""
    blocks = _with_reset(design)
    edits = [e for b in blocks if (e := _other_kind(design, b)) is not None]
    name = ", ".join(design.resets)
    for edit in edits if len(edits) > 1 else ():
        yield propose(f"`{name}` acts {_now(design)} on one block", edit)
    if edits:
        yield propose(f"`{name}` acts {_now(design)}", *edits)


def _now(design: Design) -> str:
    return "synchronously" if design.spec.reset == "async" else "asynchronously"


def _other_kind(design: Design, block: Node) -> Edit | None:
    events = design.events(block)
    clocks = [e for e in events if design.names(e)[0] not in design.resets]
    if not clocks:
        return None
    control = block.statement.timingControl
    if len(clocks) < len(events):
        return replace(control, f"@({design.source_text(clocks[0])})")
    port = next(p for p in design.spec.inputs if p.role == "reset")
    edge = "posedge" if port.active == "high" else "negedge"
    return replace(control, f"@({design.source_text(clocks[0])} or {edge} {port.name})")


def reset_polarity(design: Design) -> Iterator[Proposal]:
    """Reset acts at the other level: in all of the design, and in one block of several."""
    edits = [_other_level(design, test) for test in design.reset_tests]
    name = ", ".join(design.resets)
    if edits:
        whole = tuple(e for part in edits for e in part)
        yield propose(f"`{name}` acts at the other level", *whole)
    for part in edits if len(edits) > 1 else ():
        yield propose(f"`{name}` acts at the other level in one block", *part)


def _other_level(design: Design, test: Node) -> list[Edit]:
    edits = [replace(test.predicate, f"!({design.source_text(test.predicate)})")]
    block = design.block_of(test)
    for event in design.events(block) if block is not None else ():
        if design.names(event)[0] in design.resets:
            edits.append(replace_token(event.edge, _OTHER_EDGE[event.edge.valueText]))
    return edits


def _reset_assignments(design: Design) -> Iterator[Node]:
    return (a for a in design.of(*ASSIGNMENTS) if design.in_reset(a))


def reset_value(design: Design) -> Iterator[Proposal]:
    """A register starts from another value."""
    for node in _reset_assignments(design):
        target = design.short(node.left)
        for text in _other_values(design, node.right):
            yield propose(f"`{target}` is reset to {text}", replace(node.right, text))


def _other_values(design: Design, value: Node) -> Iterator[str]:
    literal = design.source_text(value)
    number = value_of(literal) if value.kind in LITERALS else None
    if number is not None:
        written = (rewritten(literal, number ^ 1), rewritten(literal, number + 2))
        yield from dict.fromkeys(w for w in written if w and value_of(w) != number)
    elif value.kind == K.IdentifierName:
        for group in design.constants:
            if literal in group:
                yield group[(group.index(literal) + 1) % len(group)]
    else:
        yield f"~({literal})"


def reset_forgotten(design: Design) -> Iterator[Proposal]:
    """One register is left out of what reset does."""
    for node in _reset_assignments(design):
        if node.parent is not None and node.parent.kind == K.ExpressionStatement:
            description = f"`{design.short(node.left)}` is not reset"
            yield propose(description, replace(node.parent, "begin end"))


def edge_wrong(design: Design) -> Iterator[Proposal]:
    """Registers act on the other edge of the clock: of one block, and of all."""
    edits = [e for block in design.clocked for e in _turned(design, block)]
    for edit in edits if len(edits) > 1 else ():
        yield propose("one block acts on the other clock edge", edit)
    if edits:
        yield propose("registers act on the other clock edge", *edits)


def _turned(design: Design, block: Node) -> Iterator[Edit]:
    for event in design.events(block):
        if design.names(event)[0] not in design.resets:
            yield replace_token(event.edge, _OTHER_EDGE[event.edge.valueText])
