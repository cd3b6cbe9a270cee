"""One walk over slang's syntax tree: what must be renamed, and what must be refused.

The walk and the lists in refused_forms.py are the only places that know which forms of the
language an answer has no business with; the safety Check turns them into Findings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from pyslang.ast import VisitAction
from pyslang.parsing import Token, TokenKind
from pyslang.syntax import SyntaxKind, SyntaxTree

from rtlbench.io.untrusted import quoted
from rtlbench.rtl.lexical import UNKNOWN_LITERAL
from rtlbench.rtl.refused_forms import ALLOWED_SYSTEM_NAMES, ELABORATION_TASKS, FORBIDDEN_KINDS
from rtlbench.rtl.slang import file_members

_K = SyntaxKind
MAX_LOOP_STEPS = 1 << 16
"""Steps of nested loops in a procedure; hardware of so many copies is no answer."""
_NUMBER = re.compile(r"(?<![\w'.])\d[\d_]*(?!\s*'|[\w.])")
_CONDITIONS = frozenset({_K.IfGenerate, _K.ElseClause, _K.StandardCaseItem, _K.DefaultCaseItem})
_ASSERTION_MEMBERS = frozenset({
    _K.ConcurrentAssertionMember, _K.ImmediateAssertionMember, _K.PropertyDeclaration,
    _K.SequenceDeclaration, _K.DefaultDisableDeclaration,
})  # fmt: skip
_ASSERTION_STATEMENTS = frozenset({
    _K.ImmediateAssertStatement, _K.ImmediateAssumeStatement, _K.ImmediateCoverStatement,
    _K.AssertPropertyStatement, _K.AssumePropertyStatement, _K.CoverPropertyStatement,
    _K.CoverSequenceStatement, _K.RestrictPropertyStatement,
})  # fmt: skip
_TYPES = frozenset({_K.TypedefDeclaration, _K.ForwardTypedefDeclaration, _K.TypeAssignment})
_MODULE_LEVEL = frozenset({_K.ModuleDeclaration, _K.EmptyMember})


_ASSIGNMENTS = frozenset({_K.AssignmentExpression, _K.NonblockingAssignmentExpression})
_LITERALS = frozenset({_K.IntegerVectorExpression, _K.UnbasedUnsizedLiteralExpression})
_ALL_UNKNOWN = re.compile(r"(?:\d+\s*)?'\s*s?[bohdBOHD]\s*[xX][xX_]*|'[xX]")


@dataclass
class Scan:
    """What one walk found; offsets are into the prepared text."""

    modules: dict[str, int] = field(default_factory=dict)
    """Offset of the name of each module defined."""
    names: list[tuple[int, str]] = field(default_factory=list)
    """(offset, text) of every token that names a module or an interface: definitions, instances,
    end labels, and the types of ports."""
    forbidden: list[tuple[str, str, int]] = field(default_factory=list)
    """(rule, what, offset) of every form that is refused."""
    delays: list[tuple[int, int]] = field(default_factory=list)
    """(offset, length) of delays, `unique` and elaboration checks, which synthesis ignores and
    which are blanked for all tools."""
    assertions: list[tuple[int, int, str]] = field(default_factory=list)
    """(offset, length, what is left) of assertions, which are no part of the circuit: no tool sees
    them, nor what they do when they hold or fail."""
    equalities: list[int] = field(default_factory=list)
    """Offsets of `===` and `!==`, which compare to hardware as `==` and `!=` do."""
    other_members: bool = False
    """True where the file holds more than modules (packages, typedefs...): it cannot share a
    simulation, since those names cannot be told apart safely."""

    def refuse(self, rule: str, what: str, location: Any) -> None:
        """Note a refused form."""
        self.forbidden.append((rule, what, location.offset))


def scan(tree: SyntaxTree) -> Scan:
    """Walk the whole tree once."""
    found = Scan()
    for member in file_members(tree):
        found.other_members = found.other_members or member.kind not in _MODULE_LEVEL
    walk = _Walk(found)
    tree.root.visit(lookup_table=dict.fromkeys(_LOOKED_AT, walk))
    found.names += (name for name in walk.type_names if name[1] not in walk.types)
    for path in walk.paths:
        _refuse_own_path(found, path)
    return found


class _Walk:
    def __init__(self, found: Scan) -> None:
        self.found = found
        self._skipped_to = 0
        """Offset behind the last assertion: what stands in it is not looked at."""
        self.types: set[str] = set()
        """Names that the text gives to types, anywhere in it."""
        self.type_names: list[tuple[int, str]] = []
        """(offset, text) where a type stands by name: `module core(bus_if b)` reads so."""
        self.paths: list[Any] = []
        """Names with parts, those in assertions too."""

    def __call__(self, node: Any) -> None:
        if isinstance(node, Token):
            if node.location.offset >= self._skipped_to:
                self._system_name(node)
            return
        kind = node.kind
        if kind == _K.ScopedName:
            self.paths.append(node)
        if _start(node).offset < self._skipped_to:
            return
        if kind in _ASSERTION_MEMBERS or kind in _ASSERTION_STATEMENTS:
            self._skipped_to = _assertion(self.found, node)
            return
        what = FORBIDDEN_KINDS.get(kind)
        if what is not None:
            self.found.refuse("safety.construct", what, _start(node))
        visit = _VISITS.get(kind)
        if visit is not None:
            visit(self.found, node)
        elif kind in _TYPES:
            self.types.add(node.name.rawText)
        elif kind == _K.NamedType and node.name.kind == _K.IdentifierName:
            token = node.name.identifier
            self.type_names.append((token.location.offset, token.rawText))

    def _system_name(self, token: Any) -> None:
        name = token.valueText
        if name not in ALLOWED_SYSTEM_NAMES:
            self.found.refuse("safety.system-task", name, token.location)


def _assertion(found: Scan, node: Any) -> int:
    """Have an assertion blanked; the offset behind it."""
    start, end = node.sourceRange.start.offset, node.sourceRange.end.offset
    alone = node.parent is not None and node.parent.kind in _CONDITIONS
    left = ";" if alone or node.kind in _ASSERTION_STATEMENTS else " "
    found.assertions.append((start, end - start, left))
    return int(end)


def _unique(found: Scan, node: Any) -> None:
    """`unique`, `unique0`, `priority` assert something of the conditions behind them; the first
    that holds is taken all the same."""
    word = node.uniqueOrPriority
    if word is not None and word.rawText:
        found.delays.append((word.location.offset, len(word.rawText)))


def _start(node: Any) -> Any:
    return node.sourceRange.start


def _module(found: Scan, node: Any) -> None:
    name = node.header.name
    if name.valueText in found.modules:
        found.refuse("safety.duplicate-module", name.valueText, name.location)
    found.modules.setdefault(name.valueText, name.location.offset)
    found.names.append((name.location.offset, name.rawText))
    if node.blockName is not None:
        label = node.blockName.name
        found.names.append((label.location.offset, label.rawText))


def _instantiation(found: Scan, node: Any) -> None:
    found.names.append((node.type.location.offset, node.type.rawText))


def _interface_port(found: Scan, node: Any) -> None:
    name = node.nameOrKeyword
    found.names.append((name.location.offset, name.rawText))


def _procedure(found: Scan, node: Any) -> None:
    if node.statement.kind != _K.TimingControlStatement:
        found.refuse("safety.timing", "always without an event control never ends", _start(node))


def _timing_statement(found: Scan, node: Any) -> None:
    parent = node.parent
    of_always = parent is not None and parent.kind in (_K.AlwaysBlock, _K.AlwaysFFBlock)
    if not of_always:
        found.refuse("safety.timing", "event control or delay inside a procedure", _start(node))
    elif node.timingControl.kind not in (_K.EventControlWithExpression, _K.ImplicitEventControl,
                                         _K.EventControl):
        found.refuse("safety.timing", "delay as event control", _start(node))


def _timing_expression(found: Scan, node: Any) -> None:
    """`q <= @(negedge clk) d`: only a delay may stand there."""
    if node.timing.kind not in (_K.DelayControl, _K.Delay3):
        found.refuse("safety.timing", "event control inside an assignment", _start(node))


def _delay(found: Scan, node: Any) -> None:
    """`#1` inside an assignment: blanked when it is a plain number, refused otherwise."""
    parent = node.parent
    inside = parent is not None and parent.kind in (
        _K.TimingControlExpression, _K.ContinuousAssign, _K.PrimitiveInstantiation,
        _K.HierarchyInstantiation, _K.NetDeclaration,
    )
    span = node.sourceRange
    text = str(node).strip()
    if parent is not None and parent.kind == _K.TimingControlStatement:
        return  # refused with its statement
    if inside and all(c in "#0123456789.,()nupsm " for c in text):
        found.delays.append((span.start.offset, span.end.offset - span.start.offset))
    else:
        found.refuse("safety.timing", f"delay {quoted(text)}", span.start)


def _case_equality(found: Scan, node: Any) -> None:
    found.equalities.append(node.operatorToken.location.offset)


def _starts_unknown(found: Scan, node: Any) -> None:
    """A register that is told to start as X in part behaves in a simulator as no hardware does.

    X in all its bits is what it has without being told: no tool sees that.
    """

    def visit(inner: Any) -> VisitAction:
        whole = _assigned_in_initial(inner) if inner.kind == _K.ExpressionStatement else None
        if whole is not None and _ALL_UNKNOWN.fullmatch(str(whole).strip()):
            start, end = inner.sourceRange.start.offset, inner.sourceRange.end.offset
            found.assertions.append((start, end - start, ";"))
            return VisitAction.Skip
        if inner.kind in _LITERALS and UNKNOWN_LITERAL.search(str(inner)):
            found.refuse("safety.unknown-value", str(inner).strip(), _start(inner))
        return VisitAction.Advance

    node.visit(lookup_table=dict.fromkeys({_K.ExpressionStatement, *_LITERALS}, visit))


def _assigned_in_initial(statement: Any) -> Any:
    """What a statement gives a whole variable; None for another statement."""
    expression = statement.expr
    if expression.kind not in _ASSIGNMENTS or expression.left.kind != _K.IdentifierName:
        return None
    return expression.right


def _declared_unknown(found: Scan, initializer: Any) -> None:
    if _ALL_UNKNOWN.fullmatch(str(initializer.expr).strip()):
        span = initializer.sourceRange
        found.delays.append((span.start.offset, span.end.offset - span.start.offset))
    else:
        _starts_unknown(found, initializer)


def _data(found: Scan, node: Any) -> None:
    """Strings and dynamic arrays grow as they are told to, and are no hardware."""
    if node.type.kind == _K.StringType:
        found.refuse("safety.construct", "string variable", _start(node))
    for declarator in (d for d in node.declarators if not isinstance(d, Token)):
        if any(d.specifier is None for d in declarator.dimensions):
            found.refuse("safety.construct", "dynamic array", _start(declarator))
        if declarator.initializer is not None:
            _declared_unknown(found, declarator.initializer)


def _dimension(found: Scan, node: Any) -> None:
    """`[string]`, `[int]`: an index by type."""
    if node.selector.kind == _K.BitSelect and str(node.selector.expr.kind).endswith("Type"):
        found.refuse("safety.construct", "associative array", _start(node))


def _loop(found: Scan, node: Any) -> None:
    """Loops in procedures are unrolled by some tools and run by others: both cost the product of
    the numbers that nested loops name."""
    steps, at = 1, node
    while at is not None:
        if at.kind in (_K.ForLoopStatement, _K.LoopStatement):
            steps *= max(1, _largest(at.stopExpr if at.kind == _K.ForLoopStatement else at.expr))
        at = at.parent
    if steps > MAX_LOOP_STEPS:
        found.refuse("safety.loop", f"a loop of {steps:,} steps", _start(node))


def _largest(expression: Any) -> int:
    """The largest plain number in a loop's condition; 0 where it names none."""
    if expression is None:
        return 0
    numbers = (n.replace("_", "") for n in _NUMBER.findall(str(expression)))
    return max((int(n[:20]) for n in numbers), default=0)


