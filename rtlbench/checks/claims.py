"""What an instruction's words promise about the netlist, as claims; nothing else is claimed.

A claim binds only what it names: between "active-low" and "reset" no other noun stands, and a width
is that of the thing it is said of. Where a sentence can be read two ways, where the words say both
of two opposites, or where a "no" or "not" stands before, there is no claim. Examples, hints and the
parts that a circuit may be built from are none. Each claim keeps the words that it was read from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from rtlbench.io.untrusted import one_line
from rtlbench.records.spec import Port

QUOTED = 80
"""Characters of the instruction that a Finding repeats, at most."""
_OF_RESETS = (
    r"(?:active[\s-]+(?:low|high)|low|high|positive|negative|master|global|system|external|"
    r"hardware|power-on|and|or|a?sync(?:hronous(?:ly)?)?)(?!\w)"
)
"""Words that may stand between "synchronous" or "active-low" and "reset"; behind any other noun,
they are said of that."""
_RESET = r"(?:[`'(]+\w+[`')]+[\s,-]+)?(?:re)?set"
_RESET_KIND = (
    re.compile(
        rf"\b(a?synchronous)(?:ly)?(?=((?:[\s,(-]+{_OF_RESETS})*[\s)-]+{_RESET}\w*))", re.I
    ),
    re.compile(
        r"\breset\b(?:\s+(?:signal|input|port))?(?:\s+[`'(]*(?!and\b|or\b)\w+[`')]*)?"
        r"\s+(?:is|acts|must be|shall be|should be)\s+"
        r"(?:active[\s-]+(?:low|high)\s*(?:,\s*(?:and\s+)?|\band\s+))?(a?synchronous)",
        re.I,
    ),
)
_ONE_THING = re.compile(r"(?:\b(?:an?|the|its|with|and|has|have|uses?|include)|^|[.\n])\s*$", re.I)
_LEVEL = r"active[\s-]+(low|high)"
_IS = r"(?:(?:is|are|both|each|signal|input|port|an?|must|should|shall|be|which|that)\s+)*"
_END = (
    r"(?:\s+a?synchronous(?:ly)?(?:\s+resettable)?)?"
    r"(?=\s*(?:[.;,:)\n]|$|and\b|or\b|signal|input|logic))"
)
_OTHER_NOUN = r"(?:and|or)\s+(?:an?\s+|the\s+)?(?!a?synchronous|reset)\w+"
_CLOCK_NAMES = re.compile(r"^(clk|clock|ck|.*_clk|clk_.*|.*clock)$", re.I)
_RESET_NAMES = re.compile(r"^(a?rst|a?reset|clr|clear|s?rst|sreset|res)(_?[nbi])?(_i)?$", re.I)
_EDGE_KIND = r"(rising|falling|positive|negative|pos|neg)"
_EDGE = re.compile(rf"\b{_EDGE_KIND}[\s-]?edges?\s+(?:of|on)\s+(?:the\s+)?`?(\w+)`?", re.I)
_BOTH_EDGES = re.compile(
    rf"\b{_EDGE_KIND}\s+(?:and|or|as well as)\s+(?:on\s+|at\s+)?(?:the\s+)?{_EDGE_KIND}[\s-]?edge"
    r"|\bboth\s+(?:clock\s+)?edges",
    re.I,
)
_UNNAMED_EDGE = re.compile(
    rf"\b(?:on|at|by|with|and|to)\s+(?:(?:the|an?|each|every)\s+)?{_EDGE_KIND}[\s-]?edges?\b"
    r"(?!\s+(?:of|on)\b|\s+detect)",
    re.I,
)
"""An edge of nothing in particular, at which something happens: as likely the clock's."""
_TRIGGERED = re.compile(
    rf"\b{_EDGE_KIND}[\s-]?edge[\s-]+triggered\s+(?:(?!a?synchronous|resets?\b|set\b)\w+[\s-]+)"
    r"{0,2}?(?:clk|clock|flip-?flops?|d-?ffs?|registers?|counter|state\s+machine|fsm)\b",
    re.I,
)
"""Said of a clock or of what holds state: a reset may be triggered by another edge."""
_RISING = ("rising", "positive", "pos")
_REGISTERED = re.compile(r"\bregistered outputs?\s+(?:named\s+|port\s+)?[`'](\w+)[`']", re.I)
_NOT = r"(?:\b(?:no|not|without|never|instead of|rather than)\b|n't\b)"
_DENIED = re.compile(rf"{_NOT}[^.;:,\n]*$", re.I)
_DENIAL_REACH = 30
"""So many characters before a statement are searched for a "not"."""

