"""Statements: enables, branches, else and default; assignments blocking, forgotten or holding; the
transitions of state machines.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.mutation.design import (
    Design,
    Edit,
    K,
    Node,
    Proposal,
    contains,
    name_of,
    propose,
    replace,
    replace_token,
    span,
)


def _condition_uses(design: Design) -> Iterator[Node]:
    """Where an `if` or `?:` asks for a one-bit input."""
    for predicate in design.of(K.ConditionalPredicate):
        for use in design.within(predicate, K.IdentifierName):
            if name_of(use) in design.control_inputs:
                yield use


def _negated(use: Node) -> bool:
    parent = use.parent
    return parent is not None and parent.kind in (
        K.UnaryLogicalNotExpression, K.UnaryBitwiseNotExpression,
    )  # fmt: skip


def enable_dropped(design: Design) -> Iterator[Proposal]:
    """A control is taken for asserted, as if nobody had read of it."""
    for use in _condition_uses(design):
        value = "1'b0" if _negated(use) else "1'b1"
        yield propose(f"`{name_of(use)}` is not asked for", replace(use, value))


def enable_inverted(design: Design) -> Iterator[Proposal]:
    """A control acts at the other level."""
    for use in _condition_uses(design):
        name = name_of(use)
        yield propose(f"`{name}` acts at the other level", replace(use, f"(!{name})"))


def branches_swapped(design: Design) -> Iterator[Proposal]:
    """What is done when a condition holds is done when it does not."""
    for node in design.of(K.ConditionalStatement):
        if node.elseClause is None or design.is_reset_test(node):
            continue
        then, other = node.statement, node.elseClause.clause
        description = f"the branches of `if ({design.short(node.predicate)})` are swapped"
        yield propose(
            description,
            replace(then, f"begin {design.source_text(other)} end"),
            replace(other, f"begin {design.source_text(then)} end"),
        )
    for node in design.of(K.ConditionalExpression):
        description = f"the two values of `{design.short(node)}` are swapped"
        left, right = design.source_text(node.left), design.source_text(node.right)
        edits = replace(node.left, f"({right})"), replace(node.right, f"({left})")
        yield propose(description, *edits)


def else_missing(design: Design) -> Iterator[Proposal]:
    """Nothing is done where a condition does not hold."""
    for node in design.of(K.ConditionalStatement):
        if node.elseClause is not None and not design.is_reset_test(node):
            description = f"`if ({design.short(node.predicate)})` has no else"
            yield propose(description, replace(node.elseClause, ""))


def default_missing(design: Design) -> Iterator[Proposal]:
    """A case without its default."""
    for node in design.of(K.DefaultCaseItem):
        yield propose("the case has no default", replace(node, ""))


def case_missing(design: Design) -> Iterator[Proposal]:
    """One item of a case is forgotten."""
    for case in design.of(K.CaseStatement):
        items = [i for i in design.within(case, K.StandardCaseItem) if span(i.parent) == span(case)]
        if len(items) < 2:
            continue
        for item in items:
            description = f"the case `{design.short(next(iter(item.expressions)))}` is not handled"
            yield propose(description, replace(item, ""))


def priority_swapped(design: Design) -> Iterator[Proposal]:
    """Of two conditions in a chain, the second is asked first."""
    for node in design.of(K.ConditionalStatement):
        clause = node.elseClause.clause if node.elseClause is not None else None
        if clause is None or clause.kind != K.ConditionalStatement or design.is_reset_test(node):
            continue
        description = (
            f"`{design.short(clause.predicate)}` is asked before "
            f"`{design.short(node.predicate)}`"
        )
        yield propose(description, *_swapped(design, node.predicate, clause.predicate),
                      *_swapped(design, node.statement, clause.statement))


def _swapped(design: Design, one: Node, other: Node) -> tuple[Edit, Edit]:
    assert not contains(one, other)
    assert span(one) != span(other)
    return replace(one, design.source_text(other)), replace(other, design.source_text(one))


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
            description = f"`{design.short(node)}` is left out"
            yield propose(description, replace(parent, "begin end"))


def wrong_source(design: Design) -> Iterator[Proposal]:
    """A register keeps its value where it should take another."""
    for node in design.assignments(K.NonblockingAssignmentExpression):
        left = design.source_text(node.left)
        plain = node.left.kind == K.IdentifierName and name_of(node.left)
        if plain and not design.in_reset(node) and design.source_text(node.right) != left:
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
