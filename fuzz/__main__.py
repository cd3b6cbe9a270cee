"""`python -m fuzz`: all targets in turns, each for its share of the time; exit status 1 on a find.

`python -m fuzz replay FILE...` tries kept cases again, in this process, with a traceback.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import msgspec

from fuzz.report import summary
from fuzz.supervisor import LEAST, Plan, Turn, fuzz
from fuzz.targets import TARGETS

DEFAULT_FOLDER = Path(".fuzz")


def main() -> int:
    """Run what the command line says."""
    if sys.argv[1:2] == ["replay"]:
        return replay([Path(p) for p in sys.argv[2:]])
    parser = argparse.ArgumentParser(prog="python -m fuzz")
    parser.add_argument("--seconds", type=int, default=3600, help="over all targets")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--targets", nargs="+", choices=list(TARGETS), default=list(TARGETS))
    given = parser.parse_args()
    os.nice(19)
    plan = Plan(seed=given.seed, seconds=given.seconds, folder=given.folder.resolve())
    turns = [_turn(plan, name) for name in _in_turn(given.targets, plan)]
    print(summary(plan, turns))
    finds = [f for t in turns for f in t.finds]
    for find in finds:
        print(f"find: {find.how}; again by: python -m fuzz replay {find.case}")
    return 1 if finds else 0


def _in_turn(names: list[str], plan: Plan) -> list[tuple[str, int]]:
    """Each target with the seconds it gets."""
    whole = sum(TARGETS[n].share for n in names)
    return [(n, max(LEAST, plan.seconds * TARGETS[n].share // whole)) for n in names]


def _turn(plan: Plan, name: tuple[str, int]) -> Turn:
    print(f"{name[0]}: {name[1]} s", flush=True)
    return fuzz(plan, *name)


def replay(paths: list[Path]) -> int:
    """Try the cases in `paths`, each named TARGET-anything.json, again."""
    for path in paths:
        target = TARGETS[path.name.partition("-")[0]]
        case = msgspec.json.decode(path.read_bytes(), type=target.case)
        reached = target.check(case)
        print(f"{path}: holds ({'reached' if reached else 'refused early'})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
