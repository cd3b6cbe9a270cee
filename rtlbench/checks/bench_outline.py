"""The module that a testbench asks for, read off the place where it is used: does the testbench
compile at all, with a module that has every name it connects?"""

from __future__ import annotations

from typing import Any

from pyslang import SourceManager
from pyslang.syntax import SyntaxKind

from rtlbench.checks.testbench_run import Interface, interface_of
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import TooDeepError, elaborate, parse


def outline(testbench: str, face: Interface) -> str:
    """An empty module under that name, with the ports and parameters that `testbench` connects.

    Where the testbench connects by `.*`, the ports are those of `face`, beside what it names.
    """
    found = _Connections(face.top)
    try:
        parse(testbench, SourceManager()).root.visit(found.visit)
    except TooDeepError:
        return ""
    names = list(dict.fromkeys(found.ports))
    if found.by_star:
        names += [p.name for p in face.pins if p.name not in names]
    names += [f"port_{k}" for k in range(found.ordered)]
    parameters = ", ".join(f"parameter {n} = 0" for n in dict.fromkeys(found.parameters))
    given = f" #({parameters})" if parameters else ""
    wide = {p.name: p.width for p in face.pins}
    ports = ", ".join(f"input [{wide.get(n, 1) - 1}:0] {n}" for n in names)
    return f"module {face.top}{given}({ports}); endmodule\n"


def twin(testbench: str, face: Interface) -> str:
    """A module of the testbench that has the ports of `face`; empty where there is none."""
    wanted = {(p.name, p.output) for p in face.pins}
    for name in scan(parse(testbench, SourceManager())).modules:
        view = elaborate(testbench, name)
        if view.top is None:
            continue
        if {(p.name, p.output) for p in interface_of(view.top).pins} == wanted:
            return name
    return ""


def around(face: Interface, inner: str) -> str:
    """A module with that interface that hands everything to module `inner`."""
    declared = ", ".join(
        f"{'output' if p.output else 'input'} [{p.width - 1}:0] {p.name}" for p in face.pins
    )
    pins = ", ".join(f".{p.name}({p.name})" for p in face.pins)
    return f"module {face.top}({declared}); {inner} inner({pins}); endmodule\n"


class _Connections:
    """What the instances of one module are connected by."""

    def __init__(self, module: str) -> None:
        self._module = module
        self.ports: list[str] = []
        self.parameters: list[str] = []
        self.by_star = False
        self.ordered = 0

    def visit(self, node: Any) -> None:
        """Keep what `node` connects, if it is an instantiation of the module."""
        if getattr(node, "kind", None) != SyntaxKind.HierarchyInstantiation:
            return
        if node.type.valueText != self._module:
            return
        node.visit(self._connection)

    def _connection(self, node: Any) -> None:
        kind = getattr(node, "kind", None)
        if kind == SyntaxKind.NamedPortConnection:
            self.ports.append(node.name.valueText)
        elif kind == SyntaxKind.WildcardPortConnection:
            self.by_star = True
        elif kind == SyntaxKind.OrderedPortConnection:
            self.ordered += 1
        elif kind == SyntaxKind.NamedParamAssignment:
            self.parameters.append(node.name.valueText)
        elif kind == SyntaxKind.OrderedParamAssignment:
            self.parameters.append(f"parameter_{len(self.parameters)}")
