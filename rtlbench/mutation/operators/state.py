"""State machines: one transition goes elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.mutation.design import Design, K, Node, contains, name_of, propose, replace
from rtlbench.mutation.mutant import Operator, Proposal


def transition_changed(design: Design) -> Iterator[Proposal]:
    """Where the next state is named, another is."""
    for assignment in design.assignments():
        if design.in_reset(assignment):
            continue
        for use in design.within(assignment.right, K.IdentifierName):
            if not _is_compared(assignment, use):
                yield from _others(design, use)


def _is_compared(assignment: Node, use: Node) -> bool:
    """Whether a constant stands in a condition, and is no value."""
    node = use.parent
    while node is not None and contains(assignment.right, node):
        if node.kind not in (K.ConditionalExpression, K.ParenthesizedExpression):
            return True
        node = node.parent
    return False


def _others(design: Design, use: Node) -> Iterator[Proposal]:
    name = name_of(use)
    for group in design.constants:
        if name not in group:
            continue
        at = group.index(name)
        for step in (1, -1) if len(group) > 2 else (1,):
            other = group[(at + step) % len(group)]
            yield propose(f"the next state is {other}, not {name}", replace(use, other))


OPERATORS = (Operator("transition-changed", transition_changed),)
