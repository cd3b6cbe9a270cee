"""intent: what the instruction's words promise holds in the netlist.

Yosys's flip-flop cells state reset kind, polarities and clock edge outright, so the words can be
held against facts. With a golden, a claim that the golden does not keep is dropped: then the
words mean something else than they seem to. An answer that has words of its own, other than the
Spec's prompt, is held to all of them: the golden does not speak for those.

Only plain statements are claims. Where the words say both of two opposites (an instruction that
speaks of two resets, say), neither is claimed; nor is what a "no" or "not" stands before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from rtlbench.checks.base import Check, Context, Work, conclude, one_by_one
from rtlbench.records.spec import Port, Spec
from rtlbench.records.verdict import CheckResult, Finding, Severity
from rtlbench.rtl.cells import Bit, Register
from rtlbench.rtl.netlist import Netlist

_OF_RESETS = (
    r"(?:active|low|high|positive|negative|master|global|system|external|and|or|a?synchronous|"
    r"[`'(]+\w+[`')]+)(?!\w)"
)
"""Words that may stand between "synchronous" and "reset"; behind any other noun, "synchronous"
is said of that."""
_RESET_KIND = (
    re.compile(rf"\b(a?synchronous)(?:ly)?(?=(?:[\s,(-]+{_OF_RESETS})*[\s,)-]+(?:re)?set)", re.I),
    re.compile(
        r"\breset\b(?:\s+[`'(]*\w+[`')]*)?\s+(?:is|acts|must be|shall be|should be)"
        r"\s+(a?synchronous)",
        re.I,
    ),
)
_LEVEL = r"active[\s-]+(low|high)"
_RESET_LEVEL = (
    re.compile(rf"{_LEVEL}\b[^.;:\n]{{0,40}}?\breset", re.I),
    re.compile(rf"\breset\b[^.;:\n]{{0,20}}?\b{_LEVEL}", re.I),
)
_EDGE_KIND = r"(rising|falling|positive|negative|pos|neg)"
_EDGE = re.compile(rf"\b{_EDGE_KIND}[\s-]?edges?\s+(?:of|on)\s+(?:the\s+)?`?(\w+)`?", re.I)
_BOTH_EDGES = re.compile(rf"\b{_EDGE_KIND}\s+(?:and|or)\s+(?:the\s+)?{_EDGE_KIND}[\s-]?edge", re.I)
_WIDTH = re.compile(r"\b(\d{1,3})[\s-]bit\b", re.I)
_REGISTERED = re.compile(r"\bregistered outputs?\s+(?:named\s+|port\s+)?[`'](\w+)[`']", re.I)
_NOT = r"(?:\b(?:no|not|without|never|instead of|rather than)\b|n't\b)"
_DENIED = re.compile(rf"{_NOT}[^.;:,\n]*$", re.I)
_DENIAL_REACH = 30
"""So many characters before a statement are searched for a "not"."""
_CLOCK_NAMES = re.compile(r"^(clk|clock|ck|.*_clk|clk_.*|.*clock)$", re.I)
_RESET_NAMES = re.compile(r"^(a?rst|a?reset|clr|clear|s?rst|sreset|res)(_?[nbi])?(_i)?$", re.I)


class Claims(msgspec.Struct, frozen=True):
    """None and empty mean: not claimed."""

    clock: str | None = None
    """The clock port, where one is recognised."""
    reset: str | None = None
    """The reset port, where one is recognised."""
    reset_kind: Literal["sync", "async"] | None = None
    reset_level: Literal["low", "high"] | None = None
    rising: bool | None = None
    """Which edge of `clock` the words name."""
    registered: tuple[str, ...] = ()
    """Outputs that are said to come straight out of flip-flops."""
    widths: tuple[int, ...] = ()
    """Each N of "N-bit", from 2: "1-bit" is said of whatever is at hand."""


def read_claims(words: str, ports: Sequence[Port], names: Sequence[str]) -> Claims:
    """The claims of an instruction.

    Args:
        words: The instruction.
        ports: The Spec's ports, empty where there is no Spec.
        names: Names of the candidate's inputs, which recognise clock and reset without a Spec.
    """
    clock = _port(ports, names, "clock", _CLOCK_NAMES)
    reset = _port(ports, names, "reset", _RESET_NAMES)
    return Claims(
        clock=clock,
        reset=reset,
        reset_kind=_reset_kind(words) if reset else None,
        reset_level=_reset_level(words) if reset else None,
        rising=_rising(words, clock) if clock else None,
        registered=tuple(dict.fromkeys(_REGISTERED.findall(words))),
        widths=tuple(sorted({int(n) for n in _WIDTH.findall(words)} - {0, 1})),
    )


def _port(
    ports: Sequence[Port], names: Sequence[str], role: str, pattern: re.Pattern[str]
) -> str | None:
    """The port of a role: as the Spec says, else the only one whose name tells it."""
    if any(p.role in ("clock", "reset") for p in ports):
        return next((p.name for p in ports if p.role == role), None)
    matching = [n for n in names if pattern.match(n)]
    return matching[0] if len(matching) == 1 else None


def _reset_kind(words: str) -> Literal["sync", "async"] | None:
    kinds = {m[1].lower() for pattern in _RESET_KIND for m in _stated(pattern, words)}
    if len(kinds) != 1:
        return None
    return "async" if kinds == {"asynchronous"} else "sync"


def _reset_level(words: str) -> Literal["low", "high"] | None:
    levels = {m[1].lower() for pattern in _RESET_LEVEL for m in _stated(pattern, words)}
    if len(levels) != 1:
        return None
    return "low" if levels == {"low"} else "high"


def _rising(words: str, clock: str) -> bool | None:
    if _BOTH_EDGES.search(words):
        return None
    edges = {
        m[1].lower() in ("rising", "positive", "pos")
        for m in _stated(_EDGE, words)
        if m[2] in (clock, "clock", "clk")
    }
    return edges.pop() if len(edges) == 1 else None


def _stated(pattern: re.Pattern[str], words: str) -> Iterator[re.Match[str]]:
    """The matches that are not denied."""
    for match in pattern.finditer(words):
        if not _DENIED.search(words[max(0, match.start() - _DENIAL_REACH) : match.end()]):
            yield match


class Intent:
    """See the module's docstring."""

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
    kept = (f for f in found if f.rule not in broken_by_golden)
    return [work.source.in_original_lines(f) for f in kept]


