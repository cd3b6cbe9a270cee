"""Answers that wait to be judged, handed out in batches.

What arrives within a few milliseconds goes together, answers to one Spec first: they share
simulations as lanes. Each worker that waits gets its share, and no more than a batch.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from rtlbench.judging.worker import TaskCandidate
from rtlbench.records.verdict import Verdict
from rtlbench.verifier import BATCH

LEAST_SHARE = 16
"""Fewer are not divided between workers: lanes are cheap, a simulation is not."""


@dataclass
class Ask:
    """One answer to judge, and where its Verdict is waited for."""

    pair: TaskCandidate
    group: str
    """Equal for answers to one Spec."""
    verdict: Future[Verdict] = field(default_factory=Future)
    company: int = BATCH
    """The most that may be judged with it; less once a worker died over it."""
    deaths: int = 0
    """Workers that died over it while it was alone."""
    begun: bool = False


class Arrivals:
    """What waits.

    Args:
        linger: Seconds that a first arrival waits for others.
    """

    def __init__(self, linger: float) -> None:
        self._linger = linger
        self._waiting: deque[Ask] = deque()
        self._changed = threading.Condition()
        self._takers = 0
        self._open = True
        self._first = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def takers(self) -> int:
        """Workers that have nothing to do."""
        return self._takers

    def add(self, asks: Iterable[Ask]) -> None:
        """Have these judged.

        Raises:
            RuntimeError: It is closed.
        """
        with self._changed:
            if not self._open:
                raise RuntimeError("this Judge is closed; make a new one")
            self._first = self._first if self._waiting else time.monotonic()
            self._waiting.extend(asks)
            self._changed.notify_all()

    def put_back(self, asks: Iterable[Ask]) -> None:
        """Have these judged again, before all others."""
        with self._changed:
            self._waiting.extendleft(asks)
            self._changed.notify_all()

    def take(self) -> list[Ask] | None:
        """The next batch; None when all is done and no more will come."""
        with self._changed:
            self._takers += 1
            try:
                while not self._is_due():
                    if not self._open and not self._waiting:
                        return None
                    self._changed.wait(self._remaining() if self._waiting else None)
                return self._share()
            finally:
                self._takers -= 1

    def drain(self) -> list[Ask]:
        """All that waits, which then waits no more."""
        with self._changed:
            left = list(self._waiting)
            self._waiting.clear()
            return left

    def close(self) -> None:
        """Take no more; what waits is still handed out."""
        with self._changed:
            self._open = False
            self._changed.notify_all()

    def _remaining(self) -> float:
        return max(0.0, self._first + self._linger - time.monotonic())

    def _is_due(self) -> bool:
        count = len(self._waiting)
        return count > 0 and (count >= BATCH or not self._open or self._remaining() == 0.0)

    def _share(self) -> list[Ask]:
        most = min(BATCH, max(LEAST_SHARE, -(-len(self._waiting) // self._takers)))
        groups: dict[str, list[Ask]] = {}
        for ask in self._waiting:
            groups.setdefault(ask.group, []).append(ask)
        taken: list[Ask] = []
        for ask in (a for group in groups.values() for a in group):
            if len(taken) < min(most, ask.company):
                taken.append(ask)
                most = min(most, ask.company)
        chosen = set(map(id, taken))
        self._waiting = deque(a for a in self._waiting if id(a) not in chosen)
        self._changed.notify_all()
        return taken
