"""Work on all processors."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from rtlbench.sandbox.kernel import end_with_parent
from rtlbench.sandbox.level import choose, wish

Given = TypeVar("Given")
Made = TypeVar("Made")


class WorkerPool:
    """As many processes as there are processors, or as there is work; one needs none. Their tools
    are shut away as this process's are."""

    def __init__(self, tasks: int, workers: int | None = None) -> None:
        self.count = max(1, min(workers or len(os.sched_getaffinity(0)), tasks))
        context = multiprocessing.get_context("spawn")  # slang's threads do not survive a fork
        alone = self.count == 1
        self._pool = None if alone else ProcessPoolExecutor(
            self.count, mp_context=context, initializer=_begin, initargs=(wish(),)
        )

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, work: Callable[[Given], Made], given: Sequence[Given]) -> Iterator[Made]:
        """What `work` makes of each, in order."""
        if self._pool is None:
            return map(work, given)
        return self._pool.map(work, given)


def _begin(wanted: str | None) -> None:
    """In each process: what is killed takes its children with it."""
    end_with_parent(signal.SIGKILL)
    choose(wanted)
