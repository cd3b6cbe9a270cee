"""What an instruction's words promise about the netlist, as claims; nothing else is claimed.

Only plain statements count. Where the words say both of two opposites (an instruction that
speaks of two resets, say), neither is claimed; nor is what a "no" or "not" stands before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from rtlbench.records.spec import Port

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
