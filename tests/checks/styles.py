"""Goldens written in other styles: the same circuits as other people, and tools, would write them.

Each style takes the text of a task's golden; where a golden has nothing that the style would write
otherwise, it gives the text back as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pyslang import SourceManager
from pyslang.ast import ExpressionKind, SymbolKind
from pyslang.parsing import Token
from pyslang.syntax import SyntaxKind as K

from rtlbench.records.spec import Spec
from rtlbench.rtl.netlist import modules_of, renamed_module
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.rtl.slang import elaborate, parse
from rtlbench.rtl.yosys_calls import call, read
from rtlbench.sandbox.process import Finished, read_made
from rtlbench.sandbox.sandbox import private_folder

Edit = tuple[int, int, str]
_VARIABLE = re.compile(r"^(\s*)assign (\w+) =(?=[^;]*\b(?!\d|[bhdo]\d)[a-z_]\w*)", re.M)
_CLOCKED = (K.AlwaysFFBlock, K.AlwaysBlock)
WORDS = "proc; flatten; opt_expr; opt_clean; opt_dff; memory_collect; opt_clean"
TIDY = "opt_clean -purge"


def implicit_lists(spec: Spec) -> str:
    """Continuous assignments of what changes, and all blocks, as `always @*` and `always`."""
    text = _VARIABLE.sub(r"\1always @* \2 =", spec.golden)
    return text.replace("always_comb", "always @*").replace("always_ff", "always")


def full_lists(spec: Spec) -> str:
    """The same, with every signal named that a block reads."""
    text = implicit_lists(spec)
    edits: list[Edit] = []
    root = parse(text, SourceManager()).root
    for module in _of_kind(root, K.ModuleDeclaration):
        own, others = _declared(module), _declared_deeper(module)
        for block in _of_kind(module, K.AlwaysBlock):
            control = block.statement.timingControl
            names = _read_in(text, module, block)
            if control.kind == K.ImplicitEventControl and not names & others:
                listed = [name for name, is_word in own.items() if name in names and is_word]
                if listed and len(listed) == len(names & own.keys()):
                    edits.append((*_span(control), f"@({' or '.join(listed)})"))
    return _edited(text, edits)


def _declared(module: Any) -> dict[str, bool]:
    """Signals of a module, and whether each is a word and no array."""
    found = {}
    ports = _of_kind(module.header, K.Declarator)
    kinds = (K.DataDeclaration, K.NetDeclaration, K.PortDeclaration)
    members = [m for m in module.members if m.kind in kinds]
    for declarator in [*ports, *(d for m in members for d in _of_kind(m, K.Declarator))]:
        found[declarator.name.valueText] = len(list(declarator.dimensions)) == 0
    return found


def _declared_deeper(module: Any) -> set[str]:
    """Signals of a module's generate blocks."""
    return {
        d.name.valueText
        for block in _of_kind(module, K.GenerateBlock)
        for m in block.members
        if m.kind in (K.DataDeclaration, K.NetDeclaration)
        for d in _of_kind(m, K.Declarator)
    }


def _read_in(text: str, module: Any, block: Any) -> set[str]:
    """Names in a block, and in the functions that it calls, which it does not assign itself."""
    words = re.compile(r"(?<![\w$.'])[A-Za-z_]\w*")
    names = set(words.findall(_text(text, block.statement.statement)))
    for function in _of_kind(module, K.FunctionDeclaration):
        if str(function.prototype.name).strip() in names:
            names |= set(words.findall(_text(text, function)))
    assigned = {
        str(e.left.identifier.valueText)
        for e in _of_kind(block, K.AssignmentExpression)
        if e.left.kind in (K.IdentifierName, K.IdentifierSelectName)
    }
    return names - assigned


def ports_in_the_body(spec: Spec) -> str:
    """A header with names alone, as Verilog of 1995 has it."""
    found = re.match(r"(?s)(.*?module \w+) \((.*?)\);\n", spec.golden)
    ports = [p.strip() for p in found[2].split(",\n")] if found is not None else []
    if found is None or not all(re.match(r"(in|out)put\b[^/]*\Z", p) for p in ports):
        return spec.golden
    names = ", ".join(p.split()[-1] for p in ports)
    body = "".join(f"    {p};\n" for p in ports)
    return f"{found[1]} ({names});\n{body}{spec.golden[found.end():]}"


