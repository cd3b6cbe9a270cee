"""Wrong answers of the kinds that models give.

Most are one change of the golden (rtlbench.mutation); to these come the two classics, an enable
that is declared and ignored and an output that is never assigned, and answers that are no module
of the asked name at all. `SPOILT` are wrong by how they are made; of the others a simulation must
show that they are (rtlbench.dataset.corpus.member).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.mutation.design import Design, replace
from rtlbench.mutation.mutant import Edit, Proposal
from rtlbench.mutation.source import source_mutants
from rtlbench.records.spec import Port, Spec


class Defect(msgspec.Struct, frozen=True, kw_only=True):
    """A wrong answer, or one that may be."""

    kind: str
    text: str


SPOILT = ("truncated", "missing-semicolon", "wrong-module-name")
"""Kinds that nothing can be made of; their text is a finished answer."""
_SEMICOLON = re.compile(r"<=[^;]*(;)")


def suspects(spec: Spec, text: str, limit: int, seed: int) -> list[Defect]:
    """Changed goldens that may be wrong: the classics, then mutants, `limit` in all at most."""
    design = Design(spec, text)
    classics = [
        *(d for p in spec.inputs if p.role == "enable" for d in _ignored(design, p)),
        *(_unassigned(design, p) for p in spec.outputs),
    ][: max(1, limit // 4)]
    golden = msgspec.structs.replace(spec, golden=text)
    mutants = source_mutants(golden, limit - len(classics), seed)
    return [*classics, *(Defect(kind=m.kind, text=m.text) for m in mutants)]


def _ignored(design: Design, port: Port) -> Iterator[Defect]:
    """The enable is declared and never asked for."""
    asserted = "1'b1" if port.active == "high" else "1'b0"
    edits = tuple(replace(use, asserted) for use in design.uses(port.name))
    if edits:
        yield Defect(kind="unused-enable", text=Proposal(edits, "").apply(design.text))


def _unassigned(design: Design, port: Port) -> Defect:
    """The output is computed under another name and never assigned."""
    start, _ = design.body
    inner = f"{port.name}_reg"
    span = f"[{port.width - 1}:0] " if port.width > 1 else ""
    edits = [Edit(start, start, f"\n    logic {span}{inner};")]
    for use in design.uses(port.name):
        at = use.identifier.location.offset
        edits.append(Edit(at, at + len(port.name), inner))
    return Defect(kind="unassigned-output", text=Proposal(tuple(edits), "").apply(design.text))


def spoilt(spec: Spec, text: str, kind: str, rng: random.Random) -> str | None:
    """An answer of a kind in `SPOILT`; None where the text has nothing to spoil so."""
    if kind == "wrong-module-name":
        return re.sub(rf"\bmodule\s+{spec.top}\b", f"module {spec.top}_module", text, count=1)
    if kind == "missing-semicolon":
        found = list(_SEMICOLON.finditer(text))
        if not found:
            return None
        at = rng.choice(found).start(1)
        return text[:at] + text[at + 1 :]
    end = text.rindex("endmodule")
    start = text.index(");") + 2
    return text[: rng.randint(start, max(start, end - 1))].rstrip() + "\n"


def elaborates(spec: Spec, text: str) -> bool:
    """Whether slang reads `text` as a module of the asked name."""
    from rtlbench.rtl.renaming import renamed_text

    try:
        renamed_text(text, spec.top, "probe_", spec.id)
    except HarnessError:
        return False
    return True
