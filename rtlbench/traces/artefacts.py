"""Files that an event names, read as far as they may be: inside the run's folder, plain, bounded.

What is written is named by its content, so that no name comes from outside, writing twice is
writing once, and a file whose content is not what its name says shows. The task is such a file: of
ours it is JSON; of others any text is taken, whole, as the instruction.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from rtlbench.io.atomic import write_whole
from rtlbench.io.untrusted import from_json, one_line
from rtlbench.records.example import Record

MAX_BYTES = 4 << 20
"""No task, answer or log of one simulation is as large."""


class ArtefactError(Exception):
    """A file that a trace names cannot be used; the message says why."""


class MissingError(ArtefactError):
    """The file is not there, or not yet."""


def locate(folder: Path, given: str) -> Path:
    """Where the file `given` of the run in `folder` is.

    Raises:
        MissingError: There is no such file.
        ArtefactError: Outside of the folder, or no plain file.
    """
    shown = one_line(given, 120)
    try:
        path = (folder / given).resolve()  # an absolute path stays as it is
        inside = path.is_relative_to(folder.resolve())
        mode = path.stat().st_mode if inside else 0
    except FileNotFoundError as e:
        raise MissingError(f"{shown}: is missing") from e
    except (OSError, ValueError, RuntimeError) as e:
        raise ArtefactError(f"{shown}: cannot be found ({one_line(str(e), 80)})") from e
    if not inside:
        raise ArtefactError(f"{shown}: lies outside of the run's folder")
    if not stat.S_ISREG(mode):
        raise ArtefactError(f"{shown}: is no plain file")
    return path


def read_artefact(folder: Path, given: str, sha256: str | None = None) -> bytes:
    """The content of the file `given` of the run in `folder`.

    Args:
        sha256: What it must be by its hash, hex; None where nobody said.

    Raises:
        ArtefactError: It cannot be used, is longer than MAX_BYTES, or is another one.
    """
    path, shown = locate(folder, given), one_line(given, 120)
    try:
        with open_plain(path) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as e:
        raise ArtefactError(f"{shown}: cannot be read ({e.strerror or e})") from e
    if len(data) > MAX_BYTES:
        raise ArtefactError(f"{shown}: is longer than {MAX_BYTES >> 20} MiB")
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256.lower():
        raise ArtefactError(f"{shown}: is not what was recorded (its SHA-256 differs)")
    return data


def open_plain(path: Path) -> BinaryIO:
    """A plain file to read from: never a link, nor a pipe that nobody writes to.

    Raises:
        OSError: It cannot be opened, or is something else.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(f"{path} is no plain file")
    return os.fdopen(handle, "rb")


def keep(folder: Path, kind: str, suffix: str, data: bytes) -> str:
    """Write an artefact, where it is not there yet; its path relative to `folder`.

    Args:
        kind: The folder below `folder`.

    Raises:
        OSError: It cannot be written.
    """
    digest = hashlib.sha256(data).hexdigest()
    path = folder / kind / f"{digest[:32]}{suffix}"
    if not _holds(path, digest):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    return path.relative_to(folder).as_posix()


def _holds(path: Path, digest: str) -> bool:
    try:
        with open_plain(path) as file:
            return hashlib.sha256(file.read()).hexdigest() == digest
    except OSError:
        return False


class TaskFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One task, with all that it takes to judge an answer again."""

    instruction: str
    spec_id: str | None = None
    """The Spec of a suite."""
    category: str | None = None
    testbench: str | None = None
    """In Verilog; it came with the task."""
    member: dict[str, Any] | None = None
    """A point of a family's parameter space, as `metadata.member` of training data has it."""

    def encoded(self) -> bytes:
        """The file's bytes: the same for the same task."""
        return msgspec.json.encode(self, order="deterministic") + b"\n"

    def digest(self) -> str:
        """The task's hash in traces: SHA-256 of the file, hex."""
        return hashlib.sha256(self.encoded()).hexdigest()

    def record(self, output: str) -> Record:
        """An answer to the task as training data, as the filter judges it."""
        known = {"spec_id": self.spec_id, "category": self.category, "member": self.member}
        return Record(
            instruction=self.instruction,
            output=output,
            testbench=self.testbench,
            metadata={name: value for name, value in known.items() if value is not None},
        )


def task_of(data: bytes) -> TaskFile:
    """The task in a file's bytes.

    Raises:
        ValueError: It is no text, or says nothing.
    """
    text = data.decode("utf-8-sig").strip()  # a UnicodeDecodeError is a ValueError
    task = _from_json(text) if text.startswith("{") else TaskFile(instruction=text)
    if not task.instruction.strip():
        raise ValueError("it holds no instruction")
    return task


def _from_json(text: str) -> TaskFile:
    try:
        return from_json(text, TaskFile)
    except (msgspec.DecodeError, RecursionError) as e:
        raise ValueError(f"it is no task ({one_line(str(e), 120)})") from e
