"""What is written comes out again: FIFO and RAM."""

from __future__ import annotations

from rtlbench.checks.promises.kinds import Kind
from rtlbench.checks.promises.scene import InDoubtError, Scene


def fifo(scene: Scene, _: Kind) -> str | None:
    """What is written comes out, the first one first."""
    write = _named(scene, ("wr_en", "wr", "write", "w_en", "push", "write_en", "wen", "wr_enable"))
    read = _named(scene, ("rd_en", "rd", "read", "r_en", "pop", "read_en", "ren", "rd_enable"))
    pairs = [(d, o) for d, w in scene.wides.items() for o, v in scene.outputs.items() if v == w]
    if write is None or read is None or len(scene.wides) != 1 or not pairs:
        raise InDoubtError("ports that are not known")
    data = pairs[0][0]
    words = [3 % (1 << scene.wides[data]), 1, 2]
    others = _others(scene, write, read)
    quiet = {write: 0, read: 0, **others}
    steps = [quiet, *({**quiet, write: 1, data: w} for w in words), quiet, quiet]
    traces = [
        scene.script([*steps, *[{**quiet, read: 1, data: d}] * 8], repeats=4)
        for d in (0, (1 << scene.wides[data]) - 1)
    ]
    lanes = [lane for trace in traces for lane in trace.of_setting(0)]
    if any(all(_comes_out(lane[o][4:], words) for lane in lanes) for _, o in pairs):
        return None
    return "what is written does not come out in order"


def _named(scene: Scene, names: tuple[str, ...]) -> str | None:
    found = [n for n in scene.singles if n.lower().removeprefix("i_").removesuffix("_i") in names]
    return found[0] if len(found) == 1 else None


def _others(scene: Scene, *known: str) -> dict[str, int]:
    """Enables of the whole; anything else may be a commit, a flush, a mode."""
    others = {n: 1 for n in scene.singles if n not in known}
    if others.keys() - {"en", "enable", "ce", "cs", "re", "rd", "rd_en", "ren", "read"}:
        raise InDoubtError("inputs that may do anything")
    return others


def _comes_out(shown: list[int], words: list[int]) -> bool:
    """Whether the words come out one after the other, with nothing else between them."""
    runs = [v for k, v in enumerate(shown) if not k or v != shown[k - 1]]
    return any(runs[k : k + len(words)] == words for k in range(len(runs)))


def ram(scene: Scene, _: Kind) -> str | None:
    """What is written to two addresses is read from them."""
    write = _named(scene, ("we", "wr_en", "write_en", "wen", "wr", "write", "mem_write", "w_en"))
    places = [n for n in scene.wides if "addr" in n.lower()]
    data = [n for n in scene.wides if n not in places]
    outs = [o for o, w in scene.outputs.items() if data and w == scene.wides[data[0]]]
    if write is None or not places or len(data) != 1 or not outs:
        raise InDoubtError("ports that are not known")
    others = _others(scene, write)
    high = (1 << min(scene.wides[data[0]], 30)) - 1
    known = ((1, high - 1), (2, 1))
    steps = [{**others, write: 1, data[0]: v, **dict.fromkeys(places, a)} for a, v in known]
    for a, _v in known:
        steps += [{**others, write: 0, **dict.fromkeys(places, a)}] * 4
    trace = scene.script(steps, repeats=4)
    lanes = list(trace.of_setting(0))
    for out in outs:
        if all(lane[out][5] == known[0][1] and lane[out][9] == known[1][1] for lane in lanes):
            return None
    return "what is written to an address is not read from it"
