"""A golden as the operators see it: slang's syntax tree with offsets; and what they make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Literal, TypeAlias

import msgspec
from pyslang import SourceManager
from pyslang.parsing import Token
from pyslang.syntax import SyntaxKind

from rtlbench.records.spec import Spec
from rtlbench.rtl.slang import parse


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """One broken golden."""

    kind: str
    """The operator that made it: a stable name."""
    text: str
    """The whole RTL."""
    line: int | None
    """Where the golden was changed; None where no line of it can be named."""
    description: str
    """What was changed, for a person."""
    source: Literal["source", "netlist"]

    @property
    def place(self) -> str:
        """`line 12: enable-dropped: ...`"""
        at = f"line {self.line}: " if self.line is not None else ""
        return f"{at}{self.kind}: {self.description}"


class Edit(msgspec.Struct, frozen=True, order=True):
    """Characters `start` to `end` of the golden become `text`."""

    start: int
    end: int
    text: str


class Proposal(msgspec.Struct, frozen=True):
    """A mutant before it is known to be valid."""

    edits: tuple[Edit, ...]
    description: str

    def apply(self, text: str) -> str:
        """`text` with every edit made, last one first."""
        for edit in sorted(self.edits, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text


Proposer: TypeAlias = Callable[["Design"], Iterator[Proposal]]


class Operator(msgspec.Struct, frozen=True):
    """One way of being wrong."""

    name: str
    propose: Proposer


K = SyntaxKind
Node: TypeAlias = Any
"""A node of slang's syntax tree, which has no stubs."""
NAMES = frozenset({K.IdentifierName, K.IdentifierSelectName})
ASSIGNMENTS = frozenset({K.AssignmentExpression, K.NonblockingAssignmentExpression})
CLOCKED = frozenset({K.AlwaysBlock, K.AlwaysFFBlock})
LITERALS = frozenset({K.IntegerLiteralExpression, K.IntegerVectorExpression})
COMPARISONS = frozenset({
    K.EqualityExpression, K.InequalityExpression, K.LessThanExpression,
    K.LessThanEqualExpression, K.GreaterThanExpression, K.GreaterThanEqualExpression,
})  # fmt: skip