def _is_of_suite(work: Work, spec: Spec | None) -> bool:
    """Whether the words are those that the Spec's golden was written for."""
    return spec is not None and bool(spec.golden) and work.words == spec.prompt


def broken_claims(claims: Claims, netlist: Netlist) -> Iterator[Finding]:
    """A Finding for each claim that the netlist does not keep."""
    yield from _reset(claims, netlist)
    yield from _edge(claims, netlist)
    yield from _registered(claims, netlist)
    yield from _widths(claims, netlist)


def _error(rule: str, message: str, line: int | None = None) -> Finding:
    return Finding(f"intent.{rule}", Severity.ERROR, message, line)


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
        yield _error("reset-kind", message, line)
    elif claims.reset_kind == "async" and not ours:
        yield _error("reset-missing", f"no register is reset by {claims.reset}")


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
        yield _error("reset-level", message, _line(netlist, wrong))


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
        yield _error("clock-edge", message, _line(netlist, wrong))


def _registered(claims: Claims, netlist: Netlist) -> Iterator[Finding]:
    stored = {bit for r in netlist.registers for bit in r.q}
    for name in claims.registered:
        bits = netlist.outputs.get(name)
        if bits is None:
            continue
        loose = [b for b in bits if isinstance(b, int) and b not in stored]
        if loose:
            message = f"output {name} is to be registered, it is combinational"
            yield _error("registered-output", message, netlist.line_of_bit(loose[0]))


def _widths(claims: Claims, netlist: Netlist) -> Iterator[Finding]:
    widths = {len(p.bits) for p in netlist.module.ports.values()}
    widths |= {len(n.bits) for n in netlist.module.netnames.values()}
    for width in claims.widths:
        if width not in widths:
            yield _error("width", f"nothing in the design is {width} bits wide")


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
