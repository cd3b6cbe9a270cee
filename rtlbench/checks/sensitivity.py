"""What a block waits for, against what it computes: seen by slang, ignored by synthesis.

A block with a list of signals that leaves out one that it reads, and a function that reads more
than its arguments, show a simulator old values; a clock that a block without an edge makes comes
a moment late. Synthesis builds another circuit from each. They are warnings: what such an answer
does is judged by its simulation and its netlist (rtlbench.checks.synthesis_mismatch).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pyslang.ast import (
    EdgeKind,
    ExpressionKind,
    StatementKind,
    SymbolKind,
    TimingControlKind,
    VariableLifetime,
)
from pyslang.syntax import SyntaxKind

from rtlbench.equivalence.start_state import edges_of
from rtlbench.rtl.slang import Elaboration

SHOWN = 3
_SIGNALS = (SymbolKind.Variable, SymbolKind.Net)
_WAITING = frozenset(
    {SymbolKind.ProceduralBlock, SymbolKind.ContinuousAssign, SymbolKind.Net}
)
"""What is computed anew when something changes."""
_EDGES = (EdgeKind.PosEdge, EdgeKind.NegEdge, EdgeKind.BothEdges)
_READ = frozenset(
    {ExpressionKind.NamedValue, ExpressionKind.Assignment, ExpressionKind.Call}
)
_STATIC = VariableLifetime.Static
_INSIDE = frozenset(
    {
        SyntaxKind.SequentialBlockStatement, SyntaxKind.ForLoopStatement,
        SyntaxKind.FunctionDeclaration, SyntaxKind.TaskDeclaration,
    }
)  # fmt: skip


class Unheard(NamedTuple):
    """One place where simulation and synthesis may part."""

    rule: str
    message: str
    offset: int


def unheard(view: Elaboration) -> list[Unheard]:
    """What the blocks of a text without errors do not wait for, a line of text each once."""
    if view.top is None:
        return []
    found: dict[tuple[str, int], Unheard] = {}

    def visit(node: Any) -> None:
        looked: Iterator[Unheard] = iter(())
        if node.kind == SymbolKind.ProceduralBlock:
            looked = _in_block(node, view)
        elif node.kind == SymbolKind.ContinuousAssign:
            looked = _around_arguments(node.assignment, node, view)
        elif node.initializer is not None:
            looked = _around_arguments(node.initializer, node, view)
        for one in looked:
            found.setdefault((one.rule, one.offset), one)

    view.top.visit(lookup_table=dict.fromkeys(_WAITING, visit))
    return sorted(found.values(), key=lambda one: one.offset)


def _in_block(block: Any, view: Elaboration) -> Iterator[Unheard]:
    body = block.body
    if block.procedureKind.name != "Always" or body.kind != StatementKind.Timed:
        if edges_of(block):
            yield from _made_clocks(block, view)
        return
    if edges_of(block):
        yield from _made_clocks(block, view)
    elif body.timing.kind == TimingControlKind.ImplicitEvent:
        yield from _never_woken(block, list(_reads(body.stmt, functions=False).values()), view)
        yield from _around_arguments(body.stmt, block, view)
    else:
        yield from _left_out(block, view)


def _left_out(block: Any, view: Elaboration) -> Iterator[Unheard]:
    """Signals that a block reads and neither waits for nor assigns."""
    timing = block.body.timing
    events = list(timing.events) if timing.kind == TimingControlKind.EventList else [timing]
    if any(e.kind != TimingControlKind.SignalEvent or e.edge in _EDGES for e in events):
        return
    waited = [s for e in events for s in _signals(e.expr)]
    yield from _never_woken(block, waited, view)
    listed = {_key(s) for s in waited}
    read = _reads(block.body.stmt, functions=True)
    names = [s.name for k, s in read.items() if k not in listed and _changes(s, view)]
    if names:
        yield Unheard(
            "lint.incomplete-list",
            f"the block reads {_told(names)} without waiting for it: a simulator keeps an old "
            "value, synthesis does not",
            int(block.location.offset),
        )


def _never_woken(block: Any, waited: list[Any], view: Elaboration) -> Iterator[Unheard]:
    """A block for whose signals nothing but a start value, or the block itself, ever cares."""
    if not any(_changes(s, view, but_for=int(block.location.offset)) for s in waited):
        told = f"{_told([s.name for s in waited])}, which" if waited else "what"
        yield Unheard(
            "lint.never-woken",
            f"the block waits for {told} never changes: a simulator may never run it",
            int(block.location.offset),
        )


def _around_arguments(inside: Any, where: Any, view: Elaboration) -> Iterator[Unheard]:
    """Signals that functions read, which nothing outside them names."""
    plain, all_read = _reads(inside, functions=False), _reads(inside, functions=True)
    names = [s.name for k, s in all_read.items() if k not in plain and _changes(s, view)]
    if names:
        yield Unheard(
            "lint.incomplete-list",
            f"a function reads {_told(names)}, which is no argument of it: nothing is computed "
            "anew when that alone changes",
            int(where.location.offset),
        )


def _made_clocks(block: Any, view: Elaboration) -> Iterator[Unheard]:
    """Clocks that a block without an edge assigns."""
    for event in edges_of(block):
        for symbol in _signals(event.expr):
            makers = [d.containingSymbol for d in view.analysis.getDrivers(symbol)]
            if any(m.kind == SymbolKind.ProceduralBlock and _is_combinational(m) for m in makers):
                yield Unheard(
                    "lint.made-clock",
                    f"{symbol.name} is a clock that a combinational block makes: in simulation it "
                    "comes a delta cycle later than what it is made of",
                    int(block.location.offset),
                )


def _is_combinational(block: Any) -> bool:
    return block.procedureKind.name != "Initial" and not edges_of(block)


def _signals(expression: Any) -> list[Any]:
    found: list[Any] = []

    def visit(node: Any) -> None:
        found.append(node.symbol)

    expression.visit(lookup_table={ExpressionKind.NamedValue: visit})
    return [s for s in found if s.kind in _SIGNALS]


def _reads(inside: Any, *, functions: bool) -> dict[str, Any]:
    """Signals that `inside` names and does not assign itself, by path; those of the functions
    that it calls, too, where asked."""
    reading = _Reading(functions)
    inside.visit(lookup_table=dict.fromkeys(_READ, reading))
    return {k: s for k, s in reading.named.items() if k not in reading.assigned}


class _Reading:
    """Collects what is named. No closure that names itself: what that holds of slang's would live
    on after the text that it is of."""

    def __init__(self, functions: bool) -> None:
        self.named: dict[str, Any] = {}
        self.assigned: set[str] = set()
        self._functions = functions
        self._entered: set[str] = set()

    def __call__(self, node: Any) -> None:
        kind = node.kind
        if kind == ExpressionKind.NamedValue:
            if _is_kept(node.symbol):
                self.named.setdefault(_key(node.symbol), node.symbol)
        elif kind == ExpressionKind.Assignment:
            self.assigned.update(_key(s) for s in _targets(node.left))
        elif self._functions and not node.isSystemCall:
            self._enter(node.subroutine)

    def _enter(self, routine: Any) -> None:
        if _key(routine) not in self._entered:
            self._entered.add(_key(routine))
            routine.body.visit(lookup_table=dict.fromkeys(_READ, self))


def _targets(left: Any) -> list[Any]:
    """The signals that an assignment gives a value, without those that only choose a place."""
    if left.kind == ExpressionKind.Concatenation:
        return [s for part in left.operands for s in _targets(part)]
    while left.kind != ExpressionKind.NamedValue:
        inner = getattr(left, "value", None)
        if inner is None:
            return []
        left = inner
    return [left.symbol]


def _is_kept(symbol: Any) -> bool:
    """Whether it is a signal of a module, and nothing of a block's or a function's own."""
    if symbol.kind not in _SIGNALS or getattr(symbol, "lifetime", _STATIC) != _STATIC:
        return False
    node = symbol.syntax
    while node is not None and node.kind not in _INSIDE:
        node = node.parent
    return node is None


def _changes(symbol: Any, view: Elaboration, but_for: int = -1) -> bool:
    """Whether anything but a start value, and but for the block at an offset, gives it a value."""
    makers: list[Any] = [d.containingSymbol for d in view.analysis.getDrivers(symbol)]
    blocks = [m for m in makers if m.kind == SymbolKind.ProceduralBlock]
    if any(m.location.offset != but_for and m.procedureKind.name != "Initial" for m in blocks):
        return True
    initializer = getattr(symbol, "initializer", None)
    if initializer is None:
        return len(blocks) < len(makers) or not makers
    return symbol.kind == SymbolKind.Net and bool(_signals(initializer))


def _key(symbol: Any) -> str:
    return str(symbol.hierarchicalPath)


def _told(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = len(unique) - SHOWN
    return ", ".join(unique[:SHOWN]) + (f" and {more} more" if more > 0 else "")
