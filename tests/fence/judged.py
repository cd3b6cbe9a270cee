"""What the fence judges, and what it keeps of the Verdicts.

Goldens, one mutant of each and the first of the recorded default answers lie in the repository; the
answers to RTLLM lie beside the checkout, and only what is said of them is stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from tests.fence.library import Candidate, Spec, Verdict, Verifier, load_suite, read_rtllm

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MUTANTS = HERE / "mutants.jsonl"
STORED = HERE / "verdicts.jsonl"
RTLLM = ROOT / ".." / "shared" / "suites" / "rtllm"
PARTS = 4
SETS = ("golden", "mutant", "default", "rtllm")
PASSING_BY = ("reason", "printed", "power_up", "simulator")
"""Words in a Check's detail that hold versions, paths or times."""

Row = dict[str, Any]
Pair = tuple[Spec, Candidate]


def pairs_of(name: str) -> list[Pair]:
    """Every Spec with its candidate, of one of SETS; none where the answers are not here."""
    specs = {s.id: s for s in load_suite()}
    if name == "golden":
        return [(s, _candidate(s, s.golden)) for s in specs.values()]
    if name == "rtllm":
        answers = RTLLM / "gpt-3.5-answers.jsonl"
        if not answers.is_file():
            return []
        designs = {s.id: s for s in read_rtllm(RTLLM)}
        return list(_recorded(answers, designs))
    if name == "mutant":
        return list(_recorded(MUTANTS, specs))
    recorded = _recorded(ROOT / "data" / "default_answers.jsonl", specs)
    return [(spec, answer) for spec, answer in recorded if answer.sample == 0]


def _recorded(file: Path, specs: dict[str, Spec]) -> Iterator[Pair]:
    for line in map(json.loads, file.read_text().splitlines()):
        spec = specs[line["spec_id"]]
        text = line.get("rtl") or line.get("completion") or ""
        yield spec, _candidate(spec, text, line.get("sample", 0))


def _candidate(spec: Spec, text: str, sample: int = 0) -> Candidate:
    return Candidate(text=text, spec_id=spec.id, sample=sample)


def parts_of(pairs: Sequence[Pair]) -> list[Sequence[Pair]]:
    """`pairs` in PARTS parts, each judged in one go."""
    size = -(-len(pairs) // PARTS) or 1
    return [pairs[k : k + size] for k in range(0, PARTS * size, size)]


def judge(name: str, pairs: Sequence[Pair]) -> list[Row]:
    """What is kept of the Verdict of each pair."""
    return [_row(name, verdict) for verdict in Verifier().verify_mixed(pairs)]


def _row(name: str, verdict: Verdict) -> Row:
    """The fields that a change of layout must leave as they are."""
    whole = msgspec.to_builtins(verdict)
    fields = ("outcome", "score", "syntax_valid", "synthesizes", "all_io_used", "functional",
              "formal", "category", "extraction", "truncated")  # fmt: skip
    checks = {n: _check(c) for n, c in whole["checks"].items()}
    return {
        "of": f"{name}/{verdict.spec_id}/{verdict.sample}",
        **{f: whole[f] for f in fields},
        "checks": checks,
    }


def _check(check: Row) -> Row:
    findings = [
        [f["rule"], f["severity"], f["line"], f["column"], _hash(f["message"])]
        for f in check["findings"]
    ]
    detail = {k: v for k, v in check["detail"].items() if k not in PASSING_BY}
    return {
        "says": [check["outcome"], check["value"], check["decided"]],
        "findings": findings,
        "detail": _hash(detail),
        "trace": _hash(check["trace"]),
    }


def _hash(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8] if value else ""


def differences(stored: Row, now: Row) -> Iterator[str]:
    """Every field that is not as it was."""
    for name in dict.fromkeys([*stored, *now]):
        if name == "checks":
            for check in dict.fromkeys([*stored[name], *now[name]]):
                was, is_now = stored[name].get(check, {}), now[name].get(check, {})
                for field in dict.fromkeys([*was, *is_now]):
                    if was.get(field) != is_now.get(field):
                        yield (f"{now['of']}: {check}.{field}: expected {was.get(field)}, "
                               f"got {is_now.get(field)}")  # fmt: skip
        elif stored.get(name) != now.get(name):
            yield f"{now['of']}: {name}: expected {stored.get(name)}, got {now.get(name)}"
