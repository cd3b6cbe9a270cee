"""Verdicts kept between runs, by everything that they depend on.

A key is a hash of the answer's text, its instruction and Spec, the configuration, the versions of
all tools and the source of rtlbench's own judging part: a changed judge finds nothing. Verdicts
with outcome `error`, or of which any Check broke for want of a tool, are never kept; one that does
not follow from its own Checks, or was made of another answer, is never believed. Several
processes may use one cache at a time; where it is busy, damaged or full, Verdicts are simply made
anew. Traces are left out.
"""

from __future__ import annotations

import hashlib
import sqlite3
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import msgspec
from platformdirs import user_cache_dir

from rtlbench.errors import UserError
from rtlbench.judge_digest import source_digest
from rtlbench.records.verdict import Verdict
from rtlbench.scoring import fault_of

FILE = "verdicts-v1.sqlite"
PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""
ASKED_AT_ONCE = 500


def default_cache() -> Path:
    """The folder for where none is given."""
    return Path(user_cache_dir("rtlbench")) / "verdicts"


class VerdictCache:
    """One cache folder, for one judge.

    Args:
        folder: Made, for the user alone, where it does not exist.
        judge: Configuration and tool versions, hashed.

    Raises:
        UserError: The folder cannot be used, or others may write to it.
    """

    def __init__(self, folder: Path, judge: str) -> None:
        self._judge = f"{judge} {source_digest()}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise UserError(f"{folder}: others may write to this cache; chmod 700 it")
            self._base = sqlite3.connect(folder / FILE, timeout=PATIENCE, isolation_level=None)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=NORMAL")
            self._base.execute(
                "CREATE TABLE IF NOT EXISTS verdict (key BLOB PRIMARY KEY, body BLOB) WITHOUT ROWID"
            )
        except (OSError, sqlite3.Error) as e:
            raise UserError(
                f"{folder}: cannot keep verdicts there ({e}); name another folder by --cache"
            ) from e
        self._decoder = msgspec.msgpack.Decoder(Verdict)

    def find(self, keys: Sequence[str]) -> dict[str, Verdict]:
        """The Verdicts that are kept, by key as the Verifier gives it."""
        names = {self._name(k): k for k in keys}
        found: dict[str, Verdict] = {}
        with suppress(sqlite3.Error):
            for part in _parts(names, ASKED_AT_ONCE):
                marks = ",".join("?" * len(part))
                rows = self._base.execute(
                    f"SELECT key, body FROM verdict WHERE key IN ({marks})",
                    part,
                )
                for name, body in rows:
                    with suppress(msgspec.DecodeError, UnicodeDecodeError):
                        verdict = self._decoder.decode(body)
                        if verdict.key == names[name] and not fault_of(verdict):
                            found[names[name]] = verdict
        return found

    def keep(self, verdicts: Mapping[str, Verdict]) -> None:
        """Keep Verdicts, by key."""
        rows = [
            (self._name(k), msgspec.msgpack.encode(without_traces(v)))
            for k, v in verdicts.items()
            if v.is_for_good
        ]
        with suppress(sqlite3.Error):
            self._base.execute("BEGIN IMMEDIATE")
            try:
                self._base.executemany("INSERT OR REPLACE INTO verdict VALUES (?, ?)", rows)
            finally:
                self._base.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._base.close()

    def _name(self, key: str) -> bytes:
        return hashlib.sha256(f"{self._judge} {key}".encode()).digest()


def without_traces(verdict: Verdict) -> Verdict:
    """`verdict` without the rows that lead to a mismatch, and each Finding in one place only."""
    checks = {
        name: msgspec.structs.replace(result, findings=(), trace=())
        for name, result in verdict.checks.items()
    }
    return msgspec.structs.replace(verdict, checks=checks)


def _parts(names: Mapping[bytes, str], size: int) -> Iterator[list[bytes]]:
    left = iter(names)
    while part := list(islice(left, size)):
        yield part
