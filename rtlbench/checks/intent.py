"""intent: what the instruction's words promise holds in the netlist.

Yosys's flip-flop cells state reset kind, polarities and clock edge outright, so the words can be
held against facts. With a golden, a claim that the golden does not keep is dropped: then the
words mean something else than they seem to. An answer that has words of its own, other than the
Spec's prompt, is held to all of them: the golden does not speak for those.

What is a claim at all: rtlbench.checks.claims. Each Finding quotes the words that it rests on.
Where no golden judges function, what the words promise of behaviour is held against the circuit
as it runs (rtlbench.checks.promises).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from rtlbench.checks.base import Check, Context, Work, conclude, one_by_one
from rtlbench.checks.claims import Claims, WidthClaim, read_claims
from rtlbench.checks.promises.held import broken_promises
from rtlbench.checks.promises.scene import Level
from rtlbench.checks.promises.words import Promises, read_promises
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Finding, Severity
from rtlbench.rtl.cells import Bit, Register
from rtlbench.rtl.netlist import Netlist


class Intent(Check):
    """Holds the netlist to what the instruction's words promise."""

    name = "intent"
    needs: tuple[str, ...] = ("syntax", "safety", "synthesis")

    def applies(self, context: Context) -> bool:
        """Where there are words."""
        return context.worded

    def run(self, works: Sequence[Work]) -> list[CheckResult]:
        """Hold every netlist against the claims."""
        return one_by_one(self.name, works, lambda w: conclude(self.name, _examine(w)))


def _examine(work: Work) -> list[Finding]:
    context = work.context
    assert isinstance(work.netlist, Netlist)
    ports = context.spec.ports if context.spec else ()
    claims = read_claims(work.words, ports, list(work.netlist.inputs))
    is_of_suite = _is_of_suite(work, context.spec)
    golden = context.golden if is_of_suite else None
    if is_of_suite and context.spec is not None and context.spec.testbench is not None:
        # A suite's words tell how its own solution is built: "16 bit blocks" binds no other.
        claims = msgspec.structs.replace(claims, widths=())
    broken_by_golden = {f.rule for f in broken_claims(claims, golden)} if golden else set()
    found = broken_claims(claims, work.netlist)
    kept = [f for f in found if f.rule not in broken_by_golden]
    if context.golden is None and not is_of_suite:
        kept += _broken_promises(work, claims, work.netlist)
    return [work.source.in_original_lines(f) for f in kept]


def _broken_promises(work: Work, claims: Claims, netlist: Netlist) -> Iterator[Finding]:
    promises = read_promises(work.words)
    if promises:
        reset = reset_as_built(claims, promises, netlist)
        yield from broken_promises(promises, netlist, work.unit("promised_"), reset)


def reset_as_built(claims: Claims, promises: Promises, netlist: Netlist) -> Level | None:
    """The reset at the level at which registers have it, else as the words or its name say."""
    named = [c.name for c in promises.controls if c.role == "reset"]
    name = claims.reset or (named[0] if len(named) == 1 else None)
    bits = netlist.inputs.get(name or "", [])
    if name is None or len(bits) != 1:
        return None
    for register in netlist.registers:
        bit, inverted = _trace(netlist, register.reset)
        if bit == bits[0]:
            return Level(name, int(register.reset_high != inverted))
    looks_low = name.lower().endswith(("n", "b", "_ni", "_l"))
    low = claims.reset_level == "low" if claims.reset_level else looks_low
    return Level(name, int(not low))


def _is_of_suite(work: Work, spec: Spec | None) -> bool:
    """Whether the words are those that the Spec's golden was written for."""
    return spec is not None and bool(spec.golden) and work.words == spec.prompt


def broken_claims(claims: Claims, netlist: Netlist) -> Iterator[Finding]:
    """A Finding for each claim that the netlist does not keep."""
    yield from _reset(claims, netlist)
    yield from _edge(claims, netlist)
    yield from _registered(claims, netlist)
    yield from _widths(claims, netlist)


def _error(rule: str, message: str, quote: str, line: int | None = None) -> Finding:
    told = f'{message} (the words: "{quote}")'
    return Finding(f"intent.{rule}", Severity.ERROR, told, line)


def _reset(claims: Claims, netlist: Netlist) -> Iterator[Finding]:
    bits = netlist.inputs.get(claims.reset or "", [])
    if len(bits) != 1:
        return
    traced = [(r, _trace(netlist, r.reset)) for r in netlist.registers]
    ours = [(r, inverted) for r, (bit, inverted) in traced if bit == bits[0]]
    yield from _broken_reset_kind(claims, netlist, [r for r, _ in ours])
    yield from _broken_reset_level(claims, netlist, ours)


