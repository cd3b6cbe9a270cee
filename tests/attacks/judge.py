"""The process in which attacks are judged: families in, one record an attack out.

It is the process that an attack may hurt; it says how much memory it and its tools took at most.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.io.shipped import shipped
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.sandbox.level import choose
from rtlbench.suites.families import load_family
from rtlbench.verifier import Config, Verifier
from tests.attacks.attack import CANARY, OWNED, Attack
from tests.attacks.corpus import attacks
from tests.attacks.yard import Yard

SPEC_ID = "updown_w4_sync"
BATCH = 32
STATIC = frozenset({"syntax", "safety"})


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one attack."""

    family: str
    name: str
    outcomes: list[str]
    """In company, and alone where any tool saw it."""
    harmed: bool
    """Whether a neighbour's verdict was not what it is without the attack."""
    leaks: list[str]
    """What its verdict holds that it must not."""
    refused: bool
    """Whether no tool ever saw it."""
    why: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one process of judging has to say."""

    judged: list[Judged]
    peak: int
    """Bytes resident at most, of this process or any of its tools."""


def judge(families: Sequence[str], yard: Yard) -> list[Judged]:
    """Judge all attacks of `families` in company, and alone where that can differ."""
    spec = _spec()
    chosen = [a for a in attacks() if a.family in families]
    found: list[Judged] = []
    for formal in (False, True):
        verifier = Verifier(Config(formal=formal))
        group = [a for a in chosen if a.formal is formal]
        for at in range(0, len(group), BATCH):
            found += _judge_batch(verifier, spec, group[at : at + BATCH], yard)
    return found


def _spec() -> Spec:
    specs = load_family(shipped("hdl_specs") / "updown_counter" / "updown")
    return next(s for s in specs if s.id == SPEC_ID)


def _judge_batch(
    verifier: Verifier, spec: Spec, batch: Sequence[Attack], yard: Yard
) -> list[Judged]:
    """Where a neighbour is harmed, each attack is tried with neighbours of its own."""
    made, harmed = _in_company(verifier, spec, batch, yard)
    if harmed and len(batch) > 1:
        return [j for a in batch for j in _judge_batch(verifier, spec, [a], yard)]
    found = []
    for attack, verdict in zip(batch, made, strict=True):
        verdicts = [verdict]
        if len(batch) > 1 and _had_company(verdict):
            verdicts += verifier.verify(spec, [_candidate(attack, yard)])
        refused = set(verdict.checks) <= STATIC
        found.append(_judged(attack, verdicts, harmed, refused, yard))
    return found


def _had_company(verdict: Verdict) -> bool:
    """Whether neighbours could have kept it from a pass: its simulation came to its end, and so
    was not split until the attack was alone, on the simulator that takes lanes together."""
    simulation = verdict.checks.get("simulation")
    return simulation is not None and "Icarus" in str(simulation.detail.get("simulator"))


def _in_company(
    verifier: Verifier, spec: Spec, batch: Sequence[Attack], yard: Yard
) -> tuple[list[Verdict], bool]:
    """The attacks' Verdicts, and whether the right and the wrong answers beside them suffered."""
    right = Candidate(text=spec.golden)
    wrong = Candidate(text=spec.golden.replace("+ 1'b1", "+ 2'd2"))
    crowd = [right, wrong, *(_candidate(a, yard) for a in batch), right, wrong]
    verdicts = verifier.verify(spec, crowd)
    beside = [v.outcome for v in (*verdicts[:2], *verdicts[-2:])]
    return verdicts[2:-2], beside != [Outcome.PASS, Outcome.FAIL] * 2


def _candidate(attack: Attack, yard: Yard) -> Candidate:
    text = attack.text.replace(CANARY, str(yard.canary)).replace(OWNED, str(yard.owned))
    return Candidate(text=text, spec_id=SPEC_ID, model="attacker")


def _judged(
    attack: Attack, verdicts: Sequence[Verdict], harmed: bool, refused: bool, yard: Yard
) -> Judged:
    first = [f for f in verdicts[0].findings if f.severity.value == "error"][:1]
    reasons = [str(c.detail.get("reason", "")) for c in verdicts[0].checks.values()]
    return Judged(
        family=attack.family,
        name=attack.name,
        outcomes=[_ending(attack, v) for v in verdicts],
        harmed=harmed,
        leaks=[leak for v in verdicts for leak in yard.leaks(v)],
        refused=refused,
        why=first[0].message if first else " ".join(reasons)[-200:],
    )


def _ending(attack: Attack, verdict: Verdict) -> str:
    """The outcome; `bounded` where a pass is said to hold for some cycles only."""
    short = attack.formal and verdict.formal == "bounded" and verdict.outcome is Outcome.PASS
    return "bounded" if short else verdict.outcome.value


def main(argv: Sequence[str]) -> int:
    """`YARD LEVEL FAMILY...`: judge, and write the report to standard output."""
    yard = Yard(Path(argv[0]), os.environ["ATTACK_SECRET"])
    choose(argv[1])
    judged = judge(argv[2:], yard)
    peak = max(resource.getrusage(who).ru_maxrss for who in (
        resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    report = Report(judged=judged, peak=peak << 10)
    sys.stdout.buffer.write(msgspec.json.encode(report))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
