"""Ways of writing a golden otherwise, one after another: what comes out is still the language."""

from __future__ import annotations

import pytest
from msgspec import structs
from pyslang.syntax import SyntaxTree

from fuzz.goldens import one_a_family
from fuzz.targets.styles import WAYS

WRITTEN = [way for way in WAYS if way != "netlist"]
"""A netlist is made by Yosys, and of no text that another way wrote."""


@pytest.mark.parametrize("first", WRITTEN)
def test_a_way_after_another_writes_what_parses(first: str) -> None:
    for spec in one_a_family()[::4]:
        once = structs.replace(spec, golden=WAYS[first](spec, 3))
        for second in WRITTEN:
            text = WAYS[second](once, 5)
            found = [d for d in SyntaxTree.fromText(text).diagnostics if d.isError()]
            assert not found, f"{spec.id}, {second}: {found[0].code}\n{text}"
