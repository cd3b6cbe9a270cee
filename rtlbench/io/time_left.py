"""How long something still takes, told only where it can be told.

How fast it goes is seen in the later half of the time so far, so that neither a slow beginning nor
what was there already misleads; where the two quarters of it disagree, or too little has come,
nothing is told.
"""

from __future__ import annotations

import bisect
import time
from collections.abc import Callable

FIRST = 10.0
"""Seconds from the first that is done until anything is told."""
SOON = 2.0
"""Seconds from there until a rate is told."""
LEAST = 24
"""Times that more was done in the later half, at least."""
APART = 1.35
"""How many times as fast one quarter may be as the other."""
ROUND = 60.0


class TimeLeft:
    """Is told how much is done, and tells how long the rest takes.

    Args:
        clock: Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: list[float] = []
        self._done: list[float] = []

    def note(self, done: float) -> None:
        """So much is done by now."""
        if not self._done or done > self._done[-1]:
            self._times.append(self._clock())
            self._done.append(done)

    def seconds(self, total: float) -> float | None:
        """How long the rest of `total` takes; None where nobody can tell."""
        now = self._clock()
        if not self._times or now - self._times[0] < FIRST:
            return None
        spent = now - self._times[0]
        start, middle = (self._by(now - share * spent) for share in (0.5, 0.25))
        steps = len(self._times) - bisect.bisect_right(self._times, now - 0.5 * spent)
        first, second = middle - start, self._done[-1] - middle
        if steps < LEAST or min(first, second) * APART < max(first, second):
            return None
        return (total - self._done[-1]) * 0.5 * spent / (first + second)

    def rate(self) -> str:
        """`12 a second`, as it went in the later half of the time so far; empty at first."""
        now = self._clock()
        if not self._times or now - self._times[0] < SOON:
            return ""
        half = 0.5 * (now - self._times[0])
        each = (self._done[-1] - self._by(now - half)) / half
        if each >= 1:
            return f"{each:,.0f} a second"
        return f"{each * ROUND:.1f} a minute" if each > 0 else ""

    def words(self, total: float) -> str:
        """The same for people, with a comma in front; empty where nobody can tell."""
        left = self.seconds(total)
        if left is None:
            return ""
        if left < ROUND:
            return ", less than a minute left"
        return f", about {left / ROUND:.0f} min left"

    def _by(self, moment: float) -> float:
        """How much was done at a moment."""
        at = bisect.bisect_right(self._times, moment)
        return self._done[at - 1] if at else 0.0
