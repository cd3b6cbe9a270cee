"""What an instruction promises of behaviour; in doubt, nothing.

An enable, a reset, a load or a clear is promised by its own word with the name of its port behind
it. The kind of circuit: rtlbench.checks.promises.kinds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from rtlbench.checks.promises.kinds import QUOTED, Kind, read_kind
from rtlbench.io.untrusted import one_line

MOST_WORDS = 20_000
"""Characters."""
Role = Literal["enable", "reset", "load", "clear"]


class Control(msgspec.Struct, frozen=True):
    """A control input that the words name."""

    role: Role
    name: str
    active: int | None
    """The value at which it acts; None where neither the words nor the name say it."""
    quote: str
    sure_name: bool
    """Whether the name can be nothing but a port's."""


class Value(msgspec.Struct, frozen=True):
    """What the reset is said to set."""

    value: int
    quote: str
    of: str = ""
    """What is set: an output, or empty for whatever is shown."""


class States(msgspec.Struct, frozen=True):
    """How many states a state machine is said to have."""

    number: int
    quote: str


class Promises(msgspec.Struct, frozen=True):
    """All of them."""

    controls: tuple[Control, ...] = ()
    kind: Kind | None = None
    reset_value: Value | None = None
    states: States | None = None
    reset_waits: bool = False
    """Whether the reset is told as something that happens under the enable."""

    def __bool__(self) -> bool:
        return bool(self.controls or self.kind or self.reset_value or self.states)


_PORT_LIKE = re.compile(
    r"(?:en|ena|ce|clk_?en|en_n|rst|rst_n|rstn|reset_n|resetn|arst|arst_n|areset|srst|clr|clr_n|"
    r"ld|load|load_en|clear|reset|enable)$",
    re.I,
)
_NO_NAME = frozenset(
    "is in a an of on and or to for with the at by from as into that which when where are input "
    "inputs signal port signals it both q d high low active asynchronous synchronous logic pin "
    "control line enable load clear reset must should shall will can clears resets sets set output "
    "outputs "
    "value count counter register data state if while until has not be only overrides takes".split()
)
_OTHER_ENABLE = (
    r"(?:write|read|output|chip|interrupt|transmit|receive|tri-?state|global|byte|bus|store|"
    r"shift|hold|memory|sample|capture|rx|tx|data|pulse|load|clear|set|preset)"
)
_LEVEL = r"(?:active[\s-]+(?P<level>high|low)[\s,-]+)?"
_SORT = r"(?:(?:synchronous|asynchronous|count|clock|parallel)[\s,-]+)*"
_NAMED = (
    r"(?:\s+(?:input|signal|port|pin|line)s?\b)?"
    r"(?:\s*[(,]?\s*(?:named\s+|called\s+)?)(?P<tick>[`'\"])?(?P<name>[A-Za-z_]\w*)[`'\"]?"
    r"(?:\s*\(?,?\s*active[\s-]+(?P<after>high|low)\)?)?"
)
_ROLES: tuple[Role, ...] = ("enable", "reset", "load", "clear")
_CONTROL = {
    role: re.compile(rf"(?<![\w-]){_LEVEL}{_SORT}{role}\b(?!\s+(?:and|or)\b){_NAMED}", re.I)
    for role in _ROLES
}
_SAID_APART = re.compile(
    r"\b(?P<of>(?!(?:the|an?|its|this|each|and|whose)\b)\w+)[`'\"]?(?:\s+(?:input|signal|port|pin|line))?(?:\s+[`'\"]?(?P<name>\w+)[`'\"]?)?"
    r"\s+(?:is|works|acts|being)\s+(?:also\s+|an?\s+)?(?:a?synchronous\s*(?:,|and\b)\s*)?"
    r"active[\s-]+(?P<level>high|low)",
    re.I,
)
"""The level of a control, in a statement of its own."""
_SAID_OF_ALL = re.compile(
    r"\bare\s+(?:both\s+|all\s+)?active[\s-]+low|\b(?:all|both|every|each)\b[^.;\n]{0,60}?"
    r"\bactive[\s-]+low",
    re.I,
)
"""Of which controls is not looked into: then a name alone says no level."""
_BEFORE = re.compile(rf"\b(?:{_OTHER_ENABLE}|no|without|not|un|pre|if|when|on)[\s-]+$", re.I)
_HELD = re.compile(
    r"\b(?:holds?|keeps?|retains?|freezes?|stops?|stays?|unchanged|pauses?)\b[^.;\n]{0,50}?"
    r"\b(?:when|while|if|whenever)\s+(?:the\s+)?[`'\"]?(?P<name>\w+)[`'\"]?\s*(?:input\s+|signal\s+)?"
    r"(?:is\s+|=+\s*)(?P<level>low|high|0|1|zero|one)\b(?!\s*(?:and|or|&|\|))",
    re.I,
)
_RESET_UNDER_ENABLE = re.compile(
    r"\b(?:if|when|while|once)\s+(?:the\s+)?(?:\w+\s+)?(?:enable|en)\b[^.;\n]{0,80}\breset\b", re.I
)
_VALUE = r"(?:(?P<zero>0|zero|all zeros|0000+)|(?P<ones>all ones)|(?P<number>[1-9]\d{0,3}))"
_RESET_TO = re.compile(
    rf"\breset(?:s|ting)?\b(?!\s+state)(?:\s+[`'\"]?\w+[`'\"]?)??"
    r"(?:\s+(?:re)?sets)?(?:\s+(?:the\s+)?[`'\"]?(?P<of>\w+)[`'\"]?)??"
    rf"\s+(?:back\s+)?to\s+(?:the\s+value\s+)?{_VALUE}"
    r"(?![\w'-]|\.\d)",
    re.I,
)
_NOT = re.compile(r"(?:\b(?:no|not|without|never|instead of|rather than)\b|n't\b)[^.;:,\n]*$", re.I)


