"""What the fence judges, and what it keeps of the Verdicts.

Goldens, one mutant of each and the recorded default answers lie in the repository; the answers to
RTLLM lie beside the checkout, and of them only digests and what is said of them is stored.

Candidates are judged in fixed parts, in which they share the calls of the tools: the stored file
is made in the same parts, so that a Verdict cannot differ by its neighbours.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from tests.fence.library import Candidate, Spec, Verdict, Verifier, load_suite, read_rtllm

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MUTANTS = HERE / "mutants.jsonl"
DEFAULTS = ROOT / "data" / "default_answers.jsonl"
STORED = HERE / "verdicts.jsonl"
RTLLM = ROOT / ".." / "shared" / "suites" / "rtllm"
OWN_PARTS = 8
PARTS = (*(f"own-{k}" for k in range(OWN_PARTS)), "rtllm")

FIELDS = (
    "outcome", "score", "syntax_valid", "synthesizes", "all_io_used", "functional", "formal",
    "formal_depth", "extraction", "truncated",
)  # fmt: skip
USUAL = {
    "syntax_valid": True, "synthesizes": True, "all_io_used": True, "functional": True,
    "formal": None, "formal_depth": None, "extraction": "whole", "truncated": False,
}  # fmt: skip
"""What the stored file leaves out, for its size."""
CLEAN = ["pass", 1.0, True]
"""A Check's outcome, value and `decided`, likewise."""
PASSING = frozenset({"reason", "printed", "simulator"})
"""Entries of a Check's detail that hold versions, paths or times."""
LONGEST = 120
"""Characters of a text that is stored as it is; of a longer one, its digest."""

Row = dict[str, Any]
Answer = tuple[str, Spec, Candidate]
"""Name, unique in the fence; task; candidate."""


def answers_of(part: str) -> list[Answer]:
    """What is judged together in one of PARTS; nothing where the answers to RTLLM are not here."""
    if part == "rtllm":
        if not (RTLLM / "gpt-3.5-answers.jsonl").is_file():
            return []
        designs = {s.id: s for s in read_rtllm(RTLLM)}
        return list(_recorded("rtllm", RTLLM / "gpt-3.5-answers.jsonl", designs))
    specs = {s.id: s for s in load_suite()}
    by_spec: dict[str, list[Answer]] = defaultdict(list)
    goldens = (_answer("golden", s, s.golden) for s in specs.values())
    recorded = (_recorded("mutant", MUTANTS, specs), _recorded("default", DEFAULTS, specs))
    for answers in (goldens, *recorded):
        for answer in answers:
            by_spec[answer[1].id].append(answer)
    ids = sorted(by_spec)
    size = -(-len(ids) // OWN_PARTS)
    start = int(part.removeprefix("own-")) * size
    return [answer for each in ids[start : start + size] for answer in by_spec[each]]


def _recorded(kind: str, file: Path, specs: dict[str, Spec]) -> Iterator[Answer]:
    for line in map(json.loads, file.read_text().splitlines()):
        text = line.get("rtl") or line.get("completion") or ""
        yield _answer(kind, specs[line["spec_id"]], text, line.get("sample", 0))


def _answer(kind: str, spec: Spec, text: str, sample: int = 0) -> Answer:
    return f"{spec.id}/{kind}-{sample}", spec, Candidate(text=text, spec_id=spec.id, sample=sample)


def judge(part: str) -> dict[str, Row]:
    """What is kept of the Verdict of each answer of a part, by the answer's name."""
    answers = answers_of(part)
    verdicts = Verifier().verify_mixed([(spec, candidate) for _, spec, candidate in answers])
    names = [name for name, _, _ in answers]
    return {n: _row(v, part != "rtllm") for n, v in zip(names, verdicts, strict=True)}


def stored() -> dict[str, dict[str, Row]]:
    """The stored rows: by part, then by the answer's name."""
    found: dict[str, dict[str, Row]] = {part: {} for part in PARTS}
    for line in STORED.read_text().splitlines():
        row = {**USUAL, **json.loads(line)}
        row["checks"] = {name: {"says": CLEAN, **c} for name, c in row["checks"].items()}
        found[row.pop("part")][row.pop("of")] = row
    return found


def store(rows: dict[str, dict[str, Row]]) -> None:
    """Write what `stored` reads, a line a Verdict, sorted."""
    lines = []
    for part in PARTS:
        for of, row in sorted(rows[part].items()):
            checks = {name: _unusual(c, {"says": CLEAN}) for name, c in row["checks"].items()}
            kept = {"part": part, "of": of, **_unusual(row, USUAL), "checks": checks}
            lines.append(json.dumps(kept, separators=(",", ":")) + "\n")
    STORED.write_text("".join(lines))


def _unusual(row: Row, usual: Row) -> Row:
    return {name: v for name, v in row.items() if name not in usual or v != usual[name]}


def _row(verdict: Verdict, own: bool) -> Row:
    """The fields that a change of layout must leave as they are."""
    whole = msgspec.to_builtins(verdict)
    checks = {name: _check(check, own) for name, check in whole["checks"].items()}
    return {f: whole[f] for f in FIELDS} | {"checks": checks}


def _check(check: Row, own: bool) -> Row:
    findings = [
        [f["rule"], f["severity"], f["line"], f["column"], _text(f["message"], own)]
        for f in check["findings"]
    ]
    row = {"says": [check["outcome"], check["value"], check["decided"]]}
    rest = {
        "findings": findings,
        "detail": _detail(check["detail"], own),
        "trace": _digest(check["trace"]),
    }
    return row | {name: value for name, value in rest.items() if value}


def _detail(detail: Row, own: bool) -> Row:
    """A Check's detail, the counts of cells by their kind as one digest."""
    kinds = {name: value for name, value in detail.items() if name.startswith("cells.")}
    rest = {n: _text(v, own) for n, v in detail.items() if n not in kinds and n not in PASSING}
    return rest | ({"kinds of cells": _digest(kinds)} if kinds else {})


def _text(value: Any, own: bool) -> Any:
    """A text as it is where it is ours and short, otherwise its digest; no other value changes."""
    if not isinstance(value, str) or (own and len(value) <= LONGEST):
        return value
    return f"sha256:{_digest(value)}"


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12] if value else ""


def differences(expected: Any, got: Any, where: str) -> Iterator[str]:
    """Every field that is not as it was, a line each; a row that is missing is one, too."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for name in sorted(expected.keys() | got.keys()):
            below = f"{where} {name}".strip()
            yield from differences(expected.get(name), got.get(name), below)
    elif expected != got:
        yield f"{where}: expected {_short(expected)}, got {_short(got)}"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return "nothing" if value is None else text if len(text) <= 300 else f"{text[:300]}..."
