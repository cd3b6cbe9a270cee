"""Wrong answers that show rarely: how many are refused by default, with the second look, and with
`--formal`.

    .venv/bin/python perf/rare_faults.py [--made 100] [--seed 1] [--formal]

First the faults made by hand (tests/checks/rare_faults.py), then some made by chance: in a golden,
one register takes one bit wrong, in one state of all others and at one word on the inputs. What is
equal to the golden, by proof, is drawn anew.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from rtlbench.equivalence.compare import check_equivalence
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.rtl.renaming import renamed_golden, renamed_text
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Config, Verifier
from tests.checks.rare_faults import FAULTS

ASSIGNMENT = re.compile(r"^(\s*)(\w+) <= ([^;]+);", re.M)
LEAST_BITS, MOST_BITS = 6, 12
"""Of the words by which a fault is triggered."""


class Wrong(NamedTuple):
    """One wrong answer."""

    spec: Spec
    text: str
    kind: str


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--made", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--formal", action="store_true", help="ask with --formal, too")
    asked = parser.parse_args()
    specs = {s.id: s for s in load_suite()}
    by_hand = [Wrong(specs[f.spec_id], specs[f.spec_id].golden.replace(f.old, f.new), f.kind)
               for f in FAULTS]
    by_chance = list(_drawn(list(specs.values()), asked.made, random.Random(asked.seed)))
    for name, wrong in (("by hand", by_hand), ("by chance", by_chance)):
        _report(f"{name}, by simulation alone", wrong, Config())
        _report(f"{name}, with the second look (the default)", wrong, Config(second_look=True))
        if asked.formal:
            _report(f"{name}, with --formal", wrong, Config(formal=True, formal_seconds=10))


def _drawn(specs: list[Spec], count: int, rng: random.Random) -> Iterator[Wrong]:
    while count:
        spec = rng.choice(specs)
        text, kind = _broken(spec, rng)
        if text is None or not _is_different(spec, text):
            continue
        count -= 1
        yield Wrong(spec, text, kind)


def _broken(spec: Spec, rng: random.Random) -> tuple[str | None, str]:
    """The golden with one bit of one assignment turned where a rare condition holds."""
    places = [m for m in ASSIGNMENT.finditer(spec.golden) if "'d0" not in m[3]]
    registers = dict.fromkeys(m[2] for m in places)
    inputs = [p.name for p in spec.inputs if p.role == "data"]
    if not places or spec.reference is None:
        return None, ""
    place = rng.choice(places)
    words = [*rng.sample(list(registers), min(2, len(registers))), *inputs[:2]]
    condition = " && ".join(f"{w} == $bits({w})'({rng.randrange(1 << 12)})" for w in words)
    value = f"({condition}) ? ~({place[3]}) : ({place[3]})"
    text = spec.golden[: place.start(3)] + value + spec.golden[place.end(3) :]
    return text, f"{place[2]}, at {condition}"


def _is_different(spec: Spec, text: str) -> bool:
    try:
        candidate = renamed_text(text, spec.top, "made_", "drawn")
    except Exception:  # noqa: BLE001 - it does not elaborate: drawn anew
        return False
    golden = renamed_golden(spec, "golden_")
    return check_equivalence(spec, golden, candidate, 5.0).verdict == "different"


def _report(what: str, wrong: list[Wrong], config: Config) -> None:
    pairs = [(w.spec, Candidate(text=w.text, spec_id=w.spec.id)) for w in wrong]
    verdicts = Verifier(config).verify_mixed(pairs)
    ends = Counter(_end(v) for v in verdicts)
    refused = ends["refused"]
    print(f"{what}: {refused} of {len(wrong)} refused ({100 * refused / max(1, len(wrong)):.1f}%)"
          f" {dict(ends)}", flush=True)
    for w, v in zip(wrong, verdicts, strict=True):
        if _end(v) != "refused":
            print(f"  {_end(v)}: {w.spec.id}: {w.kind}", flush=True)


def _end(verdict: Verdict) -> str:
    if verdict.outcome in (Outcome.FAIL, Outcome.TIMEOUT):
        return "refused"
    if verdict.outcome is Outcome.ERROR:
        return "error"
    return "passes, undecided" if verdict.formal in (None, "bounded") else "passes, proved"


if __name__ == "__main__":
    main()