_HOLDS = (
    r"(?:inputs?|outputs?|operands?|counter|count|register|accumulator|timer|lfsr|vector|signal)"
)
_MAKES = (
    r"(?:adder|subtractor|multiplier|divider|comparator|multiplexer|mux|alu|encoder|decoder|shifter|"
    r"incrementer|latch)"
)
_SORT = (
    r"(?:(?!(?:sequence|pattern|code|field|serial|is|of|in|and|or|to|for|with|that|which|from|at)\b)"
    r"(?:[A-Za-z0-9/-]+|\([^)\n]{1,20}\))\s+){0,3}?"
)
_WIDTH = re.compile(
    rf"\b(\d{{1,3}})[\s-]bit\s+({_SORT})(?:{_HOLDS}|({_MAKES}))(?!\w)"
    r"(?!\s+(?:sequence|pattern|code|stream|string|word|value|combination|number|field|data|message|"
    r"frame|packet|byte|symbol|key|address|select)\w*)"
    rf"(?:\s+(?:(?:named|called|port|signal|bus|vector)\s+){{0,2}}(?:[`'\"](\w+)[`'\"]|(\w+)))?",
    re.I,
)
"""A width and what it is said of, what holds bits or what computes; a name where one follows."""
_ASIDE = re.compile(
    r"\b(?:examples?|e\.g\.|such as|like|way|could|may|might|can (?:be )?(?:use|buil|ma[dk]e)\w*|"
    r"each(?: \w+)? (?:is|has|of|with|being)|instead|suppose|hint|several|instances?|compos\w+|"
    r"consists?|built|made|instantiat\w+|cascad\w+|"
    r"first (?:design|build|implement|create|write)|chain\w*|out of|sub-?modules?|smaller|think|"
    r"consider|equivalent)\b",
    re.I,
)
"""In a sentence that has one of these, widths may be those of examples or of parts."""
_PARTS = re.compile(
    r"\b(?:using|uses?|with|has|have|having|contain\w*|includ\w+|from|by|inside|into)\b", re.I
)
"""Behind one of these, a thing that computes may be a part: another circuit does as well."""
_SENTENCE_END = re.compile(r"[.;!?](?=\s)|\n\s*\n|\n\s*[-*]")
_ENGLISH = frozenset(
    "in is a an of on and or to for with the at by from as into that which when where are using "
    "has if it its named called port signal bus vector must should shall will can both out".split()
)


class WidthClaim(msgspec.Struct, frozen=True):
    """So many bits are said of something."""

    width: int
    quote: str
    name: str = ""
    """Of what; empty where anything of the width will do."""


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
    widths: tuple[WidthClaim, ...] = ()
    """From 2 bits: "1-bit" is said of whatever is at hand."""
    quotes: dict[str, str] = {}
    """The words of the other claims, by field."""


def read_claims(words: str, ports: Sequence[Port], names: Sequence[str]) -> Claims:
    """The claims of an instruction.

    Args:
        words: The instruction.
        ports: The Spec's ports, empty where there is no Spec.
        names: Names of the candidate's inputs, which recognise clock and reset without a Spec.
    """
    clock = _port(ports, names, "clock", _CLOCK_NAMES)
    return _claims_of(words, clock, _port(ports, names, "reset", _RESET_NAMES))


@lru_cache(maxsize=64)
def _claims_of(words: str, clock: str | None, reset: str | None) -> Claims:
    """The same for what clock and reset are called: many answers have one instruction."""
    quotes: dict[str, str] = {}
    kind = _one(words, "reset_kind", _reset_kinds(words), quotes) if reset else None
    level = _one(words, "reset_level", _reset_levels(words, reset), quotes) if reset else None
    edge = _one(words, "rising", _edges(words, clock), quotes) if clock else None
    registered = {m[1]: _quote(words, m) for m in _REGISTERED.finditer(words)}
    quotes |= {f"registered {name}": quote for name, quote in registered.items()}
    return Claims(
        clock=clock,
        reset=reset,
        reset_kind={"asynchronous": "async", "synchronous": "sync"}.get(kind or ""),  # type: ignore[arg-type]
        reset_level=level,  # type: ignore[arg-type]  # the pattern matches these two
        rising=None if edge is None else edge == "rising",
        registered=tuple(registered),
        widths=tuple(_widths(words)),
        quotes=quotes,
    )


def _port(
    ports: Sequence[Port], names: Sequence[str], role: str, pattern: re.Pattern[str]
) -> str | None:
    """The port of a role: as the Spec says, else the only one whose name tells it."""
    if any(p.role in ("clock", "reset") for p in ports):
        return next((p.name for p in ports if p.role == role), None)
    matching = [n for n in names if pattern.match(n)]
    return matching[0] if len(matching) == 1 else None


