"""Output bits that a task's function never changes: a constant there is what was asked for.

The golden's text may not show it (the tens of a number below 64, the lowest bit of a table), and
an answer that says so plainly is right. A bit counts as constant where no moment of the stimulus
expects another value, and the golden is proved equivalent to itself with the bit held; where the
proof ends in nothing, the bit does not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.checks.simulation import plan_for
from rtlbench.equivalence.compare import check_equivalence
from rtlbench.records.spec import Port, Spec
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.renaming import GOLDEN_PREFIX, renamed_golden
from rtlbench.simulation.frames import unpack

ConstantBits = dict[str, dict[int, str]]
"""By output and index of the bit: "0" or "1"."""
HELD = "held_outputs"
SECONDS = 30.0
"""CPU time for a proof: over a hundred times what those of our families take."""
_KNOWN: dict[str, ConstantBits] = {}


def constant_bits(spec: Spec, seed: int = 0) -> ConstantBits:
    """The bits that the function of `spec` never changes, looked for once.

    Nothing where there is no reference model or no golden to tell.

    Raises:
        HarnessError: The golden or the model is broken.
    """
    if spec.reference is None or not spec.golden:
        return {}
    key = spec.digest()
    if key not in _KNOWN:
        seen = _never_seen_to_change(spec, seed)
        _KNOWN[key] = seen if not seen or _is_proved(spec, seen) else _proved_alone(spec, seen)
    return _KNOWN[key]


def _never_seen_to_change(spec: Spec, seed: int) -> ConstantBits:
    ones = zeros = 0
    for frame in plan_for(spec, seed)[0].frames:
        ones |= frame.expected & frame.care
        zeros |= ~frame.expected & frame.care
    at_one, at_zero = unpack(ones, spec.outputs), unpack(zeros, spec.outputs)
    found: ConstantBits = {}
    for port in spec.outputs:
        for bit in range(port.width):
            one, zero = at_one[port.name] >> bit & 1, at_zero[port.name] >> bit & 1
            if one != zero:
                found.setdefault(port.name, {})[bit] = str(one)
    return found


def _proved_alone(spec: Spec, seen: ConstantBits) -> ConstantBits:
    """Those of `seen` that are proved bit by bit."""
    found: ConstantBits = {}
    for name, bits in seen.items():
        for bit, value in bits.items():
            if _is_proved(spec, {name: {bit: value}}):
                found.setdefault(name, {})[bit] = value
    return found


def _is_proved(spec: Spec, bits: ConstantBits) -> bool:
    golden, inner = renamed_golden(spec, GOLDEN_PREFIX), renamed_golden(spec, "lane0_")
    held = Unit(f"{inner.text}\n{_holding(spec, inner.top, bits)}", HELD, inner.alone)
    return check_equivalence(spec, golden, held, SECONDS, frozenset(bits)).verdict == "proved"


def _holding(spec: Spec, inner: str, bits: ConstantBits) -> str:
    """A module with the Spec's ports: `inner`, with these bits of its outputs held."""
    wires = {p.name: f"held_{k}_" for k, p in enumerate(spec.outputs)}
    ports = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in spec.ports)
    pins = ", ".join(f".{p.name}({wires.get(p.name, p.name)})" for p in spec.ports)
    lines = [f"module {HELD} ({ports});"]
    lines += [f"wire [{p.width - 1}:0] {wires[p.name]};" for p in spec.outputs]
    lines.append(f"{inner} inner ({pins});")
    for port in spec.outputs:
        shown = ", ".join(_shown(port, wires[port.name], bits.get(port.name, {})))
        lines.append(f"assign {port.name} = {{{shown}}};")
    return "\n".join([*lines, "endmodule\n"])


def _shown(port: Port, wire: str, held: dict[int, str]) -> Iterator[str]:
    for bit in reversed(range(port.width)):
        yield f"1'b{held[bit]}" if bit in held else f"{wire}[{bit}]"
