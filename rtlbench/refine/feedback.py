"""What a model is told of its wrong answer. Pure.

Short and exact: rule, line, port, the first mismatch as a small table. What it must not do:

- tell of the host: no paths, versions, times or seeds; the next answer is simulated with stimulus
  of another seed, so that what the table shows is not what is asked next;
- pass on free text of the answer: of comments and strings nothing, of what a testbench printed
  nothing; names that the answer chose come back as data, between quotation marks, in letters,
  digits, `_` and `$`, and shortened;
- show more of the task than a mismatch needs: a few rows before it, nothing of the golden's text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rtlbench.io.explain import aligned
from rtlbench.records.verdict import Finding, Outcome, Severity, TraceRow, Verdict

MAX_FINDINGS = 6
MAX_WARNINGS = 3
MAX_MESSAGE = 160
MAX_WORD = 32
MAX_ROWS = 4
MAX_PORTS = 12
MAX_VALUE = 20
MAX_FEEDBACK = 2400
"""Characters; all of it."""
HEAD = "Your answer is not right yet. What was found:"
CUT_OFF = "- the answer was cut off at the limit on its length: write less beside the code"
PROSE = "- the answer holds no module: give the code [syntax.no-module]"
TABLE = "First mismatch, in the last row (- is anything; 'h is hexadecimal, else digits of bits):"
NOTHING = "- it does not pass; no reason can be given"

_FIXED = {
    "simulation.bench": "the task's testbench does not pass it",
    "simulation.unknown-output": "outputs are unknown (x or z) where the testbench looks",
    "simulation.compile": "neither synthesis nor the simulator accepts it",
    "simulation.memory": "the simulator runs out of memory",
    "simulation.timeout": "the simulation does not come to its end",
}
"""What is said instead of a message that quotes what a simulator or a testbench printed."""
_NUMBER = r"\d{1,6}'s?[bodhBODH][0-9a-fA-FxzXZ_?]{1,32}"
_QUOTED = re.compile(rf"(?P<number>{_NUMBER})|'([^']*)'|`([^`]*)`|\"([^\"]*)\"")
_NAME = re.compile(r"([A-Za-z_$][A-Za-z0-9_$]*)((?:\[[0-9]{1,6}(?::[0-9]{1,6})?\]){0,3})")
_SIGNS = re.compile(r"[][;:,.(){}=<>+*&|^~!?@#%-]{1,3}")
_WORD = re.compile(r"[][A-Za-z0-9_$.,:;()<>=+*&|^~!?@#%{}-]+")
_NO_CODE = re.compile(r'//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"', re.S)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_KEYWORDS = frozenset(
    "and always assign begin bit case do else end for if in initial inout input int is module "
    "negedge not of or output port posedge reg signed unsigned wire with".split()
)
"""Words of Verilog and of messages that are no names, whatever the answer holds."""
_RULE = re.compile(r"[a-z0-9_.-]{1,60}")


def feedback(verdict: Verdict, rtl: str = "") -> str:
    """What to tell of a Verdict that is no pass; empty for one that is, or that speaks of the
    harness.

    Args:
        rtl: The code that was judged: its names are put between quotation marks.
    """
    if verdict.outcome in (Outcome.PASS, Outcome.ERROR):
        return ""
    errors, warnings = _ranked(verdict.findings)
    if rtl.strip() and "module" not in rtl:
        return f"{HEAD}\n{PROSE}"  # what a parser says of prose helps nobody
    names = frozenset(_IDENTIFIER.findall(_NO_CODE.sub(" ", rtl))) - _KEYWORDS
    lines = [*dict.fromkeys(_line(f, names) for f in errors)][:MAX_FINDINGS]
    lines += [*dict.fromkeys(_line(f, names) for f in warnings)][:MAX_WARNINGS]
    if verdict.truncated:
        lines.append(CUT_OFF)
    trace = next((r.trace for r in verdict.checks.values() if r.trace), ())
    return _bounded([HEAD, *(lines or [NOTHING]), *mismatch_table(trace)])


def _ranked(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    errors = [f for f in findings if f.severity is Severity.ERROR]
    return errors, [f for f in findings if f.severity is not Severity.ERROR]


def _line(finding: Finding, names: frozenset[str]) -> str:
    """`- line 5: input 'en' is declared and never read [ports.unused-input]`."""
    place = f"line {finding.line}: " if finding.line is not None else ""
    warning = "" if finding.severity is Severity.ERROR else "warning: "
    rule = finding.rule if _RULE.fullmatch(finding.rule) else "other"
    message = _FIXED.get(finding.rule) or harmless(finding.message, names)
    return f"- {place}{warning}{message} [{rule}]"


def harmless(message: str, names: frozenset[str] = frozenset()) -> str:
    """A tool's message with what it may hold of the answer made data: what stands between
    quotation marks, and words that are `names` of the answer."""
    message = message[: 4 * MAX_MESSAGE]
    parts: list[str] = []
    at = 0
    for match in _QUOTED.finditer(message):
        parts.append(_plain(message[at : match.start()], names))
        quoted = next(g for g in match.groups() if g is not None)
        parts.append(quoted if match["number"] else _data(quoted))
        at = match.end()
    text = " ".join(p for p in [*parts, _plain(message[at:], names)] if p)
    text = re.sub(r" (?=[,.;:)\]](?:\s|$))", "", text)
    return text if len(text) <= MAX_MESSAGE else f"{text[: MAX_MESSAGE - 3]}..."


def _data(quoted: str) -> str:
    """What stood between quotation marks: a name, a few signs, or nothing that can be shown."""
    name = _NAME.fullmatch(quoted.lstrip("\\").strip())
    if name is not None:
        return f"'{_short(name[1], MAX_WORD)}{name[2]}'"
    return f"'{quoted}'" if _SIGNS.fullmatch(quoted) else "'...'"


def _plain(text: str, names: frozenset[str]) -> str:
    """Words of a tool's own, each short and of plain characters; paths are left out."""
    return " ".join(_word(w, names) for w in text.split() if _WORD.fullmatch(w))


