"""What is done to a design inside the sandbox: one job's, or that of many jobs at once.

A command takes its time to start, longer than it works on a small module, and so does the reader.
So many jobs can be done on one design, each a module of it. What a job makes is the same as alone:
passes work module by module, objects are called by their number in their module
(rtlbench.rtl.yosys_names), and what is repeated for as long as it changes anything is repeated for
those modules that it changes (rtlbench.rtl.yosys_rounds). Nothing in a module can name what is in
another one: no text that has passed the Checks before speaks of a module that it does not hold
itself.

Standard library and `pyosys` only (rtlbench.rtl.yosys_inside).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pyosys import libyosys

from rtlbench.rtl import yosys_names, yosys_rounds

ONLY_WITH = "with "
"""Before a command: run it only where the design has cells of the kind that follows."""
PROC, NO_PROCESS = "proc", "opt_expr -keepdc"
"""What the first comes to where a design has no process: `read_slang` leaves none."""
FLATTEN = "flatten"
"""Of many tops it would leave one; modules without instances are flat."""
ROUNDS = "opt"
"""Done by rtlbench.rtl.yosys_rounds."""
LATCH = "$dlatch"


def do(commands: list[str], *, named: bool, company: bool = False) -> None:
    """The commands of one job on a design of its own.

    Raises:
        yosys_names.TooManyError: `named`, and the design has too many objects for that.
        ValueError: It must not have `company`.
    """
    design = libyosys.Design()
    design.run_pass(commands[0])
    kinds = _say_what_is_meant(design)
    if company and any(LATCH in k for k in kinds.values()):
        raise ValueError("the parts of a latch are named by its name, and so ordered by a number")
    _work(design, commands[1:], named=named)


def do_together(read: str, tops: Sequence[str], commands: Sequence[str]) -> list[str]:
    """One design with all of `tops`, but for those that must be alone; which ones it has.

    Args:
        read: The command that reads them.
        commands: What follows, for all of them.

    Raises:
        yosys_names.TooManyError: One of them has too many objects to be named by number.
        ValueError: There are more modules than these.
    """
    design = libyosys.Design()
    design.run_pass(read)
    kinds = _say_what_is_meant(design)
    if sorted(kinds) != sorted(tops):
        raise ValueError("modules that are no top")
    apart = [t for t, k in kinds.items() if LATCH in k or any(x.startswith("\\") for x in k)]
    for module in [m for m in design.modules_.values() if m.name.str()[1:] in apart]:
        design.remove(module)
    if len(apart) < len(tops):
        _work(design, [c for c in commands if c != FLATTEN], named=True)
    return [top for top in tops if top not in apart]


def _work(design: Any, commands: Iterable[str], *, named: bool) -> None:
    back = yosys_names.hide(design) if named else None
    for command in commands:
        if back and command.startswith("write_"):
            yosys_names.show(design, back)
            back = None
        kind, _, asked = command.removeprefix(ONLY_WITH).partition(" ")
        if command.startswith(ONLY_WITH):
            if kind in _kinds(design.modules_.values()):
                those = yosys_names.hide_cells(design, kind) if named and not back else {}
                design.run_pass(asked)
                yosys_names.show(design, those)
        elif command == ROUNDS:
            yosys_rounds.optimize(design)
        elif command == PROC and not any(len(m.processes) for m in design.modules_.values()):
            design.run_pass(NO_PROCESS)
        else:
            design.run_pass(command)


def _kinds(modules: Any) -> set[str]:
    return {cell.type.str() for module in modules for cell in module.cells_.values()}


def _say_what_is_meant(design: Any) -> dict[str, set[str]]:
    """What `read_slang` says in its own way, as the passes that follow know it.

    Returns the kinds of cells that each module had.
    """
    kinds: dict[str, set[str]] = {}
    for module in list(design.modules_.values()):
        those = kinds.setdefault(module.name.str()[1:], set())
        for cell in list(module.cells_.values()):
            kind = cell.type.str()
            those.add(kind)
            if kind == "$buf" and cell.getPort(_A).is_fully_undef():
                module.remove(cell)  # nothing drives it, which is no value that is X now and then
            elif kind in _RESET and cell.getPort(_AD).is_fully_def():
                _reset(cell, _RESET[kind])
    return kinds


_A, _AD, _ALOAD, _ARST, _HIGH, _RESET_HIGH, _VALUE = (
    libyosys.IdString(f"\\{name}")
    for name in "A AD ALOAD ARST ALOAD_POLARITY ARST_POLARITY ARST_VALUE".split()
)
_RESET = {"$aldff": "$adff", "$aldffe": "$adffe"}


def _reset(cell: Any, kind: str) -> None:
    """Make a reset of an asynchronous load of a constant."""
    cell.type = libyosys.IdString(kind)
    cell.setParam(_VALUE, cell.getPort(_AD).as_const())
    cell.setParam(_RESET_HIGH, cell.getParam(_HIGH))
    cell.setPort(_ARST, cell.getPort(_ALOAD))
    for name in (_AD, _ALOAD):
        cell.unsetPort(name)
    cell.unsetParam(_HIGH)
