"""What is at fault with the tasks of a public suite, measured by the suite's own rule.

The rule (rtlbench.checks.suite_rule) judges, in the answer's place, the suite's own reference,
modules that do nothing, and mutants of the reference. What is provably the reference's circuit is
no stub and no mutant: a task may ask for a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from pyslang import SourceManager

from rtlbench.checks.suite_rule import SuiteVerdict, by_suite_rule
from rtlbench.checks.testbench_run import (
    CONSTANT_STUBS,
    ECHO,
    UNKNOWN_STUBS,
    Interface,
    Pin,
    echo,
    stub,
)
from rtlbench.equivalence.compare import check_equivalence
from rtlbench.errors import HarnessError, UserError
from rtlbench.io.progress import waiting
from rtlbench.mutation.mutants import source_mutants
from rtlbench.records.spec import Spec
from rtlbench.rtl.renaming import renamed, renamed_golden
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import parse
from rtlbench.suites.errata import Erratum, digest_of

MUTANTS = 20
SAME_SECONDS = 2.0


def measured(
    specs: Sequence[Spec], mutants: int = MUTANTS, workers: int = 1
) -> Iterator[tuple[Spec, Erratum]]:
    """Each task that has a rule and a reference, and what was found of it, in order.

    Raises:
        UserError: None of them has both.
    """
    judged = [s for s in specs if s.testbench is not None and s.golden]
    if not judged:
        raise UserError("no task here has a bench and a reference: there is nothing to measure")
    with ThreadPoolExecutor(workers) as pool:  # the tools do the work, in processes of their own
        found = pool.map(lambda s: erratum_of(s, mutants), judged)
        with waiting("trying the suite's rule", "tasks", len(judged)) as phase:
            for spec, erratum in zip(judged, found, strict=True):
                phase.advance()
                yield spec, erratum


def erratum_of(spec: Spec, mutants: int = MUTANTS) -> Erratum:
    """What the suite's rule makes of the task's reference, of stubs and of mutants."""
    right = _says(spec, spec.golden)
    if right.says != "pass":
        told = "" if right.says == "timeout" else right.told
        return Erratum(digest=digest_of(spec), reference=right.says, told=told)
    passed = [said for said, text in _stubs(spec).items()
              if _says(spec, text).says == "pass" and not is_the_same(spec, text)]  # fmt: skip
    noticed, unnoticed = _tried(spec, mutants)
    return Erratum(
        digest=digest_of(spec),
        reference="pass",
        stubs=tuple(passed),
        mutants=noticed + unnoticed,
        noticed=noticed,
    )


def is_the_same(spec: Spec, text: str) -> bool:
    """Whether a module is provably what the task's golden is."""
    try:
        other = renamed(text, scan(parse(text, SourceManager())), spec.top, "lane0_")
        golden = renamed_golden(spec, "golden_")
        return check_equivalence(spec, golden, other, SAME_SECONDS).verdict == "proved"
    except HarnessError:
        return False


def _says(spec: Spec, text: str) -> SuiteVerdict:
    assert spec.testbench is not None
    return by_suite_rule(spec.testbench, spec.top, text)


def _stubs(spec: Spec) -> dict[str, str]:
    pins = tuple(Pin(p.name, p.direction == "output", p.width) for p in spec.ports)
    face = Interface(spec.top, pins, ())
    texts = {said: stub(face, value) for said, value in (CONSTANT_STUBS | UNKNOWN_STUBS).items()}
    return {**texts, ECHO: echo(face)}


def _tried(spec: Spec, count: int) -> tuple[int, int]:
    """Mutants that the rule notices, and that it does not and that may differ."""
    try:
        mutants = source_mutants(spec, count)
    except HarnessError:
        return 0, 0
    noticed = unnoticed = 0
    for mutant in mutants:
        if _says(spec, mutant.text).says != "pass":
            noticed += 1
        elif not is_the_same(spec, mutant.text):
            unnoticed += 1
    return noticed, unnoticed
