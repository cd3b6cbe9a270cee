"""Variables that hold what nothing puts there: state whose value at power-up is unknown.

Found on slang's elaborated design, so in every instance and every block of a generate, whatever
synthesis may later make of them: a register that can never change is folded away there, and its
X with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyslang.ast import (
    BinaryOperator,
    EdgeKind,
    ExpressionKind,
    InstanceSymbol,
    ProceduralBlockSymbol,
    StatementKind,
    SymbolKind,
    TimingControlKind,
    UnaryOperator,
    VariableLifetime,
    VariableSymbol,
    VisitAction,
)
from pyslang.syntax import SyntaxKind

from rtlbench.records.spec import Spec
from rtlbench.rtl.lexical import UNKNOWN_LITERAL
from rtlbench.rtl.slang import Elaboration

_NOT = (UnaryOperator.LogicalNot, UnaryOperator.BitwiseNot)
_OR = (BinaryOperator.LogicalOr, BinaryOperator.BinaryOr)
_PLACES = frozenset(
    {
        SymbolKind.Instance,
        SymbolKind.InstanceBody,
        SymbolKind.InstanceArray,
        SymbolKind.GenerateBlock,
        SymbolKind.GenerateBlockArray,
        SymbolKind.StatementBlock,
        SymbolKind.Subroutine,
    }
)
"""Where declarations stand."""
_EDGES = (EdgeKind.PosEdge, EdgeKind.NegEdge, EdgeKind.BothEdges)
_NAMES = (ExpressionKind.NamedValue, ExpressionKind.HierarchicalValue)
_COMPUTED = frozenset({*_NAMES, ExpressionKind.Call})
_CONSTANTS = (SymbolKind.Parameter, SymbolKind.EnumValue)
Levels = Mapping[str, bool | None]
"""By a symbol's path: the level at which it resets; None for clocks."""


@dataclass(frozen=True)
class StateVariable:
    """One declaration of state that may start as anything; one of several instances' worth."""

    symbol: Any
    """slang's, of an instance in which it is as wide as in any; lives as long as its view."""
    name: str
    """As declared."""


def unknown_state(view: Elaboration, spec: Spec) -> list[StateVariable]:
    """Variables without a start value that edges or latches assign, or that nothing does.

    Left out are those that a reset is seen to set: an `always` on the Spec's clocks and resets
    which begins with `if (reset)` and gives the whole variable a constant there. All else counts;
    a reset that is harder to see (behind a synchroniser, in a loop over a memory) leaves a
    variable in.

    Args:
        view: A text without errors.
    """
    if view.top is None:
        return []
    walk = _walked(view, spec)
    levels = walk.levels
    set_by_reset = {path for block in walk.blocks for path in _reset_in(block, levels)}
    found: dict[int, StateVariable] = {}
    for symbol in walk.variables:
        if _path(symbol) in set_by_reset or not _is_open(symbol, view):
            continue
        at = symbol.location.offset
        if at not in found or _room(symbol) > _room(found[at].symbol):
            found[at] = StateVariable(symbol, str(symbol.name))
    return [found[at] for at in sorted(found)]


def clocked_blocks(view: Elaboration, spec: Spec) -> tuple[list[Any], Levels]:
    """Every process of a text without errors, and what is a clock or a reset of the Spec there."""
    walk = _walked(view, spec)
    return walk.blocks, walk.levels


def _walked(view: Elaboration, spec: Spec) -> _Walk:
    assert view.top is not None
    levels: dict[str, bool | None] = {}
    for port in spec.ports:
        if port.role in ("clock", "reset"):
            levels[f"{view.top.name}.{port.name}"] = (
                port.active == "high" if port.role == "reset" else None
            )
    walk = _Walk(levels)
    view.top.visit(walk)
    return walk


def _path(symbol: Any) -> str:
    return str(symbol.hierarchicalPath)


def _room(symbol: Any) -> int:
    return int(symbol.type.selectableWidth)


class _Walk:
    """Collects variables and processes; follows clocks and resets into instances."""

    def __init__(self, levels: dict[str, bool | None]) -> None:
        self.levels = levels
        self.variables: list[Any] = []
        self.blocks: list[Any] = []

    def __call__(self, node: Any) -> VisitAction:
        if isinstance(node, InstanceSymbol):
            self._enter(node)
        elif isinstance(node, ProceduralBlockSymbol):
            self.blocks.append(node)
        elif isinstance(node, VariableSymbol):
            self.variables.append(node)
        kind = getattr(node, "kind", None)
        return VisitAction.Advance if kind in _PLACES else VisitAction.Skip

    def _enter(self, instance: Any) -> None:
        for connection in instance.portConnections:
            inner = getattr(connection.port, "internalSymbol", None)
            path = named(connection.expression)
            if inner is not None and path in self.levels:
                self.levels[_path(inner)] = self.levels[path]


