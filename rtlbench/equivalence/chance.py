"""Whether a sequential circuit ever shows a 1: looked for by chance, which is quick where it is
easy. What is seen is there; what is not seen may be there all the same.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from rtlbench.equivalence.aig import Aig, Lit

LANES = 64
"""Runs at once, each with inputs of its own."""
STEPS = 48
RARE = 4
"""Where an input is rarely 1, that is once in 2 to the power of so many steps."""
_EVERY = (1 << LANES) - 1


def is_seen(
    aig: Aig, inputs: Sequence[int], latches: Sequence[tuple[int, Lit]], output: Lit
) -> bool:
    """Whether `output` was 1 in one of some runs, which are the same each time.

    Args:
        inputs: Leaves.
        latches: Leaf and next-state literal of each register; all start at 0.
    """
    roots = [output, *(after for _, after in latches)]
    gates = [(n, *f) for n in aig.cone(roots) if (f := aig.fanins(n)) is not None]
    rng = random.Random(0)
    drawn = [(leaf, _Drawn(rng)) for leaf in inputs]
    values = [0] * len(aig)
    for _ in range(STEPS):
        for leaf, source in drawn:
            values[leaf] = source.next()
        for node, a, b in gates:
            values[node] = (values[a >> 1] ^ -(a & 1)) & (values[b >> 1] ^ -(b & 1))
        shown, *after = (values[lit >> 1] ^ -(lit & 1) for lit in roots)
        if shown & _EVERY:
            return True
        for (leaf, _), value in zip(latches, after, strict=True):
            values[leaf] = value & _EVERY
    return False


class _Drawn:
    """An input's values: even in a part of the runs, rarely 1 or rarely 0 in the others, since a
    reset that came all the time would let nothing else happen."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._rarely_1 = rng.getrandbits(LANES)
        self._rarely_0 = rng.getrandbits(LANES) & ~self._rarely_1

    def next(self) -> int:
        rare = even = self._rng.getrandbits(LANES)
        for _ in range(RARE - 1):
            rare &= self._rng.getrandbits(LANES)
        seldom = (rare & self._rarely_1) | (~rare & self._rarely_0)
        return seldom | (even & ~self._rarely_1 & ~self._rarely_0)
