"""The Spec: one hardware task, its interface and what it is judged by.

A Spec is a plain record: it crosses process borders, is written to results and is hashed.
What it is judged by is named, not carried: a reference model by its folder, a Verilog
testbench or a reference in Verilog by its text.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Literal, TypeAlias

import msgspec

Direction: TypeAlias = Literal["input", "output"]
Role: TypeAlias = Literal["clock", "reset", "enable", "data"]
ActiveLevel: TypeAlias = Literal["high", "low"]
ResetKind: TypeAlias = Literal["none", "sync", "async"]
Edge: TypeAlias = Literal["posedge", "negedge"]
Difficulty: TypeAlias = Literal["easy", "medium", "hard"]
ParamValue: TypeAlias = bool | int | str | list[int]
Judge: TypeAlias = Literal["model", "golden", "testbench", "harness", "none"]


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """One port of the top module."""

    id: str
    """The family's own word for the port; the reference model uses it."""
    name: str
    """The port's name in the RTL."""
    direction: Direction
    width: int = 1
    """In bits."""
    role: Role = "data"
    active: ActiveLevel = "high"
    """The asserted level of a reset or an enable."""
    clock: str = ""
    """Id of the clock that the port belongs to, where there are several."""
    about: str = ""
    """What the port is for, in a few words; part of the prompt."""


class Testbench(msgspec.Struct, frozen=True, kw_only=True):
    """A Verilog testbench that comes with a suite."""

    __test__ = False  # its name would make pytest collect it

    text: str
    files: dict[str, str] = {}
    """Data files that the testbench reads, by name."""
    compares: bool = False
    """True where it only drives answer and reference alike and counts where they differ: then the
    reference judges, and of the testbench what it drives is used."""
    beside: str = ""
    """Verilog that the suite compiles behind the answer: the reference, as the suite names it."""
    targets: tuple[str, ...] = ()
    """Where an answer goes, where `files` are a harness of cocotb's, which judges by itself."""


class Spec(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One hardware task.

    `reference` names the folder of the family whose `model.py` gives the expected behaviour; else
    `golden` gives it, unless `testbench` holds a Verilog testbench that knows by itself what is
    right. A Spec with none of them is judged statically.
    """

    id: str
    category: str
    family: str
    difficulty: Difficulty
    title: str
    prompt: str
    top: str
    ports: tuple[Port, ...]
    params: dict[str, ParamValue] = {}
    reset: ResetKind = "none"
    edge: Edge = "posedge"
    golden: str = ""
    reference: str | None = None
    reference_hash: str = ""
    """SHA-256 of the reference model's source: another model is another Spec."""
    testbench: Testbench | None = None
    suite: str = "rtlbench"

    @property
    def name(self) -> str:
        """The case's name in reports: `category/spec_id`."""
        return f"{self.category}/{self.id}"

    @property
    def judge(self) -> Judge:
        """What says whether an answer functions."""
        if self.reference is not None:
            return "model"
        if self.testbench is not None and self.testbench.targets:
            return "harness"
        if self.golden and (self.testbench is None or self.testbench.compares):
            return "golden"
        return "testbench" if self.testbench is not None else "none"

    @property
    def inputs(self) -> tuple[Port, ...]:
        """The input ports, in order of declaration."""
        return tuple(p for p in self.ports if p.direction == "input")

    @property
    def outputs(self) -> tuple[Port, ...]:
        """The output ports, in order of declaration."""
        return tuple(p for p in self.ports if p.direction == "output")

    @property
    def clocks(self) -> tuple[str, ...]:
        """Ids of the clocks."""
        return tuple(p.id for p in self.ports if p.role == "clock")

    def port_of_role(self, role: Role) -> Port | None:
        """The first port with `role`, or None."""
        return next((p for p in self.ports if p.role == role), None)

    def digest(self) -> str:
        """A content hash (SHA-256, hex): two Specs with the same digest judge alike."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        where_aside = msgspec.structs.replace(self, reference=None)
        return hashlib.sha256(msgspec.json.encode(where_aside, order="sorted")).hexdigest()
