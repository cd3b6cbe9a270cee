"""The records that Yosys's `write_json` writes.

Bits are numbers; constants are the strings "0", "1", "x" and "z".
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

Bit: TypeAlias = int | str


class YosysPort(msgspec.Struct, frozen=True):
    """A port in Yosys's JSON."""

    direction: str
    bits: list[Bit]


class YosysCell(msgspec.Struct, frozen=True):
    """A cell in Yosys's JSON."""

    type: str
    parameters: dict[str, str]
    connections: dict[str, list[Bit]]
    port_directions: dict[str, str] = {}
    attributes: dict[str, str | int] = {}


class YosysNet(msgspec.Struct, frozen=True):
    """A named net in Yosys's JSON."""

    bits: list[Bit]
    attributes: dict[str, str | int] = {}


class YosysModule(msgspec.Struct, frozen=True):
    """A module in Yosys's JSON."""

    ports: dict[str, YosysPort]
    cells: dict[str, YosysCell]
    netnames: dict[str, YosysNet]


class YosysDesign(msgspec.Struct, frozen=True):
    """What `write_json` writes."""

    modules: dict[str, YosysModule]
