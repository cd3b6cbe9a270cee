"""Reset and clock edge: reset's kind, level, values, registers that it forgets; the wrong edge."""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.mutation.design import (
    ASSIGNMENTS,
    LITERALS,
    Design,
    Edit,
    K,
    Node,
    Proposal,
    propose,
    replace,
    replace_token,
)
from rtlbench.mutation.operators.numbers import rewritten, value_of

_OTHER_EDGE = {"posedge": "negedge", "negedge": "posedge"}


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
        return replace(control, f"@({design.said(clocks[0])})")
    port = next(p for p in design.spec.inputs if p.role == "reset")
    edge = "posedge" if port.active == "high" else "negedge"
    return replace(control, f"@({design.said(clocks[0])} or {edge} {port.name})")


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
    edits = [replace(test.predicate, f"!({design.said(test.predicate)})")]
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
    said = design.said(value)
    number = value_of(said) if value.kind in LITERALS else None
    if number is not None:
        written = (rewritten(said, number ^ 1), rewritten(said, number + 2))
        yield from dict.fromkeys(w for w in written if w and value_of(w) != number)
    elif value.kind == K.IdentifierName:
        for group in design.constants:
            if said in group:
                yield group[(group.index(said) + 1) % len(group)]
    else:
        yield f"~({said})"


def reset_forgotten(design: Design) -> Iterator[Proposal]:
    """One register is left out of what reset does."""
    for node in _reset_assignments(design):
        if node.parent is not None and node.parent.kind == K.ExpressionStatement:
            told = f"`{design.short(node.left)}` is not reset"
            yield propose(told, replace(node.parent, "begin end"))


_OTHER = {"posedge": "negedge", "negedge": "posedge"}


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
            yield replace_token(event.edge, _OTHER[event.edge.valueText])
