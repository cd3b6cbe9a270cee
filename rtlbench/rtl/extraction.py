"""The RTL in an answer.

Answers come as models give them: thinking first, prose around the code, fences of every kind, a
package in a fence of its own, a testbench beside the module, a draft and then another version,
text that breaks off, or only the body where the prompt had the header. What is left out is
blanked, so that every line keeps its number in the answer; docs/extraction.md has a table.

Of several modules of one name the last whole one counts: one that is closed, and does something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from rtlbench.io.untrusted import from_json
from rtlbench.rtl.answer_parts import AnswerPart, parts_of, without_thinking
from rtlbench.rtl.design_units import DesignUnit, units_of
from rtlbench.rtl.lexical import CLOSED_COMMENT, LINE_COMMENT, NO_CODE, PLAIN_NAME
from rtlbench.rtl.preprocessing import MAX_BYTES

_WORD = re.compile(PLAIN_NAME)
_SEMICOLON = re.compile(rf"{LINE_COMMENT}|{CLOSED_COMMENT}|(?P<stray>;)", re.S)
_RESIDUE = re.compile(rf"{LINE_COMMENT}|{CLOSED_COMMENT}|\(\*.*?\*\)|[\s;]+", re.S)
_STIMULUS = re.compile(r"\binitial\b|\$(?:finish|stop|display|monitor|dumpvars)\b")
_BODY_WORDS = re.compile(r"\b(?:always\w*|assign|endmodule)\b")
_AROUND_JSON = re.compile(r"`{3,}[ \t]*(?:json\w*)?|</?[A-Za-z_]\w*>", re.I)
"""A fence, or a tag."""
_HEADER_AT_END = re.compile(
    r"\b(?P<header>module\s+(?P<name>\w+)\s*(?:;|[#(][^;]*;))"
    r"\s*(?:(?:`{3,}\w*|\[/INST\]|</?s>|<\|[^|>]*\|>)\s*)*\Z"
)
"""The header that a prompt ends in; chat templates' marks and a fence may stand behind it."""

_UNTYPED_OUTPUT = re.compile(
    r"\boutput\s+(?P<rest>(?:signed\s*)?(?:\[[^\]]*\]\s*)*(?P<name>\w+))(?=\s*[,)])"
)


class Extraction(msgspec.Struct, frozen=True):
    """RTL found in an answer."""

    rtl: str
    """On the lines that it has in the answer."""
    how: str
    """`whole`, `fence`, `prose`, `body` or `none`; with `+dropped` where units were left out, and
    `+thinking` where thinking was."""
    truncated: bool = False
    """True where the text breaks off inside a module."""
    left_out: tuple[str, ...] = ()
    """What was left out, for people."""


def extract(text: str, top: str | None = None, prompt: str = "") -> Extraction:
    """The RTL in `text`; with `top`, only that module and what it uses.

    Never raises: an answer without RTL gives an empty one, which the syntax Check refuses.

    Args:
        prompt: What was asked: where it ends in a module's header, the answer may go on from there.
    """
    if len(text) > MAX_BYTES:
        return Extraction(text, "whole")  # refused unread, with its size
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", " ")
    text = code_in_json(text) or text
    spans, has_thought = without_thinking(text)
    parts = [p for a, b in spans for p in parts_of(text, a, b)]
    pieces = [(part, list(units_of(text, part.start, part.stop))) for part in parts]
    chosen = _choose([u for _, units in pieces for u in units], text, top)
    modules = {u.name for u in chosen.kept if u.kind == "module"}
    if not chosen.kept or top not in modules:
        body = _body_of(text, parts, top, prompt)
        if body is not None:
            return body
    if not chosen.kept:
        inside = _code_in_fenced_json("".join(text[a:b] for a, b in spans))
        if inside:
            return extract(inside, top, prompt)
        return Extraction("", "none", chosen.truncated)
    kept, how = _shown(text, pieces, chosen.dropped)
    ends = ("+dropped" if chosen.dropped else "", "+thinking" if has_thought else "")
    left_out = (*chosen.left_out, *(["thinking"] if has_thought else []))
    return Extraction(kept, how + "".join(ends), chosen.truncated, left_out)


def _code_in_fenced_json(text: str) -> str:
    """The same of the last JSON that stands between fences or tags and holds any."""
    found = (code_in_json(between) for between in _AROUND_JSON.split(text))
    return next((code for code in reversed(list(found)) if code), "")


