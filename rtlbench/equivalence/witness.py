"""Counterexamples: from ABC's digits to inputs that a stimulus can apply.

Every counterexample is simulated on the miter before it is believed, and cut at its first
difference.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from rtlbench.equivalence.aig import Evaluator
from rtlbench.equivalence.circuit import InputBit
from rtlbench.equivalence.miter import Miter, reset_beats
from rtlbench.records.spec import Spec

EdgeKind: TypeAlias = Literal["none", "active", "inactive"]
Assignment: TypeAlias = dict[int, int]
TRIALS = 4
"""So many other choices of undefined values a difference must survive to be called certain."""


class CounterexampleStep(msgspec.Struct, frozen=True):
    """Inputs (levels at the ports, clocks aside) that are applied, and the edge that then comes."""

    inputs: dict[str, int]
    edge: EdgeKind
    clock: str = ""
    """The port that has the edge, where there are several clocks."""


class Counterexample(msgspec.Struct, frozen=True, kw_only=True):
    """What to apply, and what is then seen after the last moment."""

    moments: tuple[CounterexampleStep, ...]
    golden: dict[str, str]
    """Outputs as binary digits; `-` where the golden is undefined."""
    candidate: dict[str, str]
    certain: bool
    """False where the difference may hang on a value that the candidate leaves undefined, or on
    an inactive clock edge at power-up."""

    @property
    def differing(self) -> frozenset[str]:
        """The outputs that differ."""
        pairs = ((n, zip(d, self.candidate[n], strict=True)) for n, d in self.golden.items())
        return frozenset(n for n, bits in pairs if any(g not in ("-", c) for g, c in bits))

    @property
    def cycles(self) -> int:
        """Active clock edges that lead to it."""
        return sum(m.edge == "active" for m in self.moments)


def witness(spec: Spec, miter: Miter, lines: Sequence[str]) -> Counterexample | None:
    """The counterexample behind ABC's digits, or None where they show no difference."""
    steps = [dict(zip(miter.leaves, map(int, line), strict=True)) for line in lines]
    player = _Player(miter)
    last = player.first_difference(steps)
    if last is None:
        return None
    steps = steps[: last + 1]
    return Counterexample(
        moments=_moments(spec, miter, steps, player.useless_glitches),
        golden={n: _digits_of_rails(v) for n, v in player.shown_golden().items()},
        candidate={n: "".join(map(str, v[::-1])) for n, v in player.shown_candidate().items()},
        certain=_starts_clear(spec, miter) and _is_certain(miter, steps),
    )


class _Player:
    """Runs a miter from its initial state."""

    def __init__(self, miter: Miter) -> None:
        self.miter = miter
        golden = [lit for rails in miter.golden.values() for pair in rails for lit in pair]
        candidate = [lit for lits in miter.candidate.values() for lit in lits]
        self._after = 1 + len(miter.latches)
        roots = [miter.bad, *(lit for _, lit in miter.latches), *golden, *candidate]
        self._run = Evaluator(miter.aig, roots)
        self._golden, self._candidate = len(golden), len(candidate)
        self._values: list[int] = []
        self.useless_glitches: set[int] = set()
        """Steps in which the glitch changes nothing."""

    def first_difference(self, steps: Sequence[Assignment]) -> int | None:
        state: Assignment = {leaf: 0 for leaf, _ in self.miter.latches}
        for k, leaves in enumerate(steps):
            self._values = self._run.run({**state, **leaves})
            if self.miter.glitch:
                calm = self._run.run({**state, **leaves, **self._calm(leaves)})
                if calm[: self._after] == self._values[: self._after]:
                    self.useless_glitches.add(k)
            if self._values[0]:
                return k
            new = self._values[1 : self._after]
            state = {leaf: v for (leaf, _), v in zip(self.miter.latches, new, strict=True)}
        return None

    def _calm(self, leaves: Assignment) -> Assignment:
        inputs = self.miter.inputs
        return {leaf: leaves[inputs[key]] for key, leaf in self.miter.glitch.items()}

    def shown_golden(self) -> dict[str, list[tuple[int, int]]]:
        flat = iter(self._values[self._after : self._after + self._golden])
        return {n: [(next(flat), next(flat)) for _ in v] for n, v in self.miter.golden.items()}

    def shown_candidate(self) -> dict[str, list[int]]:
        flat = iter(self._values[self._after + self._golden :])
        return {n: [next(flat) for _ in v] for n, v in self.miter.candidate.items()}


