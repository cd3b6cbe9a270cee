"""Circuits that are made together, and what is seen of them without an engine."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from rtlbench.equivalence import compare
from rtlbench.equivalence.chance import is_seen
from rtlbench.equivalence.circuit import Circuit, CircuitError
from rtlbench.equivalence.compare import COVER, check_equivalence, solve
from rtlbench.equivalence.convert import Circuits, Wanted, circuit_of
from rtlbench.equivalence.miter import build_miter
from rtlbench.mutation.mutants import source_mutants
from rtlbench.records.spec import Spec
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.suites.families import load_suite

SPECS = load_suite()[::45]
HEAD = "module m(input clk, input en, input d, output reg q);\n"
LATCH = f"{HEAD}always @* if (en) q = d;\nendmodule\n"
REFUSED = f"{HEAD}always @(posedge clk) q <= nothing_of_this_name;\nendmodule\n"
PLAIN = f"{HEAD}always @(posedge clk) if (en) q <= d;\nendmodule\n"


def wanted(spec: Spec, text: str | None = None) -> Wanted:
    given = spec if text is None else msgspec.structs.replace(spec, golden=text)
    clocks = tuple(p.name for p in spec.ports if p.role == "clock")
    return renamed_golden(given, "lane0_"), clocks


def plain(text: str) -> Wanted:
    return Unit(text, "m"), ("clk",)


def all_of(circuit: Circuit | None) -> tuple[object, ...]:
    assert circuit is not None
    aig = circuit.aig
    gates = [aig.fanins(n) for n in range(len(aig))]
    return gates, circuit.inputs, circuit.outputs, circuit.registers, circuit.free


def test_a_circuit_is_the_same_in_any_company() -> None:
    units = [wanted(spec) for spec in SPECS]
    alone = {unit: all_of(circuit_of(unit, clocks)) for unit, clocks in units}
    for order in (units, units[::-1], Random(0).sample(units, len(units))):
        made = Circuits([plain(LATCH), *order, plain(REFUSED)])
        assert {u: all_of(made.find(u, c)) for u, c in order} == alone


def test_what_is_refused_costs_its_neighbours_nothing() -> None:
    made = Circuits([plain(REFUSED), plain(PLAIN), plain(LATCH)])
    assert made.find(*plain(PLAIN)) is not None
    assert made.find(*plain(REFUSED)) is None, "to be asked for alone, which says why"
    with pytest.raises(CircuitError, match="latch"):
        made.find(*plain(LATCH))


def test_white_space_makes_no_circuit_of_its_own() -> None:
    made = Circuits([plain(PLAIN), plain(LATCH)])
    apart = plain("\n  \n" + PLAIN.replace(" ", "\n\t  "))
    assert made.find(*apart) is made.find(*plain(PLAIN))
    assert made.find(*plain(PLAIN.replace("q <= d", "q <= ~d"))) is None
    assert made.find(apart[0], ("en",)) is None


def test_white_space_in_a_string_counts() -> None:
    text = PLAIN.replace("q <= d", 'q <= d ^ ("a b" == 24\'h612062)')
    made = Circuits([plain(text)])
    assert made.find(*plain(text)) is not None
    assert made.find(*plain(text.replace("a b", "a  b"))) is None


@pytest.mark.parametrize("mark", ["// no", "`define NO"])
def test_white_space_that_ends_a_line_counts(mark: str) -> None:
    """Words that a line's end lets live in one text are no words in the other."""
    alive = PLAIN.replace("q <= d", f"q <= d {mark}\n ^ en")
    dead = PLAIN.replace("q <= d", f"q <= d {mark} ^ en\n")
    assert Circuits([plain(alive)]).find(*plain(dead)) is None


def is_alike(golden: Circuit, given: Wanted) -> bool:
    try:
        return golden.is_built_like(circuit_of(*given))
    except CircuitError:
        return False


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.id)
def test_what_is_built_like_the_golden_is_proved_by_the_engines_too(
    spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = circuit_of(*wanted(spec))
    moved = circuit_of(*wanted(spec, f"\n\n\n{spec.golden}".replace(";", " ;\n")))
    assert golden.is_built_like(moved)
    assert moved.is_built_like(golden)
    mutants = [m.text for m in source_mutants(spec, 4)]
    alike = [t for t in mutants if is_alike(golden, wanted(spec, t))]
    monkeypatch.setattr(Circuit, "is_built_like", lambda *_: False)
    for text in [spec.golden, *alike]:
        sides = (wanted(spec)[0], wanted(spec, text)[0])
        assert check_equivalence(spec, *sides).verdict == "proved", text


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.id)
def test_what_is_seen_by_chance_is_there(spec: Spec) -> None:
    golden = circuit_of(*wanted(spec))
    miter = build_miter(spec, golden, golden)
    shown = [lit for lits in miter.candidate.values() for lit in lits][:3]
    for lit in (lit ^ inverted for lit in shown for inverted in (0, 1)):
        if is_seen(miter.aig, miter.leaves, miter.latches, lit):
            answer = solve(compare._file(miter, lit), 10, (COVER,))
            assert answer.status == "reached"
    assert not is_seen(miter.aig, miter.leaves, miter.latches, miter.bad)
