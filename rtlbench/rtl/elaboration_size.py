"""How large a design grows when it is elaborated, found before anything can be hurt by it.

A few lines of text can stand for billions of instances (modules that hold two of the next one,
arrays of arrays, generate loops in loops) and for constants that take hours to compute. slang
elaborates scope by scope as it is asked, so a walk that counts can stop at a limit. Texts whose
single steps may already be too much are elaborated in a process of their own first, which has
little time and memory.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyslang.ast import SymbolKind
from pyslang.syntax import SyntaxKind, SyntaxTree

from rtlbench.errors import HarnessError
from rtlbench.sandbox.process import Limits, run
from rtlbench.sandbox.sandbox import private_folder

MAX_SYMBOLS = 100_000
"""Ports, signals, instances and blocks after elaboration; a whole processor has fewer."""
MAX_BITS = 1 << 23
"""Bits of all signals and memories together: a megabyte."""
MAX_WIDTH = 1 << 17
"""Bits of one vector."""
FREE_MULTIPLIERS = 8
"""So many generate loops and instance arrays are elaborated without a trial."""
FREE_LOOP_STEPS = 256
FREE_CALLS = 16
"""So many calls of functions whose loops have at most so many steps go without a trial, in a text
where nothing multiplies them: no instance, no generate loop."""
TRIAL = Limits(wall=30.0, cpu=2, memory=2 << 30)
TRIAL_MODULE = "rtlbench.rtl.slang"
REFUSED = 3
"""Exit code of a trial whose design is over a limit; it says which on standard output."""

ENDLESS = 1 << 32
_K = SyntaxKind
_NUMBER = re.compile(r"(?<![\w'.])\d{1,9}(?![\w'.])")
_LOOPS = frozenset({_K.ForLoopStatement, _K.LoopStatement, _K.ForeachLoopStatement,
                    _K.DoWhileStatement, _K.ForeverStatement})
_MULTIPLIERS = frozenset({_K.LoopGenerate, _K.HierarchicalInstance})
_AT_ONCE = frozenset({_K.DefParam, _K.BindDirective})
"""Forms that make slang elaborate everything in one step."""
_COUNTED = frozenset({*_MULTIPLIERS, *_AT_ONCE, _K.InvocationExpression, _K.PowerExpression,
                      _K.FunctionDeclaration})
_SCOPES = frozenset({SymbolKind.GenerateBlock, SymbolKind.GenerateBlockArray,
                     SymbolKind.InstanceArray})
_SIGNALS = frozenset({SymbolKind.Variable, SymbolKind.Net, SymbolKind.Parameter})


class TooLargeError(HarnessError):
    """The design grows beyond a limit when it is elaborated."""


def check_size(instances: Iterable[Any]) -> None:
    """Walk the elaborated design from its top `instances` and count.

    Raises:
        TooLargeError: It has too many symbols, too many bits, or too wide a vector.
    """
    open_scopes = [instance.body for instance in instances]
    symbols = bits = 0
    while open_scopes:
        for member in open_scopes.pop():
            symbols += 1
            if symbols > MAX_SYMBOLS:
                raise TooLargeError(f"it elaborates to more than {MAX_SYMBOLS:,} signals, "
                                    "instances and blocks")
            kind = member.kind
            if kind == SymbolKind.Instance:
                open_scopes.append(member.body)
            elif kind in _SCOPES:
                if not getattr(member, "isUninstantiated", False):
                    open_scopes.append(member)
            elif kind in _SIGNALS:
                bits += _bits(member)
                if bits > MAX_BITS:
                    raise TooLargeError(f"its signals hold more than {MAX_BITS:,} bits")


def _bits(symbol: Any) -> int:
    kind = symbol.type
    if kind.bitWidth > MAX_WIDTH:
        raise TooLargeError(f"{symbol.name} is wider than {MAX_WIDTH:,} bits")
    return 0 if symbol.kind == SymbolKind.Parameter else int(kind.bitstreamWidth)


def needs_trial(tree: SyntaxTree) -> bool:
    """Whether one step of elaboration may be too much: many loops or arrays, constant functions
    that loop for long or call others, powers of anything but two."""
    seen = _Multiplying()
    tree.root.visit(lookup_table=dict.fromkeys(_COUNTED, seen))
    looping = seen.looping and (seen.instances or seen.multipliers or seen.calls > FREE_CALLS)
    return bool(seen.risky or looping or seen.multipliers > FREE_MULTIPLIERS)


class _Multiplying:
    def __init__(self) -> None:
        self.multipliers = 0
        self.instances = 0
        self.calls = 0
        self.looping = False
        """Whether a function loops, for few steps."""
        self.risky = False

    def __call__(self, node: Any) -> None:
        kind = node.kind
        if kind in _MULTIPLIERS:
            self.multipliers += kind == _K.LoopGenerate or _is_array(node)
            self.instances += kind == _K.HierarchicalInstance
        elif _is_call(node):
            self.calls += 1
        elif kind in _AT_ONCE:
            self.risky = True
        elif kind == _K.PowerExpression:
            self.risky = self.risky or str(node.left).strip() not in ("2", "10")
        elif kind == _K.FunctionDeclaration:
            steps = _steps(node)
            self.looping = self.looping or steps > 1
            self.risky = self.risky or steps > FREE_LOOP_STEPS


def _is_array(instance: Any) -> bool:
    return instance.decl is not None and len(instance.decl.dimensions) > 0


def _is_call(node: Any) -> bool:
    return bool(node.kind == _K.InvocationExpression and node.left.kind != _K.SystemName)


def _steps(function: Any) -> int:
    """At most so many rounds of loops in one call, by the numbers in their conditions; without
    end where it calls any function, itself perhaps, or a loop has no such number."""
    found = [1]

    def visit(node: Any) -> None:
        if _is_call(node):
            found.append(ENDLESS)
        elif node.kind in _LOOPS:
            found[0] *= _rounds(node)

    function.visit(lookup_table=dict.fromkeys({*_LOOPS, _K.InvocationExpression}, visit))
    return max(found)


def _rounds(loop: Any) -> int:
    bound = {_K.ForLoopStatement: "stopExpr", _K.LoopStatement: "expr"}.get(loop.kind)
    condition = getattr(loop, bound) if bound is not None else None
    numbers = [int(n) for n in _NUMBER.findall(str(condition))] if condition is not None else []
    return max(1, numbers[0]) if len(numbers) == 1 else ENDLESS


def try_elaboration(text: str, top: str | None) -> None:
    """Elaborate and analyse `text` in a process of its own, with little time and memory.

    Raises:
        TooLargeError: That process ran out of either, or found the design over a limit.
    """
    with private_folder() as folder:
        (folder / "answer.sv").write_text(text)
        argv = [sys.executable, "-m", TRIAL_MODULE, "answer.sv", *([top] if top else [])]
        env = {"PYTHONPATH": str(Path(__file__).parents[2])}
        ran = run(argv, folder=folder, limits=TRIAL, env=env)
    if ran.ok:
        return
    if ran.reason == "exit" and ran.code == REFUSED:
        raise TooLargeError(ran.stdout.strip())
    if ran.reason == "exit" and "MemoryError" not in ran.stderr + ran.stdout:
        raise HarnessError(f"the trial elaboration broke: {ran.stderr[-500:]}")
    raise TooLargeError(f"elaborating it takes more than {TRIAL.cpu} s or "
                        f"{TRIAL.memory >> 30} GB")
