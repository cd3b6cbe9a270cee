"""Clocking: registers on the wrong edge."""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.mutation.design import Design, Node, propose, replace_token
from rtlbench.mutation.mutant import Edit, Operator, Proposal

_OTHER = {"posedge": "negedge", "negedge": "posedge"}


def edge_wrong(design: Design) -> Iterator[Proposal]:
    """Registers act on the other edge of the clock: of one block, and of all."""
    edits = [e for block in design.clocked for e in _turned(design, block)]
    for edit in edits if len(edits) > 1 else ():
        yield propose("one block acts on the other clock edge", edit)
    if edits:
        yield propose("registers act on the other clock edge", *edits)


def _turned(design: Design, block: Node) -> Iterator[Edit]:
    for event in design.events(block):
        if design.names(event)[0] not in design.resets:
            yield replace_token(event.edge, _OTHER[event.edge.valueText])


OPERATORS = (Operator("edge-wrong", edge_wrong),)
