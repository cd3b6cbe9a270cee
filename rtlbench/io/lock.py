"""Being the one process that writes in a place: file locks, with one message where it is taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from rtlbench.errors import UserError


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
    lock = FileLock(str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=wait)
    except Timeout as e:
        raise UserError(busy) from e
    except OSError as e:
        raise UserError(unwritable(e)) from e
    return lock
