"""The RTL in an answer.

Answers come as models give them: prose around the code, fenced blocks, a testbench behind the
module, a second attempt that repeats it, text that breaks off. `extract` finds the RTL; what it
leaves out it blanks, so that every line keeps its number in the answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from rtlbench.rtl.preprocessing import MAX_BYTES


class Extraction(msgspec.Struct, frozen=True):
    """RTL found in an answer."""

    rtl: str
    """On the lines that it has in the answer."""
    how: str
    """`whole`, `fence`, `prose`, or `none`; with `+dropped` where modules that the top module
    does not use were left out."""
    truncated: bool = False
    """True where the text breaks off inside a module."""


_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.M | re.S)
_CODE_START = re.compile(
    r"^[ \t]*(?:(?:module|macromodule)\s+(?:\\\S+|\w+)\s*(?:[#(;]|import\b|$)"
    r"|(?:package|interface|typedef)\s+[\\\w]"
    r"|import\s+\w+::|`(?:timescale|define|default_nettype|ifn?def|undef|include)\b|\(\*)",
    re.M,
)
_MODULE = re.compile(r"\b(?:macro)?module\s+(?:automatic\s+|static\s+)?(\\\S+|[A-Za-z_][\w$]*)")
_HEADER = re.compile(
    r"^[ \t]*(?:macro)?module\s+(?:automatic\s+|static\s+)?(?:\\\S+|[A-Za-z_][\w$]*)"
    r"\s*(?:[#(;]|import\b|\Z)",
    re.M,
)
"""A module's header as code has it; words such as "the module counter" are none."""
_END = re.compile(r"\bendmodule\b(?:[ \t]*:[ \t]*(?:\\\S+|\w+))?")
_COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"', re.S)
_WORD = re.compile(r"[A-Za-z_][\w$]*")


class _Module(msgspec.Struct, frozen=True):
    name: str
    start: int
    end: int


def extract(text: str, top: str | None = None) -> Extraction:
    """The RTL in `text`; with `top`, only that module and what it uses.

    Never raises: an answer without RTL gives an empty one, which the syntax Check refuses.
    """
    if len(text) > MAX_BYTES:
        return Extraction(text, "whole")  # refused unread, with its size
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    code, how = _find_code(text)
    plain = _plain(code)
    modules = _modules(plain)
    truncated = len(_MODULE.findall(plain)) > len(_END.findall(plain))
    dropped = _dropped(plain, modules, top) if top is not None else []
    code = _without(code, dropped)
    return Extraction(code, how + ("+dropped" if dropped else ""), truncated)


def _find_code(text: str) -> tuple[str, str]:
    blocks = [m for m in _FENCE.finditer(text) if _HEADER.search(_plain(m.group(2)))]
    if blocks:
        return _keep(text, [m.span(2) for m in blocks]), "fence"
    # A comment may stand between `module` and its name; prose may hold what opens one.
    starts = [m for t in (text, _plain(text)) if (m := _CODE_START.search(t)) is not None]
    first = min(starts, key=lambda m: m.start(), default=None)
    if first is None:
        return ("", "none") if not text.strip() else (text, "whole")
    before = _COMMENT_OR_STRING.sub("", text[: first.start()]).strip()
    ends = list(_END.finditer(text))
    after = text[ends[-1].end() :].strip() if ends else ""
    if not before and (not after or after.startswith(("//", "/*", "`"))):
        return text, "whole"
    stop = ends[-1].end() if ends and ends[-1].end() > first.start() else len(text)
    return _keep(text, [(first.start(), stop)]), "prose"


def _keep(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The parts of `text`, each on its own lines; of the rest only the line ends."""
    parts: list[str] = []
    at = 0
    for start, stop in spans:
        parts += ["\n" * text.count("\n", at, start), text[start:stop]]
        at = stop
    return "".join(parts) + "\n"


def _without(code: str, modules: Sequence[_Module]) -> str:
    """`code` with `modules` blanked."""
    parts: list[str] = []
    at = 0
    for module in modules:
        parts += [code[at : module.start], re.sub(r"[^\n]", " ", code[module.start : module.end])]
        at = module.end
    return "".join([*parts, code[at:]])


def _plain(code: str) -> str:
    return _COMMENT_OR_STRING.sub(_spaces, code)


def _spaces(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def _modules(plain: str) -> list[_Module]:
    found: list[_Module] = []
    at = 0
    while (head := _MODULE.search(plain, at)) is not None:
        end = _END.search(plain, head.end())
        stop = end.end() if end else len(plain)
        found.append(_Module(head.group(1).lstrip("\\"), head.start(), stop))
        at = stop
    return found


def _dropped(plain: str, modules: list[_Module], top: str) -> list[_Module]:
    """Modules that `top` does not reach, and earlier versions of modules given twice."""
    last = {m.name: m for m in modules}
    if top not in last:
        return []
    reached: set[str] = set()
    open_names = [top]
    while open_names:
        name = open_names.pop()
        if name in reached:
            continue
        reached.add(name)
        body = plain[last[name].start : last[name].end]
        open_names += last.keys() & set(_WORD.findall(body))
    return [m for m in modules if m.name not in reached or last[m.name] is not m]
