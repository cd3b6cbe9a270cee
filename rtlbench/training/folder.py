"""The folder of a run: made aside, resumed after a kill, and under its final name only when whole;
and what goes wrong there that is the machine's or the data's fault, one message each.

`OUT/run_NAME.part/` holds run.json and `checkpoints/`; when the adapter is written it becomes
`OUT/run_NAME_TIMESTAMP/` in one step. Guarantee: a checkpoint counts only with its seal, which is
written after all of it, so whatever a kill or a full disk leaves half written is thrown away and
the one before is used.

A message says what happened, what to do, and which checkpoint the same command goes on from.
Everything else is an error of ours or of a library, and keeps its traceback.
"""

from __future__ import annotations

import errno
import math
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
_FREE = ("save_total_limit", "report_to", "gradient_checkpointing", "threads")
"""Words of `[train]` that make no other model; `threads` but for the order of sums."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_STEP = re.compile(r"checkpoint-(\d+)")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_WORDS = (
    "no space left", "disk quota exceeded", "file too large", "os error 28", "os error 122",
    "os error 27", "pytorchstreamwriter failed", "inline_container.cc",
)  # fmt: skip
_MEMORY_WORDS = (
    "out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory",
    "bad_alloc", "os error 12",
)  # fmt: skip
WORSE = 1.0
"""Nats above guessing that no model has with its own tokenizer."""
SMALLER = (
    "set train.gradient_checkpointing to true or, with --restart, lower train.batch (and raise "
    "train.accumulation as much) or data.max_length, or set model.four_bit to true"
)


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
        """Let others have it; what there is nothing in to go on from is removed."""
        if self._lock is not None:
            if self.path.is_dir() and self.last_good() is None:
                shutil.rmtree(self.path, ignore_errors=True)
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


@contextmanager
def explained(folder: RunFolder) -> Iterator[None]:
    """Turn what is nobody's error of programming into a UserError that names the way on.

    Raises:
        UserError: As said.
    """
    try:
        yield
    except UserError as e:
        if folder.last_good() is None:
            raise
        raise UserError(f"{e}; {folder.state()}") from e
    except KeyboardInterrupt as e:
        folder.sweep()
        raise UserError(f"stopped; {folder.state()}") from e
    except Exception as e:
        why = explanation(e)
        if why is None:
            raise
        folder.sweep()
        raise UserError(f"{folder.path}: {why}; {folder.state()}") from e


def explanation(error: BaseException) -> str | None:
    """What happened and what to do, where it is the machine's doing; else None."""
    for one in _chain(error):
        if is_out_of_memory(one):
            return f"the memory is full; {SMALLER}"
        if is_disk_full(one):
            return "the disk is full; make room there"
    return None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says so, in the words of Python, torch on any device, or an allocator."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, RuntimeError) and _says(error, _MEMORY_WORDS)


def is_disk_full(error: BaseException) -> bool:
    """Whether `error` says so, in the words of Python, torch or safetensors."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    of_writer = isinstance(error, RuntimeError) or type(error).__name__ == "SafetensorError"
    return of_writer and _says(error, _FULL_WORDS)


def check_loss(step: int, loss: float) -> None:
    """Refuse to go on with a loss that is no number.

    Raises:
        UserError: It is not finite.
    """
    if not math.isfinite(loss):
        raise UserError(
            f"the loss is {loss} at step {step}; lower train.learning_rate or set "
            "train.max_grad_norm, and look at the examples"
        )


def check_first_loss(loss: float, vocabulary: int) -> None:
    """Refuse a model to which the text is stranger than noise.

    Raises:
        UserError: The loss is far above that of guessing among all words.
    """
    guessing = math.log(vocabulary)
    if loss > guessing + WORSE:
        raise UserError(
            f"the first loss is {loss:.2f}, and guessing among {vocabulary} words gives "
            f"{guessing:.2f}: the tokenizer is another model's, or the weights are damaged"
        )


def _says(error: BaseException, words: tuple[str, ...]) -> bool:
    text = str(error).lower()
    return any(w in text for w in words)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
