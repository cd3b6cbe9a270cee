"""What a suite's bench drives: heard once, by a module in the answer's place that only listens.

The listener has the answer's ports and, inside, the reference, so that a bench which reacts to what
it sees goes its usual way. It notes every change of its inputs, in the order in which the bench
makes them (a clock first, and what the clock's edge sets behind it), and, where the bench says when
it compares, the moments of it. No answer runs beside it, so nothing that it notes can be forged.

Where a bench sets data at a clock's edge by a blocking assignment, it is a race whether a register
takes the old or the new. A register in the listener tells which, for the simulator at hand.

Limit: logic between such data and an answer's registers may still lose that race in the bench, and
wins it here.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Port, Spec, Testbench
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.testbench_text import testbench_top, timescale_of, write_files
from rtlbench.sandbox.process import Limits
from rtlbench.sandbox.sandbox import private_folder
from rtlbench.simulation.expected import NotReadError
from rtlbench.simulation.simulators import compile_sources, run_compiled

LIMITS = Limits(wall=300.0, cpu=60, memory=4 << 30, output=512 << 20)
EAR = "rtlbench_ear"
_NO_CODE = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
_COUNTS = re.compile(
    r"\balways\s*@\s*\(([^()]*)\)\s*(?:begin\b)?\s*(?=(?:(?!\balways\b|\binitial\b|\bendmodule\b).)*?"
    r"\bclocks\s*(?:\+\+|=|\+=))",
    re.S,
)
"""The block that counts what it compares, by its events."""
_EVENTS = re.compile(r"\s*(?:(?:posedge|negedge)\s+)?[A-Za-z_]\w*\s*(?:,|\bor\b|$)")
_MODULE = re.compile(r"\bmodule\s+(\w+)")
_NAME = re.compile(r"\b(?!posedge\b|negedge\b|or\b)([A-Za-z_]\w*)")


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """One thing that the listener noted; digits are binary, the first port's first."""

    time: str
    digits: str = ""
    """Empty where the bench compares."""
    what: Literal["", "edge", "shown"] = ""
    """Digits are those of the inputs as they change, or as a register sees them at a clock's edge,
    or those of the outputs when all of this time has happened."""


def heard(spec: Spec, golden: Unit, *, stands_in: bool = False) -> list[Heard]:
    """All that the Spec's bench drives, in order.

    Args:
        golden: The Spec's golden, its modules renamed.
        stands_in: Whether it takes the place of the reference that the bench compares with, too.

    Raises:
        NotReadError: Icarus does not take the bench.
        HarnessError: The run does not come to its end.
    """
    bench = spec.testbench
    assert bench is not None
    tag = secrets.token_hex(4)
    top = testbench_top(bench.text, spec.top)
    events = compare_events(bench.text)
    beside = _in_its_place(spec, bench, golden) if stands_in else bench.beside
    bench = msgspec.structs.replace(bench, beside=beside)
    with private_folder() as folder:
        write_files(folder, bench)
        for name, text in _sources(spec, bench, golden, tag).items():
            (folder / name).write_text(text)
        names = ("bench.sv", "listener.sv", *(["ear.sv"] if events else []))
        roots = (top, *([EAR] if events else []))
        built = compile_sources(folder, names, roots, LIMITS)
        if not built.ok:
            raise NotReadError(f"{spec.id}: Icarus does not read the bench: {built.stderr[:500]}")
        ran = run_compiled(folder, LIMITS)
    if not ran.ok or ran.truncated or "SORRY" in ran.stdout:
        raise HarnessError(f"{spec.id}: the bench does not come to its end: {ran.stderr[:500]}")
    return list(_noted(ran.stdout, tag))


def _sources(
    spec: Spec, bench: Testbench, golden: Unit, tag: str
) -> dict[str, str]:
    top, events = testbench_top(bench.text, spec.top), compare_events(bench.text)
    scale = timescale_of(bench.text)
    listener = _listener(spec, golden.top, tag)
    at = _NAME.sub(rf"{top}.\1", events)
    ear = f'module {EAR}; always @({at}) $display("{tag} %0t", $time); endmodule'
    return {
        "bench.sv": f"{bench.text}\n{bench.beside}\n",
        "listener.sv": f"{scale}\n{listener}\n{golden.text}\n",
        "ear.sv": f"{scale}\n{ear}\n",
    }