def _digits_of_rails(pairs: Sequence[tuple[int, int]]) -> str:
    return "".join("1" if is1 else "0" if is0 else "-" for is1, is0 in reversed(pairs))


def _starts_clear(spec: Spec, miter: Miter) -> bool:
    """Without reset, what acts on the inactive edge may see one when a simulator starts."""
    return spec.reset != "none" or not miter.timing.halves


def _is_certain(miter: Miter, steps: Sequence[Assignment]) -> bool:
    """Whether the same inputs show a difference for other undefined values too."""
    rng = random.Random(0)
    for trial in range(TRIALS if miter.others else 0):
        changed = [
            {**s, **{leaf: rng.getrandbits(1) if trial else 1 - s[leaf] for leaf in miter.others}}
            for s in steps
        ]
        if _Player(miter).first_difference(changed) is None:
            return False
    return True


def _moments(
    spec: Spec, miter: Miter, steps: Sequence[Assignment], useless: set[int]
) -> tuple[CounterexampleStep, ...]:
    moments = _reset_moments(spec, miter, steps[0])
    past = [False] * len(miter.timing.clocks)
    for k, leaves in enumerate(steps):
        now = {key: leaves[leaf] for key, leaf in miter.inputs.items()}
        if miter.glitch and k not in useless:
            odd = {**now, **{key: leaves[leaf] for key, leaf in miter.glitch.items()}}
            moments.append(CounterexampleStep(_ports(odd), "none"))
        inputs = _ports(now)
        if k == len(steps) - 1 or not past:
            moments.append(CounterexampleStep(inputs, "none"))
        else:
            clock = _chosen(miter, leaves)
            moments += _edges(miter, inputs, clock, past[clock])
            past[clock] ^= miter.timing.halves
    return tuple(moments)


def _chosen(miter: Miter, leaves: Assignment) -> int:
    """The clock that has its edge in a step."""
    said = [k for k, leaf in enumerate(miter.choice) if leaves[leaf]]
    return said[0] if said else len(miter.choice)


def _reset_moments(spec: Spec, miter: Miter, first: Assignment) -> list[CounterexampleStep]:
    reset = spec.port_of_role("reset")
    moments: list[CounterexampleStep] = []
    beats = reset_beats(miter.timing)
    for leaves, (clock, past) in zip(miter.reset_inputs, beats, strict=False):
        assert reset is not None
        bits = {key: first[leaf] for key, leaf in leaves.items()}
        bits[reset.name, 0] = int(reset.active == "high")
        if not moments:  # simulators see an asynchronous reset by its edge
            calm = {**bits, (reset.name, 0): 1 - bits[reset.name, 0]}
            moments.append(CounterexampleStep(_ports(calm), "none"))
        moments += _edges(miter, _ports(bits), clock, past)
    return moments


def _edges(
    miter: Miter, inputs: dict[str, int], clock: int, past: bool
) -> list[CounterexampleStep]:
    clocks = miter.timing.clocks
    name = clocks[clock] if len(clocks) > 1 else ""
    if miter.timing.halves:
        return [CounterexampleStep(inputs, "inactive" if past else "active", name)]
    return [
        CounterexampleStep(inputs, "active", name), CounterexampleStep(inputs, "inactive", name)
    ]


def _ports(bits: dict[InputBit, int]) -> dict[str, int]:
    values: dict[str, int] = {}
    for (name, k), bit in bits.items():
        values[name] = values.get(name, 0) | bit << k
    return values
