"""A shard of the filter's input, and judging it.

Guarantee: a shard is judged whole or not at all, and the file of what was judged appears in one
step. `judge_shard` is a plain function of picklable arguments: a process pool, pytest cases and
remote workers all call it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from rtlbench.dataset.filter.cache import VerdictCache
from rtlbench.dataset.filter.judge import Judged, judge
from rtlbench.dataset.filter.matching import Matcher
from rtlbench.io.atomic import write_whole
from rtlbench.records.example import Placed
from rtlbench.runs.suite import read_suite
from rtlbench.verifier import Config, Verifier


class ShardConfig(msgspec.Struct, frozen=True, kw_only=True):
    """All that judging a shard depends on beside its records."""

    suite: str = "rtlbench"
    verifier: Config = Config()
    judge: str = ""
    """Hash of the tools' versions."""
    cache: str | None = None
    """The cache's folder; None for none."""


def judge_of(tools: dict[str, str]) -> str:
    """Hash of the tools' versions, as `ShardConfig.judge` has it."""
    return hashlib.sha256(msgspec.json.encode(tools, order="sorted")).hexdigest()


def judge_shard(path: Path, config: ShardConfig) -> Path:
    """Judge the records of a shard, unless that is done; the file of what was judged.

    Raises:
        UserError: A tool or the cache cannot be used.
    """
    done = judged_path(path)
    if not done.is_file():
        records = [msgspec.json.decode(line, type=Placed) for line in _read_lines(path)]
        tools = _judging(config)
        judged = judge(records, tools.verifier, tools.matcher, tools.cache)
        write_whole(done, b"".join(msgspec.json.encode(j) + b"\n" for j in judged))
    return done


def judged_path(shard: Path) -> Path:
    """Where a shard's Verdicts are."""
    return shard.with_suffix(".judged")


def read_judged(path: Path) -> Iterator[Judged]:
    """The records of a file that `judge_shard` made."""
    decoder = msgspec.json.Decoder(Judged)
    for line in _read_lines(path):
        yield decoder.decode(line)


class _Judging:
    """What one process judges with."""

    def __init__(self, config: ShardConfig) -> None:
        self.verifier = Verifier(config.verifier)
        self.matcher = matcher_of(config.suite)
        self.cache = VerdictCache(Path(config.cache), config.judge) if config.cache else None


_JUDGING: dict[bytes, _Judging] = {}


def _judging(config: ShardConfig) -> _Judging:
    key = msgspec.json.encode(config)
    if key not in _JUDGING:
        _JUDGING.clear()
        _JUDGING[key] = _Judging(config)
    return _JUDGING[key]


@lru_cache(maxsize=1)
def matcher_of(suite: str) -> Matcher:
    """What finds the Specs that records answer; the last one made is kept.

    Raises:
        UserError: The suite cannot be read.
    """
    name, _, folder = suite.partition("=")
    root = Path(folder) if folder and re.match(r"rtlbench\b", name) else None
    return Matcher(read_suite(suite), root)


def _read_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file
