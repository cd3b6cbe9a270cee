"""Judge the fence's answers and store what is said of them: `python -m tests.fence --write`.

`--mutants` draws one mutant of each golden anew first; both files are then to be committed, with
the reason for every Verdict that changed.
"""

from __future__ import annotations

import argparse
import json

from tests.fence.judged import MUTANTS, SETS, STORED, judge, pairs_of, parts_of
from tests.fence.library import load_suite, source_mutants


def main() -> None:
    """Write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", required=True)
    parser.add_argument("--mutants", action="store_true")
    if parser.parse_args().mutants:
        _draw_mutants()
    rows = [row for name in SETS for part in parts_of(pairs_of(name)) for row in judge(name, part)]
    STORED.write_text("".join(json.dumps(r, separators=(",", ":")) + "\n" for r in rows))
    print(f"{len(rows)} verdicts in {STORED}")


def _draw_mutants() -> None:
    lines = []
    for number, spec in enumerate(load_suite()):
        found = source_mutants(spec, limit=12)
        if found:
            lines.append({"spec_id": spec.id, "rtl": found[number % len(found)].text})
    MUTANTS.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
