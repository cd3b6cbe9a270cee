"""Inputs that a right answer may leave unread since the task's golden leaves values open.

A Karnaugh map with don't-cares: its golden reads all inputs, and the smallest right answer may not.
An input is open where, whatever the others are, both its values allow one output.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.renaming import renamed_golden, unknown_literals
from rtlbench.rtl.slang import elaborate
from rtlbench.simulation.expected import shown_by

MOST_BITS = 12
"""Of all inputs: every combination is tried."""
_OPEN: dict[str, dict[str, list[int]]] = {}


def open_input_bits(spec: Spec) -> dict[str, list[int]]:
    """The bits of inputs that are open, by port.

    Only of a golden without a clock that writes down an X, and that is what judges.
    """
    width = sum(p.width for p in spec.inputs)
    if spec.reference is not None or not spec.golden or spec.clocks or not 0 < width <= MOST_BITS:
        return {}
    key = spec.digest()
    if key not in _OPEN:
        _OPEN[key] = _found(spec, width)
    return _OPEN[key]


def _found(spec: Spec, width: int) -> dict[str, list[int]]:
    try:
        if not unknown_literals(elaborate(prepare(spec.golden).text, spec.top).tree):
            return {}
        golden = renamed_golden(spec, "open_")
        shown, _ = shown_by(spec, golden, [f"{k:0{width}b}" for k in range(1 << width)])
    except HarnessError:
        return {}
    found: dict[str, list[int]] = {}
    for name, bit, place in _bits(spec, width):
        pairs = ((shown[k], shown[k | place]) for k in range(1 << width) if not k & place)
        if all(_agree(*pair) for pair in pairs):
            found.setdefault(name, []).append(bit)
    return found


def _bits(spec: Spec, width: int) -> Iterator[tuple[str, int, int]]:
    """Each bit of each input, and its weight among all of them."""
    for port in spec.inputs:
        width -= port.width
        for bit in range(port.width):
            yield port.name, bit, 1 << (width + bit)


def _agree(one: str, other: str) -> bool:
    return all(a == b or "x" in (a, b) for a, b in zip(one, other, strict=True))