def code_in_json(text: str) -> str:
    """The texts with a module in them of an answer that is one JSON object, as the CVDP suite asks
    for: `{"code": [{"rtl/top.sv": "module …"}]}`, or a list; empty where it is none."""
    if not text.lstrip().startswith(("{", "[")):
        return ""
    try:
        return "\n".join(_texts_with_modules(from_json(text.encode("utf-8", "replace"))))
    except (msgspec.DecodeError, RecursionError):
        return ""


def _texts_with_modules(found: object) -> Iterator[str]:
    if isinstance(found, str) and "endmodule" in found:
        yield found.replace("\r\n", "\n")
    elif isinstance(found, dict | list):
        for value in found.values() if isinstance(found, dict) else found:
            yield from _texts_with_modules(value)


class _Choice(msgspec.Struct, frozen=True):
    kept: tuple[DesignUnit, ...]
    dropped: tuple[DesignUnit, ...]
    truncated: bool
    left_out: tuple[str, ...]


def _choose(units: Sequence[DesignUnit], text: str, top: str | None) -> _Choice:
    modules = [u for u in units if u.kind == "module"]
    counting = _counting(modules)
    if top is not None:
        needed = _reached(counting, text, top) or set(counting)
    else:
        needed = set(counting) - _testbenches(counting, text)
    kept = {id(counting[name]) for name in needed}
    last = {(u.kind, u.name): id(u) for u in units if u.kind != "module" and u.name}
    dropped = tuple(
        u for u in units
        if (id(u) not in kept if u.kind == "module" else _is_repeated(u, last))
    )  # fmt: skip
    left_out = {id(u) for u in dropped}
    described = tuple(_in_words(u, counting) for u in dropped)
    remaining = tuple(u for u in units if id(u) not in left_out)
    broken = any(not u.is_whole for u in remaining)
    designs = any(u.kind not in ("directive", "statement") for u in remaining)
    return _Choice(remaining if designs else (), dropped, broken, described)


def _counting(modules: Sequence[DesignUnit]) -> dict[str, DesignUnit]:
    """The version of each module that counts: the last whole one, or the last."""
    found: dict[str, DesignUnit] = {}
    for unit in modules:
        before = found.get(unit.name)
        if before is None or _worth(unit) >= _worth(before):
            found[unit.name] = unit
    return found


def _worth(unit: DesignUnit) -> int:
    return 2 * unit.is_whole - unit.is_hollow


def _is_repeated(unit: DesignUnit, last: dict[tuple[str, str], int]) -> bool:
    """Whether a package or type is given again further on; a macro may be, for good reasons."""
    newest = last.get((unit.kind, unit.name), id(unit))
    return newest != id(unit) and unit.kind != "directive" and unit.is_whole


def _reached(modules: dict[str, DesignUnit], text: str, top: str) -> set[str]:
    """The modules that `top` uses, itself included; none where it is not there."""
    if modules.keys() == {top}:
        return {top}
    reached: set[str] = set()
    open_names = [top] if top in modules else []
    while open_names:
        name = open_names.pop()
        if name not in reached:
            reached.add(name)
            open_names += modules.keys() & _words(modules[name], text)
    return reached


def _testbenches(modules: dict[str, DesignUnit], text: str) -> set[str]:
    """Modules without ports that drive another one: no task asks for those."""
    testbenches = {
        name
        for name, unit in modules.items()
        if not _has_ports(unit, text)
        and _STIMULUS.search(_plain(unit, text))
        and (modules.keys() - {name}) & _words(unit, text)
    }
    return testbenches if len(testbenches) < len(modules) else set()


def _has_ports(unit: DesignUnit, text: str) -> bool:
    header, _, _ = _plain(unit, text).partition(";")
    return re.search(r"\(\s*[^\s)]", header) is not None


def _plain(unit: DesignUnit, text: str) -> str:
    return NO_CODE.sub(" ", text[unit.start : unit.stop])


def _words(unit: DesignUnit, text: str) -> set[str]:
    return set(_WORD.findall(_plain(unit, text)))


def _in_words(unit: DesignUnit, counting: dict[str, DesignUnit]) -> str:
    if unit.kind == "module" and counting[unit.name] is not unit:
        return f"another version of module {unit.name}"
    return f"{unit.kind} {unit.name}"


