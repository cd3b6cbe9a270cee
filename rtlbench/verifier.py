"""The Verifier: Candidates in, Verdicts out. Benchmark, filter, reward and the
nightly job all come through here; none of them runs a tool of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import msgspec

from rtlbench.checks import CHECKS
from rtlbench.checks.base import Context, Work
from rtlbench.checks.goldens import Goldens
from rtlbench.checks.runner import Group, ask_all, error_of
from rtlbench.checks.verdict_fields import flag, formal, formal_depth, functional
from rtlbench.errors import HarnessError
from rtlbench.records.candidate import CUT_OFF, Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Outcome, Verdict
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.preprocessing import prepare
from rtlbench.sandbox.locate import require_tools
from rtlbench.sandbox.sandbox import isolation
from rtlbench.scoring import WEIGHTS, outcome_of, score
from rtlbench.simulation.simulators import get_simulator

BATCH = 64
"""Candidates that go through the Checks together."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What a Verdict depends on beside candidate and Spec."""

    simulator: str = "icarus"
    seed: int = 0
    """Of the stimulus."""
    formal: bool = False
    """Whether to compare with the golden formally, too."""
    formal_seconds: int = 10
    """CPU seconds for one such comparison."""

    def digest(self) -> str:
        """SHA-256, hex."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


class Verifier:
    """Judges candidates; keeps the goldens' netlists of the last Specs it saw.

    Raises:
        UserError: A tool is missing and nothing stands in for it.
    """

    def __init__(self, config: Config | None = None) -> None:
        require_tools()
        self.config = config or Config()
        self._goldens = Goldens()

    def verify(self, spec: Spec | None, candidates: Sequence[Candidate]) -> list[Verdict]:
        """A Verdict for each candidate, in order.

        Args:
            spec: The task that the candidates answer; None asks the static Checks only.
            candidates: Each is held to its own `instruction`, or else to the Spec's prompt.

        Raises:
            UserError: The chosen simulator does not exist or is not installed.
        """
        return self.verify_mixed([(spec, c) for c in candidates])

    def verify_mixed(self, pairs: Sequence[tuple[Spec | None, Candidate]]) -> list[Verdict]:
        """A Verdict for each candidate, in order: that which `verify` gives for its Spec.

        Candidates of different Specs share the calls of the tools that know nothing of a Spec.

        Raises:
            UserError: The chosen simulator does not exist or is not installed.
        """
        verdicts: dict[int, Verdict] = {}
        for batch in _batches(pairs):
            specs = [pairs[alike[0]][0] for alike in batch]
            self._goldens.prepare([s for s in specs if s is not None])
            groups = [self._group([pairs[k] for k in alike]) for alike in batch]
            ask_all(groups)
            for alike, group in zip(batch, groups, strict=True):
                found = [self._verdict(w, group.spec, w.results, group.asked) for w in group.works]
                verdicts.update(zip(alike, found, strict=True))
        return [verdicts[k] for k in range(len(pairs))]

    def _group(self, pairs: Sequence[tuple[Spec | None, Candidate]]) -> Group:
        spec = pairs[0][0]
        works = [_prepare(c, spec) for _, c in pairs]
        try:
            context = self._context(spec, bool(works[0].words))
        except HarnessError as e:
            for work in works:
                work.results["syntax"] = error_of("syntax", e)
            return Group(spec, works, None, list(CHECKS))
        return Group(spec, works, context, [n for n, c in CHECKS.items() if c.applies(context)])

    def _context(self, spec: Spec | None, worded: bool) -> Context:
        judged = spec is not None and (spec.reference or spec.testbench)
        return Context(
            spec=spec,
            worded=worded,
            simulator=get_simulator(self.config.simulator) if judged else None,
            golden=self._goldens.of(spec) if spec is not None and spec.golden else None,
            seed=self.config.seed,
            formal=self.config.formal,
            formal_seconds=self.config.formal_seconds,
        )

    def key(self, spec: Spec | None, candidate: Candidate) -> str:
        """What a resumed run recognises a Verdict by, computed without judging."""
        task = spec.digest() if spec is not None else ""
        parts = (
            f"{task}-{candidate.instruction}" if candidate.instruction or not task else task,
            self.config.digest(),
            candidate.digest(),
            candidate.model,
            str(candidate.sample),
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _verdict(
        self,
        work: Work,
        spec: Spec | None,
        results: dict[str, CheckResult],
        asked: Sequence[str],
    ) -> Verdict:
        names = [n for n in asked if n not in results or results[n].decided]
        outcome = outcome_of(results, names)
        errored = outcome is Outcome.ERROR
        candidate = work.candidate
        return Verdict(
            spec_id=spec.id if spec is not None else candidate.spec_id,
            sample=candidate.sample,
            model=candidate.model,
            outcome=outcome,
            score=0.0 if errored else score(results, names),
            syntax_valid=flag(results, "syntax") or False,
            synthesizes=flag(results, "synthesis"),
            all_io_used=flag(results, "ports"),
            functional=functional(results) if "simulation" in names else None,
            formal=formal(results),
            formal_depth=formal_depth(results),
            checks=dict(results),
            findings=tuple(f for r in results.values() for f in r.findings),
            category=spec.category if spec is not None else None,
            suite=spec.suite if spec is not None else None,
            candidate_hash=candidate.digest(),
            key=self.key(spec, candidate),
            extraction=work.extraction.how,
            truncated=candidate.finish_reason == CUT_OFF,
            isolation=str(isolation()),
            weights={n: WEIGHTS[n] for n in names},
        )


def _prepare(candidate: Candidate, spec: Spec | None) -> Work:
    top = spec.top if spec is not None else None
    words = _words(candidate, spec)
    extraction = extract(candidate.text, top, words)
    source = prepare(extraction.rtl)
    return Work(candidate, extraction, source, top, words=words)


def _words(candidate: Candidate, spec: Spec | None) -> str:
    """What the candidate answers; empty where that is nothing but white space."""
    choices = (candidate.instruction, spec.prompt if spec is not None else "")
    return next((words for words in choices if words.strip()), "")


def _batches(pairs: Sequence[tuple[Spec | None, Candidate]]) -> Iterator[list[list[int]]]:
    """Places in `pairs`, by what has a Spec in common and is worded or not, up to BATCH a time."""
    groups: dict[tuple[str, bool], list[int]] = {}
    for k, (spec, candidate) in enumerate(pairs):
        key = (spec.digest() if spec is not None else "", bool(_words(candidate, spec)))
        groups.setdefault(key, []).append(k)
    batch: list[list[int]] = []
    for places in groups.values():
        for at in range(0, len(places), BATCH):
            part = places[at : at + BATCH]
            if sum(map(len, batch)) + len(part) > BATCH:
                yield batch
                batch = []
            batch.append(part)
    if batch:
        yield batch
