"""slang, in process: parse, elaborate and analyse one candidate.

slang reads the prepared text only (see rtlbench.rtl.preprocessing): no include path, nothing
predefined. Its limits on elaboration (instances, generate steps, constant evaluation) bound single
steps; rtlbench.rtl.elaboration_size bounds what they grow to together.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pyslang import Bag, Diagnostic, DiagnosticEngine, SourceManager
from pyslang.analysis import AnalysisFlags, AnalysisManager, AnalysisOptions
from pyslang.ast import Compilation, CompilationOptions, InstanceSymbol, SymbolKind, VariableSymbol
from pyslang.parsing import PreprocessorOptions
from pyslang.syntax import SyntaxKind, SyntaxTree

from rtlbench.errors import HarnessError
from rtlbench.records.verdict import Finding, Severity
from rtlbench.rtl.elaboration_size import (
    REFUSED,
    TooLargeError,
    check_size,
    needs_trial,
    try_elaboration,
)

MAX_GENERATE_STEPS = 16_384
MAX_INSTANCE_DEPTH = 32
MAX_INSTANCE_ARRAY = 1_024
MAX_CONSTEXPR_STEPS = 200_000
MAX_ERRORS = 20
_PREDEFINED = (
    *(f"__slang{part}__" for part in ("", "_major", "_minor")),
    *(f"SV_COV_{word}" for word in "START STOP RESET CHECK MODULE HIER ASSERTION FSM_STATE "
      "STATEMENT TOGGLE OVERFLOW ERROR NOCOV OK PARTIAL".split()),
)
"""Macros that slang defines by itself."""
_OWN_WORDS = frozenset(f"DiagCode({task}Task)" for task in ("Error", "Fatal", "Warning", "Info"))
"""Messages that repeat what the text says after a colon: `$error("...")`."""


class TooDeepError(HarnessError):
    """The text is nested deeper than slang reads."""


@dataclass(frozen=True)
class Elaboration:
    """slang's view of one text. Holds slang objects, so it never crosses a process border."""

    tree: SyntaxTree
    compilation: Compilation
    manager: SourceManager
    engine: DiagnosticEngine
    diagnostics: tuple[Diagnostic, ...]
    top: InstanceSymbol | None
    modules: tuple[str, ...] = field(default=())
    """Names of the modules defined, in order."""

    def line_column(self, location: Any) -> tuple[int, int]:
        """1-based line and column of a slang location."""
        return self.manager.getLineNumber(location), self.manager.getColumnNumber(location)

    def finding(self, diagnostic: Diagnostic, rule: str, severity: Severity) -> Finding:
        """`diagnostic` as a Finding."""
        line, column = self.line_column(diagnostic.location)
        message = self.engine.formatMessage(diagnostic)
        if str(diagnostic.code) in _OWN_WORDS:
            message = message.partition(":")[0]
        return Finding(rule, severity, message, line, column)

    @property
    def errors(self) -> Iterator[Diagnostic]:
        """The diagnostics that make the text invalid."""
        return (d for d in self.diagnostics if d.isError() or _is_redefinition(d))

    @cached_property
    def analysis(self) -> AnalysisManager:
        """Drivers and uses of every symbol; only for a text without errors."""
        options = AnalysisOptions()
        options.flags = AnalysisFlags.CheckUnused
        manager = AnalysisManager(options)
        manager.analyze(self.compilation)
        return manager

    def contended_variables(self) -> Iterator[Any]:
        """Variables of the top module with bits that two always blocks assign, or two initial
        blocks.

        Legal in Verilog, and no hardware: synthesis would pick one of them or neither.
        """
        for symbol in self.top.body if self.top is not None else ():
            if not isinstance(symbol, VariableSymbol):
                continue
            drivers = list(self.analysis.getDrivers(symbol))
            if len(drivers) < 2:
                continue
            is_word = symbol.type.isIntegral  # of a memory, loops are taken to assign all
            if _is_contended(drivers) or (is_word and _is_contended(drivers, at_start=True)):
                yield symbol


