"""Modules of our own around or in place of a design: what shows how much a testbench's word is
worth. Pure text, from a module's interface.

Stubs have the reference's interface and do nothing; a bench that passes one proves nothing.
A veil stands between a design and its bench and shows every unknown output bit (X or Z) as one
given value: a bench that compares with `==` takes X for neither right nor wrong, and behind a
veil it must decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

Fill = Literal[0, 1]
CONSTANT_STUBS: dict[str, str] = {"always 0": "'0", "always 1": "'1"}
UNKNOWN_STUBS: dict[str, str] = {"never assigned": "'z", "always unknown": "'x"}
_KNOWN: dict[Fill, str] = {0: "=== 1'b1", 1: "!== 1'b0"}


class Pin(msgspec.Struct, frozen=True):
    """One port, as bits."""

    name: str
    output: bool
    width: int


class Interface(msgspec.Struct, frozen=True):
    """A module as its instance sees it."""

    top: str
    pins: tuple[Pin, ...]
    parameters: tuple[str, ...]
    """Names of the parameters that an instance may set."""


def interface_of(top: Any) -> Interface:
    """The interface of a module that slang elaborated."""
    pins = tuple(
        Pin(p.name, p.direction.name == "Out", int(p.type.bitWidth)) for p in top.body.portList
    )
    settable = tuple(
        p.name for p in top.body.parameters if not p.isLocalParam and hasattr(p, "value")
    )
    return Interface(top.name, pins, settable)


def stub(face: Interface, value: str) -> str:
    """A module with that interface, whose outputs are always `value`."""
    setters = ", ".join(f"parameter {n} = 0" for n in face.parameters)
    given = f" #({setters})" if setters else ""
    body = [f"assign {p.name} = {value};" for p in face.pins if p.output]
    return _module(f"{face.top}{given}", face.pins, body)


def veil(face: Interface, inner: str, prefix: str, fill: Fill) -> str:
    """A module with that interface around module `inner`, unknown output bits shown as `fill`.

    `prefix` keeps its own names apart from the ports'. It has no parameters: a bench that sets
    one does not compile with it.
    """
    body: list[str] = []
    links: list[str] = []
    for pin in face.pins:
        links.append(f".{pin.name}({prefix if pin.output else ''}{pin.name})")
        if pin.output:
            raw = f"{prefix}{pin.name}"
            body.append(f"wire [{pin.width - 1}:0] {raw};")
            body += [
                f"assign {pin.name}[{k}] = {raw}[{k}] {_KNOWN[fill]};" for k in range(pin.width)
            ]
    body.append(f"{inner} {prefix}inner({', '.join(links)});")
    return _module(face.top, face.pins, body)


def _module(head: str, pins: Iterable[Pin], body: list[str]) -> str:
    declared = ", ".join(
        f"{'output' if p.output else 'input'} [{p.width - 1}:0] {p.name}" for p in pins
    )
    return "\n".join([f"module {head}({declared});", *body, "endmodule", ""])
