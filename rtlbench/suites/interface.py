"""The interface of a task that comes with no more than a reference in Verilog: what its ports are,
and which of them are clock, reset and enable.

Roles are read off the reference's netlist: what clocks its registers is a clock, what resets them a
reset, of the kind and level that the cells state. Where Yosys reads it not, by their names alone.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec

import rtlbench
from rtlbench.errors import HarnessError
from rtlbench.records.spec import ActiveLevel, Direction, Edge, Port, ResetKind, Role, Spec
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.cells import Bit, Register
from rtlbench.rtl.netlist import Netlist, NetlistFailure
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.rtl.slang import elaborate
from rtlbench.rtl.versions import survey, tool_versions
from rtlbench.rtl.yosys import netlists

BATCH = 16
"""References that go through Yosys together: where it refuses one, the others go again."""
_DIRECTIONS: dict[str, Direction] = {"In": "input", "Out": "output"}
_CLOCK = re.compile(r"^(i_)?(clk|clock|ck)(_i|_in)?$|_clk$|^clk_|clock$", re.I)
_RESET = re.compile(r"^(i_)?(a|s)?(rst|reset|clr|clear|res)(_?n|_?b|_i|_ni)?$|_rst(_n)?$", re.I)
_LOW = re.compile(r"(n|_b|_ni)$", re.I)
_INVERTERS = frozenset({"$not", "$logic_not"})


def ports_of(golden: str, top: str) -> tuple[Port, ...]:
    """The ports of module `top`, all of them data; none where slang does not elaborate it."""
    view = elaborate(golden, top)
    if view.top is None or any(view.errors):
        return ()
    return tuple(_ports(view.top.body.portList))


def _ports(symbols: Iterable[Any]) -> Iterator[Port]:
    for symbol in symbols:
        direction = _DIRECTIONS.get(symbol.direction.name)
        if direction is not None:
            width = int(symbol.type.bitWidth)
            yield Port(id=symbol.name, name=symbol.name, direction=direction, width=width)


def digest_of_texts(texts: Sequence[str]) -> str:
    """A hash of texts, and of what reads them."""
    digest = hashlib.sha256(rtlbench.__version__.encode())
    for text in (*texts, *map(str, sorted(tool_versions(survey()).items()))):
        digest.update(f"{len(text)}\0{text}".encode())
    return digest.hexdigest()


def with_roles(specs: Sequence[Spec]) -> tuple[Spec, ...]:
    """The Specs, their ports with roles."""
    units = {k: unit for k, s in enumerate(specs) if s.ports and (unit := _unit(s, k)) is not None}
    made: dict[int, Netlist | NetlistFailure] = {}
    for places in batched(units, BATCH):
        made.update(zip(places, netlists([units[k] for k in places]), strict=True))
    return tuple(_with_roles(spec, made.get(k)) for k, spec in enumerate(specs))


def batched(items: Iterable[int], size: int) -> Iterator[list[int]]:
    """`items` in lists of at most `size`."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


def _unit(spec: Spec, k: int) -> Unit | None:
    try:
        return renamed_golden(spec, f"unit{k}_")
    except HarnessError:
        return None


class Roles(msgspec.Struct, frozen=True, kw_only=True):
    """What the ports of a module are."""

    clocks: tuple[str, ...] = ()
    edge: Edge = "posedge"
    reset: str = ""
    reset_kind: ResetKind = "none"
    reset_level: ActiveLevel = "high"
    enables: tuple[tuple[str, ActiveLevel], ...] = ()


def _with_roles(spec: Spec, made: Netlist | NetlistFailure | None) -> Spec:
    named = roles_by_name(spec.ports)
    roles = roles_of(made) if isinstance(made, Netlist) else named
    if roles.reset_kind == "none" and named.reset and roles.clocks:
        # It only steers what else acts (a multiplexer before a counter that is a module).
        roles = msgspec.structs.replace(
            roles, reset=named.reset, reset_kind=named.reset_kind, reset_level=named.reset_level
        )
    ports = tuple(_port(p, roles) if p.direction == "input" else p for p in spec.ports)
    return msgspec.structs.replace(spec, ports=ports, reset=roles.reset_kind, edge=roles.edge)


