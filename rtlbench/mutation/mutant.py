"""The records that mutation works with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from rtlbench.mutation.design import Design


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """One broken golden."""

    kind: str
    """The operator that made it: a stable name."""
    text: str
    """The whole RTL."""
    line: int | None
    """Where the golden was changed; None where no line of it can be named."""
    description: str
    """What was changed, for a person."""
    source: Literal["source", "netlist"]

    @property
    def place(self) -> str:
        """`line 12: enable-dropped: ...`"""
        at = f"line {self.line}: " if self.line is not None else ""
        return f"{at}{self.kind}: {self.description}"


class Edit(msgspec.Struct, frozen=True, order=True):
    """Characters `start` to `end` of the golden become `text`."""

    start: int
    end: int
    text: str


class Proposal(msgspec.Struct, frozen=True):
    """A mutant before it is known to be valid."""

    edits: tuple[Edit, ...]
    told: str

    def apply(self, text: str) -> str:
        """`text` with every edit made, last one first."""
        for edit in sorted(self.edits, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text


Proposer: TypeAlias = Callable[["Design"], Iterator[Proposal]]


class Operator(msgspec.Struct, frozen=True):
    """One way of being wrong."""

    name: str
    propose: Proposer
