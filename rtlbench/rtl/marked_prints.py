"""A testbench's text with a mark on everything that it prints, so that nothing else counts.

Each call that prints gets the mark as its first argument, and behind every line end within its
strings. `$error` and its kind name the file that they stand in, so the file's name is the mark.
`$stop` becomes `$fatal` where the testbench also knows `$finish`: one that has both stops where
something is wrong; one that has but the one ends by it.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|\$[A-Za-z_][\w$]*|[()]', re.S
)
_PRINTS = re.compile(r"\$(?:display|write|strobe|monitor)[bho]?")
_FILLED = re.compile(r"\s*(?!\))\S")
_CALL = re.compile(r"\s*\(")
_ARGUMENTS = re.compile(r"\s*\([^()]*\)")


def marked(testbench: str, mark: str) -> str:
    """`testbench`, all that it prints marked with `mark`."""
    stops = _stops_as_complaint(testbench)
    out: list[str] = []
    at = depth = 0
    inside: list[int] = []
    for token in _TOKEN.finditer(testbench):
        if token.start() < at:
            continue  # what a call to $stop had in its brackets
        text, end = token.group(), token.end()
        out.append(testbench[at : token.start()])
        at = end
        if text == "(":
            depth += 1
        elif text == ")":
            depth -= 1
            if inside and depth == inside[-1]:
                inside.pop()
        elif _PRINTS.fullmatch(text):
            opened = _CALL.match(testbench, end)
            if opened is not None:
                text += opened.group()
                at = opened.end()
                text += f'"{mark} ", ' if _FILLED.match(testbench, at) else ""
                inside.append(depth)
                depth += 1
        elif text == "$stop" and stops:
            given = _ARGUMENTS.match(testbench, end)
            at = given.end() if given is not None else end
            text = '$fatal(0, "the testbench stops")'
        elif inside and text.startswith('"'):
            text = text.replace(r"\n", rf"\n{mark} ")
        out.append(text)
    return "".join(out) + testbench[at:]


def _stops_as_complaint(testbench: str) -> bool:
    calls = {t for t in _TOKEN.findall(testbench) if t in ("$stop", "$finish")}
    return len(calls) == 2


def lines_of(printed: str, mark: str) -> str:
    """The lines that bear `mark`, without it."""
    kept = (line for line in printed.splitlines() if mark in line)
    return "\n".join(without(line, mark) for line in kept)


def without(text: str, mark: str) -> str:
    """`text` without the mark; the file that is named by it is called bench.sv."""
    return text.replace(f"{mark}.sv", "bench.sv").replace(f"{mark} ", "").replace(mark, "")
