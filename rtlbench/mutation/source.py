"""Mutants made in the golden's text, each a small change that slang still accepts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import zip_longest

from pyslang.parsing import Token

from rtlbench.errors import HarnessError
from rtlbench.mutation.design import Design
from rtlbench.mutation.mutant import Mutant, Proposal
from rtlbench.mutation.operators import OPERATORS
from rtlbench.records.spec import Spec
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.slang import elaborate


def source_mutants(spec: Spec, limit: int | None = None, seed: int = 0) -> list[Mutant]:
    """Mutants of the Spec's golden, every operator's in turn; the same for the same seed.

    What slang refuses, what equals the golden and what another mutant already says is dropped.

    Raises:
        HarnessError: The golden is not a text that the tools may see.
    """
    source = prepare(spec.golden)
    if source.refusals:
        raise HarnessError(f"{spec.id}: the golden is refused: {source.refusals[0].message}")
    design = Design(spec, source.text)
    seen = {canonical(design)}
    found: list[Mutant] = []
    for kind, proposal in _in_turn(design, random.Random(f"{spec.id}/{seed}")):
        if limit is not None and len(found) >= limit:
            break
        text = proposal.apply(source.text)
        form = _accepted(spec, text)
        if form is not None and form not in seen:
            seen.add(form)
            found.append(_mutant(design, kind, proposal, text))
    return found


def _in_turn(design: Design, rng: random.Random) -> Iterator[tuple[str, Proposal]]:
    """One proposal of each operator, then a second of each, until none is left."""
    columns = []
    for name, operator in OPERATORS.items():
        proposals = list(operator.propose(design))
        rng.shuffle(proposals)
        columns.append([(name, p) for p in proposals])
    for row in zip_longest(*columns):
        yield from (entry for entry in row if entry is not None)


def canonical(design: Design) -> str:
    """The text without what only people see: comments and white space."""
    words: list[str] = []

    def visit(node: object) -> None:
        if isinstance(node, Token):
            words.append(node.rawText)

    design.tree.root.visit(visit)
    return " ".join(w for w in words if w)


def _accepted(spec: Spec, text: str) -> str | None:
    """The canonical form of a text that slang elaborates; None for any other."""
    view = elaborate(text, spec.top)
    if view.top is None or any(view.errors):
        return None
    return canonical(Design(spec, text))


def _mutant(design: Design, kind: str, proposal: Proposal, text: str) -> Mutant:
    first = min(proposal.edits).start
    return Mutant(
        kind=kind, text=text, line=design.line(first), description=proposal.told, source="source"
    )
