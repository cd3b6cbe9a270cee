"""The plain necessities of circuits without a clock."""

from __future__ import annotations

from collections.abc import Callable

from rtlbench.checks.promises.controls import Lane
from rtlbench.checks.promises.kinds import Kind
from rtlbench.checks.promises.scene import Scene

MOST_SELECT, MOST_DECODED = 5, 6
"""Bits of what selects."""


def _lanes(scene: Scene) -> list[list[Lane]] | None:
    """The lanes of each setting; None where something is stored."""
    if scene.circuit.registers:
        return None
    trace = scene.run(cycles=6, warm=0)
    return [list(trace.of_setting(s)) for s in range(trace.settings)]


def mux(scene: Scene, kind: Kind) -> str | None:
    """As many inputs as are said are passed on, one at a time."""
    select = [n for n in (*scene.singles, *scene.wides) if n.lower() in ("s", "sel", "select")]
    if scene.circuit.registers or len(select) != 1 or not kind.number:
        return None
    if scene.inputs[select[0]] > MOST_SELECT:
        return None
    [name] = select
    passed: set[tuple[str, int]] = set()
    for value in range(1 << scene.inputs[name]):
        trace = scene.run(hold={name: value}, free=[n for n in scene.singles if n != name],
                          warm=0, cycles=12)  # fmt: skip
        passed |= _passed(scene, list(trace.of_setting(0)), name)
    if len(passed) >= kind.number:
        return None
    return f"{len(passed)} of {kind.number} inputs are passed on"


def _passed(scene: Scene, lanes: list[Lane], select: str) -> set[tuple[str, int]]:
    """The input bit that the lowest bit of an output is."""
    bits = [(n, k) for n, w in scene.inputs.items() if n != select for k in range(w)]
    return {
        (n, k) for n, k in bits for out in scene.outputs
        if all((a >> k) & 1 == b & 1 for ln in lanes
               for a, b in zip(ln[n], ln[out], strict=True))
    }  # fmt: skip


def decoder(scene: Scene, kind: Kind) -> str | None:
    """One of the outputs is on, or off, each in its turn."""
    number = min(kind.number or 0, MOST_DECODED)
    settings = _lanes(scene)
    outs = [o for o, w in scene.outputs.items() if w == 1 << number]
    if settings is None or not outs or list(scene.wides.values()) != [number]:
        return None
    size, [name] = 1 << number, list(scene.wides)
    for lanes in settings:
        asked = {v for lane in lanes for v in lane[name]}
        shown = [v for lane in lanes for v in lane[outs[0]]]
        counts = {v.bit_count() for v in shown}
        if counts in ({1}, {size - 1}) and len(set(shown)) == len(asked):
            return None
    return f"{outs[0]} does not have one bit apart from the others for each input"


def adder(scene: Scene, _: Kind) -> str | None:
    """Some output is the sum of two inputs, as far as it goes."""
    settings = _lanes(scene)
    names = [n for n, w in scene.wides.items()]
    if settings is None or len(names) != 2 or scene.wides[names[0]] != scene.wides[names[1]]:
        return None
    a, b = names
    outs = {o: w for o, w in scene.outputs.items() if w >= scene.wides[a]}
    if not outs:
        return None
    low = (1 << scene.wides[a]) - 1
    for lanes in settings:
        for out in outs:
            for carry in (0, 1):
                if all((x + y + carry - s) & low == 0 for ln in lanes
                       for x, y, s in zip(ln[a], ln[b], ln[out], strict=True)):  # fmt: skip
                    return None
    return f"no output is the sum of {a} and {b}"


def comparator(scene: Scene, _: Kind) -> str | None:
    """Some output tells which of two inputs is greater, or that they are equal."""
    settings = _lanes(scene)
    names = list(scene.wides)
    if settings is None or len(names) != 2 or scene.wides[names[0]] != scene.wides[names[1]]:
        return None
    a, b = names
    half = 1 << (scene.wides[a] - 1)
    bits = [(o, k) for o, w in scene.outputs.items() for k in range(w)]
    relations: tuple[Callable[[int, int], bool], ...] = (
        lambda x, y: x > y, lambda x, y: x < y, lambda x, y: x == y,
        lambda x, y: x ^ half > y ^ half, lambda x, y: x ^ half < y ^ half,
    )  # fmt: skip
    for lanes in settings:
        for out, k in bits:
            told = [(x, y, (o >> k) & 1) for ln in lanes
                    for x, y, o in zip(ln[a], ln[b], ln[out], strict=True)]  # fmt: skip
            for relation in relations:
                if len({relation(x, y) ^ o for x, y, o in told}) == 1:
                    return None
    return f"no output compares {a} and {b}"


def parity(scene: Scene, _: Kind) -> str | None:
    """Some output is the parity of an input, or its opposite."""
    settings = _lanes(scene)
    if settings is None or not scene.wides:
        return None
    bits = [(o, k) for o, w in scene.outputs.items() for k in range(w)]
    for lanes in settings:
        for out, k in bits:
            for name in scene.wides:
                odd = {
                    (x.bit_count() ^ (o >> k)) & 1 for ln in lanes
                    for x, o in zip(ln[name], ln[out], strict=True)
                }  # fmt: skip
                if len(odd) == 1:
                    return None
    return "no output is the parity of an input"


PLAIN: dict[str, Callable[[Scene, Kind], str | None]] = {
    "mux": mux, "decoder": decoder, "adder": adder, "comparator": comparator, "parity": parity,
}  # fmt: skip
