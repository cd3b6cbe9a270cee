"""The Verifier: Candidates in, Verdicts out. Benchmark, filter, reward and the
nightly job all come through here; none of them runs a tool of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import msgspec

from rtlbench.checks import ask_all, checks_with
from rtlbench.checks.alike import leaders
from rtlbench.checks.base import Context, Work, error_of
from rtlbench.checks.golden_netlists import GoldenNetlists
from rtlbench.checks.suite_rule import SuiteVerdict, by_suite_rule, may_run
from rtlbench.errors import HarnessError
from rtlbench.extensions import asked_checks
from rtlbench.records.candidate import CUT_OFF, Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import (
    CheckResult,
    Finding,
    Outcome,
    Severity,
    Verdict,
)
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.preprocessing import prepare
from rtlbench.sandbox.locate import require_tools
from rtlbench.sandbox.sandbox import isolation
from rtlbench.scoring import differs, figures_of, weights_with
from rtlbench.simulation.simulators import get_simulator

SECOND_LOOK_SECONDS = 2
"""CPU seconds of the engines for the second look at what passes simulation."""
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
    second_look: bool = False
    """Whether what passes is compared formally for SECOND_LOOK_SECONDS, though `formal` is not
    asked for: a difference fails it, a tool that is missing is an error, anything else changes
    nothing."""
    judge: str = "reference"
    """`own` asks a suite's own rule alone, `both` that too, where a suite has one."""
    further: tuple[str, ...] = msgspec.field(default_factory=asked_checks)
    """Checks of other packages that are asked, too (rtlbench.extensions)."""

    def digest(self) -> str:
        """SHA-256, hex."""
        said = msgspec.structs.asdict(self)
        if not self.further:
            del said["further"]  # as before there were any
        return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


class Verifier:
    """Judges candidates; keeps the goldens' netlists of the last Specs it saw.

    Raises:
        UserError: A tool is missing and nothing stands in for it.
    """

    def __init__(self, config: Config | None = None) -> None:
        require_tools()
        self.config = config or Config()
        self._checks = checks_with(self.config.further)
        self._goldens = GoldenNetlists()

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
            works = [w for alike in batch for w in self._works([pairs[k] for k in alike])]
            if self.config.judge != "own":
                self._ask(works)
            if self.config.judge != "reference":
                _ask_suites(works)
            places = [k for alike in batch for k in alike]
            verdicts.update((k, self._verdict(w)) for k, w in zip(places, works, strict=True))
        return [verdicts[k] for k in range(len(pairs))]

    def _ask(self, works: Sequence[Work]) -> None:
        """Ask the Checks of all works; of answers that say the same once, unless there are Checks
        that are not ours, which may look at anything."""
        first = works if self.config.further else leaders(works)
        ask_all([w for w, one in zip(works, first, strict=True) if w is one], self._checks)
        for work, one in zip(works, first, strict=True):
            work.results = dict(one.results)

    def _works(self, pairs: Sequence[tuple[Spec | None, Candidate]]) -> list[Work]:
        """Candidates for one Spec; where nothing can be asked of them, the error is in `syntax`."""
        spec, worded = pairs[0][0], bool(_words(pairs[0][1], pairs[0][0]))
        try:
            context = self._context(spec, worded)
        except HarnessError as e:
            context = Context(spec, worded, simulator=None, golden=None, broken=True)
            works = [_prepare(c, context) for _, c in pairs]
            for work in works:
                work.results["syntax"] = error_of("syntax", e)
            return works
        return [_prepare(c, context) for _, c in pairs]

    def _context(self, spec: Spec | None, worded: bool) -> Context:
        judged = spec is not None and spec.judge != "none"
        return Context(
            spec=spec,
            worded=worded,
            simulator=get_simulator(self.config.simulator) if judged else None,
            golden=self._goldens.of(spec) if spec is not None and spec.golden else None,
            seed=self.config.seed,
            formal=self.config.formal or self.config.second_look,
            formal_seconds=(
                self.config.formal_seconds if self.config.formal else SECOND_LOOK_SECONDS
            ),
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

    def _verdict(self, work: Work) -> Verdict:
        context, results, candidate = work.context, work.results, work.candidate
        spec = context.spec
        asked = [n for n, c in self._checks.items() if context.broken or c.applies(context)]
        if self.config.judge == "own" and not context.broken:
            asked = ["simulation"]
        names = [n for n in asked if n not in results or results[n].decided]
        if not self.config.formal and not differs(results) and not _broke(results, "formal"):
            names = [n for n in names if n != "formal"]
        every = weights_with(self.config.further)
        weights = {n: every[n] for n in names}
        says = work.suite.says if work.suite is not None else None
        return Verdict(
            spec_id=spec.id if spec is not None else candidate.spec_id,
            sample=candidate.sample,
            model=candidate.model,
            **msgspec.structs.asdict(figures_of(results, weights, says)),
            suite_rule=says,
            suite_told=work.suite.told if work.suite is not None else "",
            checks=dict(results),
            findings=tuple(f for r in results.values() for f in r.findings),
            category=spec.category if spec is not None else None,
            suite=spec.suite if spec is not None else None,
            candidate_hash=candidate.digest(),
            key=self.key(spec, candidate),
            extraction=work.extraction.how,
            truncated=candidate.finish_reason == CUT_OFF,
            isolation=str(isolation()),
            weights=weights,
        )


def _ask_suites(works: Sequence[Work]) -> None:
    """Have each Spec's suite say by its own rule what it thinks; with `own` that is the result."""
    for work in works:
        spec = work.context.spec
        if spec is None or spec.testbench is None or work.context.broken:
            continue
        if may_run(is_safe=work.passed("safety")):
            answer = work.extraction.rtl or work.candidate.text
            work.suite = by_suite_rule(spec.testbench, spec.top, answer)
        if not work.results:
            work.results["simulation"] = _by_rule(work.suite)


def _by_rule(said: SuiteVerdict | None) -> CheckResult:
    """A suite's own rule as the only word there is."""
    if said is None:
        unsafe = HarnessError("the suite's rule runs answers as they are: not without isolation")
        return error_of("simulation", unsafe)
    outcomes = {"pass": Outcome.PASS, "timeout": Outcome.TIMEOUT}
    outcome = outcomes.get(said.says, Outcome.FAIL)
    findings: tuple[Finding, ...] = ()
    if outcome is not Outcome.PASS:
        findings = (Finding(f"simulation.suite-{said.says}", Severity.ERROR, said.told),)
    value = float(outcome is Outcome.PASS)
    detail: dict[str, str | int | float | bool | None] = {"judge": "the suite's own rule"}
    return CheckResult(
        name="simulation", outcome=outcome, value=value, findings=findings, detail=detail
    )


def _broke(results: dict[str, CheckResult], name: str) -> bool:
    """Whether a Check could not be asked, for want of a tool or by a fault of ours."""
    result = results.get(name)
    return result is not None and result.outcome is Outcome.ERROR and result.decided


def _prepare(candidate: Candidate, context: Context) -> Work:
    words = _words(candidate, context.spec)
    top = context.spec.top if context.spec is not None else None
    extraction = extract(candidate.text, top, words)
    return Work(candidate, extraction, prepare(extraction.rtl), context, words)


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