def _port(port: Port, roles: Roles) -> Port:
    enables = dict(roles.enables)
    role: Role = "data"
    level: ActiveLevel = "high"
    if port.name in roles.clocks:
        role = "clock"
    elif port.name == roles.reset:
        role, level = "reset", roles.reset_level
    elif port.name in enables:
        role, level = "enable", enables[port.name]
    return msgspec.structs.replace(port, role=role, active=level)


def roles_by_name(ports: Sequence[Port]) -> Roles:
    """What names of one-bit inputs say; a reset is taken for a synchronous one."""
    names = [p.name for p in ports if p.direction == "input" and p.width == 1]
    clocks = tuple(n for n in names if _CLOCK.search(n))
    reset = next((n for n in names if _RESET.search(n) and n not in clocks), "")
    if not clocks or not reset:
        return Roles(clocks=clocks)
    kind: ResetKind = "async" if reset.lower().startswith("a") else "sync"
    level: ActiveLevel = "low" if _LOW.search(reset) else "high"
    return Roles(clocks=clocks, reset=reset, reset_kind=kind, reset_level=level)


def roles_of(netlist: Netlist) -> Roles:
    """What the registers of a netlist say."""
    names = {bits[0]: n for n, bits in netlist.inputs.items() if len(bits) == 1}
    registers = netlist.registers
    clocks = tuple(dict.fromkeys(n for r in registers if (n := names.get(r.clock))))
    edges = {r.rising for r in registers}
    reset = _reset(netlist, names, clocks)
    taken = {*clocks, reset[0]}
    enables = Counter(
        found
        for r in registers
        if r.enable is not None and (found := _source(netlist, names, r.enable, r.enable_high))
    )
    return Roles(
        clocks=clocks,
        edge="negedge" if edges == {False} else "posedge",
        reset=reset[0],
        reset_kind=reset[1],
        reset_level=reset[2],
        enables=tuple(found for found in enables if found[0] not in taken),
    )


def _reset(
    netlist: Netlist, names: dict[Bit, str], clocks: Sequence[str]
) -> tuple[str, ResetKind, ActiveLevel]:
    """The reset of most registers; a synchronous one only where it resets all, or is so named."""
    bits: Counter[tuple[str, ResetKind, ActiveLevel]] = Counter()
    for register in netlist.registers:
        found = _reset_of(netlist, names, register)
        if found is not None and found[0] not in clocks:
            bits[found] += register.width
    whole = sum(r.width for r in netlist.registers)
    for found, count in sorted(bits.items(), key=lambda b: (b[0][1] != "async", -b[1])):
        if found[1] == "async" or count == whole or _RESET.search(found[0]):
            return found
    return "", "none", "high"


def _reset_of(
    netlist: Netlist, names: dict[Bit, str], register: Register
) -> tuple[str, ResetKind, ActiveLevel] | None:
    if register.reset is None or register.reset_kind == "none":
        return None
    found = _source(netlist, names, register.reset, register.reset_high)
    return (found[0], register.reset_kind, found[1]) if found is not None else None


def _source(
    netlist: Netlist, names: dict[Bit, str], bit: Bit, high: bool
) -> tuple[str, ActiveLevel] | None:
    """The input that a bit is, or is the inverse of, and the level at which it acts."""
    while bit not in names:
        driver = next((c for c, _ in netlist.drivers.get(bit, ())), None)
        if driver is None or driver.type not in _INVERTERS or len(driver.connections["A"]) != 1:
            return None
        bit, high = driver.connections["A"][0], not high
    return names[bit], "high" if high else "low"
