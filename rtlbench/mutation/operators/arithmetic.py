"""Operators: one taken for another, one left out."""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.mutation.design import Design, K, propose, replace_token
from rtlbench.mutation.mutant import Operator, Proposal

_OTHERS: dict[str, tuple[str, ...]] = {
    "+": ("-",),
    "-": ("+",),
    "&": ("|", "^"),
    "|": ("&", "^"),
    "^": ("&", "|"),
    "&&": ("||",),
    "||": ("&&",),
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
}
_BINARY = (
    K.AddExpression, K.SubtractExpression, K.BinaryAndExpression, K.BinaryOrExpression,
    K.BinaryXorExpression, K.LogicalAndExpression, K.LogicalOrExpression, K.EqualityExpression,
    K.InequalityExpression, K.LessThanExpression, K.LessThanEqualExpression,
    K.GreaterThanExpression, K.GreaterThanEqualExpression,
)  # fmt: skip
_NEGATIONS = (K.UnaryLogicalNotExpression, K.UnaryBitwiseNotExpression)
_REDUCTIONS = {
    K.UnaryBitwiseAndExpression: "|",
    K.UnaryBitwiseOrExpression: "&",
    K.UnaryBitwiseXorExpression: "|",
}
_BOUNDS: dict[str, tuple[str, ...]] = {"<": ("<=",), "<=": ("<",), ">": (">=",), ">=": (">",)}
"""In the header of a loop any other change makes it endless."""


def operator_changed(design: Design) -> Iterator[Proposal]:
    """One operator stands for another."""
    for node in design.of(*_BINARY):
        token = node.operatorToken
        others = _OTHERS[token.rawText]
        for other in _BOUNDS.get(token.rawText, ()) if design.in_loop_header(node) else others:
            told = f"`{design.short(node)}` is written with {other}"
            yield propose(told, replace_token(token, other))
    for node in design.of(*_REDUCTIONS):
        told = f"`{design.short(node)}` is written with {_REDUCTIONS[node.kind]}"
        yield propose(told, replace_token(node.operatorToken, _REDUCTIONS[node.kind]))


def negation_missing(design: Design) -> Iterator[Proposal]:
    """A negation is left out."""
    tested = [test.predicate for test in design.reset_tests]
    for node in design.of(*_NEGATIONS):
        if any(design.said(t) == design.said(node) for t in tested):
            continue  # that is a reset of the wrong polarity
        told = f"`{design.short(node)}` is not negated"
        yield propose(told, replace_token(node.operatorToken, ""))


OPERATORS = (
    Operator("operator-changed", operator_changed),
    Operator("negation-missing", negation_missing),
)
