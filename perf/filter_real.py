"""What the filter keeps of answers that a model really gave, whose truth is known by a suite's
own rule; and what each tier is worth there.

    python -m perf.filter_real FOLDER [--workers 2] [--agree 2 3 4 5] [--work FOLDER]

FOLDER holds VerilogEval's spec-to-RTL problems and `answers.jsonl`: `spec_id`, `completion` and
`suite_rule` (pass, fail, compile, timeout). The same answers are filtered three times: as records
that carry bench and reference (`--testbench trusted`), as records beside a file of references
(`--references`), and bare, told how many answers to the same words agree.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.dataset.filter.written import PLACE
from rtlbench.suites.verilog_eval import PROMPT, REFERENCE, TEST, problems_below

RTLBENCH = (sys.executable, "-c", "from rtlbench.cli.main import main; main()")
FILES = ("", "unproven", "refused")


class Judged(msgspec.Struct, frozen=True):
    """A record's truth, and what the filter said."""

    name: str
    right: bool
    place: str
    score: float
    tier: str
    functional: bool | None
    refused: str
    evidence: str
    alike: int
    """Answers to the same words that are this circuit, where they are two or more."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--agree", type=int, nargs="*", default=[2, 3, 4, 5])
    parser.add_argument("--work", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = args.work or Path(name)
        work.mkdir(parents=True, exist_ok=True)
        _measure(args.folder, work, str(args.workers), args.agree)


def _measure(folder: Path, work: Path, workers: str, agree: Iterable[int]) -> None:
    rows = list(_records(folder))
    carrying, bare = work / "carrying.jsonl", work / "bare.jsonl"
    _write(carrying, rows)
    _write(bare, [{k: r[k] for k in ("prompt", "completion", "name", "suite_rule")} for r in rows])
    references = {r["prompt"]: r["reference"] for r in rows}
    _write(work / "references.jsonl",
           [{"instruction": p, "output": c} for p, c in references.items()])
    common = ("-n", workers, "--cache", str(work / "cache"))
    trusted = _filtered(carrying, work / "trusted", *common, "--testbench", "trusted")
    _tell("bench and reference in the record, --testbench trusted", trusted)
    found = _filtered(bare, work / "beside", *common, "--references",
                      str(work / "references.jsonl"))
    _tell("a file of references", found)
    plain = _filtered(bare, work / "bare", *common, "--agree", "2")
    proven = sum(j.tier == "proven" for j in plain)
    print(f"\nneither bench nor reference: {proven} called proven")
    worth = {
        "V2: score >= 0.7, static": [j for j in plain if j.score >= 0.7],
        "V3: score >= 0.95, static": [j for j in plain if j.score >= 0.95],
    }
    for number in agree:
        worth[f"V3 attested, {number} answers agree"] = [j for j in plain if j.alike >= number]
    worth["V3 proven"] = [j for j in trusted if j.tier == "proven" and j.place == ""]
    print(_table(worth, sum(j.right for j in plain)))


def _records(folder: Path) -> Iterable[dict[str, Any]]:
    problems = {p.name: p for p in problems_below(folder)}
    for line in (folder / "answers.jsonl").read_text("utf-8").splitlines():
        answer = json.loads(line)
        stem = problems[answer["spec_id"]]
        prompt, reference, test = (
            stem.with_name(stem.name + end).read_text("utf-8") for end in (PROMPT, REFERENCE, TEST)
        )
        yield {
            "prompt": prompt,
            "completion": answer["completion"],
            "testbench": test,
            "reference": reference,
            "name": f"{answer['spec_id']}/{answer['sample']}",
            "suite_rule": answer["suite_rule"],
        }


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")


def _filtered(raw: Path, folder: Path, *more: str) -> list[Judged]:
    out = folder / "gold.jsonl"
    subprocess.run([*RTLBENCH, "filter", str(raw), "--out", str(out), "--json", *more],
                   check=False, stdout=subprocess.DEVNULL)
    return [j for place in FILES for j in _judged(out, place)]


def _judged(out: Path, place: str) -> Iterable[Judged]:
    path = out.with_name(f"gold.{place}.jsonl") if place else out
    for line in path.read_text("utf-8").splitlines():
        metadata = json.loads(line)["metadata"]
        about = metadata[PLACE]
        yield Judged(
            name=metadata["name"],
            right=metadata["suite_rule"] == "pass",
            place=place,
            score=about["score"],
            tier=about["tier"],
            functional=about["functional"],
            refused="; ".join([about.get("refused", ""), *about.get("messages", [])[:1]]),
            evidence=about.get("evidence", ""),
            alike=about.get("agreement", {}).get("alike", 0),
        )


def _tell(title: str, found: list[Judged]) -> None:
    """What was kept and how much of it is right, and each exception."""
    kept = [j for j in found if not j.place]
    right = [j for j in found if j.right]
    print(f"\n{title}: kept {len(kept)} of {len(found)}, right {_share(kept)}; of {len(right)} "
          f"right ones kept {sum(not j.place for j in right)}, set aside "
          f"{sum(j.place == 'unproven' for j in right)}, refused "
          f"{sum(j.place == 'refused' for j in right)}")
    for j in sorted(kept, key=lambda j: j.name):
        if not j.right:
            print(f"  kept and wrong: {j.name} ({j.evidence})")
    for j in sorted(right, key=lambda j: j.name):
        if j.place == "refused":
            print(f"  right and refused: {j.name}: {j.refused}")


def _share(found: list[Judged]) -> str:
    return f"{sum(j.right for j in found) / len(found):.1%}" if found else "-"


def _table(worth: dict[str, list[Judged]], right: int) -> str:
    lines = ["", "| kept | records | right | of all right ones |", "|---|---|---|---|"]
    for name, found in worth.items():
        share = sum(j.right for j in found) / right
        lines.append(f"| {name} | {len(found)} | {_share(found)} | {share:.1%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
