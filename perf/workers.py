"""Two processes that judge, for what is compared side by side: all that each starts is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.util import Finalize
from typing import TypeVar

from perf.cpu import Spent, spent
from rtlbench.sandbox.sandbox import sandbox

WORKERS = 2
Part = TypeVar("Part")


def judged(
    judge: Callable[[Part], list[bool]], parts: Sequence[Part]
) -> tuple[list[bool], Spent]:
    """What `judge` says of all parts, in order, and what it took."""
    said: list[bool] = []

    def job() -> None:
        with get_context("fork").Pool(WORKERS, _leave_tidily) as pool:
            said.extend(v for part in pool.map(judge, parts, chunksize=1) for v in part)
            pool.close()
            pool.join()

    return said, spent(job)


def _leave_tidily() -> None:
    """Have a worker end its sandbox, so that what that used is counted."""
    Finalize(None, lambda: sandbox().close(), exitpriority=10)
