"""Right texts that are refused: references of public suites, goldens, and real answers that pass
their suite's own rule. Each that does not pass is named, with what is said of it.

    .venv/bin/python perf/false_refusals.py FOLDER [--goldens]

FOLDER holds `verilog-eval` and `rtllm` in their native layouts, and `verilog-eval/answers.jsonl`
with the field `suite_rule` (docs/suites.md).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome
from rtlbench.suites.families import load_suite
from rtlbench.suites.rtllm import read_rtllm
from rtlbench.suites.verilog_eval import read_verilog_eval
from rtlbench.verifier import Verifier

Asked = tuple[str, Spec, Candidate]
"""A name for people, and what is judged."""


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--goldens", action="store_true", help="our own suite's, too")
    asked = parser.parse_args()
    suites = {"VerilogEval": read_verilog_eval(asked.folder / "verilog-eval"),
              "RTLLM": read_rtllm(asked.folder / "rtllm")}
    for name, specs in suites.items():
        _report(f"{name}, references", _goldens(specs))
    by_id = {s.id: s for s in suites["VerilogEval"]}
    _report("VerilogEval, answers that its rule passes", list(_answers(asked.folder, by_id)))
    if asked.goldens:
        _report("goldens of the suite", _goldens(load_suite()))


def _goldens(specs: Sequence[Spec]) -> list[Asked]:
    return [(s.id, s, Candidate(text=s.golden, spec_id=s.id)) for s in specs]


def _answers(folder: Path, specs: dict[str, Spec]) -> list[Asked]:
    found = []
    for line in (folder / "verilog-eval" / "answers.jsonl").read_text().splitlines():
        answer = json.loads(line)
        spec = specs.get(answer["spec_id"])
        if answer["suite_rule"] == "pass" and spec is not None:
            name = f"{spec.id}#{answer['sample']}"
            found.append((name, spec, Candidate(text=answer["completion"], spec_id=spec.id)))
    return found


def _report(what: str, asked: Sequence[Asked]) -> None:
    verdicts = Verifier().verify_mixed([(spec, c) for _, spec, c in asked])
    refused = [(name, v) for (name, _, _), v in zip(asked, verdicts, strict=True)
               if v.outcome is not Outcome.PASS]
    print(f"{what}: {len(refused)} of {len(asked)} do not pass", flush=True)
    for name, verdict in refused:
        told = [f"{f.rule}: {f.message}" for f in verdict.findings if f.severity.value == "error"]
        broken = [str(c.detail.get("reason")) for c in verdict.checks.values()
                  if c.outcome is Outcome.ERROR]
        first = (told or broken or [""])[0].splitlines()
        print(f"  {name}: {verdict.outcome.value}: {(first or [''])[0][:150]}", flush=True)


if __name__ == "__main__":
    main()
