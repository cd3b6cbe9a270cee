"""Where the filter's shards are judged: in pytest's own processes, or by Ray on several machines.

Either way `judge_shard` judges a shard and a file of its own holds what it found, so both engines
write the same output, and a run begun under one may go on under the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from rtlbench.dataset.filter.shards import ShardConfig
from rtlbench.dataset.filter.work_folder import WorkFolder


class Engine(Protocol):
    """Judges shards elsewhere."""

    def judged(self, name: str) -> Path:
        """Wait for a shard; the file of what was judged of it.

        Raises:
            UserError: A tool or a library is missing there.
            HarnessError: The shard could not be judged.
        """
        ...

    def close(self) -> None:
        """Let everything go."""
        ...


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Where Ray runs."""

    address: str | None = None
    """Of a cluster; None starts one on this machine."""
    workers: int | None = None
    """Processes on this machine, where no cluster is given; None: one a core."""


def open_ray(
    work: WorkFolder,
    names: Sequence[str],
    config: ShardConfig,
    tools: dict[str, str],
    cluster: Cluster,
) -> Engine:
    """Ray, which judges the shards `names` in this order.

    Args:
        tools: Versions, which must be the same on every machine.

    Raises:
        UserError: Ray is not installed, or no cluster answers.
    """
    from rtlbench.dataset.filter.engines_ray import RayEngine

    return RayEngine(work, names, config, tools, cluster)
