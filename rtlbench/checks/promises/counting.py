"""What counts, adds up or stores: most changes of some word are those of its kind."""

from __future__ import annotations

from itertools import pairwise

from rtlbench.checks.promises.controls import Lane, follows
from rtlbench.checks.promises.kinds import Kind
from rtlbench.checks.promises.scene import Scene, Trace, words_of

SHORT, FEW = 8, 4
"""Bits of a word, and one-bit inputs, with which a counter is followed all the way round."""
LONGEST = 200
"""The highest N of a mod-N counter that is counted to the end."""


def counter(scene: Scene, kind: Kind) -> str | None:
    """Most changes of some word are by one."""
    trace = scene.run(cycles=24)
    ups = [d for d, way in ((1, "up"), (-1, "down")) if kind.text in ("", way)]
    if not _changes(scene, trace):
        return None
    if trace.some_setting(lambda lanes: any(
            _steps(lanes, n, w, ups) for n, w in words_of(scene, trace))):  # fmt: skip
        return _stuck(scene)
    return f"nothing counts {kind.text or 'by one'}"


def _stuck(scene: Scene) -> str | None:
    """Where all that counts stands still in the end, whatever the one-bit inputs: a counter counts
    from each state that it reaches."""
    words = {n: w for n, w in scene.outputs.items() if 1 < w <= SHORT}
    if len(words) != 1 or len(scene.singles) > FEW:
        return None
    [(name, width)] = words.items()
    trace = scene.run(warm=0, cycles=(1 << width) + 12, repeats=1)
    if trace.some_setting(lambda lanes: all(len(set(lane[name][-8:])) > 1 for lane in lanes)):
        return None
    last = next(v[-1] for s in range(trace.settings) for ln in trace.of_setting(s)
                if len(set(v := ln[name])) > 1)  # fmt: skip
    return f"{name} counts to {last} and no further"


def _changes(scene: Scene, trace: Trace) -> bool:
    names = [n for n, _ in words_of(scene, trace)]
    return trace.some_setting(
        lambda lanes: any(len(set(lane[n])) > 3 for lane in lanes for n in names)
    )


def _steps(lanes: list[Lane], name: str, width: int, ups: list[int]) -> bool:
    """Whether most changes of a word are by one, in one direction."""
    size = 1 << width
    moves = [
        (b - a) % size for lane in lanes
        for a, b in pairwise(lane[name]) if a != b
    ]  # fmt: skip
    return len(moves) > 3 and any(2 * moves.count(up % size) >= len(moves) for up in ups)


def modulo(scene: Scene, kind: Kind) -> str | None:
    """Some word that counts goes round from 0 to N-1."""
    number = kind.number or 10
    if not 2 < number <= LONGEST:
        return counter(scene, kind)
    trace = scene.run(warm=0, cycles=4 * number + 8, repeats=1)
    highest: set[int] = set()

    def round_(lanes: list[Lane]) -> bool:
        for name, width in words_of(scene, trace):
            if _steps(lanes, name, width, [1, -1]):
                top = max(v for lane in lanes for v in lane[name])
                highest.add(top)
                if top == number - 1:
                    return True
        return False

    if trace.some_setting(round_):
        return None
    if not highest:
        return counter(scene, kind)
    return f"it counts to {max(highest)}, not to {number - 1}"


def gray(scene: Scene, _: Kind) -> str | None:
    """Some word changes in one bit at a time."""
    trace = scene.run(cycles=24)
    if not _changes(scene, trace):
        return None
    if trace.some_setting(lambda lanes: any(
            all(_one_bit(lane[n]) for lane in lanes) and any(len(set(ln[n])) > 3 for ln in lanes)
            for n, _ in words_of(scene, trace))):  # fmt: skip
        return None
    return "more than one bit changes at a time"


def _one_bit(values: list[int]) -> bool:
    return all((a ^ b).bit_count() <= 1 for a, b in pairwise(values))


def register(scene: Scene, _: Kind) -> str | None:
    """Some word takes over an input as it is."""
    if len(scene.wides) != 1:
        return None
    trace = scene.run(cycles=12)
    outputs = {n: w for n, w in scene.outputs.items() if w > 1}

    def takes(lanes: list[Lane]) -> bool:
        return any(
            all(follows(lane, out, data, lag) for lane in lanes)
            for data, width in scene.wides.items()
            for out, shown in outputs.items() if shown == width
            for lag in (1, 2)
        )  # fmt: skip

    if not any(w in outputs.values() for w in scene.wides.values()) or trace.some_setting(takes):
        return None
    return "no output takes an input over as it is"


def accumulator(scene: Scene, _: Kind) -> str | None:
    """Most changes of some word are by what an input shows."""
    if not scene.wides:
        return None
    trace = scene.run(cycles=16)
    if trace.some_setting(lambda lanes: any(
            _adds(lanes, n, w, data, dw) for n, w in words_of(scene, trace)
            for data, dw in scene.wides.items())):  # fmt: skip
        return None
    return "nothing adds up an input"


def _adds(lanes: list[Lane], name: str, width: int, data: str, data_width: int) -> bool:
    size, half = 1 << width, 1 << (data_width - 1)

    def signed(v: int) -> int:
        return v - 2 * half if v >= half else v

    for lag in range(3):
        moves = [
            ((b - a) % size, d) for lane in lanes
            for a, b, d in zip(lane[name][lag:], lane[name][lag + 1 :], lane[data], strict=False)
            if a != b
        ]  # fmt: skip
        if len(moves) > 3:
            plain = sum(m == d % size for m, d in moves)
            turned = sum(m == signed(d) % size for m, d in moves)
            if 2 * max(plain, turned) >= len(moves):
                return True
    return False
