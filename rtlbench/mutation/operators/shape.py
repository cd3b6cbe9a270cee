"""Shapes: widths, the order of bits, shifts."""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.mutation.design import Design, K, Node, propose, replace, replace_token
from rtlbench.mutation.literals import rewritten, value_of
from rtlbench.mutation.mutant import Operator, Proposal

_OTHER_SHIFT = {"<<": ">>", ">>": "<<", "<<<": ">>>", ">>>": "<<"}
_SHIFTS = (
    K.LogicalShiftLeftExpression, K.LogicalShiftRightExpression,
    K.ArithmeticShiftLeftExpression, K.ArithmeticShiftRightExpression,
)  # fmt: skip


def width_wrong(design: Design) -> Iterator[Proposal]:
    """A signal inside has a bit too few or too many."""
    for node in design.of(K.DataDeclaration):
        names = ", ".join(d.name.valueText for d in design.within(node, K.Declarator))
        for bound in design.within(node.type, K.SimpleRangeSelect):
            said = design.said(bound.left)
            high = value_of(said)
            for step in (-1, 1) if high is not None else ():
                assert high is not None
                text = rewritten(said, high + step)
                if text is not None:
                    told = f"`{names}` is declared [{text}:{design.said(bound.right)}]"
                    yield propose(told, replace(bound.left, text))


def bits_reordered(design: Design) -> Iterator[Proposal]:
    """The parts of a concatenation stand in the wrong order."""
    for node in design.of(K.ConcatenationExpression):
        parts = [design.said(e) for e in _elements(node)]
        if len(parts) < 2:
            continue
        turned = [*parts[1:], parts[0]]
        for order in (parts[::-1], turned) if len(parts) > 2 else (parts[::-1],):
            text = "{" + ", ".join(order) + "}"
            yield propose(f"`{design.short(node)}` is {text}", replace(node, text))


def _elements(node: Node) -> list[Node]:
    return [e for e in node.expressions if hasattr(e, "sourceRange")]


def shift_reversed(design: Design) -> Iterator[Proposal]:
    """A shift goes the other way."""
    for node in design.of(*_SHIFTS):
        other = _OTHER_SHIFT[node.operatorToken.rawText]
        told = f"`{design.short(node)}` shifts the other way"
        yield propose(told, replace_token(node.operatorToken, other))


OPERATORS = (
    Operator("width-wrong", width_wrong),
    Operator("bits-reordered", bits_reordered),
    Operator("shift-reversed", shift_reversed),
)
