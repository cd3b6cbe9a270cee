"""Changes of a golden: changes of style that leave its behaviour as it is, and defects.

Most defects are one mutation (rtlbench.mutation); to these come the two classics, an enable that
is declared and ignored and an output that is never assigned, and answers that are no module of the
asked name at all. `SPOILT` are wrong by how they are made; of the others a simulation must show
that they are (rtlbench.dataset.corpus_examples).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

import msgspec
from pyslang.parsing import Token, TokenKind

from rtlbench.errors import HarnessError
from rtlbench.mutation.design import (
    LITERALS,
    Design,
    Edit,
    K,
    Node,
    Proposal,
    replace,
    replace_token,
    span,
)
from rtlbench.mutation.mutants import source_mutants
from rtlbench.mutation.operators.numbers import value_of
from rtlbench.records.spec import Port, Spec

Style = Callable[[Design, random.Random], list[Edit]]
"""Edits that may all be made together; none where the design has nothing of the kind."""

_AFFIXES = ("{}_r", "{}_q", "{}_int", "r_{}", "my_{}", "{}_sig", "i_{}")
_COMMENTS = (
    "// sequential logic", "// state update", "// main process", "// next value", "// registers",
    "// combinational part", "// core behaviour", "// output logic",
)  # fmt: skip
_INDENTS = ("    ", "  ", "   ", "\t")
_SIZED = re.compile(r"(\d+)'[sS]?[bdh]", re.I)
_TURNED = (K.AddExpression, K.LogicalAndExpression, K.LogicalOrExpression, K.EqualityExpression)
_WRAPPINGS = (
    "{}",
    "{}",
    "```verilog\n{}```\n",
    "```systemverilog\n{}```\n",
    "Here is the module:\n\n```verilog\n{}```\n",
    "```verilog\n{}```\n\nThe design is synthesizable and follows the description.\n",
)


def restyled(spec: Spec, text: str, rng: random.Random) -> str:
    """`text`, free of comments, with some changes of style drawn by `rng`.

    Raises:
        HarnessError: The text is none that slang reads.
    """
    for style in rng.sample(STYLES, rng.randint(1, len(STYLES))):
        design = Design(spec, text)
        text = Proposal(tuple(style(design, rng)), "").apply(text)
    return _laid_out(text, rng)


def wrapped(text: str, rng: random.Random) -> str:
    """RTL as models give it: bare, in a fence, with a sentence before or behind."""
    return rng.choice(_WRAPPINGS).format(text)


def renamed_inside(design: Design, rng: random.Random) -> list[Edit]:
    """Signals, constants and types inside the module get other names, each everywhere."""
    names = _own_names(design)
    chosen = {n for n in names if rng.random() < 0.7}
    taken = {t.rawText for t in _identifiers(design)}
    affix = rng.choice(_AFFIXES)
    new = {n: affix.format(n) for n in sorted(chosen)}
    new = {n: to for n, to in new.items() if to not in taken}
    return [replace_token(t, new[t.rawText]) for t in _identifiers(design) if t.rawText in new]


def _own_names(design: Design) -> list[str]:
    """What the one module declares in its body; nothing where there are several modules."""
    if len(list(design.of(K.ModuleDeclaration))) > 1:
        return []
    start, _ = design.body
    ports = {p.name for p in design.spec.ports}
    found = [d.name for d in design.of(K.Declarator) if span(d)[0] >= start]
    return sorted({t.rawText for t in found} - ports)


def _identifiers(design: Design) -> list[Token]:
    found: list[Token] = []

    def visit(node: object) -> None:
        if isinstance(node, Token) and node.kind == TokenKind.Identifier:
            found.append(node)

    design.tree.root.visit(visit)
    return found


def plain_always(design: Design, rng: random.Random) -> list[Edit]:  # noqa: ARG001 - a Style
    """`always` for `always_ff`, as older Verilog has it."""
    return [replace_token(b.keyword, "always") for b in design.of(K.AlwaysFFBlock)]


def branches_turned(design: Design, rng: random.Random) -> list[Edit]:
    """One `if` asks for the opposite, its branches exchanged."""
    usable = [
        n
        for n in design.of(K.ConditionalStatement)
        if n.elseClause is not None and not design.is_reset_test(n)
    ]
    if not usable:
        return []
    node = rng.choice(usable)
    then, other = node.statement, node.elseClause.clause
    return [
        replace(node.predicate, f"!({design.source_text(node.predicate)})"),
        replace(then, f"begin\n{design.source_text(other)}\nend"),
        replace(other, f"begin\n{design.source_text(then)}\nend"),
    ]


def operands_turned(design: Design, rng: random.Random) -> list[Edit]:
    """`b + a` for `a + b`, once."""
    usable = [n for n in design.of(*_TURNED) if not design.in_loop_header(n)]
    if not usable:
        return []
    node = rng.choice(usable)
    left, right = design.source_text(node.left), design.source_text(node.right)
    return [replace(node.left, _closed(node.right, right)),
            replace(node.right, _closed(node.left, left))]


def _closed(node: Node, text: str) -> str:
    plain = node.kind in (K.IdentifierName, K.IdentifierSelectName, *LITERALS)
    return text if plain else f"({text})"


def other_base(design: Design, rng: random.Random) -> list[Edit]:
    """Sized numbers in another base, of the same width."""
    base = rng.choice("bhd")
    edits = []
    for node in design.of(K.IntegerVectorExpression):
        literal = design.source_text(node)
        value, sized = value_of(literal), _SIZED.match(literal)
        if value is not None and sized is not None and "s" not in sized[0].lower():
            form = {"b": "b", "h": "X", "d": "d"}[base]
            edits.append(replace(node, f"{sized[1]}'{base}{value:{form}}"))
    return edits


def blocks_bracketed(design: Design, rng: random.Random) -> list[Edit]:
    """`begin` and `end` around single statements of branches."""
    edits = []
    for node in design.of(K.ConditionalStatement):
        if node.statement.kind == K.ExpressionStatement and rng.random() < 0.8:
            edits.append(replace(node.statement, f"begin {design.source_text(node.statement)} end"))
    return edits


def commented(design: Design, rng: random.Random) -> list[Edit]:
    """A comment before blocks."""
    edits = []
    for node in design.of(K.AlwaysFFBlock, K.AlwaysBlock, K.AlwaysCombBlock, K.ContinuousAssign):
        if rng.random() < 0.5:
            start, _ = span(node)
            edits.append(Edit(start, start, f"{rng.choice(_COMMENTS)}\n    "))
    return edits


STYLES: tuple[Style, ...] = (
    renamed_inside,
    plain_always,
    branches_turned,
    operands_turned,
    other_base,
    blocks_bracketed,
)


def _laid_out(text: str, rng: random.Random) -> str:
    """Another indentation; lines that hold nothing are left out at times."""
    step = rng.choice(_INDENTS)
    keeps_blank = rng.random() < 0.5
    lines = []
    for line in text.strip().splitlines():
        bare = line.lstrip(" ")
        depth, rest = divmod(len(line) - len(bare), 4)
        if bare.strip() or keeps_blank:
            lines.append((step * depth + " " * rest + bare).rstrip())
    return "\n".join(lines) + "\n"


def with_comments(spec: Spec, text: str, rng: random.Random) -> str:
    """`text` with comments at some of its blocks; what slang cannot read stays as it is."""
    try:
        design = Design(spec, text)
    except HarnessError:
        return text
    return Proposal(tuple(commented(design, rng)), "").apply(text)


class Defect(msgspec.Struct, frozen=True, kw_only=True):
    """A wrong answer, or one that may be."""

    kind: str
    text: str


SPOILT = ("truncated", "missing-semicolon", "wrong-module-name")
"""Kinds that nothing can be made of; their text is a finished answer."""
_SEMICOLON = re.compile(r"<=[^;]*(;)")


def suspects(spec: Spec, text: str, limit: int, seed: int) -> list[Defect]:
    """Changed goldens that may be wrong: the classics, then mutants, `limit` in all at most."""
    design = Design(spec, text)
    classics = [
        *(d for p in spec.inputs if p.role == "enable" for d in _ignored(design, p)),
        *(_unassigned(design, p) for p in spec.outputs),
    ][: max(1, limit // 4)]
    golden = msgspec.structs.replace(spec, golden=text)
    mutants = source_mutants(golden, limit - len(classics), seed)
    return [*classics, *(Defect(kind=m.kind, text=m.text) for m in mutants)]


def _ignored(design: Design, port: Port) -> Iterator[Defect]:
    """The enable is declared and never asked for."""
    asserted = "1'b1" if port.active == "high" else "1'b0"
    edits = tuple(replace(use, asserted) for use in design.uses(port.name))
    if edits:
        yield Defect(kind="unused-enable", text=Proposal(edits, "").apply(design.text))


def _unassigned(design: Design, port: Port) -> Defect:
    """The output is computed under another name and never assigned."""
    start, _ = design.body
    inner = f"{port.name}_reg"
    span = f"[{port.width - 1}:0] " if port.width > 1 else ""
    edits = [Edit(start, start, f"\n    logic {span}{inner};")]
    for use in design.uses(port.name):
        at = use.identifier.location.offset
        edits.append(Edit(at, at + len(port.name), inner))
    return Defect(kind="unassigned-output", text=Proposal(tuple(edits), "").apply(design.text))


def spoilt(spec: Spec, text: str, kind: str, rng: random.Random) -> str | None:
    """An answer of a kind in `SPOILT`; None where the text has nothing to spoil so."""
    if kind == "wrong-module-name":
        return re.sub(rf"\bmodule\s+{spec.top}\b", f"module {spec.top}_module", text, count=1)
    if kind == "missing-semicolon":
        found = list(_SEMICOLON.finditer(text))
        if not found:
            return None
        at = rng.choice(found).start(1)
        return text[:at] + text[at + 1 :]
    end = text.rindex("endmodule")
    start = text.index(");") + 2
    return text[: rng.randint(start, max(start, end - 1))].rstrip() + "\n"


def elaborates(spec: Spec, text: str) -> bool:
    """Whether slang reads `text` as a module of the asked name."""
    from rtlbench.rtl.renaming import renamed_text

    try:
        renamed_text(text, spec.top, "probe_", spec.id)
    except HarnessError:
        return False
    return True