def _is_contended(drivers: list[Any], *, at_start: bool = False) -> bool:
    """Whether two always blocks drive ranges that overlap, or two initial blocks; a range may hold
    billions of bits."""
    ranges = sorted(
        (*driver.bounds, driver.containingSymbol.location.offset)
        for driver in drivers
        if driver.containingSymbol.kind == SymbolKind.ProceduralBlock
        and (driver.containingSymbol.procedureKind.name == "Initial") is at_start
    )
    reach: dict[int, int] = {}
    for low, high, block in ranges:
        if any(end >= low for other, end in reach.items() if other != block):
            return True
        reach[block] = max(high, reach.get(block, high))
    return False


def _is_redefinition(diagnostic: Diagnostic) -> bool:
    """`output q` in an ANSI header and `reg q` behind it: slang warns and takes them for two
    signals, Icarus takes them for one. IEEE 1800-2017, 23.2.2.2, has it an error."""
    return "Redefinition" in str(diagnostic.code)


def elaborate(text: str, top: str | None, *, trial: bool = False) -> Elaboration:
    """Parse and elaborate `text` with `top` as its top module.

    Without `top`, a sole root module is taken as top, and with several the last one defined.

    Args:
        trial: True in the process that does nothing else, where it may take what it takes.

    Raises:
        TooDeepError: The text is nested deeper than slang reads.
        TooLargeError: The design grows beyond what any answer needs.
    """
    manager = SourceManager()
    tree = parse(text, manager)
    if not trial and needs_trial(tree):
        try_elaboration(text, top)
    modules = tuple(_module_names(tree))
    chosen = top if top is not None else _pick_top(tree, modules)
    compilation = Compilation(Bag([_options(chosen)]))
    compilation.addSyntaxTree(tree)
    instances = compilation.getRoot().topInstances
    check_size(instances)
    diagnostics = tuple(compilation.getAllDiagnostics())
    compilation.freeze()
    found = next((i for i in instances if i.name == chosen), None)
    engine = DiagnosticEngine(manager)
    return Elaboration(tree, compilation, manager, engine, diagnostics, found, modules)


def parse(text: str, manager: SourceManager) -> SyntaxTree:
    """The syntax tree of `text`.

    Raises:
        TooDeepError: The text is nested deeper than slang reads.
    """
    try:
        return SyntaxTree.fromText(text, manager, "answer", "answer", Bag([_nothing_predefined()]))
    except RuntimeError as e:
        raise TooDeepError("statements or expressions are nested too deep to be read") from e


def _nothing_predefined() -> PreprocessorOptions:
    """Without the names by which a text could know slang from the tools that follow."""
    options = PreprocessorOptions()
    options.undefines = list(_PREDEFINED)
    return options


def _options(top: str | None) -> CompilationOptions:
    options = CompilationOptions()
    options.maxGenerateSteps = MAX_GENERATE_STEPS
    options.maxInstanceDepth = MAX_INSTANCE_DEPTH
    options.maxInstanceArray = MAX_INSTANCE_ARRAY
    options.maxConstexprSteps = MAX_CONSTEXPR_STEPS
    options.errorLimit = MAX_ERRORS
    if top is not None:
        options.topModules = {top}
    return options


def _module_names(tree: SyntaxTree) -> Iterator[str]:
    for node in file_members(tree):
        if node.kind == SyntaxKind.ModuleDeclaration:
            yield node.header.name.valueText


def file_members(tree: SyntaxTree) -> list[Any]:
    """What the file holds at its outermost level; slang gives a sole member as the root."""
    root: Any = tree.root
    return list(root.members) if root.kind == SyntaxKind.CompilationUnit else [root]


def _pick_top(tree: SyntaxTree, modules: tuple[str, ...]) -> str | None:
    if len(modules) <= 1:
        return modules[0] if modules else None
    compilation = Compilation(Bag([_options(None)]))
    compilation.addSyntaxTree(tree)
    roots = {i.name for i in compilation.getRoot().topInstances}
    return next((m for m in reversed(modules) if m in roots), None)


def main(argv: list[str]) -> int:
    """A process in which a text is elaborated first, `FILE [TOP]`: 0 if that came to its end."""
    text = Path(argv[0]).read_text()
    try:
        view = elaborate(text, argv[1] if argv[1:] else None, trial=True)
    except (TooLargeError, TooDeepError) as e:
        print(e)
        return REFUSED
    if not any(view.errors):
        view.analysis.getDiagnostics()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
