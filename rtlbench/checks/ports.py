"""ports: every port is really used. Two independent looks, both needed.

slang: each input is read somewhere, each output has a driver on every bit. Netlist: each input
bit lies in the cone of some output after optimisation (an `en` that is only mentioned in dead
code is unused), no output bit is constant or undriven. What the golden itself leaves idle is
excused, and so is an output bit that the task's function never changes, at its value; without a
golden, what the words ask for (rtlbench.checks.allowances).

A bit that the function never changes may not show in the golden's text (the tens of a number below
64, the lowest bit of a table), and an answer that says so plainly is right. It counts as constant
where no moment of the stimulus expects another value, and the golden is proved equivalent to itself
with the bit held; where the proof ends in nothing, it does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rtlbench.checks.allowances import Allowances, read_allowances
from rtlbench.checks.base import Check, Work, conclude, ensure_netlists, one_by_one
from rtlbench.checks.open_inputs import open_input_bits
from rtlbench.checks.simulation import plan_for
from rtlbench.equivalence.compare import check_equivalence
from rtlbench.records.spec import Port, Spec
from rtlbench.records.verdict import CheckResult, Finding, Severity
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.netlist import Netlist
from rtlbench.rtl.renaming import GOLDEN_PREFIX, renamed_golden
from rtlbench.simulation.frames import unpack

FAILED_SHARE = 0.5
"""A failed Check keeps at most this share of its value, by the fraction of ports in use."""
_IDLE_WORDS = {
    "0": "always 0",
    "1": "always 1",
    "x": "never assigned",
    "z": "never assigned",
}
_BOTH_LEVELS = "never changes: some of its bits are always 0, others always 1"
ConstantBits = dict[str, dict[int, str]]
"""By output and index of the bit: "0" or "1"."""
HELD_TOP = "held_outputs"
PROOF_SECONDS = 30.0
"""CPU time for a proof: over a hundred times what those of our families take."""
_CONSTANT_BITS: dict[str, ConstantBits] = {}


class Ports(Check):
    """Looks whether every port is really used, in the text and in the netlist."""

    name = "ports"
    needs: tuple[str, ...] = ("syntax", "safety")

    def run(self, works: Sequence[Work]) -> list[CheckResult]:
        """Look at slang's drivers and at the netlist's cones."""
        ensure_netlists(works)
        return one_by_one(self.name, works, _judge)


def _judge(work: Work) -> CheckResult:
    look = _Look(work, work.context.golden)
    findings = list(look.findings())
    unused = {f.message.split()[1] for f in findings if f.severity is Severity.ERROR}
    share = 1.0 - len(unused) / max(1, len(look.symbols))
    return conclude("ports", findings, failed_value=FAILED_SHARE * max(0.0, share))


class _Look:
    """Both looks at one candidate."""

    def __init__(self, work: Work, golden: Netlist | None) -> None:
        assert work.elaboration is not None
        assert work.elaboration.top is not None
        self.work = work
        self.view = work.elaboration
        self.analysis = work.elaboration.analysis
        self.symbols = {p.name: p for p in work.elaboration.top.body.portList}
        # Of contended variables Yosys keeps what it likes: that netlist says nothing of ports.
        contended = any(work.elaboration.contended_variables())
        netlist = None if contended else work.netlist
        self.netlist = netlist if isinstance(netlist, Netlist) else None
        self.excused_inputs = _excused_inputs(work.context.spec, golden)
        self.excused_outputs = golden.idle_output_bits if golden else {}
        self.has_golden = golden is not None
        self.allowed = Allowances() if golden else read_allowances(work.words)

    def findings(self) -> Iterator[Finding]:
        """Findings of both looks, one a port at most from each side."""
        told: set[str] = set()
        for finding, port in [*self._read_inputs(), *self._driven_outputs()]:
            told.add(port)
            yield finding
        if self.netlist is None:
            return
        for finding, port in [*self._unused_inputs(), *self._idle_outputs()]:
            if port not in told:
                yield finding

    def _read_inputs(self) -> Iterator[tuple[Finding, str]]:
        codes = {
            d.location.offset
            for d in self.analysis.getDiagnostics()
            if "UnusedPort" in str(d.code)
        }
        for name, port in self.symbols.items():
            unread = port.location.offset in codes and _direction(port) == "In"
            unread = unread and name not in self.allowed.unused
            if unread and not self._all_excused(name, self.excused_inputs):
                message = f"input {name} is declared and never read"
                yield self._finding("ports.unused-input", message, port), name

    def _driven_outputs(self) -> Iterator[tuple[Finding, str]]:
        for name, port in self.symbols.items():
            if _direction(port) != "Out" or port.internalSymbol is None:
                continue
            missing = self._undriven_bits(port)
            missing -= set(self.excused_outputs.get(name, {}))
            if missing:
                width = int(port.type.bitWidth)
                message = f"output {_span(name, missing, width)} is never assigned"
                yield self._finding("ports.unassigned-output", message, port), name

    def _undriven_bits(self, port: Any) -> set[int]:
        left = set(range(int(port.type.bitWidth)))
        for driver in self.analysis.getDrivers(port.internalSymbol):
            low, high = driver.bounds
            left -= set(range(low, high + 1))
        return left

    def _unused_inputs(self) -> Iterator[tuple[Finding, str]]:
        assert self.netlist is not None
        for name, bits in self.netlist.unused_input_bits.items():
            left = set(bits) - set(self.excused_inputs.get(name, ()))
            port = self.symbols.get(name)
            if not left or port is None or name in self.allowed.unused:
                continue
            width = len(self.netlist.inputs[name])
            whole = len(left) == width
            message = f"input {_span(name, left, width)} has no effect on any output"
            severity = Severity.ERROR if whole or self.has_golden else Severity.WARNING
            rule = "ports.unused-input" if whole else "ports.unused-input-bits"
            yield self._finding(rule, message, port, severity), name

    def _idle_outputs(self) -> Iterator[tuple[Finding, str]]:
        assert self.netlist is not None
        for name, idle in self.netlist.idle_output_bits.items():
            excused = self.excused_outputs.get(name, {})
            left = {k: s for k, s in idle.items() if excused.get(k) not in (s, "x", "z")}
            port = self.symbols.get(name)
            left = self._unasked(name, left) if left else {}
            if not left or port is None:
                continue
            width = len(self.netlist.outputs[name])
            words = " or ".join(sorted({_IDLE_WORDS[s] for s in left.values()}))
            whole = len(left) == width
            undefined = any(s in "xz" for s in left.values())
            told = _BOTH_LEVELS if set(left.values()) == {"0", "1"} else f"is {words}"
            message = f"output {_span(name, set(left), width)} {told}"
            severe = whole or undefined or self.has_golden
            severity = Severity.ERROR if severe else Severity.WARNING
            rule = "ports.unassigned-output" if undefined else "ports.constant-output"
            yield self._finding(rule, message, port, severity), name

    def _unasked(self, name: str, idle: dict[int, str]) -> dict[int, str]:
        """Those of the idle bits that neither the words nor the task's function hold at the same
        value."""
        assert self.netlist is not None
        asked = self.allowed.holds(name, len(self.netlist.outputs))
        idle = {bit: state for bit, state in idle.items() if state != asked}
        spec = self.work.context.spec
        if spec is None or not self.has_golden or not {"0", "1"} & set(idle.values()):
            return idle
        held = constant_bits(spec, self.work.context.seed).get(name, {})
        return {bit: state for bit, state in idle.items() if held.get(bit) != state}

    def _all_excused(self, name: str, excused: dict[str, list[int]]) -> bool:
        width = int(self.symbols[name].type.bitWidth)
        return len(excused.get(name, ())) == width

    def _finding(
        self, rule: str, message: str, port: Any, severity: Severity = Severity.ERROR
    ) -> Finding:
        line, column = self.view.line_column(port.location)
        return Finding(rule, severity, message, self.work.source.original_line(line), column)


def _excused_inputs(spec: Spec | None, golden: Netlist | None) -> dict[str, list[int]]:
    """The input bits that the golden does not use, or leaves open."""
    if golden is None:
        return {}
    found = {name: set(bits) for name, bits in golden.unused_input_bits.items()}
    for name, bits in (open_input_bits(spec) if spec is not None else {}).items():
        found.setdefault(name, set()).update(bits)
    return {name: sorted(bits) for name, bits in found.items()}


def _direction(port: Any) -> str:
    return str(getattr(port.direction, "name", ""))


def _span(name: str, bits: set[int], width: int) -> str:
    """`q`, `q[3]`, `q[7:4]` or `q (bits 0, 2, 5)`."""
    if len(bits) == width:
        return name
    low, high = min(bits), max(bits)
    if low == high:
        return f"{name}[{low}]"
    if high - low + 1 == len(bits):
        return f"{name}[{high}:{low}]"
    return f"{name} (bits {', '.join(map(str, sorted(bits)))})"


def constant_bits(spec: Spec, seed: int = 0) -> ConstantBits:
    """The bits that the function of `spec` never changes, looked for once.

    Nothing where there is no reference model or no golden to tell.

    Raises:
        HarnessError: The golden or the model is broken.
    """
    if spec.reference is None or not spec.golden:
        return {}
    key = spec.digest()
    if key not in _CONSTANT_BITS:
        seen = _never_seen_to_change(spec, seed)
        is_sure = not seen or _is_proved(spec, seen)
        _CONSTANT_BITS[key] = seen if is_sure else _proved_alone(spec, seen)
    return _CONSTANT_BITS[key]


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
    held = Unit(f"{inner.text}\n{_holding(spec, inner.top, bits)}", HELD_TOP, inner.alone)
    return check_equivalence(spec, golden, held, PROOF_SECONDS, frozenset(bits)).verdict == "proved"


def _holding(spec: Spec, inner: str, bits: ConstantBits) -> str:
    """A module with the Spec's ports: `inner`, with these bits of its outputs held."""
    wires = {p.name: f"held_{k}_" for k, p in enumerate(spec.outputs)}
    ports = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in spec.ports)
    pins = ", ".join(f".{p.name}({wires.get(p.name, p.name)})" for p in spec.ports)
    lines = [f"module {HELD_TOP} ({ports});"]
    lines += [f"wire [{p.width - 1}:0] {wires[p.name]};" for p in spec.outputs]
    lines.append(f"{inner} inner ({pins});")
    for port in spec.outputs:
        shown = ", ".join(_shown(port, wires[port.name], bits.get(port.name, {})))
        lines.append(f"assign {port.name} = {{{shown}}};")
    return "\n".join([*lines, "endmodule\n"])


def _shown(port: Port, wire: str, held: dict[int, str]) -> Iterator[str]:
    for bit in reversed(range(port.width)):
        yield f"1'b{held[bit]}" if bit in held else f"{wire}[{bit}]"


CHECK: Check = Ports()
