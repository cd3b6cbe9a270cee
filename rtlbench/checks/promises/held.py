"""Findings: what the words promise and the circuit does not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rtlbench.checks.promises.controls import (
    clear_fault,
    enable_fault,
    load_fault,
    reset_fault,
)
from rtlbench.checks.promises.counting import accumulator, counter, gray, modulo, register
from rtlbench.checks.promises.detecting import edge, sequence
from rtlbench.checks.promises.kinds import Kind
from rtlbench.checks.promises.moving import lfsr, ring, shift
from rtlbench.checks.promises.plain import PLAIN
from rtlbench.checks.promises.scene import InDoubtError, Level, Scene
from rtlbench.checks.promises.storing import fifo, ram
from rtlbench.checks.promises.words import Control, Promises
from rtlbench.equivalence.circuit import CircuitError
from rtlbench.equivalence.convert import golden_circuit
from rtlbench.records.verdict import Finding, Severity
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.cells import Bit
from rtlbench.rtl.netlist import Netlist

CLOCKED: dict[str, Callable[[Scene, Kind], str | None]] = {
    "counter": counter, "modulo": modulo, "shift": shift, "lfsr": lfsr, "ring": ring,
    "gray": gray, "register": register, "accumulator": accumulator, "edge": edge,
    "sequence": sequence, "fifo": fifo, "ram": ram,
}  # fmt: skip
"""What each kind that has a clock cannot be without, as a sentence where it is not there."""
MOST_REGISTER_BITS = 512
MOST_CELLS = 2000


def broken_promises(
    promises: Promises, netlist: Netlist, unit: Unit, reset: Level | None
) -> Iterator[Finding]:
    """A Finding for each promise that the circuit does not keep.

    Args:
        reset: The reset and its level, as the circuit has it or the words say it.
    """
    missing = [c for c in promises.controls if _is_missing(c, netlist)]
    for control in missing:
        told = f"there is no input {control.name} for the {control.role}"
        yield _finding("port-missing", told, control.quote)
    states = promises.states
    if states is not None and netlist.state_bits < (states.number - 1).bit_length():
        bits = f"{netlist.state_bits} bit{'s' * (netlist.state_bits != 1)}"
        told = f"{bits} of state cannot tell {states.number} states apart"
        yield _finding("states", told, states.quote)
    scene = _scene(netlist, unit, reset)
    if scene is None:
        return
    for control in promises.controls:
        if control not in missing:
            yield from _of_control(scene, control, promises)
    if promises.kind is not None:
        yield from _of_kind(scene, promises.kind)


def _finding(rule: str, message: str, quote: str) -> Finding:
    return Finding(f"intent.{rule}", Severity.ERROR, f'{message} (the words: "{quote}")')


def _is_missing(control: Control, netlist: Netlist) -> bool:
    there = {*netlist.module.ports, *(n.rpartition(".")[2] for n in netlist.module.netnames)}
    return control.sure_name and control.name.lower() not in {n.lower() for n in there}


def _scene(netlist: Netlist, unit: Unit, reset: Level | None) -> Scene | None:
    """The circuit to be played; None where it cannot be."""
    clocks = {name for r in netlist.registers if (name := _port(netlist, r.clock)) is not None}
    small = netlist.state_bits <= MOST_REGISTER_BITS and len(netlist.module.cells) <= MOST_CELLS
    if len(clocks) > 1 or not small or any(netlist.latches()):
        return None
    try:
        circuit = golden_circuit(unit, tuple(sorted(clocks)))
        if len({r.rising for r in circuit.registers}) > 1:
            return None
        return Scene(circuit, next(iter(clocks), None), reset)
    except (CircuitError, InDoubtError):
        return None


def _port(netlist: Netlist, bit: Bit | None) -> str | None:
    return next((n for n, bits in netlist.inputs.items() if bit in bits), None)


def _of_control(scene: Scene, control: Control, promises: Promises) -> Iterator[Finding]:
    as_built = {scene.reset.name: scene.reset.active} if scene.reset else {}
    active = control.active
    if active is None and control.role == "reset":
        active = as_built.get(control.name)
    if active is None or control.name == scene.clock:
        return
    if len(scene.circuit.inputs.get(control.name, ())) != 1:
        return
    level = Level(control.name, active)
    is_reset = scene.reset is not None and scene.reset.name == control.name
    try:
        if control.role == "reset":
            found = reset_fault(scene, level, promises.reset_value) if is_reset else None
            if found is not None and promises.reset_waits:
                return  # it acts under the enable alone, if the words are taken so
            if found is not None:
                told, of_value = found
                value = promises.reset_value
                quote = value.quote if of_value and value else control.quote
                yield _finding("reset-value" if of_value else "reset-missing", told, quote)
            return
        fault = {"enable": enable_fault, "load": load_fault, "clear": clear_fault}[control.role]
        told_ = None if is_reset else fault(scene, level)
        if told_ is not None:
            yield _finding(control.role, told_, control.quote)
    except InDoubtError:
        return


def _of_kind(scene: Scene, kind: Kind) -> Iterator[Finding]:
    try:
        if kind.name in CLOCKED and not scene.circuit.registers:
            told: str | None = "nothing is stored"
        else:
            told = {**CLOCKED, **PLAIN}[kind.name](scene, kind)
    except InDoubtError:
        return
    if told is not None:
        yield _finding("kind", told, kind.quote)