def _broken_reset_kind(claims: Claims, netlist: Netlist, ours: list[Register]) -> Iterator[Finding]:
    if claims.reset_kind is None:
        return
    kinds = {r.reset_kind for r in ours}
    wrong = "sync" if claims.reset_kind == "async" else "async"
    words = {"sync": "synchronous", "async": "asynchronous"}
    if wrong in kinds:
        line = _line(netlist, [r for r in ours if r.reset_kind == wrong])
        asked, found = words[claims.reset_kind], words[wrong]
        message = f"{claims.reset} is to reset {asked}ly, it acts {found}ly"
        yield _error("reset-kind", message, claims.quotes["reset_kind"], line)
    elif claims.reset_kind == "async" and not ours:
        told = f"no register is reset by {claims.reset}"
        yield _error("reset-missing", told, claims.quotes["reset_kind"])


def _broken_reset_level(
    claims: Claims, netlist: Netlist, ours: list[tuple[Register, bool]]
) -> Iterator[Finding]:
    if claims.reset_level is None:
        return
    high = claims.reset_level == "high"
    wrong = [r for r, inverted in ours if (r.reset_high != inverted) != high]
    if wrong:
        is_now = "low" if high else "high"
        message = f"{claims.reset} is to be active-{claims.reset_level}, it acts when {is_now}"
        yield _error("reset-level", message, claims.quotes["reset_level"], _line(netlist, wrong))


def _edge(claims: Claims, netlist: Netlist) -> Iterator[Finding]:
    bits = netlist.inputs.get(claims.clock or "", [])
    if claims.rising is None or len(bits) != 1:
        return
    clocked = []
    for register in netlist.registers:
        bit, inverted = _trace(netlist, register.clock)
        if bit == bits[0]:
            clocked.append((register, register.rising != inverted))
    wrong = [r for r, rising in clocked if rising != claims.rising]
    if wrong:
        edge = "rising" if claims.rising else "falling"
        message = f"registers are to act on the {edge} edge of {claims.clock}, not on the other"
        yield _error("clock-edge", message, claims.quotes["rising"], _line(netlist, wrong))


def _registered(claims: Claims, netlist: Netlist) -> Iterator[Finding]:
    stored = {bit for r in netlist.registers for bit in r.q}
    for name in claims.registered:
        bits = netlist.outputs.get(name)
        if bits is None:
            continue
        loose = [b for b in bits if isinstance(b, int) and b not in stored]
        if loose:
            message = f"output {name} is to be registered, it is combinational"
            quote = claims.quotes[f"registered {name}"]
            yield _error("registered-output", message, quote, netlist.line_of_bit(loose[0]))


def _widths(claims: Claims, netlist: Netlist) -> Iterator[Finding]:
    there = _widths_there(netlist) if claims.widths else set()
    for claim in claims.widths:
        found = _width_of(claim, netlist)
        if found is not None and found != claim.width:
            message = f"{claim.name} is {found} bits wide, not {claim.width}"
            yield _error("width", message, claim.quote)
        elif found is None and claim.width not in there:
            yield _error("width", f"nothing in the design is {claim.width} bits wide", claim.quote)


def _width_of(claim: WidthClaim, netlist: Netlist) -> int | None:
    port = netlist.module.ports.get(claim.name)
    return len(port.bits) if port is not None else None


def _widths_there(netlist: Netlist) -> set[int]:
    """Widths of all that a claim may mean: ports and nets, parts of them that something works on,
    and what is there by the bit, as `a0` to `a3`."""
    module = netlist.module
    widths = {len(p.bits) for p in module.ports.values()}
    widths |= {len(n.bits) for n in module.netnames.values()}
    for cell in module.cells.values():
        widths |= {len(set(b)) for b in cell.connections.values() if not _is_constant(b)}
    single = (n.rstrip("0123456789") for n, p in module.netnames.items() if len(p.bits) == 1)
    return widths | set(Counter(single).values())


def _is_constant(bits: Sequence[Bit]) -> bool:
    return not any(isinstance(bit, int) for bit in bits)


def _trace(netlist: Netlist, bit: Bit | None) -> tuple[Bit | None, bool]:
    """Follow `bit` back through inverters; (source, whether inverted)."""
    inverted = False
    for _ in range(8):
        drivers = netlist.drivers.get(bit, []) if isinstance(bit, int) else []
        if len(drivers) != 1:
            break
        cell, index = drivers[0]
        source = cell.connections.get("A", [])
        if cell.type in ("$not", "$_NOT_") or (cell.type == "$logic_not" and len(source) == 1):
            bit, inverted = source[index], not inverted
        else:
            break
    return bit, inverted


def _line(netlist: Netlist, registers: Sequence[Register]) -> int | None:
    """The first line; in which order Yosys lists registers depends on what else it was given."""
    lines = (netlist.line_of_bit(b) for r in registers for b in r.q)
    return min((n for n in lines if n is not None), default=None)


CHECK: Check = Intent()
