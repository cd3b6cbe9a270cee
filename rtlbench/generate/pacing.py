"""When requests may be sent to an endpoint: so many at a time, so many a minute, and not before it
wishes.

How many at a time adapts: a refusal for being busy halves it, once for all requests that were under
way together; each answer raises it a little again, up to the most that is allowed. Patience with a
busy endpoint is a matter of time, counted from the last answer that came from there, not of tries.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

LOOK_EVERY = 0.2
"""Seconds between two looks at whether to stop."""


class Pace:
    """The pace of one endpoint.

    Args:
        start: Requests at a time, in the beginning.
        most: The most at a time.
        per_minute: No more than that; None for any number.
        is_stopping: Whether to send no more.
    """

    def __init__(
        self, start: int, most: int, per_minute: float | None, is_stopping: Callable[[], bool]
    ) -> None:
        self.limit = float(min(start, most))
        self._most = float(most)
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._is_stopping = is_stopping
        self._sending = 0
        self._next_turn = self._lowered_at = 0.0
        self._answered_at = time.monotonic()
        self.lowered = 0
        """How often it was."""

    @property
    def room(self) -> int:
        """Requests that may be under way at a time, now."""
        return max(1, int(self.limit))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[float]:
        """Within, one request is sent; it says when."""
        while self._sending >= self.room:
            await asyncio.sleep(LOOK_EVERY / 10)
        self._sending += 1
        try:
            begun = max(self._next_turn, time.monotonic())
            self._next_turn = begun + self._gap
            await self.sleep(begun - time.monotonic())
            yield time.monotonic()
        finally:
            self._sending -= 1

    async def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until asking is to stop."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self._is_stopping():
            await asyncio.sleep(min(left, LOOK_EVERY))

    def answered(self) -> None:
        """An answer came."""
        self._answered_at = time.monotonic()
        self.limit = min(self._most, self.limit + 1.0 / self.limit)

    def busy(self, sent_at: float) -> None:
        """A request that was sent then was refused for others; those sent before the last such
        refusal say nothing new."""
        if sent_at >= self._lowered_at:
            self.limit = max(1.0, self.limit / 2)
            self._lowered_at = time.monotonic()
            self.lowered += 1

    def hold(self, seconds: float) -> None:
        """Send nothing for so long."""
        self._next_turn = max(self._next_turn, time.monotonic() + seconds)

    def without_answer(self, since: float) -> float:
        """Seconds since the last answer, or since `since` where that is later."""
        return time.monotonic() - max(self._answered_at, since)