class Design:
    """One golden's tree; every node once, in the order of the text."""

    def __init__(self, spec: Spec, text: str) -> None:
        self.spec = spec
        self.text = text
        self.tree = parse(text, SourceManager())
        self.nodes: list[Node] = []
        self.tree.root.visit(self._keep)

    def _keep(self, node: Node) -> None:
        if not isinstance(node, Token):
            self.nodes.append(node)

    def of(self, *kinds: SyntaxKind) -> Iterator[Node]:
        """All nodes of `kinds`."""
        return (n for n in self.nodes if n.kind in kinds)

    def within(self, node: Node, *kinds: SyntaxKind) -> Iterator[Node]:
        """The nodes of `kinds` inside `node`, itself included."""
        start, end = span(node)
        return (n for n in self.of(*kinds) if start <= span(n)[0] and span(n)[1] <= end)

    def source_text(self, node: Node) -> str:
        """The text of `node`."""
        start, end = span(node)
        return self.text[start:end]

    def short(self, node: Node) -> str:
        """The text of `node` in one short line, for descriptions."""
        words = " ".join(self.source_text(node).split())
        return words if len(words) <= 40 else f"{words[:37]}..."

    def line(self, offset: int) -> int:
        """1-based line of an offset."""
        return self.text.count("\n", 0, offset) + 1

    # Roles --------------------------------------------------------------------------

    @cached_property
    def resets(self) -> frozenset[str]:
        """Names of reset ports."""
        return self._of_role("reset")

    @cached_property
    def clocks(self) -> frozenset[str]:
        """Names of clock ports."""
        return self._of_role("clock")

    def _of_role(self, role: str) -> frozenset[str]:
        return frozenset(p.name for p in self.spec.inputs if p.role == role)

    @cached_property
    def control_inputs(self) -> frozenset[str]:
        """Names of one-bit inputs beside clocks and resets."""
        taken = self.clocks | self.resets
        return frozenset(p.name for p in self.spec.inputs if p.width == 1 and p.name not in taken)

    # Questions about nodes ----------------------------------------------------------

    def names(self, node: Node) -> list[str]:
        """Every signal named in `node`."""
        return [name_of(n) for n in self.within(node, *NAMES)]

    def is_reset_test(self, node: Node) -> bool:
        """Whether an `if` asks for reset alone."""
        if node.kind != K.ConditionalStatement:
            return False
        named = set(self.names(node.predicate))
        return bool(named) and named <= self.resets

    @cached_property
    def reset_tests(self) -> list[Node]:
        """Every `if` that asks for reset."""
        return [n for n in self.of(K.ConditionalStatement) if self.is_reset_test(n)]

    def in_reset(self, node: Node) -> bool:
        """Whether `node` lies in what reset does."""
        return any(contains(test.statement, node) for test in self.reset_tests)

    @cached_property
    def clocked(self) -> list[Node]:
        """Every always block with an edge of a clock in its event control."""
        return [b for b in self.of(*CLOCKED) if self.events(b)]

    def events(self, block: Node) -> list[Node]:
        """The edge events of a block."""
        if block.statement.kind != K.TimingControlStatement:
            return []
        control = block.statement.timingControl
        return [e for e in self.within(control, K.SignalEventExpression) if e.edge.valueText]

    def in_loop_header(self, node: Node) -> bool:
        """Whether `node` says how often a loop runs."""
        loops = self.of(K.ForLoopStatement)
        return any(contains(x, node) and not contains(x.statement, node) for x in loops)

    def block_of(self, node: Node) -> Node | None:
        """The clocked block that `node` lies in."""
        return next((b for b in self.clocked if contains(b, node)), None)

    def assignments(self, *kinds: SyntaxKind) -> Iterator[Node]:
        """Assignments, those of `for` headers aside."""
        for node in self.of(*(kinds or ASSIGNMENTS)):
            if node.parent is not None and node.parent.kind != K.ForLoopStatement:
                yield node

    @cached_property
    def body(self) -> tuple[int, int]:
        """Offsets of the top module's body, behind its header."""
        for node in self.of(K.ModuleDeclaration):
            if node.header.name.valueText == self.spec.top:
                return span(node.header)[1], span(node)[1]
        return 0, 0

    def uses(self, name: str) -> list[Node]:
        """Every use of a signal in the top module's body."""
        start, end = self.body
        return [
            n
            for n in self.of(*NAMES)
            if name_of(n) == name and start <= span(n)[0] and span(n)[1] <= end
        ]

    @cached_property
    def constants(self) -> list[list[str]]:
        """Groups of constants that belong together: an enum's, or a parameter declaration's."""
        found = []
        for node in self.of(K.EnumType, K.ParameterDeclaration):
            found.append([d.name.valueText for d in self.within(node, K.Declarator)])
        return [group for group in found if len(group) > 1]


def span(node: Node) -> tuple[int, int]:
    """First and last offset of a node, comments around it aside."""
    where = node.sourceRange
    return where.start.offset, where.end.offset


def contains(outer: Node, inner: Node) -> bool:
    """Whether `inner` lies in `outer`."""
    (a, b), (c, d) = span(outer), span(inner)
    return a <= c and d <= b


def name_of(node: Node) -> str:
    """The signal that a name or a select of it is about."""
    return str(node.identifier.valueText)


def replace(node: Node, text: str) -> Edit:
    """An edit that puts `text` in the place of a node."""
    return Edit(*span(node), text)


def replace_token(token: Node, text: str) -> Edit:
    """An edit that puts `text` in the place of a token."""
    at = token.location.offset
    return Edit(at, at + len(token.rawText), text)


def rename(node: Node, text: str) -> Edit:
    """An edit of a name that leaves its selects alone."""
    return replace_token(node.identifier, text)


def propose(description: str, *edits: Edit) -> Proposal:
    """A proposal of `edits`."""
    return Proposal(edits, description)
