"""Records in, judged records out: each held to its Spec, where there is one, and to its words."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rtlbench.dataset.filter.bench_evidence import measured
from rtlbench.dataset.filter.cache import VerdictCache, without_traces
from rtlbench.dataset.filter.matching import Matcher, SpecMatch
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Placed, Record
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict
from rtlbench.suites.category import CATEGORIES, categorise
from rtlbench.verifier import Verifier

MODEL = "dataset"
"""What stands for the writer of an answer, which plays no part in its Verdict."""


class WrittenMatch(msgspec.Struct, frozen=True, kw_only=True):
    """What a record was taken for; a SpecMatch that can be written."""

    how: str
    spec_id: str | None = None
    top: str | None = None
    reason: str = ""
    reworded: bool = False


class JudgedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record, what it was taken for, and its Verdict (without traces)."""

    placed: Placed
    category: str
    match: WrittenMatch
    verdict: Verdict


def judge(
    records: Sequence[Placed],
    verifier: Verifier,
    matcher: Matcher,
    cache: VerdictCache | None = None,
) -> list[JudgedRecord]:
    """A Verdict for each record, in order.

    All records share the calls of the static Checks' tools, those of one Spec share simulations;
    so the more records of few Specs, the faster.
    """
    matches = [matcher.match(p.record) for p in records]
    pairs = [(m.spec, candidate_of(p.record, m)) for p, m in zip(records, matches, strict=True)]
    verdicts = _verdicts(verifier, pairs, cache)
    return [
        JudgedRecord(
            placed=placed,
            category=category_of(placed.record, match),
            match=_written(match),
            verdict=verdict,
        )
        for placed, match, verdict in zip(records, matches, verdicts, strict=True)
    ]


def candidate_of(record: Record, match: SpecMatch) -> Candidate:
    """The record as a Candidate: held to its own words, unless they are the Spec's."""
    own_words = match.spec is None or match.reworded
    return Candidate(
        text=record.output,
        instruction=record.instruction if own_words else "",
        spec_id=match.spec.id if match.spec is not None else None,
        model=MODEL,
    )


def category_of(record: Record, match: SpecMatch) -> str:
    """The Spec's category; else the one that the metadata name, where it is one of ours; else
    that of the words."""
    if match.spec is not None and match.spec.category:
        return match.spec.category
    given = record.metadata.get("category")
    if isinstance(given, str) and given in CATEGORIES:
        return given
    return categorise(record.instruction, record.output)


def _verdicts(
    verifier: Verifier,
    pairs: Sequence[tuple[Spec | None, Candidate]],
    cache: VerdictCache | None,
) -> list[Verdict]:
    """Equal candidates are judged once; those whose Verdict is kept, not at all."""
    keys = [verifier.key(spec, candidate) for spec, candidate in pairs]
    by_key = dict(zip(keys, pairs, strict=True))
    known = cache.find(list(by_key)) if cache is not None else {}
    new = {k: pair for k, pair in by_key.items() if k not in known}
    if new:
        made = zip(new.items(), verifier.verify_mixed(list(new.values())), strict=True)
        fresh = {k: without_traces(measured(*pair, v)) for (k, pair), v in made}
        if cache is not None:
            cache.keep(fresh)
        known |= fresh
    return [known[k] for k in keys]


def _written(match: SpecMatch) -> WrittenMatch:
    spec = match.spec
    return WrittenMatch(
        how=match.how,
        spec_id=spec.id if spec is not None else None,
        top=spec.top if spec is not None else None,
        reason=match.reason,
        reworded=match.reworded,
    )
