"""Numbers: off by one in limits and indices, wraps that are wrong or missing."""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.mutation.design import (
    ASSIGNMENTS,
    COMPARISONS,
    LITERALS,
    Design,
    K,
    Node,
    propose,
    replace,
)
from rtlbench.mutation.literals import rewritten, value_of
from rtlbench.mutation.mutant import Operator, Proposal

_SELECTS = (K.BitSelect, K.SimpleRangeSelect, K.AscendingRangeSelect, K.DescendingRangeSelect)


def off_by_one_limit(design: Design) -> Iterator[Proposal]:
    """A number that something is compared with, loaded with or made of is one too far or short."""
    for node in design.of(*COMPARISONS):
        for side in (node.left, node.right):
            yield from _off_by_one(design, side, "limit")
    for node in design.of(K.ParameterDeclaration):
        if not _is_coded(design, node):
            for value in design.within(node, K.EqualsValueClause):
                yield from _off_by_one(design, value.expr, "constant")
    for node in design.of(*ASSIGNMENTS):
        if not design.in_reset(node) and (value_of(design.said(node.right)) or 0) > 1:
            yield from _off_by_one(design, node.right, "value")


def _is_coded(design: Design, node: Node) -> bool:
    """Whether constants are mere names of states, several in one declaration."""
    return len(list(design.within(node, K.Declarator))) > 1


def _off_by_one(design: Design, node: Node, what: str) -> Iterator[Proposal]:
    if node.kind not in LITERALS:
        return
    said = design.said(node)
    number = value_of(said)
    for step in (1, -1) if number is not None else ():
        assert number is not None
        changed = rewritten(said, number + step)
        if changed is not None and value_of(changed) != number:
            yield propose(f"the {what} {said} is {changed}", replace(node, changed))


def off_by_one_index(design: Design) -> Iterator[Proposal]:
    """An index or a bound of a select is one too high or too low."""
    start, _ = design.body
    for select in design.of(*_SELECTS):
        if select.sourceRange.start.offset < start or select.parent.kind != K.ElementSelect:
            continue
        for number in design.within(select, *LITERALS):
            for proposal in _off_by_one(design, number, "index"):
                yield propose(f"{proposal.told} in `{design.short(select.parent.parent)}`",
                              *proposal.edits)


def _wraps(design: Design) -> Iterator[Node]:
    """`if (count == 9) ... else ...`: conditions that compare for equality with a constant."""
    for node in design.of(K.ConditionalStatement, K.ConditionalExpression):
        compared = list(design.within(node.predicate, *COMPARISONS))
        has_else = node.kind == K.ConditionalExpression or node.elseClause is not None
        if compared and has_else and not design.is_reset_test(node):
            yield node


def wrap_missing(design: Design) -> Iterator[Proposal]:
    """What happens at a limit happens never: the count runs on."""
    for node in _wraps(design):
        is_statement = node.kind == K.ConditionalStatement
        other = node.elseClause.clause if is_statement else node.right
        told = f"nothing happens at `{design.short(node.predicate)}`"
        text = design.said(other)
        yield propose(told, replace(node, text if is_statement else f"({text})"))


def wrap_wrong(design: Design) -> Iterator[Proposal]:
    """The count goes on from another value."""
    for node in _wraps(design):
        if node.kind == K.ConditionalExpression:
            yield from _off_by_one(design, node.left, "value after the limit")
            continue
        for change in design.within(node.statement, *ASSIGNMENTS):
            yield from _off_by_one(design, change.right, "value after the limit")


def step_wrong(design: Design) -> Iterator[Proposal]:
    """Counting by another step."""
    for node in design.of(K.AddExpression, K.SubtractExpression):
        if not design.in_loop_header(node):  # there it would be endless
            yield from _off_by_one(design, node.right, "step")


OPERATORS = (
    Operator("off-by-one-limit", off_by_one_limit),
    Operator("off-by-one-index", off_by_one_index),
    Operator("wrap-missing", wrap_missing),
    Operator("wrap-wrong", wrap_wrong),
    Operator("step-wrong", step_wrong),
)
