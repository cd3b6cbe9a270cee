"""Texts that say the same to a simulator and to a synthesizer, so that the netlist may stand for
the text where no quick simulator compiles that.

It is what careful RTL looks like: blocks of one kind each, clocked by the task's own clocks and
resets, non-blocking where there is an edge and blocking where there is none, no delays. Whatever
is not seen to be so is not claimed.
"""

from __future__ import annotations

from typing import Any

from pyslang.ast import (
    ExpressionKind,
    StatementKind,
    TimingControlKind,
    UnaryOperator,
    VariableLifetime,
)
from pyslang.syntax import SyntaxKind

from rtlbench.equivalence.start_state import clocked_blocks, edges_of, named
from rtlbench.records.spec import Spec
from rtlbench.rtl.slang import Elaboration

_STEPS = frozenset(
    {
        UnaryOperator.Preincrement, UnaryOperator.Predecrement,
        UnaryOperator.Postincrement, UnaryOperator.Postdecrement,
    }
)  # fmt: skip
_PARTS = frozenset(
    {
        ExpressionKind.ElementSelect, ExpressionKind.RangeSelect, ExpressionKind.MemberAccess,
        ExpressionKind.Conversion,
    }
)  # fmt: skip
_INSIDE = frozenset(
    {
        SyntaxKind.SequentialBlockStatement, SyntaxKind.FunctionDeclaration,
        SyntaxKind.TaskDeclaration,
    }
)  # fmt: skip
_OUTSIDE = frozenset({SyntaxKind.ModuleDeclaration, SyntaxKind.InterfaceDeclaration})
_DELAYS = frozenset(kind for kind in SyntaxKind if "Delay" in kind.name)
_WAITING = frozenset(
    {
        StatementKind.Timed, StatementKind.Wait, StatementKind.WaitFork, StatementKind.WaitOrder,
        StatementKind.EventTrigger, StatementKind.ProceduralAssign, StatementKind.ForeverLoop,
    }
)  # fmt: skip
_TELLING = frozenset({*_WAITING, ExpressionKind.Assignment, ExpressionKind.UnaryOp})


def has_one_meaning(view: Elaboration, spec: Spec) -> bool:
    """Whether a text without errors is known to be the same circuit as its netlist."""
    if view.top is None or _has_delays(view):
        return False
    blocks, levels = clocked_blocks(view, spec)
    return all(_is_plain(block, levels) for block in blocks)


def _has_delays(view: Elaboration) -> bool:
    found: list[Any] = []
    view.tree.root.visit(lookup_table=dict.fromkeys(_DELAYS, found.append))
    return bool(found)


def _is_plain(block: Any, levels: Any) -> bool:
    kind = block.procedureKind.name
    if kind in ("Initial", "AlwaysComb", "AlwaysLatch"):
        return _assigns(block.body, at_edges=False)
    if kind not in ("Always", "AlwaysFF") or block.body.kind != StatementKind.Timed:
        return False
    edges = edges_of(block)
    if edges:
        known = all(named(e.expr) in levels and not e.iffCondition for e in edges)
        return known and _assigns(block.body.stmt, at_edges=True)
    is_implicit = block.body.timing.kind == TimingControlKind.ImplicitEvent
    return is_implicit and _assigns(block.body.stmt, at_edges=False)


def _assigns(body: Any, *, at_edges: bool) -> bool:
    """Whether the assignments in a block are of its kind, and it never waits."""
    fits = True

    def visit(node: Any) -> None:
        nonlocal fits
        if node.kind in _WAITING:
            fits = False
        elif node.kind == ExpressionKind.Assignment:
            fits = fits and node.timingControl is None
            fits = fits and _fits(node.left, at_edges=at_edges, later=node.isNonBlocking)
        elif node.op in _STEPS:
            fits = fits and _fits(node.operand, at_edges=at_edges, later=False)

    body.visit(lookup_table=dict.fromkeys(_TELLING, visit))
    return fits


def _fits(target: Any, *, at_edges: bool, later: bool) -> bool:
    if later:
        return at_edges
    return not at_edges or _is_local(target)


def _is_local(target: Any) -> bool:
    """Whether nothing outside the block can see what is assigned."""
    if target.kind == ExpressionKind.Concatenation:
        return all(_is_local(operand) for operand in target.operands)
    while target.kind in _PARTS:
        target = target.operand if target.kind == ExpressionKind.Conversion else target.value
    if target.kind != ExpressionKind.NamedValue:
        return False
    node = target.symbol.syntax
    while node is not None and node.kind not in _OUTSIDE:
        if node.kind in _INSIDE:
            return True
        node = node.parent
    return bool(target.symbol.lifetime == VariableLifetime.Automatic)