_Said = tuple[str, re.Match[str]]
"""What is said, and where."""


def _one(words: str, field: str, said: Iterable[_Said], quotes: dict[str, str]) -> str | None:
    """What is said, where nothing else is said too."""
    found = list(said)
    if len({value for value, _ in found}) != 1:
        return None
    value, match = found[0]
    quotes[field] = _quote(words, match)
    return value


def _quote(words: str, match: re.Match[str]) -> str:
    return one_line(words[match.start() : _end(match)], QUOTED)


def _end(match: re.Match[str]) -> int:
    """Where a match ends, with what stands in a look-ahead."""
    return max(match.end(k) for k in range(1 + len(match.groups())))


def _reset_kinds(words: str) -> Iterator[_Said]:
    for pattern in _RESET_KIND:
        for match in _stated(pattern, words):
            if not _may_be_of_another(words, match):
                yield match[1].lower(), match


def _may_be_of_another(words: str, match: re.Match[str]) -> bool:
    """Whether a comma may end what is said of something before: "load is synchronous, active-low
    reset" may be two statements, "a synchronous, active-low reset" is one."""
    said = words[match.start() : _end(match)]
    return "," in said and _ONE_THING.search(words[: match.start()]) is None


def _reset_levels(words: str, reset: str | None) -> Iterator[_Said]:
    """Of "active-low": with nothing but words of resets between it and the reset."""
    named = rf"(?:reset\b|[`'\"]?\b{re.escape(reset or 'reset')}\b[`'\"]?)"
    before = re.compile(rf"\b{_LEVEL}\b(?:(?:[\s,(-]+{_OF_RESETS})+\)?)?[\s-]+{named}", re.I)
    behind = re.compile(
        rf"\b{named}(?:\s+(?:signal|input|port))?(?:\s+(?!and\b|or\b)[`'(]*\w+[`')]*)?"
        rf"(?:\s*[(,:-]+\s*|\s+)(?:{_IS})(?:a?synchronous(?:ly)?\s*(?:,|and|\s)\s*)?{_LEVEL}\b{_END}"
        rf"(?!\s+{_OTHER_NOUN})",
        re.I,
    )
    one = (m for m in _stated(before, words) if not _may_be_of_another(words, m))
    for match in (*one, *_stated(behind, words)):
        yield match[1].lower(), match


def _edges(words: str, clock: str | None) -> Iterator[_Said]:
    if _BOTH_EDGES.search(words):
        return
    named = [m for m in _stated(_EDGE, words) if m[2] in (clock, "clock", "clk")]
    named += _stated(_TRIGGERED, words)
    for match in [*named, *(_UNNAMED_EDGE.finditer(words) if named else ())]:
        yield "rising" if match[1].lower() in _RISING else "falling", match


def _widths(words: str) -> Iterator[WidthClaim]:
    found: dict[tuple[int, str], WidthClaim] = {}
    stated = list(_stated(_WIDTH, words))
    widest: dict[str, int] = {}
    for match in stated:
        made = (match[3] or "").lower()
        widest[made] = max(widest.get(made, 0), int(match[1]))
    for match in stated:
        if match[3] and int(match[1]) < widest[match[3].lower()]:
            continue  # of two adders the narrow one may be a part of the other
        width, name = int(match[1]), match[4] or (_plain_name(match[5]) if not match[2] else "")
        if width < 2 or _is_aside(words, match):
            continue
        found.setdefault((width, name), WidthClaim(width, _quote(words, match), name))
    yield from found.values()


def _plain_name(word: str | None) -> str:
    return "" if word is None or word.lower() in _ENGLISH else word


def _is_aside(words: str, match: re.Match[str]) -> bool:
    """Whether the width may be that of an example or of a part."""
    ends = [m.end() for m in _SENTENCE_END.finditer(words, 0, match.start())]
    start = ends[-1] if ends else 0
    stop = _SENTENCE_END.search(words, match.end())
    before = words[start : match.start()]
    sentence = words[start : stop.start() if stop else len(words)]
    if _ASIDE.search(sentence):
        return True
    return match[3] is not None and _PARTS.search(before) is not None


def _stated(pattern: re.Pattern[str], words: str) -> Iterator[re.Match[str]]:
    """The matches that are not denied."""
    for match in pattern.finditer(words):
        if not _DENIED.search(words[max(0, match.start() - _DENIAL_REACH) : match.end()]):
            yield match