def _word(word: str, names: frozenset[str]) -> str:
    bare = word.rstrip(",.;:)")
    name = _NAME.fullmatch(bare)
    if name is not None and name[1] in names:
        return _data(bare) + _short(word[len(bare) :], 3)
    return _short(word, MAX_WORD)


def _short(word: str, limit: int) -> str:
    return word if len(word) <= limit else f"{word[: limit - 2]}.."


def mismatch_table(trace: Sequence[TraceRow]) -> list[str]:
    """The last rows before the first mismatch, and what came instead; no lines without a trace."""
    if not trace or trace[-1].got is None:
        return []
    rows, got = trace[-MAX_ROWS:], trace[-1].got
    outputs = _wrong_first(trace[-1])[:MAX_PORTS]
    inputs = list(trace[-1].inputs)[: MAX_PORTS - min(len(outputs), MAX_PORTS // 2)]
    outputs = outputs[: MAX_PORTS - len(inputs)]
    head = ["cycle", *inputs, *(f"{n}:expected" for n in outputs), *(f"{n}:got" for n in outputs)]
    table = [[_cell(name) for name in head]]
    for row in rows:
        shown = [_digits(got.get(n, "")) if row is rows[-1] else "" for n in outputs]
        table.append(
            [str(row.cycle), *(_number(row.inputs.get(n, 0)) for n in inputs)]
            + [_digits(row.expected.get(n, "")) for n in outputs]
            + shown
        )
    return [TABLE, *aligned(table, left=0)]


def _wrong_first(row: TraceRow) -> list[str]:
    """Names of the outputs, those that are wrong in front."""
    got = row.got or {}
    wrong = [n for n, e in row.expected.items()
             if any(x not in ("-", y) for x, y in zip(e, got.get(n, ""), strict=False))]
    return [*wrong, *(n for n in row.expected if n not in wrong)]


def _cell(name: str) -> str:
    return _short(re.sub(r"[^A-Za-z0-9_$:]", "?", name), MAX_WORD)


def _number(value: int) -> str:
    return _short(str(value) if value < 1 << 16 else f"'h{value:x}", MAX_VALUE)


def _digits(binary: str) -> str:
    """Binary digits as they are, or in groups of four where they are many."""
    kept = re.sub(r"[^01xz-]", "?", binary)
    if len(kept) <= MAX_VALUE:
        return kept
    padded = kept.rjust(-(-len(kept) // 4) * 4, "0")
    groups = (padded[at : at + 4] for at in range(0, len(padded), 4))
    return _short("'h" + "".join(map(_hex, groups)), MAX_VALUE)


def _hex(group: str) -> str:
    if set(group) <= {"0", "1"}:
        return f"{int(group, 2):x}"
    return group[0] if len(set(group)) == 1 else "x"


def _bounded(lines: Sequence[str]) -> str:
    """Whole lines, as many as fit."""
    kept: list[str] = []
    left = MAX_FEEDBACK
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return "\n".join(kept)