def read_promises(words: str) -> Promises:
    """The promises of an instruction; a book promises nothing."""
    if len(words) > MOST_WORDS:
        return Promises()
    controls = tuple(_controls(words))
    waits = _RESET_UNDER_ENABLE.search(words) is not None
    return Promises(controls, read_kind(words), _reset_value(words), _states(words), waits)


def quote_of(words: str, match: re.Match[str]) -> str:
    """The words of a match, on one line."""
    return one_line(words[match.start() : match.end()].strip(), QUOTED)


def _controls(words: str) -> Iterator[Control]:
    found: dict[tuple[Role, str], set[int | None]] = {}
    quotes: dict[tuple[Role, str], Control] = {}
    for role, pattern in _CONTROL.items():
        for match in pattern.finditer(words):
            made = _control(words, role, match)
            if made is not None:
                found.setdefault((role, made.name), set()).add(made.active)
                quotes.setdefault((role, made.name), made)
    for match in _HELD.finditer(words):
        if not _denied(words, match) and not _OF_A_PART.search(match["name"]):
            idle = int(match["level"].lower() in ("high", "1", "one"))
            key: tuple[Role, str] = ("enable", match["name"])
            found.setdefault(key, set()).add(1 - idle)
            quotes.setdefault(
                key, Control("enable", match["name"], 1 - idle, quote_of(words, match), False)
            )
    for key, levels in found.items():
        said = (levels | set(_said_apart(words, *key))) - {None}
        if len(said) <= 1:
            level = next(iter(said), None)
            if key[0] != "reset" and not (level is None and _SAID_OF_ALL.search(words)):
                level = _level(level, key[1])
            yield msgspec.structs.replace(quotes[key], active=level)


def _said_apart(words: str, role: Role, name: str) -> Iterator[int]:
    """The levels that are said of a control elsewhere, by its name or by its role."""
    for match in _SAID_APART.finditer(words):
        of, behind = match["of"], match["name"]
        by_name = name in (of, behind)
        by_role = of.lower() == role and behind is None
        if (by_name or by_role) and not _denied(words, match):
            yield int(match["level"].lower() == "high")


def _level(said: int | None, name: str) -> int | None:
    """What is said; else high, unless the name looks like the opposite."""
    if said is not None:
        return said
    return None if re.search(r"(?:_?n|_b|_l|bar)$", name, re.I) and name != "en" else 1


_OF_A_PART = re.compile(
    r"(?:^|_)(?:we|wr|rd|re|oe|cs|wen|ren|write|read|wren|rden|valid|ready|push|pop|in|out|data)"
    r"(?:_|n?$)",
    re.I,
)
"""Enables of a part: of a write, of what is shown."""


def _control(words: str, role: Role, match: re.Match[str]) -> Control | None:
    name = match["name"]
    if role == "enable" and _OF_A_PART.search(name) and name.lower() != "en":
        return None
    if role == "load" and _CODED.search(words):
        return None
    if name.lower() in _NO_NAME - {match["name"].lower() if match["tick"] else ""}:
        return None
    if _BEFORE.search(words[max(0, match.start() - 40) : match.start()]) or _denied(words, match):
        return None
    level = (match["level"] or match["after"] or "").lower()
    active = {"high": 1, "low": 0}.get(level)
    sure = bool(match["tick"]) or _PORT_LIKE.match(name) is not None
    return Control(role, name, active, quote_of(words, match), sure)


def _denied(words: str, match: re.Match[str]) -> bool:
    return _NOT.search(words[max(0, match.start() - 30) : match.start()]) is not None


_PLAIN = frozenset("it count counter output outputs register value q".split())
"""What is set, said without a name of its own."""
_CODED = re.compile(
    r"\b(?:bcd|digits?|decimal|clamp\w*|saturat\w*|invalid|illegal|out of range|limited)\b|bcd",
    re.I,
)
"""Words that say that values are not taken as they are."""


def _reset_value(words: str) -> Value | None:
    if _CODED.search(words):
        return None
    found = {}
    for match in _RESET_TO.finditer(words):
        value = -1 if match["ones"] else int(match["number"] or 0)
        of = match["of"] or ""
        found[value] = Value(value, quote_of(words, match), "" if of.lower() in _PLAIN else of)
    return next(iter(found.values())) if len(found) == 1 else None


_STATES = re.compile(
    r"\b(?P<n>[2-9]|[1-9]\d|two|three|four|five|six|seven|eight)[\s-]states?[\s,-]+"
    r"(?:moore\s+|mealy\s+|finite\s+)?(?:fsm\b|state\s+machine\b|machine\b)",
    re.I,
)
_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight")


def _states(words: str) -> States | None:
    found = [m for m in _STATES.finditer(words) if not _denied(words, m)]
    if len({m["n"].lower() for m in found}) != 1:
        return None
    said = found[0]["n"].lower()
    number = _NUMBERS.index(said) + 2 if said in _NUMBERS else int(said)
    return States(number, quote_of(words, found[0]))
