"""What goes wrong in training and is the machine's or the data's fault: one message each.

A message says what happened, what to do, and which checkpoint the same command goes on from.
Everything else is an error of ours or of a library, and keeps its traceback.
"""

from __future__ import annotations

import errno
import math
from collections.abc import Iterator
from contextlib import contextmanager

from rtlbench.errors import UserError
from rtlbench.training.folder import RunFolder

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
