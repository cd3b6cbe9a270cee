"""synthesis: Yosys makes registers and gates of it, without latches, loops or contention, and
without state that nothing ever sets. A latch is an error unless the golden has one too, or,
without a golden, the words ask for one.

State that drives itself, and that neither a reset nor any input can set to something, runs on
from power-up whatever is asked of the circuit: an answer that counts cycles so can be right for
as many as anyone looks at. With a start value it is a time bomb, without one it is unknown for
good; a right answer to a Spec with a reset has no use for either, unless its golden has too.

Refused is no more than that. State that an input loads now and then (a hold register, a pipeline,
a shift register with a parallel load, a memory) may be masked until then, and whether it is has
to be tried: rtlbench.checks.synthesis_mismatch does, for what starts unknown. A declared start
value is legal, and is not doubted there. One form of right answer is refused: a power-on counter
that holds the rest in reset until it is full cannot be told, in a netlist, from one that ruins it
then.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rtlbench.checks.allowances import read_allowances
from rtlbench.checks.base import Check, Work, conclude, ensure_netlists, one_by_one
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Detail, Finding, Outcome, Severity
from rtlbench.rtl.cells import REGISTER_PREFIXES, Bit, Register, YosysCell, sources
from rtlbench.rtl.netlist import Netlist, NetlistFailure, cell_line

RULE_STATE = "synthesis.unreset-state"
RULE_FLOATING = "synthesis.undriven"
Users = dict[Bit, list[Bit]]


def power_up_findings(
    netlist: Netlist, golden: Netlist | None, spec: Spec | None
) -> Iterator[Finding]:
    """At most one finding of each kind, where the Spec's golden owes nothing of that kind."""
    if golden is None or spec is None:
        return
    floating = netlist.floating_bits
    if floating and not golden.floating_bits:
        bit = floating[0]
        name = netlist.name_of_bit(bit) or "a net"
        message = f"an output depends on {name}, which nothing drives"
        yield Finding(RULE_FLOATING, Severity.ERROR, message, netlist.line_of_bit(bit))
    resets = [p.name for p in spec.ports if p.role == "reset"]
    if not resets:
        return
    left = _unreset(netlist, resets)
    if left and not _unreset(golden, resets):
        name = netlist.name_of_bit(left[0]) or "a register"
        message = f"{name} runs on from what it was at power-up: no reset and no input sets it"
        yield Finding(RULE_STATE, Severity.ERROR, message, _line_of(netlist, left[0]))


def _unreset(netlist: Netlist, resets: Iterable[str]) -> list[Bit]:
    """Register bits in the cone that depend on a cycle of state which nothing sets."""
    start = [b for name in resets for b in netlist.inputs.get(name, ())]
    if all(_is_reset_by(register, start) for register in netlist.registers):
        return []  # so it is in most designs
    users = _users(netlist)
    reached = _forward(start, users)
    free = {bit for bit in netlist.cone if bit not in reached}
    circling = free - _settled(free, users, netlist)
    return sorted((b for r in netlist.registers for b in r.q if b in circling), key=str)


def _is_reset_by(register: Register, resets: Sequence[Bit]) -> bool:
    """Whether one of `resets` itself resets all bits of a register."""
    is_for_all = register.cell.startswith(("$adff", "$sdff", "$aldff"))
    return is_for_all and register.reset in resets and register.reset != register.clock


def _settled(free: set[Bit], users: Users, netlist: Netlist) -> set[Bit]:
    """Those of `free` that settle: all that they depend on does, or an input can set them."""
    needs: dict[Bit, int] = defaultdict(int)
    for source in free:
        for user in users.get(source, ()):
            needs[user] += user in free
    settled: set[Bit] = set()
    stack = [bit for bit in free if not needs[bit] or _is_set(bit, netlist, free, settled)]
    while stack:
        source = stack.pop()
        if source in settled:
            continue
        settled.add(source)
        for user in users.get(source, ()):
            if user in free and user not in settled:
                needs[user] -= 1
                if not needs[user] or _is_set(user, netlist, free, settled):
                    stack.append(user)
    return settled


def _is_set(bit: Bit, netlist: Netlist, free: set[Bit], settled: set[Bit]) -> bool:
    """Whether what has settled can set `bit`, whatever else its cell depends on."""
    cells = netlist.drivers.get(bit, ())
    if len(cells) != 1:
        return False
    return any(
        all(b not in free or b in settled for b in setters) for setters in _setters(*cells[0])
    )


def _setters(cell: YosysCell, index: int) -> Iterator[tuple[Bit, ...]]:
    """Sets of bits that alone can decide bit `index` of what `cell` shows."""
    ports = cell.connections
    if cell.type == "$mux":
        select = ports["S"][0]
        yield from ((select, ports["A"][index]), (select, ports["B"][index]))
    elif cell.type == "$pmux":
        branches = ports["B"][index :: len(ports["A"])]
        yield from zip(ports["S"], branches, strict=True)
        yield (*ports["S"], ports["A"][index])
    elif cell.type in ("$and", "$or"):
        for side in (ports["A"], ports["B"]):
            yield (side[min(index, len(side) - 1)],)
    elif cell.type.startswith(REGISTER_PREFIXES):
        yield from ((ports[p][0],) for p in ("SRST", "ARST") if p in ports)
        if "D" in ports:  # the enable aside, which the state itself may hold up for a while
            yield (ports["D"][index],)


