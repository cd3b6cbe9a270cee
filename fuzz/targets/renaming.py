"""A renamed text is the same design under other names, and shares none with its neighbour."""

from __future__ import annotations

from typing import Any

import msgspec

from fuzz.choices import Choices
from fuzz.judged import is_safe, judged
from fuzz.target import Target
from fuzz.texts import any_text, raw_goldens
from rtlbench.checks.base import Work
from rtlbench.rtl.slang import Elaboration, elaborate


class TwoTexts(msgspec.Struct, frozen=True):
    """Two answers that could become neighbours."""

    first: str
    second: str


def make(c: Choices) -> TwoTexts:
    """A text, and another or the same."""
    first = any_text(c)
    return TwoTexts(first, any_text(c) if c.one_in(4) else first)


def check(case: TwoTexts) -> bool:
    """True where both can be lanes."""
    works = [judged(text) for text in (case.first, case.second)]
    safe = [(k, w) for k, w in enumerate(works) if is_safe(w)]
    texts = [_check_alone(work, f"lane{k}_") for k, work in safe]
    if len(safe) < 2 or any(w.cleared is None or w.cleared.scan.other_members for w in works):
        return False
    both = elaborate("\n".join(texts), works[0].unit("lane0_").top)
    errors = [both.engine.formatMessage(d) for d in both.errors]
    assert not errors, f"side by side: {errors[0]}"
    return True


def _check_alone(work: Work, prefix: str) -> str:
    assert work.cleared is not None
    unit = work.unit(prefix)
    before, after = elaborate(work.cleared.text, work.top), elaborate(unit.text, unit.top)
    errors = [after.engine.formatMessage(d) for d in after.errors]
    assert not errors, f"renamed: {errors[0]}"
    foreign = [name for name in after.modules if not name.startswith(prefix)]
    assert not foreign, f"kept their names: {foreign}"
    assert len(set(after.modules)) == len(after.modules) == len(before.modules)
    assert _ports(before) == _ports(after)
    assert _instances(before) == _instances(after)
    assert unit.text.count("\n") == work.cleared.text.count("\n")
    return unit.text


def _ports(view: Elaboration) -> list[tuple[str, str, str]]:
    assert view.top is not None
    return [(p.name, str(p.direction), str(p.type)) for p in _plain_ports(view.top)]


def _plain_ports(top: Any) -> list[Any]:
    return [p for p in top.body.portList if hasattr(p, "direction") and hasattr(p, "type")]


def _instances(view: Elaboration) -> list[str]:
    """The path of each instance below the top module, whose own name is another."""
    found: list[str] = []

    def visit(symbol: Any) -> None:
        if type(symbol).__name__ == "InstanceSymbol":
            found.append(symbol.hierarchicalPath.partition(".")[2])

    assert view.top is not None
    view.top.visit(visit)
    return found


TARGET = Target(case=TwoTexts, make=make, check=check, share=10, seeds=raw_goldens)
