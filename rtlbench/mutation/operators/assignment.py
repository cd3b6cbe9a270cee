"""Assignments: blocking, forgotten, holding, and the transitions of state machines."""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.mutation.design import (
    Design,
    K,
    Node,
    Proposal,
    contains,
    name_of,
    propose,
    replace,
    replace_token,
)


def blocking(design: Design) -> Iterator[Proposal]:
    """A register is assigned at once, so that later statements of its block see the new value.

    Only where no other block can see it: there it would be a race, which simulators may decide
    either way.
    """
    for block in design.clocked:
        inside = list(design.within(block, K.NonblockingAssignmentExpression))
        targets = {_target(design, a) for a in inside}
        for target in sorted(t for t in targets if t and _is_private(design, block, t)):
            edits = [
                replace_token(a.operatorToken, "=")
                for a in inside
                if _target(design, a) == target
            ]
            yield propose(f"`{target}` is assigned with `=`", *edits)


def _target(design: Design, assignment: Node) -> str:
    names = design.names(assignment.left)
    return names[0] if names else ""


def _is_private(design: Design, block: Node, name: str) -> bool:
    if len(design.clocked) == 1:
        return True
    return all(contains(block, use) for use in design.uses(name))


def assignment_missing(design: Design) -> Iterator[Proposal]:
    """One assignment in a procedure is forgotten."""
    for node in design.assignments():
        parent = node.parent
        if parent.kind == K.ExpressionStatement and not design.in_reset(node):
            told = f"`{design.short(node)}` is left out"
            yield propose(told, replace(parent, "begin end"))


def wrong_source(design: Design) -> Iterator[Proposal]:
    """A register keeps its value where it should take another."""
    for node in design.assignments(K.NonblockingAssignmentExpression):
        left = design.said(node.left)
        plain = node.left.kind == K.IdentifierName and name_of(node.left)
        if plain and not design.in_reset(node) and design.said(node.right) != left:
            yield propose(f"`{left}` keeps its value", replace(node.right, left))


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
