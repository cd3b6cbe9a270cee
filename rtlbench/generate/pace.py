"""How fast tokens come, in words that neither jump nor stand still: over the last half minute.

Tokens come in bursts: while long prompts are read none does, and of an endpoint that sends whole
answers all of one come together.
"""

from __future__ import annotations

from collections import deque

WINDOW = 30.0
"""Seconds that a pace is taken over, once as many have passed."""
LEAST = 4.0
"""Seconds before there is a pace at all."""
_APART = 0.5
"""Seconds between what is kept."""


class Pace:
    """Of a count of tokens that only grows.

    Args:
        now: The time in seconds, of a clock that never goes back.
    """

    def __init__(self, now: float) -> None:
        self._kept = deque([(now, 0)])
        self._last = (now, 0)

    def words(self, now: float, tokens: int) -> str:
        """`25.5 tokens a second`, `no tokens for 41 s`; empty before the first of them.

        Args:
            tokens: That have come until `now`.
        """
        if tokens != self._last[1]:
            self._last = now, tokens
        while len(self._kept) > 1 and now - self._kept[1][0] >= WINDOW:
            self._kept.popleft()
        since, before = self._kept[0]
        if now - self._kept[-1][0] >= _APART:
            self._kept.append((now, tokens))
        if not tokens or now - since < LEAST:
            return ""
        if tokens == before:
            return f"no tokens for {now - self._last[0]:.0f} s"
        return f"{(tokens - before) / (now - since):,.1f} tokens a second"
