"""The filter's shards judged by Ray, on this machine or on several.

A shard is a task, what it found is the task's result. `judge_shard` judges it as it does in
pytest's own processes, so both write the same output, and a run begun under one may go on under
the other.

Guarantee: shards travel as bytes, so machines need no folder in common; as few wait in Ray's store
as keep every core busy; each result is in the work folder as soon as it is there; a worker or a
machine that is lost costs its shards a retry and nothing else.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

import rtlbench
from rtlbench.dataset.filter.shards import ShardConfig, WorkFolder, judge_shard, judged_path
from rtlbench.errors import HarnessError, UserError
from rtlbench.io.atomic import write_whole
from rtlbench.io.ray_cluster import RayCluster, connect
from rtlbench.judge_digest import source_digest
from rtlbench.rtl.versions import survey, tool_versions
from rtlbench.sandbox.level import choose, wish

RETRIES = 3
"""Of a shard whose worker dies."""
AHEAD = 2
"""Shards a core that are handed out at a time: one to judge, one to go on with."""


class RayEngine:
    """Judges the shards `names` of a work folder in this order.

    Args:
        tools: Versions, which must be the same on every machine.

    Raises:
        UserError: Ray is not installed, or no cluster answers.
    """

    def __init__(
        self,
        work: WorkFolder,
        names: Sequence[str],
        config: ShardConfig,
        tools: dict[str, str],
        cluster: RayCluster,
    ) -> None:
        self._cluster = cluster
        self._ray: Any = None
        self._work = work
        self._waiting = [n for n in reversed(names) if not self._done(n).is_file()]
        self._settings = (msgspec.json.encode(config), wish(), _judge(tools))
        self._running: dict[Any, str] = {}
        self._failed: dict[str, str] = {}
        self._ahead = 0
        if self._waiting:
            self._start()

    def judged(self, name: str) -> Path:
        """Wait for a shard; the file of what was judged of it.

        Raises:
            UserError: A tool or a library is missing there.
            HarnessError: The shard could not be judged.
        """
        while not self._done(name).is_file():
            if name in self._failed:
                raise HarnessError(f"shard {name}: {self._failed[name]}")
            self._hand_out()
            if not self._running:
                raise HarnessError(f"shard {name} is not among those to be judged")
            ready, _ = self._ray.wait(list(self._running), num_returns=1)
            for reference in ready:
                self._take(reference)
        return self._done(name)

    def close(self) -> None:
        """Leave the cluster; end one that was started here."""
        if self._ray is not None:
            self._ray.shutdown()

    def _done(self, name: str) -> Path:
        return judged_path(self._work.shard(name))

    def _start(self) -> None:
        self._ray = connect(self._cluster)
        self._ahead = AHEAD * max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        self._task = self._ray.remote(judge_bytes).options(
            num_cpus=1, max_retries=RETRIES, scheduling_strategy="SPREAD"
        )

    def _hand_out(self) -> None:
        while self._waiting and len(self._running) < self._ahead:
            name = self._waiting.pop()
            lines = self._work.shard(name).read_bytes()
            self._running[self._task.remote(name, lines, *self._settings)] = name

    def _take(self, reference: Any) -> None:
        name = self._running.pop(reference)
        try:
            write_whole(self._done(name), self._ray.get(reference))
        except self._ray.exceptions.RayTaskError as e:
            if isinstance(e.cause, UserError):
                raise e.cause from None
            self._failed[name] = str(e)
        except self._ray.exceptions.RayError as e:
            self._failed[name] = f"its workers died, {RETRIES + 1} of them ({e})"


def judge_bytes(
    name: str, lines: bytes, config: bytes, isolation: str, judge: dict[str, str]
) -> bytes:
    """What `judge_shard` makes of a shard's text; runs on a worker.

    Raises:
        UserError: The worker's machine has other tools, or another rtlbench.
    """
    settings = msgspec.json.decode(config, type=ShardConfig)
    choose(isolation)
    if other := {n for n, _ in judge.items() ^ _own_judge().items()}:
        node = os.uname().nodename
        raise UserError(
            f"{node}: has another {', '.join(sorted(other))} than the machine that "
            "started the run; install the same on both"
        )
    with tempfile.TemporaryDirectory(prefix="rtlbench-shard-") as folder:
        path = Path(folder) / f"{name}.jsonl"
        path.write_bytes(lines)
        return judge_shard(path, settings).read_bytes()


@lru_cache(maxsize=1)
def _own_judge() -> dict[str, str]:
    return _judge({"rtlbench": rtlbench.__version__, **tool_versions(survey())})


def _judge(tools: dict[str, str]) -> dict[str, str]:
    """What must be the same wherever shards are judged."""
    return {**tools, "source of rtlbench": source_digest()}
