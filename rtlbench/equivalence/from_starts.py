"""One text from drawn values at power-up, and from their complement.

What is known from neither start is known from no reset and no input: it hangs on what the hardware
happened to hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rtlbench.equivalence.start_state import unknown_state
from rtlbench.equivalence.start_values import Started, start_at
from rtlbench.records.spec import Spec
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.renaming import as_hardware, rename, unknown_literals, with_bits
from rtlbench.rtl.scan import Scan, scan
from rtlbench.rtl.slang import Elaboration, elaborate

SHOWN = 3
"""Variables that a message names."""


@dataclass(frozen=True)
class StartedText:
    """A text as tools may see it, and what slang knows of it."""

    text: str
    scan: Scan
    view: Elaboration


def golden_from_starts(spec: Spec, seed: int, name: str) -> Iterator[tuple[Unit, str]]:
    """The Spec's golden from both; none where nothing in it starts unknown.

    Raises:
        HarnessError: A variable is declared where nothing can start it.
    """
    text = prepare(spec.golden).text
    view = elaborate(text, spec.top)
    found = scan(view.tree)
    started = StartedText(as_hardware(text, found), found, view)
    yield from from_starts(spec, started, f"{seed}/{spec.id}", name)


def from_starts(
    spec: Spec, started: StartedText, drawn: str, name: str
) -> Iterator[tuple[Unit, str]]:
    """A text from both, and what was started; none where nothing in it starts unknown.

    Raises:
        HarnessError: A variable is declared where nothing can start it.
    """
    variables, literals = unknown_state(started.view, spec), unknown_literals(started.view.tree)
    if not variables and not literals:
        return
    names_told = [*(v.name for v in variables), *(["an X in the text"] if literals else [])]
    for inverted in (False, True):
        values = start_at(variables, drawn, inverted=inverted)
        known = with_bits(started.text, literals, drawn, inverted=inverted)
        prefix = f"{name}{'n' if inverted else 'p'}_"
        text, names = rename(known, started.scan, prefix, values.insertions)
        unit = Unit(text, names[spec.top], bool(started.scan.other_members))
        yield unit, _told(names_told, values)


def _told(names: Sequence[str], started: Started) -> str:
    """`t (started at 1'h1), store and 2 more`."""
    unique = list(dict.fromkeys(names))
    parts = [
        f"{n} (started at {started.shown[n]})" if n in started.shown else n for n in unique[:SHOWN]
    ]
    more = len(unique) - SHOWN
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")