def _shown(
    text: str, pieces: Sequence[tuple[AnswerPart, list[DesignUnit]]], dropped: Sequence[DesignUnit]
) -> tuple[str, str]:
    """What is kept of the text, and how it was found."""
    spans: list[tuple[int, int]] = []
    how = "whole" if len(pieces) == 1 and pieces[0][0][:2] == (0, len(text)) else "fence"
    for part, units in pieces:
        residue = _outside(text, part, units)
        if units and not residue:
            spans.append((part.start, part.stop))
        elif units and part.is_fenced:
            spans.append((units[0].start, units[-1].stop))
        else:
            spans += [(u.start, u.stop) for u in units]
        if residue and units and not part.is_fenced:
            how = "prose"
    if how == "fence" and not any(p.is_fenced and units for p, units in pieces):
        how = "prose"
    strays = [u for part, units in pieces for u in _stray_semicolons(text, part, units)]
    holes = sorted([*dropped, *strays], key=lambda unit: unit.start)
    return _keep(text, spans, holes), how


def _stray_semicolons(
    text: str, part: AnswerPart, units: Sequence[DesignUnit]
) -> Iterator[DesignUnit]:
    """Each `;` between units: nothing to slang, an error to other tools."""
    edges = [part.start, *(edge for u in units for edge in (u.start, u.stop)), part.stop]
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        for found in _SEMICOLON.finditer(text, start, stop):
            if found["stray"]:
                yield DesignUnit("statement", "", found.start(), found.end())


def _outside(text: str, part: AnswerPart, units: Sequence[DesignUnit]) -> str:
    """What stands between the units, comments aside."""
    at, rest = part.start, []
    for unit in units:
        rest.append(text[at : unit.start])
        at = unit.stop
    rest.append(text[at : part.stop])
    return "".join(_RESIDUE.sub("", r) for r in rest)


def _keep(text: str, spans: Sequence[tuple[int, int]], dropped: Sequence[DesignUnit]) -> str:
    """The spans on their lines, `dropped` and all else blanked."""
    parts: list[str] = []
    at = 0
    for start, stop in _less(spans, dropped):
        parts += [_blank(text[at:start]), text[start:stop]]
        at = stop
    tail = _blank(text[at:])
    return "".join(parts) + (tail if "\n" in tail else tail.rstrip())


def _less(
    spans: Sequence[tuple[int, int]], dropped: Sequence[DesignUnit]
) -> Iterator[tuple[int, int]]:
    holes = iter([*((u.start, u.stop) for u in dropped), (1 << 62, 1 << 62)])
    hole = next(holes)
    for start, stop in spans:
        at = start
        while hole[0] < stop:
            if hole[1] > at:
                if hole[0] > at:
                    yield at, hole[0]
                at = hole[1]
            if hole[1] > stop:
                break
            hole = next(holes)
        if at < stop:
            yield at, stop


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _body_of(
    text: str, parts: Sequence[AnswerPart], top: str | None, prompt: str
) -> Extraction | None:
    """The answer as what follows the header that the prompt ends in; None where it is not that."""
    header = _HEADER_AT_END.search(prompt)
    if header is None or (top is not None and header["name"] != top):
        return None
    bodies = [p for p in parts if _BODY_WORDS.search(text, p.start, p.stop)]
    if not bodies:
        return None
    part = bodies[0]
    body, _, _ = text[part.start : part.stop].partition("endmodule")
    if re.search(r"\bmodule\b", NO_CODE.sub(" ", body)):
        return None
    body = f"{body.rstrip()}\nendmodule\n"
    words = " ".join(NO_CODE.sub(" ", header["header"]).replace("`", "").split())
    return Extraction(f"{_blank(text[: part.start])}{_with_variables(words, body)} {body}", "body")


def _with_variables(header: str, body: str) -> str:
    """The header, with outputs that the body assigns in blocks made variables: who completes a
    body cannot say so where it left that open."""

    def declared(port: re.Match[str]) -> str:
        name = re.escape(port["name"])
        in_block = re.search(rf"(?<!\.)\b{name}\b\s*(?:\[[^\]]*\]\s*)*<?=(?!=)", body)
        by_assign = re.search(rf"\bassign\b[^;]*?\b{name}\b[^=;]*=", body)
        return f"output logic {port['rest']}" if in_block and not by_assign else port.group()

    return _UNTYPED_OUTPUT.sub(declared, header)
