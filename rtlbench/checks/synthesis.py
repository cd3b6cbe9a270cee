"""synthesis: Yosys makes registers and gates of it, without latches, loops or contention.

A latch is an error unless the golden has one too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rtlbench.checks.base import Check, Context, Work, conclude, ensure_netlists, one_by_one
from rtlbench.checks.power_up import power_up_findings
from rtlbench.errors import HarnessError
from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity
from rtlbench.rtl.netlist import Netlist, NetlistFailure, cell_line

MAX_STATE_BITS = 1 << 22
"""Half a megabyte of state; more would only fill the simulator's memory."""
Detail = dict[str, str | int | float | bool | None]


class Synthesis:
    """See the module's docstring."""

    name = "synthesis"
    needs: tuple[str, ...] = ("syntax", "safety")

    def applies(self, context: Context) -> bool:  # noqa: ARG002 - always asked
        """Always."""
        return True

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
    found = [*_findings(netlist, golden), *_contended(work), *by_chance]
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


def _findings(netlist: Netlist, golden: Netlist | None) -> Iterator[Finding]:
    if golden is None or not any(golden.latches()):
        for cell in netlist.latches():
            name = netlist.name_of_bit(cell.connections["Q"][0]) or "a signal"
            message = f"a latch is inferred for {name}: assign it on every path"
            yield Finding("synthesis.latch", Severity.ERROR, message, cell_line(cell))
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


def _contended(work: Work) -> Iterator[Finding]:
    view = work.elaboration
    assert view is not None
    for symbol in view.contended_variables():
        line, column = view.line_column(symbol.location)
        message = f"{symbol.name} is assigned in more than one always block"
        yield Finding("synthesis.multiple-drivers", Severity.ERROR, message, line, column)


CHECK: Check = Synthesis()
