"""Files that are on the disk when a call returns, whole, or are as they were; and locks: being the
one process that writes in a place.

What is written beside a file before it takes its place is called `NAME.PID.part`; a link that
someone has laid under that name is removed, not followed.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from rtlbench.errors import UserError

if TYPE_CHECKING:
    from filelock import FileLock


def append_whole(path: Path, text: bytes) -> None:
    """Add `text` to the file and see it on the disk, or leave the file as it was.

    Raises:
        OSError: It cannot be written.
    """
    is_new = not path.is_file()
    with path.open("ab", buffering=0) as file:
        before = file.seek(0, os.SEEK_END)
        try:
            left = memoryview(text)
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(before)
            raise
    if is_new:
        sync_folder(path.parent)


def refuse_device(path: Path) -> None:
    """What is there and is no file, such as a device or a pipe, is not replaced by one.

    Raises:
        OSError: It is such a thing.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "it is there and is no file")


def write_whole(path: Path, data: bytes) -> None:
    """Write or replace a file that others see whole or not at all.

    Raises:
        OSError: It cannot be written; then it is as it was.
    """
    refuse_device(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        append_whole(part, data)
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_record(path: Path, record: msgspec.Struct) -> None:
    """Write or replace a JSON file for people and programs.

    Raises:
        OSError: As `write_whole`.
    """
    write_whole(path, msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")


def sync_folder(folder: Path) -> None:
    """See the folder's own entries on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def take(
    path: Path, busy: str, unwritable: Callable[[OSError], str], wait: float = 0.0
) -> FileLock:
    """The lock file `path`, taken; its folder is made. A context manager that lets go of it.

    Args:
        path: The file; it stays behind, empty.
        busy: What to tell the user where another process has it.
        unwritable: What to tell where the file system refuses.
        wait: Seconds to wait for another process.

    Raises:
        UserError: Another process has it, or it cannot be written.
    """
    from filelock import FileLock, Timeout  # it brings asyncio, which most commands never need

    lock = FileLock(str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=wait)
    except Timeout as e:
        raise UserError(busy) from e
    except OSError as e:
        raise UserError(unwritable(e)) from e
    return lock
