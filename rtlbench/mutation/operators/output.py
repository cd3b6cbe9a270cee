"""Outputs a cycle late or a cycle early: Moore for Mealy, and the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.mutation.design import ASSIGNMENTS, Design, K, Node, propose, replace
from rtlbench.mutation.mutant import Edit, Operator, Proposal


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


OPERATORS = (
    Operator("output-late", output_late),
    Operator("output-early", output_early),
)
