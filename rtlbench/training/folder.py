"""The folder of a run: made aside, resumed after a kill, and under its final name only when whole.

`OUT/run_NAME.part/` holds run.json and `checkpoints/`; when the adapter is written it becomes
`OUT/run_NAME_TIMESTAMP/` in one step. Guarantee: a checkpoint counts only with its seal, which is
written after all of it, so whatever a kill or a full disk leaves half written is thrown away and
the one before is used.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock

from rtlbench.errors import UserError
from rtlbench.io.atomic import sync_folder, take, write_record, write_whole
from rtlbench.io.configuration import in_words
from rtlbench.training.record import RUN, Inputs, TrainingRun

SEAL = "whole.json"
CHECKPOINTS = "checkpoints"
_FREE = ("save_total_limit", "report_to", "gradient_checkpointing")
"""Words of `[train]` that make no other model."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_STEP = re.compile(r"checkpoint-(\d+)")


class RunFolder:
    """One run's folder; only the main process of a run writes to it.

    Raises:
        UserError: The name cannot be part of a folder's name.
    """

    def __init__(self, out: Path, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise UserError(f"--name {name!r}: give letters, digits, dots, dashes, underlines")
        self.out, self.name = out, name
        self.path = out / f"run_{name}.part"
        self.checkpoints = self.path / CHECKPOINTS
        self._lock: FileLock | None = None

    def open(self, fresh: Callable[[], TrainingRun], *, restart: bool) -> TrainingRun:
        """Take the folder: as it was left, where it was made from the same, or a new one.

        Raises:
            UserError: Another process has it, it was made from something else, or it cannot be
                written.
        """
        busy = f"{self.path}: another process is training this; wait for it, or give --name"
        self._lock = take(self.out / f".run_{self.name}.lock", busy, self._unwritable)
        try:
            return self._opened(fresh(), restart)
        except OSError as e:
            raise UserError(self._unwritable(e)) from e

    def _unwritable(self, error: OSError) -> str:
        return f"{self.path}: cannot write there ({error.strerror})"

    def _opened(self, run: TrainingRun, restart: bool) -> TrainingRun:
        if restart:
            shutil.rmtree(self.path, ignore_errors=True)
        before = self._read()
        if before is None or self.last_good() is None:
            shutil.rmtree(self.path, ignore_errors=True)
            self.checkpoints.mkdir(parents=True)
            self.write(run)
            return run
        self._refuse_difference(before.inputs, run.inputs)
        self.sweep()
        return msgspec.structs.replace(run, started=before.started, resumed_at=before.resumed_at)

    def close(self) -> None:
        """Let others have it."""
        if self._lock is not None:
            self._lock.release()

    def write(self, run: TrainingRun) -> None:
        """Replace run.json in one step."""
        write_record(self.path / RUN, run)

    def seal(self, step: int) -> None:
        """Say that the checkpoint of `step` is whole."""
        folder = self.checkpoints / f"checkpoint-{step}"
        write_whole(folder / SEAL, msgspec.json.encode(_sizes(folder)))

    def last_good(self) -> Path | None:
        """The newest checkpoint that is whole."""
        whole = [f for f in self.checkpoints.glob("checkpoint-*") if _is_whole(f)]
        return max(whole, key=step_of, default=None)

    def sweep(self) -> None:
        """Remove what is half written."""
        for folder in self.checkpoints.glob("*"):
            if not _is_whole(folder):
                shutil.rmtree(folder, ignore_errors=True)

    def state(self) -> str:
        """For messages: what is there to go on from."""
        good = self.last_good()
        if good is None:
            return "there was no checkpoint yet: the same command begins anew"
        return f"{good} is whole: the same command goes on from step {step_of(good)}"

    def finish(self, run: TrainingRun) -> Path:
        """Give the folder its final name, with the whole adapter in it; checkpoints go."""
        self.write(run)
        final = self.out / f"run_{self.name}_{time.strftime('%Y%m%d_%H%M%S', time.gmtime())}"
        if final.exists():
            time.sleep(1)
            return self.finish(run)
        self.path.rename(final)
        sync_folder(self.out)
        shutil.rmtree(final / CHECKPOINTS, ignore_errors=True)
        return final

    def _read(self) -> TrainingRun | None:
        try:
            text = (self.path / RUN).read_bytes()
        except FileNotFoundError:
            return None
        try:
            return msgspec.json.decode(text, type=TrainingRun)
        except msgspec.DecodeError as e:
            raise UserError(
                f"{self.path / RUN}: cannot be read ({e}); --restart throws the run away"
            ) from e

    def _refuse_difference(self, before: Inputs, now: Inputs) -> None:
        changed = in_words(_plain(before), _plain(now), longest=200)
        if changed:
            raise UserError(
                f"{self.path}: an unfinished run was made from something else "
                f"({changed}); give another --name, or --restart to throw it away"
            )


def step_of(checkpoint: Path) -> int:
    """The step that a checkpoint was taken at; 0 for another folder."""
    named = _STEP.fullmatch(checkpoint.name)
    return int(named[1]) if named else 0


def _plain(inputs: Inputs) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(inputs)
    plain["data"] = {str(k): file for k, file in enumerate(plain["data"])}
    for word in _FREE:
        del plain["recipe"]["train"][word]
    return plain


def _sizes(folder: Path) -> dict[str, int]:
    return {
        str(f.relative_to(folder)): f.stat().st_size
        for f in sorted(folder.rglob("*"))
        if f.is_file() and not f.name.startswith(SEAL)
    }


def _is_whole(folder: Path) -> bool:
    try:
        sealed = msgspec.json.decode((folder / SEAL).read_bytes(), type=dict[str, int])
    except (OSError, msgspec.DecodeError):
        return False
    return sealed == _sizes(folder)
