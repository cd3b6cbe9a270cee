"""The file that `spec_path` names: a task, as it was put to the model.

Ours is JSON. Of others any text is taken, whole, as the instruction.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from rtlbench.io.untrusted import one_line
from rtlbench.records.example import Record


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
    found = _from_json(text) if text.startswith("{") else TaskFile(instruction=text)
    if not found.instruction.strip():
        raise ValueError("it holds no instruction")
    return found


def _from_json(text: str) -> TaskFile:
    try:
        return msgspec.json.decode(text, type=TaskFile)
    except (msgspec.DecodeError, RecursionError) as e:
        raise ValueError(f"it is no task ({one_line(str(e), 120)})") from e
