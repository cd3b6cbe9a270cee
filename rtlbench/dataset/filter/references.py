"""References in Verilog that records are held to: those of a file, found by their words, and those
that records carry; and the Specs that they make.

Guarantee: a reference is text from outside. Nothing but slang opens one that the static Checks
have not cleared; one that they do not clear judges nothing, and the record says why.

The words alone seldom say what a module is called, so an answer may call it what it likes: the
reference is renamed. Its ports must be the reference's, name by name, or the reference answers
another question than the words put, and says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from rtlbench.checks.record_testbench import refusal
from rtlbench.dataset.filter.wording import squeezed, words_of
from rtlbench.dataset.reading import read_records
from rtlbench.errors import HarnessError, UserError
from rtlbench.records.example import Placed, Record
from rtlbench.records.spec import Port, Spec, Testbench
from rtlbench.records.verdict import CheckResult, Outcome, Verdict
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.slang import elaborate
from rtlbench.suites.interface import ports_of, with_roles
from rtlbench.suites.native import instantiated, outside_modules, renamed_module, scan_text

SUITE = "dataset"
FIELDS = ("reference", "ref", "golden", "golden_module", "canonical_solution", "ground_truth")
"""Of a record, in this order: where its reference is."""
FOUND, CARRIED, TOLD = "reference", "own_reference", "told"
"""How a record came by its reference: by its words in a file, in one of FIELDS, or from us, who
understand every word."""


class ReadReference(msgspec.Struct, frozen=True):
    """A reference as slang reads it."""

    text: str
    top: str
    ports: tuple[Port, ...]


class ReferenceBook:
    """The references of some files, by their words, and what else may judge records.

    Args:
        urls: Training data of any layout. The reference is one of FIELDS, where there is one, else
            the answer.
        specs: Tasks of other suites, found by their words alone.
        carried: Whether what records carry, a reference and a bench, is trusted.

    Raises:
        UserError: A file cannot be read, or holds no reference.
    """

    def __init__(
        self, urls: Iterable[str] = (), specs: Sequence[Spec] = (), *, carried: bool = False
    ) -> None:
        self.specs, self.carried = specs, carried
        self._by_words: dict[tuple[str, ...], str | None] = {}
        for url in urls:
            self._read(url)

    def _read(self, url: str) -> None:
        count = 0
        for found in read_records(url):
            if isinstance(found, Placed) and (key := words_of(found.record.instruction)):
                count += 1
                code = carried(found.record) or found.record.output
                before = self._by_words.setdefault(key, code)
                if before is not None and squeezed(before) != squeezed(code):
                    self._by_words[key] = None  # two tasks of the same words: in doubt neither
        if not count:
            raise UserError(f"--references {url}: no record with words and code is in it")

    def find(self, instruction: str) -> str | None:
        """The reference for a task's words; None where there is none, or more than one."""
        return self._by_words.get(words_of(instruction)) if self._by_words else None


def carried(record: Record) -> str | None:
    """The reference that a record has in one of FIELDS."""
    given = (record.metadata.get(field) for field in FIELDS)
    return next((g for g in given if isinstance(g, str) and "module" in g), None)


def reference_spec(record: Record, code: str, *, benched: bool = False) -> Spec | str:
    """The record as the answer to a task that `code` answers rightly, or why it is none.

    Args:
        benched: Whether the record's own bench drives the reference, and names the module.
    """
    reference = read_reference(code)
    if isinstance(reference, str):
        return reference
    bench = _bench(record.testbench, reference) if benched and record.testbench else None
    if bench is not None:
        top, module, testbench = bench
    else:
        named = answered(record)
        if named is None or _faces(named.ports) != _faces(reference.ports):
            return "the reference has other ports than the answer"
        top, module, testbench = named.top, reference.top, None
    if top != module and top in scan_text(reference.text).modules:
        return f"the reference has a module of the answer's name, {top[:80]}"
    golden = renamed_module(reference.text, module, top)
    return Spec(
        id=f"reference_{hashlib.sha256(code.encode()).hexdigest()[:12]}",
        category="",
        family="",
        difficulty="medium",
        title="judged by a reference in Verilog",
        prompt=record.instruction,
        top=top,
        ports=ports_of(golden, top),
        golden=golden,
        testbench=testbench,
        suite=SUITE,
    )


def _bench(text: str, reference: ReadReference) -> tuple[str, str, Testbench] | None:
    """The answer's module, the reference's, and the bench; None where it is not one to use."""
    if refusal(text):
        return None
    own = scan_text(reference.text).modules
    try:
        top = instantiated("testbench", text, own)
    except UserError:
        return None
    module = next((n for n in outside_modules(text) if n in own), reference.top)
    return top, module, Testbench(text=text, compares=True, beside=reference.text)


def answered(record: Record) -> ReadReference | None:
    """An answer's module and ports, where slang reads it."""
    found = read_reference(extract(record.output, None, record.instruction).rtl)
    return found if isinstance(found, ReadReference) else None


@lru_cache(maxsize=1024)
def read_reference(code: str) -> ReadReference | str:
    """A text's module and ports, or why it has none."""
    source = prepare(extract(code, None, "").rtl)
    if source.refusals:
        return f"the reference is not read: {source.refusals[0].message[:200]}"
    try:
        view = elaborate(source.text, None)
    except HarnessError as e:
        return f"the reference is not read: {str(e)[:200]}"
    if view.top is None:
        return "the reference has no one top module"
    top = str(view.top.name)
    ports = ports_of(source.text, top)
    return ReadReference(source.text, top, ports) if ports else "the reference does not elaborate"


def _faces(ports: Sequence[Port]) -> set[tuple[str, str, int]]:
    return {(p.name, p.direction, p.width) for p in ports}


def is_referenced(spec: Spec | None) -> bool:
    """Whether a Spec is one that `reference_spec` made."""
    return spec is not None and spec.suite == SUITE and bool(spec.golden)


def cleared(specs: Sequence[Spec], verdicts: Sequence[Verdict]) -> list[Spec | str]:
    """Each Spec with the roles of its ports, or why its reference judges nothing.

    Args:
        verdicts: Of the references, under the static Checks.
    """
    doubts = [_doubt(v.checks) for v in verdicts]
    ready = iter(with_roles([s for s, doubt in zip(specs, doubts, strict=True) if not doubt]))
    return [doubt or next(ready) for doubt in doubts]


def _doubt(checks: dict[str, CheckResult]) -> str:
    """Why a reference is not used; empty where it may be."""
    for name in ("syntax", "safety"):
        result = checks.get(name)
        if result is None or result.outcome is not Outcome.PASS:
            told = result.findings[0].message if result and result.findings else "not cleared"
            return f"the reference is not used: {told[:200]}"
    return ""
