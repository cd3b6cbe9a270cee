"""Judge the fence's answers and store what is said of them: `python -m tests.fence --write`.

The file is to be committed with the reason for every Verdict that changed. Where the answers to
RTLLM are not beside the checkout, what is stored of them stays. `--mutants` draws one mutant of
each golden anew first.
"""

from __future__ import annotations

import argparse
import json

from tests.fence.judged import MUTANTS, PARTS, STORED, judge, store, stored
from tests.fence.library import load_suite, source_mutants


def main() -> None:
    """Write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", required=True)
    parser.add_argument("--mutants", action="store_true")
    if parser.parse_args().mutants:
        _draw_mutants()
    before, rows = stored(), {}
    for part in PARTS:
        rows[part] = judge(part) or before[part]
        print(f"{part}: {len(rows[part])} verdicts", flush=True)
    store(rows)
    print(f"{sum(map(len, rows.values()))} verdicts in {STORED}")


def _draw_mutants() -> None:
    lines = []
    for number, spec in enumerate(load_suite()):
        found = source_mutants(spec, limit=12)
        if found:
            line = {"spec_id": spec.id, "rtl": found[number % len(found)].text}
            lines.append(json.dumps(line) + "\n")
    MUTANTS.write_text("".join(lines))


if __name__ == "__main__":
    main()