def _elaboration_task(found: Scan, node: Any) -> None:
    """slang has seen which of them speak; some tools know none of them, and are given blanks."""
    name = node.name.valueText
    if name not in ELABORATION_TASKS:
        found.refuse("safety.system-task", name, node.name.location)
    span = node.sourceRange
    only = node.parent is not None and node.parent.kind in _CONDITIONS
    length = span.end.offset - span.start.offset - only  # `if (W < 1) ;` keeps its semicolon
    found.delays.append((span.start.offset, length))


def _system_call(found: Scan, node: Any) -> None:
    name = node.systemIdentifier.valueText
    if name in ELABORATION_TASKS:
        found.refuse("safety.system-task", name, node.systemIdentifier.location)


_VISITS = {
    _K.ModuleDeclaration: _module,
    _K.InterfaceDeclaration: _module,
    _K.HierarchyInstantiation: _instantiation,
    _K.InterfacePortHeader: _interface_port,
    _K.AlwaysBlock: _procedure,
    _K.TimingControlStatement: _timing_statement,
    _K.TimingControlExpression: _timing_expression,
    _K.DelayControl: _delay,
    _K.Delay3: _delay,
    _K.ConditionalStatement: _unique,
    _K.CaseStatement: _unique,
    _K.ElabSystemTask: _elaboration_task,
    _K.SystemName: _system_call,
    _K.CaseEqualityExpression: _case_equality,
    _K.CaseInequalityExpression: _case_equality,
    _K.InitialBlock: _starts_unknown,
    _K.DataDeclaration: _data,
    _K.RangeDimensionSpecifier: _dimension,
    _K.ForLoopStatement: _loop,
    _K.LoopStatement: _loop,
}


_LOOKED_AT = frozenset({
    *_ASSERTION_MEMBERS, *_ASSERTION_STATEMENTS, *FORBIDDEN_KINDS, *_VISITS, *_TYPES,
    _K.NamedType, _K.ScopedName, TokenKind.SystemIdentifier,
})  # fmt: skip
"""What slang shows the walk; most of a tree is none of these."""


def _refuse_own_path(found: Scan, name: Any) -> None:
    """`module_name.signal`: a path through the hierarchy that renaming would break."""
    first = name.getFirstToken()
    dotted = name.separator.kind == TokenKind.Dot
    if dotted and first is not None and first.valueText in found.modules:
        found.refuse("safety.hierarchical-reference", str(name).strip(), first.location)
