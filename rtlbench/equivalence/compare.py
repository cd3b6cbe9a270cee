"""Sequential equivalence of a candidate and the golden: `check_equivalence`, by ABC's engines.

`proved` holds for input sequences of any length, `bounded` for all of up to `depth` clock cycles
after reset, `different` comes with inputs that show it. Where nothing can be said the verdict is
None, with the reason. docs/formal.md states what is compared and what is not.

The engines get one sequential circuit with one output: can it ever be 1? They run one after
another, cheap ones first, each within its share of the CPU time. What ABC says is read from its own
lines; nothing of a candidate's text reaches it.
"""

from __future__ import annotations

import math
import re
import time
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from rtlbench.equivalence.aig import FALSE, TRUE, Lit, aiger
from rtlbench.equivalence.chance import is_seen
from rtlbench.equivalence.circuit import Circuit, CircuitError, OutOfTimeError
from rtlbench.equivalence.convert import Circuits, circuit_of, golden_circuit
from rtlbench.equivalence.miter import Miter, build_miter, reset_beats
from rtlbench.equivalence.witness import Counterexample, witness
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import FormalVerdict
from rtlbench.rtl.batches import Unit
from rtlbench.sandbox import locate
from rtlbench.sandbox.process import Finished, Limits, read_made, run
from rtlbench.sandbox.sandbox import isolation, private_folder

MEMORY = 2 << 30
WALL_PER_CPU = 6.0


class Engine(msgspec.Struct, frozen=True):
    """Commands for ABC; `{s}` is their time in seconds, `share` their part of what is left."""

    name: str
    commands: str
    share: float
    steady: bool = False
    """It ends by counts of its own, alike on every machine; if time ends it, that is an error."""


ENGINES = (
    Engine("sweep and reachability", "scorr -C 500; pdr -T {s}", 0.15),
    Engine("bounded", "bmc3 -T {s}", 0.3),
    Engine("induction and simulation", "dprove -T {s}", 0.5),
    Engine("reachability", "scorr -F 2; dc2; pdr -T {s}", 1.0),
)
SWEEP = "scorr -C 500"
SWEPT = Engine("sweep", f"{SWEEP}; iprove", 1.0)
"""For what has no register left once it is swept: the bounded engine refuses that, and reachability
gives it up at once. An engine that sweeps likewise goes on by itself: ABC's start takes longer than
most answers."""
COMBINATIONAL = ("Does not work for combinational networks", "All outputs solved or timed out")
COVER = Engine("bounded", "bmc3 -T {s}", 1.0)
STEADY = Engine("bounded by counts", "scorr -C 500; bmc3 -F 48 -C 4000", 1.0, steady=True)
"""Says the same on every machine: up to 48 steps, and 4,000 conflicts in each."""


CEX = "cex{}.txt"
TELL = f"print_status; write_cex -a {CEX}"
_STATUS = re.compile(r"^Status = (-?\d+)", re.MULTILINE)
STILL = b"aig 2 1 1 1 0\n4\n4\n"
"""A register that keeps its value, as output."""


class EngineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the engines found."""

    status: Literal["never", "reached", "open"]
    engine: str = ""
    depth: int = 0
    """Steps in which the output is surely never 1."""
    inputs: tuple[str, ...] = ()
    """Where it can be 1: the inputs of each step, as binary digits."""
    cpu: float = 0.0


def solve(circuit: bytes, seconds: float, engines: tuple[Engine, ...] = ENGINES) -> EngineAnswer:
    """Ask the engines until one knows.

    Args:
        circuit: A binary AIGER file.
        seconds: Of CPU time, for all engines together.

    Raises:
        HarnessError: ABC is missing or broken, or a steady engine ran out of time.
    """
    tool = _abc()
    depth, spent = 0, 0.0
    with private_folder() as folder:
        (folder / "m.aig").write_bytes(circuit)
        for engine in engines:
            share = max(1, round((seconds - spent) * engine.share))
            answer = _ask(tool, folder, engine, share)
            spent += answer.cpu
            depth = max(depth, answer.depth)
            if answer.status != "open" or spent > seconds - 0.5:
                break
    return msgspec.structs.replace(answer, depth=depth, cpu=spent)


def _ask(tool: locate.Tool, folder: Path, engine: Engine, seconds: int) -> EngineAnswer:
    goes_on = engine is not SWEPT and engine.commands.startswith(f"{SWEEP};")
    ran = _ran(tool, folder, engine.commands.format(s=seconds), seconds, goes_on=goes_on)
    said = list(_STATUS.finditer(ran.stdout))
    before = ran.stdout[: said[0].start()] if said else ran.stdout
    is_swept = any(words in before + ran.stderr for words in COMBINATIONAL)
    if is_swept and engine is not SWEPT:
        if not goes_on:
            return _ask(tool, folder, SWEPT, seconds)
        engine, said = SWEPT, said[1:]
    if not ran.ok and ran.reason != "timeout":
        make_sure_that_abc_works()
    if engine.steady and ran.reason == "timeout":
        raise HarnessError(f"yosys-abc did not end within {seconds} s of CPU time")
    if ran.ok and not said and engine is not SWEPT:  # that one refuses registers
        raise HarnessError(f"yosys-abc gives no status: {(ran.stdout + ran.stderr)[-300:]}")
    told = said[0].group(1) if ran.ok and said else "-1"
    if told == "1":
        return EngineAnswer(status="never", engine=engine.name, cpu=ran.cpu)
    if told == "0":
        inputs = _inputs(folder / CEX.format(int(is_swept and goes_on)))
        return EngineAnswer(status="reached", engine=engine.name, inputs=inputs, cpu=ran.cpu)
    return EngineAnswer(status="open", engine=engine.name, depth=_depth(before), cpu=ran.cpu)


def _ran(
    tool: locate.Tool, folder: Path, commands: str, seconds: int, *, goes_on: bool
) -> Finished:
    """How ABC ended over the commands of an engine, and, where it `goes_on`, over what is left."""
    for k in range(2):
        (folder / CEX.format(k)).unlink(missing_ok=True)
    script = f"read_aiger m.aig; {commands}; {TELL.format(0)}"
    script += f"; iprove; {TELL.format(1)}" if goes_on else ""
    limits = Limits(wall=seconds * WALL_PER_CPU, cpu=seconds + 1, memory=MEMORY)
    return run([*tool.argv, "-q", script], folder=folder, limits=limits, env=tool.env)


def make_sure_that_abc_works() -> None:
    """Have ABC see that a register which never changes never changes.

    Raises:
        HarnessError: It cannot, behind these walls; or it is not there.
    """
    tool = _abc()
    with private_folder() as folder:
        (folder / "m.aig").write_bytes(STILL)
        limits = Limits(wall=60.0, cpu=10, memory=MEMORY)
        script = "read_aiger m.aig; pdr; print_status"
        ran = run([*tool.argv, "-q", script], folder=folder, limits=limits, env=tool.env)
    if "Status = 1" not in ran.stdout:
        told = (ran.stderr + ran.stdout).strip()[-300:] or f"{ran.reason} {ran.code}"
        raise HarnessError(f"yosys-abc does not work behind these walls ({isolation()}): {told}")


def _abc() -> locate.Tool:
    tool = locate.yosys_abc()
    if tool is None:
        raise HarnessError("yosys-abc is missing: it comes with the wheel `pyosys`")
    return tool


def _depth(text: str) -> int:
    found = re.findall(r"No output asserted in (\d+) frames", text)
    return max(map(int, found), default=0)


def _inputs(path: Path) -> tuple[str, ...]:
    """A counterexample in AIGER's form: a line of latches, then one of inputs for each step."""
    made = read_made(path)
    if made is None:
        raise HarnessError("yosys-abc claims a counterexample and writes none")
    lines = made.decode().replace("# DONE", "").split("\n")
    return tuple(line for line in lines[1:] if line)  # sweeping may leave no latch: "" comes first


SECONDS = 10.0
MIN_DEPTH = 10
"""Fewer clock cycles than these are not worth calling bounded."""
COVER_SECONDS = 3.0
BY_COUNTS = math.inf
"""For `seconds`: bounded by counts and not by time, so the same on every machine."""
COUNTED_SECONDS = 300.0
"""CPU time at which such a comparison gives up all the same, as an error: far beyond its counts."""


