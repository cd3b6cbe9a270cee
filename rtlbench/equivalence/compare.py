"""Sequential equivalence of a candidate and the golden: `check_equivalence`.

`proved` holds for input sequences of any length, `bounded` for all of up to `depth` clock cycles
after reset, `different` comes with inputs that show it. Where nothing can be said the verdict is
None, with the reason. docs/formal.md states what is compared and what is not.
"""

from __future__ import annotations

import math
import time
from functools import lru_cache

import msgspec

from rtlbench.equivalence.abc import COVER, STEADY, EngineAnswer, solve
from rtlbench.equivalence.aig import FALSE, TRUE, Lit, aiger
from rtlbench.equivalence.circuit import Circuit, CircuitError, OutOfTimeError
from rtlbench.equivalence.convert import circuit_of, golden_circuit
from rtlbench.equivalence.miter import Miter, build_miter, reset_beats
from rtlbench.equivalence.witness import Counterexample, witness
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import FormalVerdict
from rtlbench.rtl.yosys import Unit

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


def check_equivalence(
    spec: Spec,
    golden: Unit,
    candidate: Unit,
    seconds: float = SECONDS,
    outputs: frozenset[str] | None = None,
) -> Equivalence:
    """Compare two units with the Spec's ports under its clock and reset.

    Args:
        golden: The Spec's golden, its modules renamed (`rtl.renaming.renamed_golden`).
        candidate: What has passed the safety Check, renamed likewise.
        seconds: CPU time for the engines; synthesis comes on top, a fraction of a second.
            `BY_COUNTS` gives an answer that does not hang on the machine.
        outputs: Compare these ports only: for a second look where a difference in others
            turned out to be one that does not matter.

    Raises:
        HarnessError: Yosys or ABC is missing or broken; or a comparison by counts ran out of time.
    """
    begun = time.monotonic()
    try:
        found = _compare(spec, golden, candidate, seconds, outputs)
    except CircuitError as e:
        if seconds == BY_COUNTS and isinstance(e, OutOfTimeError):
            raise HarnessError(f"{spec.id}: {e}") from e
        found = Equivalence(verdict=None, reason=str(e))
    return msgspec.structs.replace(found, seconds=time.monotonic() - begun)


def _compare(
    spec: Spec, golden: Unit, candidate: Unit, seconds: float, outputs: frozenset[str] | None
) -> Equivalence:
    clocks = tuple(p.name for p in spec.ports if p.role == "clock")
    kept = _golden(golden, clocks)
    miter = build_miter(spec, kept, circuit_of(candidate, clocks), outputs)
    if miter.defined != TRUE and not _is_defined(spec, golden, clocks, seconds == BY_COUNTS):
        raise CircuitError("some output of the golden is never surely defined")
    if miter.bad == FALSE:
        return Equivalence(verdict="proved", engine="structure")
    return _conclude(spec, miter, _solve(_file(miter, miter.bad), seconds))


@lru_cache(maxsize=256)
def _solve(circuit: bytes, seconds: float) -> EngineAnswer:
    """`solve`, once for answers that come to the same circuit."""
    if seconds == BY_COUNTS:
        return solve(circuit, COUNTED_SECONDS, (STEADY,))
    return solve(circuit, seconds)


def _golden(golden: Unit, clocks: tuple[str, ...]) -> Circuit:
    try:
        return golden_circuit(golden, clocks)
    except CircuitError as e:
        raise type(e)(f"the golden: {e}") from e


@lru_cache(maxsize=64)
def _is_defined_cached(
    reset: bytes, golden: Unit, clocks: tuple[str, ...], by_counts: bool
) -> bool:
    spec = msgspec.json.decode(reset, type=Spec)
    circuit = golden_circuit(golden, clocks)
    miter = build_miter(spec, circuit, circuit)
    if miter.defined in (FALSE, TRUE):
        return miter.defined == TRUE
    seconds, engine = (COUNTED_SECONDS, STEADY) if by_counts else (COVER_SECONDS, COVER)
    answer = solve(_file(miter, miter.defined), seconds, (engine,))
    return answer.status == "reached"


def _is_defined(
    spec: Spec, golden: Unit, clocks: tuple[str, ...], by_counts: bool
) -> bool:
    """Whether each output bit of the golden is known at some time: else nothing was compared."""
    return _is_defined_cached(msgspec.json.encode(spec), golden, clocks, by_counts)


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
