"""Records in, judged records out: each held to its Spec, where there is one, and to its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from rtlbench.dataset.filter.bench_evidence import measured
from rtlbench.dataset.filter.cache import VerdictCache, without_traces
from rtlbench.dataset.filter.matching import Matcher, SpecMatch
from rtlbench.dataset.filter.references import TOLD, cleared, is_referenced
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Placed, Record
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict
from rtlbench.suites.category import CATEGORIES, categorise
from rtlbench.verifier import Verifier

Pair: TypeAlias = tuple[Spec | None, Candidate]
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
    found = [matcher.match(p.record) for p in records]
    matches = _with_cleared_references(verifier, found, cache)
    matched = zip(records, matches, strict=True)
    pairs: list[Pair] = [(m.spec, candidate_of(p.record, m)) for p, m in matched]
    verdicts = verdicts_of(verifier, pairs, cache)
    matches, verdicts = _without_refuted(records, matches, verdicts, verifier, cache)
    return [
        JudgedRecord(
            placed=placed,
            category=category_of(placed.record, match),
            match=_written(match),
            verdict=verdict,
        )
        for placed, match, verdict in zip(records, matches, verdicts, strict=True)
    ]


def _without_refuted(
    records: Sequence[Placed],
    matches: list[SpecMatch],
    verdicts: list[Verdict],
    verifier: Verifier,
    cache: VerdictCache | None,
) -> tuple[list[SpecMatch], list[Verdict]]:
    """Judged again as if there were none, where our own reference for plain words does not prove:
    it may read something into them."""
    open_ = [
        k for k, (m, v) in enumerate(zip(matches, verdicts, strict=True))
        if m.how == TOLD and v.functional is not True
    ]  # fmt: skip
    if not open_:
        return matches, verdicts
    matches, verdicts = list(matches), list(verdicts)
    for k in open_:
        told = f"not the circuit that its plain words name: {matches[k].reason}"
        matches[k] = SpecMatch(reason=told)
    pairs: list[Pair] = [(None, candidate_of(records[k].record, matches[k])) for k in open_]
    for k, verdict in zip(open_, verdicts_of(verifier, pairs, cache), strict=True):
        verdicts[k] = verdict
    return matches, verdicts


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


def _with_cleared_references(
    verifier: Verifier, matches: Sequence[SpecMatch], cache: VerdictCache | None
) -> list[SpecMatch]:
    """The matches, their references cleared for the tools; without one that is not."""
    every = [m.spec for m in matches if m.spec is not None]
    specs = {s.digest(): s for s in every if is_referenced(s)}
    if not specs:
        return list(matches)
    candidates: list[Pair] = [(None, Candidate(text=s.golden, model=MODEL)) for s in specs.values()]
    verdicts = verdicts_of(verifier, candidates, cache)
    found = dict(zip(specs, cleared(list(specs.values()), verdicts), strict=True))
    return [_cleared(m, found) for m in matches]


def _cleared(match: SpecMatch, found: Mapping[str, Spec | str]) -> SpecMatch:
    spec = found.get(match.spec.digest()) if match.spec is not None else None
    if isinstance(spec, str):
        return SpecMatch(reason=spec)
    return msgspec.structs.replace(match, spec=spec) if spec is not None else match


def verdicts_of(
    verifier: Verifier,
    pairs: Sequence[Pair],
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
