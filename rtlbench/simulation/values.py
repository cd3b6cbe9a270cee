"""Random values: as likely to be extreme, or to stay, as to be any number at all."""

from __future__ import annotations

import random

from rtlbench.records.spec import Port

ANY = 0.55
"""Share of wide values that are any number."""
SAME = 0.2
"""Share of them that stay what they are; the rest are extremes and single bits."""


def random_value(port: Port, one: float, present: int, rng: random.Random) -> int:
    """A logical value for a port.

    Args:
        one: The chance of a 1, for a port of one bit.
        present: What the port has now.
    """
    if port.width == 1:
        return int(rng.random() < one)
    top = (1 << port.width) - 1
    style = rng.random()
    if style < ANY:
        return rng.randint(0, top)
    if style < ANY + SAME:
        return present
    near = (0, 1, top, top - 1, 1 << (port.width - 1), 1 << rng.randrange(port.width))
    return rng.choice(near)
