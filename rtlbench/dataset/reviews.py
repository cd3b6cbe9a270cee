"""What people decided of training data (`rtlbench review`), and what `combine` makes of it.

A file of decisions is JSONL that is only added to; of one reviewer's decisions on a record the
last one counts. A record is known by its instruction, output and testbench, wherever it stands. Of
several reviewers a rejection by one is enough; corrections that differ leave the record out until
they agree.

Guarantee: a decision lets nothing in that a Check has failed. An accepted record that only the
static Checks have passed is attested by who read it; a corrected one goes in as the judged record
that the correction became, sealed like what the filter writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from rtlbench.dataset.filter.seal import SEAL, doubt_of, seal_of
from rtlbench.dataset.filter.written import PLACE
from rtlbench.errors import UserError
from rtlbench.io.log import whole_lines
from rtlbench.io.untrusted import from_json, one_line
from rtlbench.records.example import Placed, Record
from rtlbench.records.tier import Tier, noted_tier

DECISION_SCHEMA_VERSION = 1
Word: TypeAlias = Literal["accept", "reject", "correct", "undecided"]
BY_A_REVIEWER = "a reviewer"


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of FILE.REVIEWER.review.jsonl."""

    record: str
    """SHA-256 of the record (`record_hash`), as it was before the decision."""
    where: str
    """File and line, for people."""
    reviewer: str
    decision: Word
    """`undecided` takes an earlier decision back; its comment stays."""
    comment: str = ""
    corrected: Record | None = None
    """The record that a correction became, judged and sealed."""
    at: str
    """When, UTC."""
    schema_version: int = DECISION_SCHEMA_VERSION


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What all reviewers together say of a record."""

    decision: Literal["accept", "reject", "correct", "disputed"]
    by: tuple[str, ...]
    comment: str = ""
    corrected: Record | None = None


class Reviewed(msgspec.Struct, frozen=True):
    """A record after its review."""

    placed: Placed
    left_out: str = ""
    """The reason, where it is not to stay."""
    detail: str = ""


def record_hash(record: Record) -> str:
    """What a record is known by: SHA-256 over instruction, output and testbench, hex."""
    parts = msgspec.json.encode((record.instruction, record.output, record.testbench))
    return hashlib.sha256(parts).hexdigest()


def read_decisions(path: Path) -> Iterator[Decision]:
    """The decisions of a file, in order; a last line that was cut off is none.

    Raises:
        UserError: It cannot be read, or a line is no decision.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file of decisions; `rtlbench review` writes them")
    try:
        for number, (_, line) in enumerate(whole_lines(path), 1):
            try:
                yield from_json(line, Decision)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as e:
                raise UserError(f"{path}:{number}: no decision of `rtlbench review` ({e})") from e
    except OSError as e:
        raise UserError(f"{path}: cannot read it ({e.strerror})") from e


def last_decisions(decisions: Iterable[Decision]) -> dict[str, dict[str, Decision]]:
    """What counts: by record, then by reviewer, what was said last and not taken back."""
    found: dict[str, dict[str, Decision]] = {}
    for one in decisions:
        by_reviewer = found.setdefault(one.record, {})
        by_reviewer.pop(one.reviewer, None)
        if one.decision != "undecided":
            by_reviewer[one.reviewer] = one
    return {record: by for record, by in found.items() if by}


class Reviews:
    """The decisions of any number of reviewers.

    Args:
        only_reviewed: Whether what nobody accepted or corrected is left out.
    """

    def __init__(self, decisions: Iterable[Decision] = (), *, only_reviewed: bool = False) -> None:
        last = last_decisions(decisions)
        self._rulings = {record: ruling(list(by.values())) for record, by in last.items()}
        self._only_reviewed = only_reviewed
        self._met: set[str] = set()

    def of(self, placed: Placed) -> Reviewed:
        """The record as its reviewers leave it."""
        if not self._rulings and not self._only_reviewed:
            return Reviewed(placed)
        name = record_hash(placed.record)
        found = self._rulings.get(name)
        if found is None:
            return Reviewed(placed, "review.none" if self._only_reviewed else "")
        self._met.add(name)
        if found.decision in ("reject", "disputed"):
            told = one_line(f"{', '.join(found.by)}: {found.comment}".rstrip(": "))
            word = "rejected" if found.decision == "reject" else found.decision
            return Reviewed(placed, f"review.{word}", told)
        record = found.corrected if found.corrected is not None else placed.record
        return Reviewed(msgspec.structs.replace(placed, record=_signed(record, found.by)))

    @property
    def unmet(self) -> int:
        """Records that were decided on and not met so far."""
        return len(self._rulings) - len(self._met)


def ruling(decisions: Sequence[Decision]) -> Ruling:
    """What the reviewers of one record say together, each by what he said last."""
    rejections = [d for d in decisions if d.decision == "reject"]
    if rejections:
        comments = "; ".join(d.comment for d in rejections if d.comment)
        return Ruling(decision="reject", by=_names(rejections), comment=comments)
    corrections = [d for d in decisions if d.corrected is not None]
    if len({record_hash(d.corrected) for d in corrections if d.corrected is not None}) > 1:
        told = "their corrections differ"
        return Ruling(decision="disputed", by=_names(corrections), comment=told)
    corrected = corrections[0].corrected if corrections else None
    word: Literal["accept", "correct"] = "correct" if corrections else "accept"
    return Ruling(decision=word, by=_names(corrections or decisions), corrected=corrected)


def _names(decisions: Iterable[Decision]) -> tuple[str, ...]:
    return tuple(sorted({d.reviewer for d in decisions}))


def _signed(record: Record, reviewers: tuple[str, ...]) -> Record:
    """The record with who has read it, attested where nothing spoke for it; one whose seal is
    broken, or that no filter has judged, stays what it is."""
    about: Any = record.metadata.get(PLACE)
    if not isinstance(about, dict) or _is_doubtful(record, about):
        return record
    said = {**about, "reviewers": list(reviewers)}
    if noted_tier(about) is Tier.UNPROVEN and about.get("functional") is not False:
        said |= {"tier": Tier.ATTESTED.value, "evidence": BY_A_REVIEWER}
    said[SEAL] = seal_of(record, said)
    return msgspec.structs.replace(record, metadata={**record.metadata, PLACE: said})


def _is_doubtful(record: Record, about: Mapping[str, Any]) -> bool:
    judged, given = about.get("candidate_hash"), about.get("original_output")
    return bool(doubt_of(record, about, str(judged), given))
