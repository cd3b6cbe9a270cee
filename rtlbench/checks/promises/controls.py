"""Whether a circuit does what its enable, reset, load and clear are said to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rtlbench.checks.promises.scene import REGISTER, Level, Scene
from rtlbench.checks.promises.words import Value

Lane = dict[str, list[int]]
SETTLED = 8
"""Cycles after which what was on its way when the enable fell has come out."""
AT_ONCE = 3
DATA_NAMES = ("d", "din", "data", "data_in", "si", "sin", "serial_in", "in", "x", "bit_in", "i")


def enable_fault(scene: Scene, level: Level) -> str | None:
    """What moves although the enable is idle, in every setting of the other inputs."""
    shown = scene.stored_outputs
    if not shown:
        return None
    free = _data(scene, level)
    quiet: list[str] = list(scene.wides) if len(scene.wides) > 1 else []
    for name in ("", *quiet):  # one of several may be a control: acknowledges, masks
        hold = {**level.idle, **({name: 0} if name else {})}
        trace = scene.run(hold=hold, free=free, cycles=SETTLED + 8)
        if trace.some_setting(lambda lanes: all(_still(lane, shown) for lane in lanes)):
            return None
    is_now = "high" if level.idle[level.name] else "low"
    return f"{_moving(scene, level, shown)} changes while {level.name} is {is_now}"


def _data(scene: Scene, *levels: Level) -> list[str]:
    """One-bit inputs that are data by their name: they take any value in each cycle."""
    apart = {level.name for level in levels}
    return [n for n in scene.singles if n.lower() in DATA_NAMES and n not in apart]


def _still(lane: Lane, shown: Sequence[str]) -> bool:
    return all(len(set(lane[name][SETTLED:])) == 1 for name in shown)


def _moving(scene: Scene, level: Level, shown: Sequence[str]) -> str:
    trace = scene.run(hold=level.idle, cycles=SETTLED + 8)
    lanes = (lane for s in range(trace.settings) for lane in trace.of_setting(s))
    return next((n for lane in lanes for n in shown if not _still(lane, [n])), shown[0])


def reset_fault(scene: Scene, level: Level, value: Value | None) -> tuple[str, bool] | None:
    """What the reset does not set, from any state; and whether it is about the value."""
    if not scene.circuit.registers:
        return f"nothing is stored that {level.name} could reset", False
    shown = scene.stored_outputs
    trace = scene.run(hold=level.acting, warm=None, cycles=AT_ONCE + 3)
    lanes = [lane for s in range(trace.settings) for lane in trace.of_setting(s)]
    if not any(_alike(lanes, name) for name in _stores(scene, lanes)):
        is_now = "high" if level.active else "low"
        return f"no register is set while {level.name} is {is_now}", False
    shown = [n for n in shown if value is not None and value.of in ("", n)]
    if value is None or not shown:
        return None
    wanted = [value.value & ((1 << scene.outputs[n]) - 1) for n in shown]
    for name, want in zip(shown, wanted, strict=True):
        if _alike(lanes, name) and lanes[0][name][-1] == want:
            return None
    return f"{level.name} sets {shown[0]} to {lanes[0][shown[0]][-1]}, not to {wanted[0]}", True


def _stores(scene: Scene, lanes: Sequence[Lane]) -> Iterator[str]:
    yield from scene.stored_outputs
    yield from (n for n in lanes[0] if n.startswith(REGISTER))


def _alike(lanes: Sequence[Lane], name: str) -> bool:
    """Whether all lanes show one value that stays, wherever they come from."""
    return len({v for lane in lanes for v in lane[name][AT_ONCE:]}) == 1


def clear_fault(scene: Scene, level: Level) -> str | None:
    """Whether there is no setting in which all that is stored and shown is 0 under the clear."""
    shown = scene.stored_outputs
    if not shown:
        return None
    trace = scene.run(hold=level.acting, free=_data(scene, level), cycles=AT_ONCE + 6)

    def zero(lanes: list[Lane]) -> bool:
        return any(not any(any(ln[n][AT_ONCE:]) for ln in lanes) for n in shown)

    if trace.some_setting(zero):
        return None
    is_now = "high" if level.active else "low"
    return f"{shown[0]} is not cleared while {level.name} is {is_now}"


def load_fault(scene: Scene, level: Level) -> str | None:
    """Whether there is no setting in which what is stored takes a wide input under the load."""
    words = [*scene.stored_outputs, *(f"{REGISTER}{n}" for n in scene.register_names)]
    if not scene.wides or not words:
        return None
    trace = scene.run(hold=level.acting, cycles=10)
    widths = {w: scene.outputs.get(w) for w in words}

    def loads(lanes: list[Lane]) -> bool:
        return any(
            all(follows(lane, word, data, 1) for lane in lanes)
            for word in words if word in lanes[0]
            for data, width in scene.wides.items()
            if widths[word] in (None, width)
        )  # fmt: skip

    if trace.some_setting(loads):
        return None
    is_now = "high" if level.active else "low"
    return f"nothing takes an input over while {level.name} is {is_now}"


def follows(lane: Lane, word: str, data: str, lag: int) -> bool:
    """Whether `word` shows what `data` was `lag` cycles before."""
    return lane[word][lag:] == lane[data][: len(lane[data]) - lag]
