"""Curate: of what was collected, what the Verifier says is right, what no benchmark holds, and the
newest of it.

The filter (`rtlbench filter --formal`) judges every record again, and `rtlbench combine` takes out
what resembles a member of a suite; both are commands with folders that are whole or absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.dataset.files import file_hash, writing
from rtlbench.dataset.filter import UNPROVEN_FILE
from rtlbench.dataset.filter.written import PLACE, Provenance
from rtlbench.dataset.reading import read_records
from rtlbench.nightly.candidates import REJECTED_OF, Pair, Refusal, candidates, pairs_of, refusal
from rtlbench.nightly.collect import refusals
from rtlbench.nightly.night import Ended, Night
from rtlbench.pipeline.stages import OUT, RTLBENCH, UNJUDGED, Stage
from rtlbench.records.example import Placed, Record

PLACE_OF_STAGES = "curate"
CANDIDATES = "candidates.jsonl"
VERIFIED, CLEAN = "verified", "clean"
SELF_TESTED = "self-tested"


class Line(msgspec.Struct, frozen=True):
    """A record with what the Verifier said of it."""

    where: str
    record: Record
    judged: Provenance

    @property
    def event(self) -> str:
        """Which event it came from."""
        return str(self.record.metadata["event"])


def curate(night: Night) -> Ended:
    """Write delta.jsonl, pairs.jsonl and refused.jsonl.

    Raises:
        UserError: A command failed, or a copy cannot be read.
        OSError: The night's folder cannot be written.
    """
    settings, paths = night.settings, night.paths
    made = candidates(paths.raw, settings.max_warnings, night.state.started)
    refused = list(made.refusals)
    lines: list[Line] = []
    pairs: list[Pair] = []
    if made.records:
        verified, failed = _verified(night, made.records)
        clean = _clean(night, verified, refused) if verified else []
        lines = _newest(clean, refused)
        refused += _refused(failed)
        pairs = pairs_of(
            {line.event: line.record for line in clean}, [f.record for f in failed]
        )
    return _written(night, lines, pairs, refused)


def _verified(night: Night, records: Iterable[Record]) -> tuple[list[Line], list[Line]]:
    """What the Verifier keeps, and what it does not."""
    source = night.paths.night / CANDIDATES
    with writing(source) as file:
        for record in records:
            file.write(record)
    work = night.run([_filter(night, source)], PLACE_OF_STAGES)
    right: list[Line] = []
    failed = list(_lines(work / VERIFIED / f"{VERIFIED}.refused.jsonl"))
    failed += map(_doubtful, _lines(work / VERIFIED / f"{VERIFIED}.{UNPROVEN_FILE}"))
    for line in _lines(work / VERIFIED / f"{VERIFIED}.jsonl"):
        if REJECTED_OF not in line.record.metadata:
            right.append(line)
    return right, failed


def _filter(night: Night, source: Path) -> Stage:
    settings = night.settings
    argv = [
        *RTLBENCH, "filter", str(source), "--out", f"{OUT}/{VERIFIED}.jsonl", "--formal",
        "--accept", settings.accept.value, "--allow-empty",
        "--threshold", str(settings.min_delta_score), "-n", settings.processes,
    ]  # fmt: skip
    return Stage(name=VERIFIED, argv=tuple(argv), tolerates=UNJUDGED)


def _doubtful(line: Line) -> Line:
    rests = line.judged.evidence or line.judged.doubt
    told = f"its function is {line.judged.tier.value}{f': {rests}' if rests else ''}"
    judged = msgspec.structs.replace(line.judged, refused=told)
    return Line(line.where, line.record, judged)


def _clean(night: Night, verified: list[Line], refused: list[Refusal]) -> list[Line]:
    """What resembles no member of a suite."""
    source = night.paths.night / PLACE_OF_STAGES / "evident.jsonl"
    with writing(source) as file:
        for line in verified:
            file.write(line.record)
    work = night.run([_against(night, source)], PLACE_OF_STAGES)
    removed: dict[int, str] = {}
    for raw in (work / CLEAN / f"{CLEAN}.jsonl.removed.jsonl").read_bytes().splitlines():
        out: dict[str, Any] = msgspec.json.decode(raw)
        like = f" ({out['like']})" if out.get("like") else ""
        removed[int(out["where"].rpartition(":")[2])] = f"{out['reason']}{like}"
    for number, line in enumerate(verified, 1):
        if number in removed:
            refused.append(refusal(_run(line), line.event, removed[number]))
    return [line for number, line in enumerate(verified, 1) if number not in removed]


def _against(night: Night, source: Path) -> Stage:
    settings = night.settings
    argv = [
        *RTLBENCH, "combine", str(source), "--out", f"{OUT}/{CLEAN}.jsonl", "--duplicates", "none",
        "--allow-empty",
        "--accept", settings.accept.value,
        "--threshold", str(settings.min_delta_score), "-n", settings.processes,
        *(word for suite in settings.against for word in ("--against", suite)),
    ]  # fmt: skip
    return Stage(name=CLEAN, argv=tuple(argv), needs=())


def _newest(lines: list[Line], refused: list[Refusal]) -> list[Line]:
    """Of each task the newest record; what is not right never stands in for what is."""
    newest: dict[str, Line] = {}
    for line in sorted(lines, key=_age):
        spec = str(line.record.metadata["spec_hash"])
        if (older := newest.get(spec)) is not None:
            refused.append(refusal(_run(older), older.event, "a newer answer to the task is there"))
        newest[spec] = line
    return sorted(newest.values(), key=_age)


def _age(line: Line) -> tuple[str, str, str]:
    return str(line.record.metadata["generated_at"]), _run(line), line.event


def _run(line: Line) -> str:
    return str(line.record.metadata["run_id"])


def _refused(lines: Iterable[Line]) -> Iterator[Refusal]:
    """The refusals of passing answers; one that failed before is here because it must."""
    for line in lines:
        if REJECTED_OF not in line.record.metadata:
            said = line.judged.messages[:1]
            reason = ": ".join([line.judged.refused or "refused", *said])
            yield refusal(_run(line), line.event, reason)


def _lines(path: Path) -> Iterator[Line]:
    for found in read_records(str(path)):
        if isinstance(found, Placed):
            judged = msgspec.convert(found.record.metadata[PLACE], Provenance)
            yield Line(found.where, found.record, judged)


def _written(
    night: Night, lines: list[Line], pairs: list[Pair], refused: list[Refusal]
) -> Ended:
    paths = night.paths
    with writing(paths.delta) as file:
        for line in lines:
            file.write(finished(line))
    with writing(paths.pairs) as file:
        for pair in pairs:
            file.write(pair)
    every = [*(msgspec.convert(r, Refusal) for r in refusals(night)), *refused]
    with writing(paths.refused) as file:
        for one in sorted(every, key=lambda r: (r.run_id, r.event, r.stage)):
            file.write(one)
    result = {
        "records": len(lines),
        "pairs": len(pairs),
        "refused": len(every),
        "sha256": file_hash(str(paths.delta)),
    }
    told = f"{len(lines)} records, {len(pairs)} pairs; {len(every)} refused"
    return Ended(message=f"{told} ({paths.refused.name})" if every else told, result=result)


def finished(line: Line) -> Record:
    """The record as delta.jsonl has it."""
    judged = line.judged
    known = {k: v for k, v in line.record.metadata.items() if k not in ("event", PLACE)}
    metadata = {
        **known,
        "category": judged.category,
        "sim_passed": judged.checks.get("simulation") in ("pass", SELF_TESTED),
        "compile_success": judged.checks.get("syntax") == "pass" and judged.synthesizes is True,
        "formal": judged.formal,
        PLACE: line.record.metadata[PLACE],
    }
    return msgspec.structs.replace(line.record, metadata=metadata)