def _in_its_place(spec: Spec, bench: Testbench, golden: Unit) -> str:
    """Modules named as the reference is in the bench, which hand everything to `golden`."""
    plain = _NO_CODE.sub(" ", bench.text)
    named = [n for n in _MODULE.findall(_NO_CODE.sub(" ", bench.beside)) if n in plain]
    declared = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in spec.ports)
    pins = ", ".join(f".{p.name}({p.name})" for p in spec.ports)
    body = f"({declared}); {golden.top} inner({pins}); endmodule"
    return "\n".join(f"module {name}{body}" for name in named)


def compare_events(bench: str) -> str:
    """The events at which a bench that counts its comparisons makes one; empty where none tell."""
    found = _COUNTS.search(_NO_CODE.sub(" ", bench))
    if found is None or not all(_EVENTS.fullmatch(e) for e in re.split(r",", found.group(1))):
        return ""
    return " ".join(found.group(1).split())


def _listener(spec: Spec, golden: str, tag: str) -> str:
    declared = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in spec.ports)
    pins = ", ".join(f".{p.name}({p.name})" for p in spec.ports)
    names = ", ".join(p.name for p in spec.inputs)
    shown = ", ".join(p.name for p in spec.outputs)
    width = sum(p.width for p in spec.outputs)
    tell = f'$display("{tag} %0t %b", $time, {{{names}}});'
    tell_end = f'$strobe("{tag} %0t %b shown", $time, shown_{tag});'
    tell_edge = f'$display("{tag} %0t %b edge", $time, {{{names}}});'
    clocks = [p.name for p in spec.inputs if p.role == "clock"]
    lines = [
        f"module {spec.top}({declared});",
        f"wire [{width - 1}:0] shown_{tag} = {{{shown}}};",
        f"{golden} inner({pins});",
        f"initial begin {tell} {tell_end} end",
        f"always @({names}) begin {tell} {tell_end} end",
        *(f"always @({e} {c}) {tell_edge}" for c in clocks for e in ("posedge", "negedge")),
        "endmodule",
    ]
    return "\n".join(lines)


def _noted(printed: str, tag: str) -> Iterator[Heard]:
    for line in printed.splitlines():
        words = line.split()
        if words and words[0] == tag:
            yield msgspec.convert(words[1:], Heard)


class Step(msgspec.Struct, frozen=True):
    """Inputs for one moment; digits are binary, the first port's first."""

    inputs: str
    compares: bool = False
    """Whether the bench compares what they lead to."""
    shown: str = ""
    """What the reference's outputs came to, where a time ends with it."""


def steps_of(notes: Sequence[Heard], ports: Sequence[Port]) -> list[Step]:
    """What was heard, as steps: what a bench finds at an event is what the last step of an earlier
    time left; where it does not tell when it compares, it is taken to at the end of each time."""
    tells = any(not n.digits for n in notes)
    clocks = _places_of_clocks(ports)
    steps: list[Step] = []
    for _, group in groupby(notes, key=lambda n: n.time):
        moment = list(group)
        if steps and any(not n.digits for n in moment):
            steps[-1] = Step(steps[-1].inputs, True, steps[-1].shown)
        steps += [Step(i) for i in _inputs_of(moment, steps[-1].inputs if steps else "", clocks)]
        shown = [n.digits for n in moment if n.what == "shown"]
        if shown and steps:
            steps[-1] = Step(steps[-1].inputs, not tells, shown[-1])
    return steps


def _inputs_of(moment: Sequence[Heard], before: str, clocks: frozenset[int]) -> list[str]:
    """The inputs within one time, as they must be applied so that registers see what they saw."""
    changes = [n.digits for n in moment if n.digits and not n.what]
    seen = [n.digits for n in moment if n.what == "edge"]
    if not changes or not seen or not before or seen[0] == changes[0]:
        return changes
    pairs = enumerate(zip(before, seen[0], strict=True))
    early = "".join(old if k in clocks else new for k, (old, new) in pairs)
    first = [early] if early != before else []
    return [*first, seen[0], *([changes[-1]] if changes[-1] != seen[0] else [])]


def _places_of_clocks(ports: Sequence[Port]) -> frozenset[int]:
    """Where clocks stand in the digits of the inputs."""
    found: list[int] = []
    at = 0
    for port in ports:
        if port.role == "clock":
            found.append(at)
        at += port.width if port.direction == "input" else 0
    return frozenset(found)
