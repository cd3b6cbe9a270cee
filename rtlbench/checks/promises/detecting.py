"""What tells of edges and of sequences."""

from __future__ import annotations

from rtlbench.checks.promises.controls import Lane
from rtlbench.checks.promises.kinds import Kind
from rtlbench.checks.promises.scene import Scene

MOST_LAG = 4


def edge(scene: Scene, kind: Kind) -> str | None:
    """Some output shows each edge of some input, a few cycles later at most."""
    rise, fall, both = (True, False), (False, True), (True, True)
    ways = {"rising": [rise], "positive": [rise], "falling": [fall], "negative": [fall],
            "both": [both], "any": [both]}.get(kind.text, [rise, fall, both])  # fmt: skip
    shown = set(scene.outputs.values())
    inputs = [(n, w) for n, w in scene.inputs.items() if w in shown]
    for name, width in inputs:
        trace = scene.run(free=[name] if width == 1 else (), cycles=24)
        if trace.some_setting(lambda lanes, n=name, w=width: any(  # type: ignore[misc]
            _shows_edges(scene, lanes, n, w, way) for way in ways)):  # fmt: skip
            return None
    return f"no output shows {kind.text or 'the'} edges"


def _shows_edges(
    scene: Scene, lanes: list[Lane], name: str, width: int, ways: tuple[bool, bool]
) -> bool:
    for out, shown in scene.outputs.items():
        if shown == width and any(
            all(_edges_at(ln[name], ln[out], width, lag, ways) for ln in lanes)
            for lag in range(MOST_LAG)
        ):
            return True
    return False


def _edges_at(x: list[int], o: list[int], width: int, lag: int, ways: tuple[bool, bool]) -> bool:
    mask = (1 << width) - 1
    for t in range(lag + 1, len(x)):
        old, new = x[t - lag - 1], x[t - lag]
        rise, fall = new & ~old & mask, old & ~new & mask
        if o[t] != (rise if ways[0] else 0) | (fall if ways[1] else 0):
            return False
    return True


def sequence(scene: Scene, kind: Kind) -> str | None:
    """Some output rises where, and only where, the sequence has just come."""
    if not kind.text:
        return None
    if not scene.circuit.registers:
        return "nothing is stored, so that no sequence can be seen"
    for name in scene.singles:
        trace = scene.run(free=[name], warm=0, cycles=64, repeats=8)
        if trace.some_setting(lambda lanes, n=name: _detects(scene, lanes, n, kind.text)):  # type: ignore[misc]
            return None
    if scene.wides and not scene.singles:
        return None
    return f"no output tells that {kind.text} has come"


def _detects(scene: Scene, lanes: list[Lane], name: str, text: str) -> bool:
    bits = [(o, k) for o, w in scene.outputs.items() if w <= 4 for k in range(w)]
    heard = ["".join(map(str, lane[name])) for lane in lanes]
    for out, bit in bits:
        shown = [[(v >> bit) & 1 for v in lane[out]] for lane in lanes]
        pairs = list(zip(heard, shown, strict=True))
        if any(_tells(pairs, text, lag) for lag in range(3)):
            return True
    return False


def _tells(lanes: list[tuple[str, list[int]]], text: str, lag: int) -> bool:
    hits = 0
    for heard, shown in lanes:
        for t in range(len(text) + lag, len(shown)):
            if shown[t] and not shown[t - 1]:
                hits += 1
                if heard[t - lag - len(text) + 1 : t - lag + 1] != text:
                    return False
    return hits > 0