class Equivalence(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a pair."""

    verdict: FormalVerdict | None
    depth: int | None = None
    """Clock cycles, where the verdict is `bounded`."""
    reason: str = ""
    """Why the verdict is None."""
    engine: str = ""
    counterexample: Counterexample | None = None
    seconds: float = 0.0


def check_equivalence(  # noqa: PLR0913 - what a comparison hangs on
    spec: Spec,
    golden: Unit,
    candidate: Unit,
    seconds: float = SECONDS,
    outputs: frozenset[str] | None = None,
    *,
    circuits: Circuits | None = None,
) -> Equivalence:
    """Compare two units with the Spec's ports under its clock and reset.

    Args:
        golden: The Spec's golden, its modules renamed (`rtl.renaming.renamed_golden`).
        candidate: What has passed the safety Check, renamed likewise.
        seconds: CPU time for the engines; synthesis comes on top, a fraction of a second.
            `BY_COUNTS` gives an answer that does not hang on the machine.
        outputs: Compare these ports only: for a second look where a difference in others
            turned out to be one that does not matter.
        circuits: Those that were made ahead.

    Raises:
        HarnessError: Yosys or ABC is missing or broken; or a comparison by counts ran out of time.
    """
    begun = time.monotonic()
    try:
        found = _compare(spec, (golden, candidate), seconds, outputs, circuits or Circuits())
    except CircuitError as e:
        if seconds == BY_COUNTS and isinstance(e, OutOfTimeError):
            raise HarnessError(f"{spec.id}: {e}") from e
        found = Equivalence(verdict=None, reason=str(e))
    return msgspec.structs.replace(found, seconds=time.monotonic() - begun)


def _compare(
    spec: Spec,
    sides: tuple[Unit, Unit],
    seconds: float,
    outputs: frozenset[str] | None,
    circuits: Circuits,
) -> Equivalence:
    clocks = tuple(p.name for p in spec.ports if p.role == "clock")
    golden = _golden(sides[0], clocks, circuits)
    candidate = circuits.find(sides[1], clocks) or circuit_of(sides[1], clocks)
    by_counts = seconds == BY_COUNTS
    is_whole = outputs is None or outputs >= golden.outputs.keys()
    if is_whole and golden.is_built_like(candidate):
        _ensure_defined(spec, sides[0], golden, by_counts)
        return Equivalence(verdict="proved", engine="structure")
    miter = build_miter(spec, golden, candidate, outputs)
    if miter.defined != TRUE:
        _ensure_defined(spec, sides[0], golden, by_counts)
    if miter.bad == FALSE:
        return Equivalence(verdict="proved", engine="structure")
    return _conclude(spec, miter, _solve(_file(miter, miter.bad), seconds))


@lru_cache(maxsize=256)
def _solve(circuit: bytes, seconds: float) -> EngineAnswer:
    """`solve`, once for answers that come to the same circuit."""
    if seconds == BY_COUNTS:
        return solve(circuit, COUNTED_SECONDS, (STEADY,))
    return solve(circuit, seconds)


def _golden(golden: Unit, clocks: tuple[str, ...], circuits: Circuits) -> Circuit:
    try:
        return circuits.find(golden, clocks) or golden_circuit(golden, clocks)
    except CircuitError as e:
        raise type(e)(f"the golden: {e}") from e


_DEFINED: dict[tuple[bytes, Unit, bool], bool] = {}
KEPT = 64
"""Goldens of which it is kept whether they are ever defined."""


def _ensure_defined(spec: Spec, golden: Unit, circuit: Circuit, by_counts: bool) -> None:
    """Make sure that each output bit of the golden is known at some time: else nothing was
    compared.

    Raises:
        CircuitError: It is not, or there is nothing to compare.
    """
    key = (msgspec.json.encode(spec), golden, by_counts)
    if key not in _DEFINED:
        while len(_DEFINED) >= KEPT:
            _DEFINED.pop(next(iter(_DEFINED)))
        _DEFINED[key] = _is_defined(spec, circuit, by_counts)
    if not _DEFINED[key]:
        raise CircuitError("some output of the golden is never surely defined")


def _is_defined(spec: Spec, golden: Circuit, by_counts: bool) -> bool:
    miter = build_miter(spec, golden, golden)
    if miter.defined in (FALSE, TRUE):
        return miter.defined == TRUE
    if is_seen(miter.aig, miter.leaves, miter.latches, miter.defined):
        return True
    seconds, engine = (COUNTED_SECONDS, STEADY) if by_counts else (COVER_SECONDS, COVER)
    answer = solve(_file(miter, miter.defined), seconds, (engine,))
    return answer.status == "reached"


def _file(miter: Miter, output: Lit) -> bytes:
    """The AIGER file of what `output` depends on."""
    nexts = dict(miter.latches)
    needed: set[int] = set()
    roots = [output]
    while True:
        support = miter.aig.support(roots)
        new = [q for q in nexts if q in support and q not in needed]
        if not new:
            break
        needed.update(new)
        roots += [nexts[q] for q in new]
    latches = [(q, lit) for q, lit in miter.latches if q in needed]
    return aiger(miter.aig, miter.leaves, latches, output)


def _conclude(spec: Spec, miter: Miter, answer: EngineAnswer) -> Equivalence:
    if answer.status == "never":
        return Equivalence(verdict="proved", engine=answer.engine)
    if answer.status == "reached":
        found = witness(spec, miter, answer.inputs)
        if found is not None:
            return Equivalence(
                verdict="different", engine=answer.engine, counterexample=found
            )
        reason = f"{answer.engine}: the counterexample shows no difference"
        return Equivalence(verdict=None, reason=reason)
    depth = answer.depth // len(reset_beats(miter.timing))
    if depth >= MIN_DEPTH:
        return Equivalence(verdict="bounded", depth=depth, engine="bounded")
    reason = f"undecided after {answer.cpu:.0f} s: no difference in the first {depth} clock cycles"
    return Equivalence(verdict=None, reason=reason)
