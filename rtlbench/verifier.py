"""The Verifier: Candidates of one Spec in, Verdicts out. Benchmark, filter, reward and the
nightly job all come through here; none of them runs a tool of its own."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Sequence

import msgspec

from rtlbench.bench.simulators import get_simulator
from rtlbench.candidate import Candidate, extract
from rtlbench.checks import CHECKS
from rtlbench.checks.base import Check, Context, Work
from rtlbench.checks.units import renamed_golden
from rtlbench.errors import HarnessError, UserError
from rtlbench.scoring import WEIGHTS, outcome_of, score
from rtlbench.source import prepare
from rtlbench.spec import Spec
from rtlbench.tools.locate import require_tools
from rtlbench.tools.netlist import Netlist
from rtlbench.tools.process import ISOLATION
from rtlbench.tools.yosys import netlists
from rtlbench.verdict import CheckResult, FormalVerdict, Outcome, Verdict

BATCH = 64
"""Candidates that go through the Checks together."""
KEPT_GOLDENS = 8


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
        self._goldens: dict[str, Netlist | None] = {}

    def verify(
        self, spec: Spec | None, candidates: Sequence[Candidate], instruction: str = ""
    ) -> list[Verdict]:
        """A Verdict for each candidate, in order.

        Args:
            spec: The task that the candidates answer; None asks the static Checks only.
            instruction: The words that they answer, where there is no Spec.

        Raises:
            UserError: The chosen simulator does not exist or is not installed.
        """
        verdicts: list[Verdict] = []
        for at in range(0, len(candidates), BATCH):
            verdicts += self._verify_batch(spec, candidates[at : at + BATCH], instruction)
        return verdicts

    def _verify_batch(
        self, spec: Spec | None, candidates: Sequence[Candidate], instruction: str
    ) -> list[Verdict]:
        works = [_prepare(c, spec) for c in candidates]
        try:
            context = self._context(spec, instruction)
        except HarnessError as e:
            failed = _error("syntax", e)
            return [self._verdict(w, spec, {"syntax": failed}, list(CHECKS)) for w in works]
        checks = [c for c in CHECKS.values() if c.applies(context)]
        for check in checks:
            _ask(check, [w for w in works if _is_open(w, check)], context)
        names = [c.name for c in checks]
        return [self._verdict(w, spec, w.results, names) for w in works]

    def _context(self, spec: Spec | None, instruction: str) -> Context:
        judged = spec is not None and (spec.reference or spec.testbench)
        return Context(
            spec=spec,
            instruction=spec.prompt if spec is not None else instruction,
            simulator=get_simulator(self.config.simulator) if judged else None,
            golden=self._golden(spec) if spec is not None and spec.golden else None,
            seed=self.config.seed,
            formal=self.config.formal,
            formal_seconds=self.config.formal_seconds,
        )

    def _golden(self, spec: Spec) -> Netlist | None:
        key = spec.digest()
        if key not in self._goldens:
            while len(self._goldens) >= KEPT_GOLDENS:
                self._goldens.pop(next(iter(self._goldens)))
            made = netlists([renamed_golden(spec, "unit0_")])[0]
            self._goldens[key] = made if isinstance(made, Netlist) else None
        return self._goldens[key]

    def key(self, spec: Spec | None, candidate: Candidate, instruction: str = "") -> str:
        """What a resumed run recognises a Verdict by, computed without judging."""
        parts = (
            spec.digest() if spec is not None else f"-{instruction}",
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
            syntax_valid=_flag(results, "syntax") or False,
            synthesizes=_flag(results, "synthesis"),
            all_io_used=_flag(results, "ports"),
            functional=_flag(results, "simulation") if "simulation" in names else None,
            formal=_formal(results),
            formal_depth=_formal_depth(results),
            checks=dict(results),
            findings=tuple(f for r in results.values() for f in r.findings),
            category=spec.category if spec is not None else None,
            suite=spec.suite if spec is not None else None,
            candidate_hash=candidate.digest(),
            key=self.key(spec, candidate),
            extraction=work.extraction.how,
            isolation=ISOLATION,
            weights={n: WEIGHTS[n] for n in names},
        )


def _prepare(candidate: Candidate, spec: Spec | None) -> Work:
    top = spec.top if spec is not None else None
    extraction = extract(candidate.text, top)
    return Work(candidate, extraction, prepare(extraction.rtl), top)


def _is_open(work: Work, check: Check) -> bool:
    return all(work.passed(n) for n in check.needs)


def _ask(check: Check, works: Sequence[Work], context: Context) -> None:
    """Ask `check` of all `works`; where the harness breaks, of each alone."""
    if not works:
        return
    try:
        results = check.run(works, context)
    except UserError:
        raise
    except Exception as e:  # noqa: BLE001 - any bug of ours is an error, never a fail
        if len(works) > 1:
            for work in works:
                _ask(check, [work], context)
            return
        results = [_error(check.name, e)]
    for work, result in zip(works, results, strict=True):
        work.results[check.name] = result


def _error(name: str, error: Exception) -> CheckResult:
    told = str(error) if isinstance(error, HarnessError) else "".join(
        traceback.format_exception(error)
    )
    detail: dict[str, str | int | float | bool | None] = {"reason": told[-2000:]}
    return CheckResult(name=name, outcome=Outcome.ERROR, value=0.0, detail=detail)


def _formal(results: dict[str, CheckResult]) -> FormalVerdict | None:
    """What the formal Check found, as long as it is sure of it."""
    result = results.get("formal")
    told = result.detail.get("verdict") if result is not None else None
    known = result is not None and result.outcome is not Outcome.ERROR
    return msgspec.convert(told, FormalVerdict | None) if known else None


def _formal_depth(results: dict[str, CheckResult]) -> int | None:
    depth = results["formal"].detail.get("depth") if "formal" in results else None
    return depth if isinstance(depth, int) else None


def _flag(results: dict[str, CheckResult], name: str) -> bool | None:
    """True for a pass, None where the harness could not tell, else False."""
    result = results.get(name)
    if result is None:
        return None if any(r.outcome is Outcome.ERROR for r in results.values()) else False
    return None if result.outcome is Outcome.ERROR else result.outcome is Outcome.PASS
