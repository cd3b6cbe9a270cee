"""How well a testbench can tell: the share of an answer's own mutants that it notices.

The mutants are small changes of the answer by the operators of the registry, the same for the same
seed. One that is proved to be what the answer is does not count.
"""

from __future__ import annotations

import msgspec
from pyslang import SourceManager

from rtlbench.checks.testbench_run import TestedDesign, interface_of, keep_top, run_testbench
from rtlbench.equivalence.compare import check_equivalence
from rtlbench.errors import HarnessError
from rtlbench.mutation.mutants import source_mutants
from rtlbench.records.spec import Spec, Testbench
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.renaming import as_hardware, renamed, renamed_golden
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import elaborate, parse
from rtlbench.suites.interface import ports_of, with_roles

MUTANTS = 8
SAME_SECONDS = 1.0


class Noticed(msgspec.Struct, frozen=True, kw_only=True):
    """What a testbench made of an answer's mutants."""

    mutants: int
    """Those that do something else than the answer, as far as is known."""
    noticed: int
    """Those of which it does not say what it says of the answer."""

    @property
    def share(self) -> float | None:
        """In [0, 1]; None where there are no mutants."""
        return round(self.noticed / self.mutants, 3) if self.mutants else None


def notices(
    testbench: Testbench, answer: str, top: str, *, says: str = "pass", seed: int = 0
) -> Noticed:
    """Try `testbench` on up to MUTANTS mutants of `answer`.

    Args:
        answer: RTL that has passed the safety Check, and that the testbench passes.
        says: How a run with the answer ends: `silent` where silence is its word for right.
    """
    source = prepare(answer).text
    spec = _as_golden(as_hardware(source, scan(parse(source, SourceManager()))), top)
    try:
        mutants = source_mutants(spec, MUTANTS, seed)
    except HarnessError:
        return Noticed(mutants=0, noticed=0)
    noticed = unnoticed = 0
    for mutant in mutants:
        design = _design(mutant.text, top)
        ended = run_testbench(testbench, keep_top(design)).ended
        if ended in ("compile", "crash", "memory"):
            continue
        if ended != says:
            noticed += 1
        elif not _is_the_same(spec, design):
            unnoticed += 1
    return Noticed(mutants=noticed + unnoticed, noticed=noticed)


def _as_golden(answer: str, top: str) -> Spec:
    spec = Spec(
        id=top,
        category="",
        family="",
        difficulty="medium",
        title="",
        prompt="",
        top=top,
        ports=ports_of(answer, top),
        golden=answer,
    )
    return with_roles([spec])[0]


def _design(text: str, top: str) -> TestedDesign:
    view = elaborate(text, top)
    return TestedDesign(text, scan(view.tree), interface_of(view.top))


def _is_the_same(spec: Spec, design: TestedDesign) -> bool:
    try:
        golden = renamed_golden(spec, "golden_")
        mutant: Unit = renamed(design.text, design.scan, spec.top, "lane0_")
        return check_equivalence(spec, golden, mutant, SAME_SECONDS).verdict == "proved"
    except HarnessError:
        return False