def two_processes(spec: Spec) -> str:
    """What comes next in a block of its own, and registers that take it."""
    text = spec.golden
    edits: list[Edit] = []
    root = parse(text, SourceManager()).root
    for module in _of_kind(root, K.ModuleDeclaration):
        types = _types(text, module)
        for block in (m for m in module.members if m.kind in _CLOCKED):
            new = _in_two(text, block, types)
            if new is not None:
                edits.append((*_span(block), new))
    return _edited(text, edits)


def _types(text: str, module: Any) -> dict[str, str]:
    """How each signal without array dimensions is declared."""
    found = {}
    for port in _of_kind(module.header, K.ImplicitAnsiPort):
        data = getattr(port.header, "dataType", None)
        if data is not None and not list(port.declarator.dimensions):
            found[port.declarator.name.valueText] = _text(text, data)
    for member in (m for m in module.members if m.kind == K.DataDeclaration):
        for d in _of_kind(member, K.Declarator):
            if not list(d.dimensions):
                found[d.name.valueText] = _text(text, member.type)
    return found


def _in_two(text: str, block: Any, types: dict[str, str]) -> str | None:
    timed = block.statement
    statements = list(_of_kind(timed, K.ExpressionStatement))
    targets: dict[str, None] = {}
    for expression in (s.expr for s in statements):
        left: Any = getattr(expression, "left", None)
        is_plain = left is not None and left.kind in (K.IdentifierName, K.IdentifierSelectName)
        if expression.kind != K.NonblockingAssignmentExpression or not is_plain:
            return None
        targets[left.identifier.valueText] = None
    body, reset = timed.statement, ""
    if not targets.keys() <= types.keys() or not all(types[t].strip() for t in targets):
        return None
    if "or" in _text(text, timed.timingControl).split():
        body = _only(body)
        if body.kind != K.ConditionalStatement or body.elseClause is None:
            return None
        reset = f"if ({_text(text, body.predicate)}) {_text(text, body.statement)} else "
        body = body.elseClause.clause
    start, end = _span(body)
    inside = text[start:end]
    for s in sorted(statements, key=lambda s: -_span(s)[0]):
        at = _span(s)[0]
        if start <= at < end:
            name, sign = s.expr.left.identifier, s.expr.operatorToken
            a, b = sign.location.offset - start, name.location.offset - start
            inside = inside[:a] + "=" + inside[a + 2 :]
            inside = inside[:b] + f"{name.valueText}_nx" + inside[b + len(name.rawText) :]
    declared = "".join(f"{types[t]} {t}_nx;\n" for t in targets)
    kept = " ".join(f"{t}_nx = {t};" for t in targets)
    taken = " ".join(f"{t} <= {t}_nx;" for t in targets)
    clocked = f"{block.keyword.rawText} {_text(text, timed.timingControl)}"
    comb = f"always_comb begin {kept}\n{inside}\nend"
    return f"{declared}{comb}\n{clocked} {reset}begin {taken} end"


def _only(statement: Any) -> Any:
    while statement.kind == K.SequentialBlockStatement and len(list(statement.items)) == 1:
        statement = statement.items[0]
    return statement


def functions(spec: Spec) -> str:
    """What is assigned, by a function of all that it depends on."""
    text, top = spec.golden, spec.top
    view = elaborate(text, top)
    edits: dict[tuple[int, int], str] = {}
    made: list[str] = []

    def visit(node: Any) -> None:
        if getattr(node, "kind", None) != ExpressionKind.Assignment or node.syntax is None:
            return
        right = getattr(node.syntax, "right", None)
        if right is None or node.isCompound or _span(right) in edits:
            return
        names = _arguments(node, top)
        if names:
            inputs = "".join(f" input {shape} {name};" for name, shape in names.items())
            width = node.left.type.bitWidth
            value = _text(text, right)
            name = f"made_{len(made)}"
            made.append(f"function [{width - 1}:0] {name};{inputs} {name} = {value}; endfunction\n")
            edits[_span(right)] = f"{name}({', '.join(names)})"

    assert view.top is not None
    view.top.visit(visit)
    text = _edited(text, [(a, b, new) for (a, b), new in edits.items()])
    at = text.index("endmodule", text.index(f"module {top}"))  # where all names are known
    return text[:at] + "".join(made) + text[at:]


