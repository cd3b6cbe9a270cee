"""What the ports of a module are: which clock its registers, which reset and enable them.

Read off the module's netlist: what clocks registers is a clock, what resets them a reset, of the
kind and level that the cells state. Where Yosys reads it not, by their names alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from rtlbench.records.spec import ActiveLevel, Edge, Port, ResetKind, Role, Spec
from rtlbench.rtl.cells import Bit, Register
from rtlbench.rtl.netlist import Netlist, NetlistFailure

_CLOCK = re.compile(r"^(i_)?(clk|clock|ck)(_i|_in)?$|_clk$|^clk_|clock$", re.I)
_RESET = re.compile(r"^(i_)?(a|s)?(rst|reset|clr|clear|res)(_?n|_?b|_i|_ni)?$|_rst(_n)?$", re.I)
_LOW = re.compile(r"(n|_b|_ni)$", re.I)
_INVERTERS = frozenset({"$not", "$logic_not"})


class Roles(msgspec.Struct, frozen=True, kw_only=True):
    """What the ports of a module are."""

    clocks: tuple[str, ...] = ()
    edge: Edge = "posedge"
    reset: str = ""
    reset_kind: ResetKind = "none"
    reset_level: ActiveLevel = "high"
    enables: tuple[tuple[str, ActiveLevel], ...] = ()
    other_resets: tuple[tuple[str, ActiveLevel], ...] = ()
    """What resets other registers without a clock: a FIFO has one on each side."""


def given_roles(spec: Spec, made: Netlist | NetlistFailure | None) -> Spec:
    """The Spec, its ports with the roles that they have in the netlist of its golden."""
    named = roles_by_name(spec.ports)
    roles = roles_of(made) if isinstance(made, Netlist) else named
    if roles.reset_kind == "none" and named.reset and roles.clocks:
        # It only steers what else acts (a multiplexer before a counter that is a module).
        roles = msgspec.structs.replace(
            roles, reset=named.reset, reset_kind=named.reset_kind, reset_level=named.reset_level
        )
    ports = tuple(_port(p, roles) if p.direction == "input" else p for p in spec.ports)
    ports = _chief_first(ports, roles)
    return msgspec.structs.replace(spec, ports=ports, reset=roles.reset_kind, edge=roles.edge)


def _chief_first(ports: tuple[Port, ...], roles: Roles) -> tuple[Port, ...]:
    """The first reset is taken for that of most registers: one declared before it is data."""
    names = [p.name for p in ports]
    before = names[: names.index(roles.reset)] if roles.reset in names else []
    return tuple(
        msgspec.structs.replace(p, role="data", active="high")
        if p.role == "reset" and p.name in before else p
        for p in ports
    )  # fmt: skip


def _port(port: Port, roles: Roles) -> Port:
    enables, resets = dict(roles.enables), dict(roles.other_resets)
    role: Role = "data"
    level: ActiveLevel = "high"
    if port.name in roles.clocks:
        role = "clock"
    elif port.name == roles.reset:
        role, level = "reset", roles.reset_level
    elif port.name in resets:
        role, level = "reset", resets[port.name]
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
    others = _other_resets(netlist, names, {*clocks, reset[0]}) if reset[1] == "async" else ()
    taken = {*clocks, reset[0], *dict(others)}
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
        other_resets=others,
    )


def _other_resets(
    netlist: Netlist, names: dict[Bit, str], taken: set[str]
) -> tuple[tuple[str, ActiveLevel], ...]:
    found = (_reset_of(netlist, names, r) for r in netlist.registers)
    others = ((f[0], f[2]) for f in found if f is not None and f[1] == "async")
    return tuple(dict.fromkeys(other for other in others if other[0] not in taken))


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
