"""Registers whose bits move from neighbour to neighbour."""

from __future__ import annotations

from itertools import pairwise

from rtlbench.checks.promises.controls import Lane
from rtlbench.checks.promises.kinds import Kind
from rtlbench.checks.promises.scene import REGISTER, Scene, words_of

SEEN_TO_MOVE = 8
"""Bits that are asked to move, at most: what begins at one end of a long register gets no further
within the cycles that are looked at."""


def shift(scene: Scene, kind: Kind) -> str | None:
    """Bits move between neighbours: as many as the register has, but one."""
    wanted = _asked((kind.width or 2) - 1)
    ways = {"left": (1,), "right": (-1,)}.get(kind.text, (1, -1))
    best = max(_moved(scene, x) for x in (None, *scene.singles))
    if best < wanted:
        return f"{best} of {wanted} bits move to their neighbours" if best else "no bit moves on"
    if kind.text and not any(_moves(scene, x, ways) for x in (None, *scene.singles)):
        return f"bits do not move {kind.text}"
    return None


def _asked(bits: int) -> int:
    return max(1, min(bits, SEEN_TO_MOVE))


def _moved(scene: Scene, free: str | None) -> int:
    """Register bits that show what another showed a cycle before, in the best setting."""
    trace = scene.run(free=[free] if free else (), warm=4, cycles=16)
    best = 0
    for s in range(trace.settings):
        lanes = list(trace.of_setting(s))
        best = max(best, _pairs(_bits(scene, lanes)))
    return best


def _bits(scene: Scene, lanes: list[Lane]) -> list[list[int]]:
    """Of each register bit and each bit shown, its values lane after lane, cycle after cycle."""
    found: dict[tuple[int, ...], None] = {}
    registers = {f"{REGISTER}{n}": len(p) for n, p in scene.register_names.items()}
    for name, width in (scene.outputs | registers).items():
        for k in range(width):
            found[tuple((v >> k) & 1 for lane in lanes for v in lane[name])] = None
    return [list(bits) for bits in found if len(set(bits)) > 1]


def _pairs(bits: list[list[int]], cycles: int = 16) -> int:
    """How many of `bits` follow another, not themselves."""

    def before(bit: list[int]) -> list[int]:
        return [v for k, v in enumerate(bit) if (k + 1) % cycles]

    def behind(bit: list[int]) -> list[int]:
        return [v for k, v in enumerate(bit) if k % cycles]

    earlier = {tuple(before(b)): k for k, b in enumerate(bits)}
    return sum(earlier.get(tuple(behind(b)), k) != k for k, b in enumerate(bits))


def _moves(scene: Scene, free: str | None, ways: tuple[int, ...]) -> bool:
    """Whether some word moves as a whole, in one of `ways`."""
    trace = scene.run(free=[free] if free else (), warm=4, cycles=16)
    words = list(words_of(scene, trace))

    def moves(lanes: list[Lane]) -> bool:
        return any(
            all(_shifted(lane[n], w, way) for lane in lanes)
            and any(len(set(x[n])) > 1 for x in lanes)
            for n, w in words
            for way in ways
        )

    return trace.some_setting(moves)


def _shifted(values: list[int], width: int, way: int) -> bool:
    return any(_shifted_by(values, width, way, k) for k in range(1, width // 2 + 1))


def _shifted_by(values: list[int], width: int, way: int, places: int) -> bool:
    mask = (1 << (width - places)) - 1
    pairs = pairwise(values)
    if way > 0:
        return all((b >> places) & mask == a & mask for a, b in pairs)
    return all(b & mask == (a >> places) & mask for a, b in pairs)


def lfsr(scene: Scene, kind: Kind) -> str | None:
    """Half of the bits or more move on."""
    wanted = _asked(((kind.width or 3) - 1) // 2)
    best = max(_moved(scene, x) for x in (None, *scene.singles))
    return None if best >= wanted else "hardly a bit moves on, as in a shift register"


def ring(scene: Scene, kind: Kind) -> str | None:
    """All bits but at most one move on."""
    best = _moved(scene, None)
    wanted = _asked((kind.width or 3) - 1)
    return None if best >= wanted else "bits do not move on around a ring"