def _users(netlist: Netlist) -> Users:
    """The bits that depend directly on each bit, clocks left out."""
    users: Users = defaultdict(list)
    for bit, cells in netlist.drivers.items():
        for cell, index in cells:
            clock = cell.connections.get("CLK", []) if cell.type.startswith(
                REGISTER_PREFIXES) else []
            for source in sources(cell, index):
                if source not in clock:
                    users[source].append(bit)
    return users


def _forward(start: Iterable[Bit], users: Users) -> set[Bit]:
    seen: set[Bit] = set()
    stack = list(start)
    while stack:
        bit = stack.pop()
        if bit not in seen:
            seen.add(bit)
            stack.extend(users.get(bit, ()))
    return seen


def _line_of(netlist: Netlist, bit: Bit) -> int | None:
    cells = netlist.drivers.get(bit)
    return cell_line(cells[0][0]) if cells else None


MAX_STATE_BITS = 1 << 22
"""Half a megabyte of state; more would only fill the simulator's memory."""


class Synthesis(Check):
    """Has Yosys make registers and gates of the answer; refuses latches, loops and the like."""

    name = "synthesis"
    needs: tuple[str, ...] = ("syntax", "safety")

    def run(self, works: Sequence[Work]) -> list[CheckResult]:
        """Judge the netlists that Yosys made."""
        ensure_netlists(works)
        return one_by_one(self.name, works, _judge)


def _judge(work: Work) -> CheckResult:
    if isinstance(work.netlist, NetlistFailure):
        return _failed(work.netlist, work)
    assert work.netlist is not None
    netlist = work.netlist
    golden = work.context.golden
    by_chance = power_up_findings(netlist, golden, work.context.spec)
    latches = any(golden.latches()) if golden else read_allowances(work.words).latch
    found = [*_findings(netlist, latches), *_contended(work), *by_chance]
    findings = [work.source.in_original_lines(f) for f in found]
    detail: Detail = {f"cells.{kind}": n for kind, n in sorted(netlist.cell_counts.items())}
    detail["cells"] = sum(netlist.cell_counts.values())
    detail["register_bits"] = sum(r.width for r in netlist.registers)
    return conclude("synthesis", findings, detail=detail)


def _failed(failure: NetlistFailure, work: Work) -> CheckResult:
    if failure.reason == "timeout":
        message = "synthesis ran out of time"
        finding = Finding("synthesis.timeout", Severity.ERROR, message)
        return CheckResult(
            name="synthesis", outcome=Outcome.TIMEOUT, value=0.0, findings=(finding,)
        )
    if failure.reason != "refused":
        raise HarnessError(f"Yosys broke ({failure.reason}): {failure.message}")
    finding = Finding("synthesis.refused", Severity.ERROR, f"Yosys: {failure.message}")
    return conclude("synthesis", [work.source.in_original_lines(finding)])


def _findings(netlist: Netlist, latches: bool) -> Iterator[Finding]:
    if not latches:
        held = {_variable(netlist, c.connections["Q"][0]): cell_line(c) for c in netlist.latches()}
        for name, line in held.items():
            message = f"a latch is inferred for {name}: assign it on every path"
            yield Finding("synthesis.latch", Severity.ERROR, message, line)
    loop = netlist.combinational_loop()
    if loop:
        names = [n for bit in loop if (n := netlist.name_of_bit(bit))]
        message = f"combinational loop through {', '.join(names[:4]) or 'unnamed logic'}"
        line = next((ln for b in loop if (ln := netlist.line_of_bit(b)) is not None), None)
        yield Finding("synthesis.loop", Severity.ERROR, message, line)
    if netlist.state_bits > MAX_STATE_BITS:
        message = f"{netlist.state_bits:,} bits of state; the limit is {MAX_STATE_BITS:,}"
        yield Finding("synthesis.too-large", Severity.ERROR, message)
    contended = netlist.contended_bits()
    if contended:
        bit = next(iter(contended))
        message = f"{netlist.name_of_bit(bit) or 'a signal'} has more than one driver"
        line = netlist.line_of_bit(bit)
        yield Finding("synthesis.multiple-drivers", Severity.ERROR, message, line)


def _variable(netlist: Netlist, bit: Bit) -> str:
    return re.sub(r"\[\d+\]$", "", netlist.name_of_bit(bit) or "a signal")


def _contended(work: Work) -> Iterator[Finding]:
    view = work.elaboration
    assert view is not None
    for symbol in view.contended_variables():
        line, column = view.line_column(symbol.location)
        message = f"{symbol.name} is assigned in more than one always block, or initial block"
        yield Finding("synthesis.multiple-drivers", Severity.ERROR, message, line, column)


CHECK: Check = Synthesis()
