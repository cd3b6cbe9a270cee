"""Yosys's `opt` for many modules at once, each of which gets as many rounds as it would alone.

`opt` goes on for as long as it says that it has changed any module, and it does not say all: a
module that it has left alone may yet be changed by one more round, so that what becomes of it
would hang on its neighbours. Here the text of a module tells whether a round has changed it. Those
that are as they were are done with, and only the others are worked on.

`opt_clean` takes longest by far, so it ends a round here: where the other passes find nothing to do
after it, it is not asked again.

Standard library and `pyosys` only (rtlbench.rtl.yosys_inside).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from pyosys import libyosys

HEAD = ("opt_expr", "opt_merge -nomux")
WORK = ("opt_muxtree", "opt_reduce", "opt_merge", "opt_dff")
CLEAN = ("opt_clean",)
MOST = 16
"""Rounds, after which a module that is still changing, maybe to and fro, has `opt` itself."""


def optimize(design: Any) -> None:
    """What `opt` does, for all modules."""
    modules = list(design.modules_.values())
    _run(design, HEAD)
    changed = _run_and_tell(design, modules, WORK)
    cells = [m.cells_size() for m in modules]
    _run(design, CLEAN)
    modules = [
        m for m, c, n in zip(modules, changed, cells, strict=True) if c or m.cells_size() != n
    ]  # what else it does goes without being told in `opt` too
    for _ in range(MOST):
        modules = _still_changing(design, modules)
        if not modules:
            break
        with _only(design, modules):
            _run(design, CLEAN)
    design.sort()  # as `opt` does at its end, for whatever is there
    for module in modules:
        with _only(design, [module]):
            _run(design, ["opt"])


def _still_changing(design: Any, modules: list[Any]) -> list[Any]:
    """Those that a round changes, up to its end, which is not done here."""
    if not modules:
        return []
    with _only(design, modules):
        changed = _run_and_tell(design, modules, (*HEAD[:1], *WORK))
    return [m for m, c in zip(modules, changed, strict=True) if c]


def _run_and_tell(design: Any, modules: list[Any], commands: Iterable[str]) -> list[bool]:
    """Whether the commands, which are for these modules, have changed each of them."""
    before = [m.to_rtlil_str() for m in modules]
    _run(design, commands)
    return [m.to_rtlil_str() != text for m, text in zip(modules, before, strict=True)]


def _run(design: Any, commands: Iterable[str]) -> None:
    for command in commands:
        design.run_pass(command)


@contextmanager
def _only(design: Any, modules: list[Any]) -> Iterator[None]:
    """Commands are for these modules alone."""
    selection = libyosys.Selection(False, False, design)
    chosen = selection.selected_modules  # a copy
    for module in modules:
        chosen.add(module.name)
    selection.selected_modules = chosen
    design.push_selection(selection)
    yield
    design.pop_selection()
