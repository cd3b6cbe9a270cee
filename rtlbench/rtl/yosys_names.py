"""Names that are the same for every design, while Yosys's passes work on it.

Yosys orders wires and cells by when their names were first read in its process, and that order
shows in what its passes make. In a process that has read another design before, it would be
another one. So each object is called by its number among the design's own, by a name that has been
there since this module was loaded; before anything is written it gets its own name back.

Standard library and `pyosys` only (rtlbench.rtl.yosys_inside).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyosys import libyosys

MOST = 1024
"""Objects with a name of the text's, and as many with one of Yosys's own."""


NUMBERS = "numbers.il"


class TooManyError(Exception):
    """A design has more objects than there are names."""


def _names(start: str) -> list[tuple[Any, str]]:
    """As Yosys has them and as texts, in the order of their making; as texts they go the other
    way."""
    texts = [f"{start}{k:04d}" for k in reversed(range(MOST))]
    return [(libyosys.IdString(text), text) for text in texts]


def _kept(names: list[tuple[Any, str]]) -> Any:
    """A design that holds the names: those that nothing has are forgotten, and their places in
    the order given away."""
    design = libyosys.Design()
    module = design.addModule(libyosys.IdString("\\names"))
    for name, _ in names:
        module.addWire(name, 1)
    return design


_PUBLIC, _HIDDEN = _names("\\n"), _names("$n")
_KEEPER = _kept(_PUBLIC + _HIDDEN)


def number_anew() -> None:
    """Have Yosys number what it makes from here on by numbers of nine digits: what is written is
    in the order of its names as texts, in which 9 would come after 10.

    Writes a file in the folder it runs in.
    """
    Path(NUMBERS).write_text("autoidx 100000000\n")
    libyosys.Design().run_pass(f"read_rtlil {NUMBERS}")


Names = dict[str, dict[str, str]]
"""Objects' own names by the new ones, by module."""


def hide(design: Any) -> Names:
    """Rename wires and cells of each module, in the order in which they were made.

    Ports keep the order of the text, which Yosys has by name.

    Raises:
        TooManyError: The design has more objects than there are names.
    """
    return {m.name.str(): _hidden(m) for m in list(design.modules_.values())}


def _hidden(module: Any) -> dict[str, str]:
    back: dict[str, str] = {}
    public, hidden = iter(_PUBLIC), iter(_HIDDEN)
    wires, cells = (list(kind.values())[::-1] for kind in (module.wires_, module.cells_))
    for thing in [*wires, *cells]:  # the first one made is the last one there
        own = thing.name.str()
        name, text = next(public if own.startswith("\\") else hidden, (None, ""))
        if name is None:
            raise TooManyError
        back[text] = own
        module.rename(thing, name)
    module.sort()  # by name as text: so the last one made is the first again
    for k, port in enumerate([w for w in wires if w.port_id], 1):
        port.port_id = k
    module.fixup_ports()
    return back


def hide_cells(design: Any, kind: str) -> Names:
    """The same, but for the cells of that kind alone.

    Raises:
        TooManyError: As `hide` does.
    """
    return {m.name.str(): _hidden_cells(m, kind) for m in list(design.modules_.values())}


def _hidden_cells(module: Any, kind: str) -> dict[str, str]:
    cells = [cell for cell in module.cells_.values() if cell.type.str() == kind]
    if len(cells) > MOST:
        raise TooManyError
    back = {text: cell.name.str() for cell, (_, text) in zip(cells, _HIDDEN, strict=False)}
    for cell, (name, _) in zip(cells, _HIDDEN, strict=False):
        module.rename(cell, name)
    return back


def show(design: Any, names: Names) -> None:
    """Give what is left of the renamed objects their own names."""
    for module in list(design.modules_.values()):
        back = names.get(module.name.str())
        if not back:
            continue
        for thing in [*module.wires_.values(), *module.cells_.values()]:
            own = back.get(thing.name.str())
            if own is not None:
                module.rename(thing, libyosys.IdString(own))
        module.fixup_ports()