def _arguments(assignment: Any, top: str) -> dict[str, str]:
    """What the right side reads, and how it is declared; nothing where that is not plain."""
    found: dict[str, str] = {}
    plain = not assignment.left.type.isEnum

    def visit(node: Any) -> None:
        nonlocal plain
        kind = getattr(node, "kind", None)
        if kind in (ExpressionKind.MemberAccess, ExpressionKind.HierarchicalValue):
            plain = False
        if kind != ExpressionKind.NamedValue:
            return
        symbol = node.symbol
        own = str(symbol.hierarchicalPath) == f"{top}.{symbol.name}"
        if symbol.kind in (SymbolKind.Parameter, SymbolKind.EnumValue):
            plain = plain and (own or symbol.kind == SymbolKind.EnumValue)
            return
        is_word = symbol.type.isIntegral and (symbol.type.isScalar or symbol.type.isSimpleBitVector)
        plain = plain and own and (is_word or symbol.type.isEnum)
        signed = " signed" if symbol.type.isSigned else ""
        found[symbol.name] = f"{signed} [{symbol.type.bitWidth - 1}:0]".strip()

    assignment.right.visit(visit)
    return found if plain else {}


def word_netlists(specs: Sequence[Spec]) -> list[str]:
    """The goldens' netlists, word by word."""
    return _netlists(specs, "bwmuxmap; pmuxtree; splitnets -driver")


def gate_netlists(specs: Sequence[Spec]) -> list[str]:
    """The goldens synthesized to single gates and flip-flops."""
    return _netlists(specs, "synth -flatten -noabc; splitnets")


def gate_netlist_in_words(spec: Spec) -> str:
    """The same, bits of a word assigned one by one, and read by all that reads any of them."""
    return _netlists([spec], "synth -flatten -noabc")[0]


def _netlists(specs: Sequence[Spec], how: str) -> list[str]:
    """What Yosys writes of the goldens, without nets, and parts of them, that nothing reads."""
    texts = []
    with private_folder() as folder:
        jobs, units = [], [renamed_golden(s, f"unit{k}_") for k, s in enumerate(specs)]
        for k, unit in enumerate(units):
            (folder / f"{k}.sv").write_text(unit.text)
            made_by = [*read(f"{k}.sv", unit.top), WORDS, how, TIDY]
            jobs.append([*made_by, f"write_verilog -noattr {k}.v"])
        ended = call(folder, jobs, 60)
        assert not isinstance(ended, Finished), ended
        for k, (spec, end) in enumerate(zip(specs, ended, strict=True)):
            made = read_made(folder / f"{k}.v")
            assert made is not None, (spec.id, end.stderr)
            (module,) = modules_of(made.decode()).values()
            texts.append(renamed_module(module, spec.top))
    return texts


def _each(style: Callable[[Spec], str]) -> Callable[[Sequence[Spec]], list[str]]:
    return lambda specs: [style(s) for s in specs]


STYLES: dict[str, Callable[[Sequence[Spec]], list[str]]] = {
    "always @*": _each(implicit_lists),
    "full lists": _each(full_lists),
    "ports in the body": _each(ports_in_the_body),
    "two processes": _each(two_processes),
    "functions": _each(functions),
    "netlist by words": word_netlists,
    "netlist by gates": gate_netlists,
}


def _of_kind(node: Any, kind: Any) -> Iterator[Any]:
    found: list[Any] = []

    def visit(inner: Any) -> None:
        if not isinstance(inner, Token) and inner.kind == kind:
            found.append(inner)

    node.visit(visit)
    yield from found


def _span(node: Any) -> tuple[int, int]:
    return node.sourceRange.start.offset, node.sourceRange.end.offset


def _text(text: str, node: Any) -> str:
    start, end = _span(node)
    return text[start:end]


def _edited(text: str, edits: Sequence[Edit]) -> str:
    """`text` with edits made, the outermost of those that overlap."""
    done: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e[0], -e[1])):
        if not done or edit[0] >= done[-1][1]:
            done.append(edit)
    for start, end, new in reversed(done):
        text = text[:start] + new + text[end:]
    return text