def named(expression: Any) -> str | None:
    """The path of the symbol that an expression is nothing but, through interfaces too."""
    if expression is None or expression.kind not in _NAMES:
        return None
    symbol = expression.symbol
    if symbol.kind == SymbolKind.ModportPort:
        symbol = symbol.internalSymbol
    return None if symbol is None else _path(symbol)


def _is_open(symbol: Any, view: Elaboration) -> bool:
    """Whether it may start as anything, and keep it."""
    if (
        symbol.kind != SymbolKind.Variable  # arguments of functions are given
        or symbol.lifetime != VariableLifetime.Static
        or symbol.initializer is not None
        or symbol.syntax is None
        or not _word(symbol.type).isIntegral
    ):
        return False
    drivers = list(view.analysis.getDrivers(symbol))
    blocks = [d.containingSymbol for d in drivers]
    if any(b.kind == SymbolKind.ProceduralBlock and _keeps(b) for b in blocks):
        return not _starts_whole(symbol, drivers)
    return not drivers and symbol.syntax.parent.kind == SyntaxKind.DataDeclaration


def _word(kind: Any) -> Any:
    while kind.isUnpackedArray:
        kind = kind.arrayElementType
    return kind


def _starts_whole(symbol: Any, drivers: list[Any]) -> bool:
    """Whether an initial block assigns all of a vector; of a memory that is not known."""
    if symbol.type.isUnpackedArray:
        return False
    return any(
        d.containingSymbol.kind == SymbolKind.ProceduralBlock
        and d.containingSymbol.procedureKind.name == "Initial"
        and d.bounds[0] == 0
        and d.bounds[1] >= symbol.type.bitWidth - 1
        for d in drivers
    )


def _keeps(block: Any) -> bool:
    """Whether a process is meant to hold what it assigns: on edges, or as a latch."""
    return bool(edges_of(block)) or block.procedureKind.name == "AlwaysLatch"


def edges_of(block: Any) -> list[Any]:
    """The events of an `always` that waits for edges; empty for all others."""
    body = block.body
    if body.kind != StatementKind.Timed:
        return []
    timing = body.timing
    events = list(timing.events) if timing.kind == TimingControlKind.EventList else [timing]
    plain = [e for e in events if e.kind == TimingControlKind.SignalEvent]
    return plain if any(e.edge in _EDGES for e in plain) else []


def _reset_in(block: Any, levels: Levels) -> Iterator[str]:
    """Paths of the variables that a process sets whole whenever the reset is asserted."""
    edges = edges_of(block)
    if not edges or any(named(e.expr) not in levels or e.iffCondition for e in edges):
        return
    statement = _inner(block.body.stmt)
    if statement.kind != StatementKind.Conditional or len(statement.conditions) != 1:
        return
    level = _asserted(statement.conditions[0].expr, levels)
    branch = statement.ifTrue if level else statement.ifFalse if level is False else None
    if branch is not None:
        paths = [_set_whole(part) for part in _parts(branch)]
        yield from (p for p in paths if p is not None and None not in paths)


def _set_whole(statement: Any) -> str | None:
    """The path of the variable that a statement gives a constant; None where it does else."""
    if statement.kind != StatementKind.ExpressionStatement:
        return None
    expression = statement.expr
    if expression.kind != ExpressionKind.Assignment or not _is_constant(expression.right):
        return None
    return named(expression.left)


def _is_constant(expression: Any) -> bool:
    """Whether an expression is made of known literals and parameters alone."""
    if UNKNOWN_LITERAL.search(str(expression.syntax)):
        return False
    plain = True

    def visit(node: Any) -> None:
        nonlocal plain
        is_named = node.kind == ExpressionKind.NamedValue
        plain = plain and is_named and node.symbol.kind in _CONSTANTS

    expression.visit(lookup_table=dict.fromkeys(_COMPUTED, visit))
    return plain


def _inner(statement: Any) -> Any:
    """What a block of one statement holds."""
    while (parts := _parts(statement)) and len(parts) == 1 and parts[0] is not statement:
        statement = parts[0]
    return statement


def _parts(statement: Any) -> list[Any]:
    if statement.kind == StatementKind.Block:
        return _parts(statement.body)
    return list(statement.list) if statement.kind == StatementKind.List else [statement]


def _asserted(condition: Any, levels: Levels) -> bool | None:
    """What the condition is, for sure, while a reset is asserted; None where that is open."""
    kind = condition.kind
    if kind in _NAMES:
        path = named(condition)
        return None if path is None else levels.get(path)
    if kind == ExpressionKind.Conversion:
        return _asserted(condition.operand, levels)
    if kind == ExpressionKind.UnaryOp and condition.op in _NOT:
        inside = _asserted(condition.operand, levels)
        return None if inside is None else not inside
    if kind == ExpressionKind.BinaryOp and condition.op in _OR:
        sides = (_asserted(condition.left, levels), _asserted(condition.right, levels))
        return True if True in sides else None
    return None
