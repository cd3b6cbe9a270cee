"""Wrong answers that show rarely: how many are refused by simulation alone, by default (with the
second look) and with `--formal`.

    .venv/bin/python -m perf.rare_faults LOG [--made 100] [--seed 1]

First the faults made by hand (tests/checks/rare_faults.py), then some made by chance: in a golden,
one register takes one value wrong, in one state of all others and at one word on the inputs. What
is equal to the golden, by proof, does not count. Appends a line of JSON to LOG for each answer;
what LOG holds already is not judged again, so that a run can be stopped and goes on.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.rtl.slang import elaborate
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Config, Verifier
from tests.checks.rare_faults import FAULTS

ASSIGNMENT = re.compile(r"^(\s*)(\w+) <= ([^;]+);", re.M)
TOGETHER = 24
"""Answers that share simulations."""
FORMAL_SECONDS = 30


class Wrong(msgspec.Struct, frozen=True):
    """One wrong answer."""

    name: str
    spec: Spec
    text: str
    kind: str


class Line(msgspec.Struct, frozen=True):
    """What LOG says of one: how it ends each way, `refused`, `equal`, `undecided` or `error`; or
    `passes`, where another way refuses it."""

    name: str
    spec_id: str
    kind: str
    simulation: str
    default: str
    formal: str
    reason: str
    """Why nothing is decided, in words."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("--made", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    specs = {s.id: s for s in load_suite()}
    by_hand = [
        Wrong(f"hand {k}", specs[f.spec_id],
              specs[f.spec_id].golden.replace(f.old, f.new), f.kind)
        for k, f in enumerate(FAULTS)
    ]  # fmt: skip
    done = {x.name: x for x in _lines(asked.log)}
    _judge([w for w in by_hand if w.name not in done], asked.log)
    place = 0
    while len(_counted(_lines(asked.log), "chance")) < asked.made:
        drawn = [broken(list(specs.values()), asked.seed, k)
                 for k in range(place, place + TOGETHER)]
        place += TOGETHER
        _judge([w for w in drawn if w is not None and w.name not in done], asked.log)
    for name in ("hand", "chance"):
        _report(name, _counted(_lines(asked.log), name))


def _lines(log: Path) -> list[Line]:
    text = log.read_bytes() if log.exists() else b""
    return [msgspec.json.decode(x, type=Line) for x in text.splitlines()]


def _counted(lines: Iterable[Line], name: str) -> list[Line]:
    return [x for x in lines if x.name.startswith(name) and x.formal != "equal"]


def broken(specs: list[Spec], seed: int, k: int) -> Wrong | None:
    """The golden with one assignment turned where a rare condition holds; None where it has no
    place for that."""
    rng = random.Random(f"{seed}/{k}")
    spec = rng.choice(specs)
    places = [m for m in ASSIGNMENT.finditer(spec.golden) if "'d0" not in m[3]]
    registers = dict.fromkeys(m[2] for m in places)
    inputs = [p.name for p in spec.inputs if p.role == "data"]
    if not places or spec.reference is None:
        return None
    place = rng.choice(places)
    words = [*rng.sample(list(registers), min(2, len(registers))), *inputs[:2]]
    condition = " && ".join(f"{w} == $bits({w})'({rng.randrange(1 << 12)})" for w in words)
    value = f"({condition}) ? ~({place[3]}) : ({place[3]})"
    text = spec.golden[: place.start(3)] + value + spec.golden[place.end(3) :]
    name = f"chance {seed}/{k}"
    if any(elaborate(text, spec.top).errors):
        return None
    return Wrong(name, spec, text, f"{place[2]}, at {condition}")


def _judge(wrong: list[Wrong], log: Path) -> None:
    """Judge by default; what passes, with `--formal`."""
    for at in range(0, len(wrong), TOGETHER):
        part = wrong[at : at + TOGETHER]
        first = _verdicts(part, Config(second_look=True))
        left = [k for k, v in enumerate(first) if _end(v) not in ("refused", "equal")]
        formal = Config(formal=True, formal_seconds=FORMAL_SECONDS)
        second = dict(zip(left, _verdicts([part[k] for k in left], formal), strict=True))
        with log.open("ab") as out:
            for k, (w, v) in enumerate(zip(part, first, strict=True)):
                out.write(msgspec.json.encode(_line(w, v, second.get(k, v))) + b"\n")
        print(f"{len(part)} judged", flush=True)


def _verdicts(wrong: list[Wrong], config: Config) -> list[Verdict]:
    pairs = [(w.spec, Candidate(text=w.text, spec_id=w.spec.id)) for w in wrong]
    return Verifier(config).verify_mixed(pairs)


def _line(wrong: Wrong, first: Verdict, second: Verdict) -> Line:
    default, formal = _end(first), _end(second)
    if formal == "refused" and default != "refused":
        default = "passes"
    looked = first.checks.get("formal")
    by_proof = looked is not None and looked.outcome is Outcome.FAIL
    simulation = "passes" if by_proof else default
    told = second.checks["formal"].detail.get("reason") if formal == "undecided" else ""
    return Line(
        wrong.name, wrong.spec.id, wrong.kind, simulation, default, formal, str(told)
    )


def _end(verdict: Verdict) -> str:
    if verdict.outcome in (Outcome.FAIL, Outcome.TIMEOUT):
        return "refused"
    if verdict.outcome is Outcome.ERROR:
        return "error"
    return "equal" if verdict.formal == "proved" else "undecided"


def _report(name: str, lines: list[Line]) -> None:
    decided = [x for x in lines if x.formal != "undecided"]
    for way in ("simulation", "default", "formal"):
        refused = [getattr(x, way) for x in decided].count("refused")
        share = 100 * refused / max(1, len(decided))
        print(f"by {name}, {way}: {refused} of {len(decided)} refused ({share:.1f}%)")
    reasons = Counter(x.reason for x in lines if x.formal == "undecided")
    print(f"by {name}, said to be undecided: {len(lines) - len(decided)} more {dict(reasons)}")
    for x in lines:
        if x.default != "refused":
            ends = f"default {x.default}, with --formal {x.formal}"
            print(f"  {ends}: {x.name}: {x.spec_id}: {x.kind}")


if __name__ == "__main__":
    main()
