"""What is right as written and wrong as synthesized is wrong (in which styles what is right is
right: tests/checks/test_styles.py).

The wrong ones are the attacks of tests/attacks/corpus/races.py.
"""

from __future__ import annotations

import re

import pytest

from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.rtl.netlist import from_drawn_values, modules_of, renamed_module
from rtlbench.suites.families import load_suite
from tests.attacks.corpus.races import FAMILY
from tests.support import judge_all, rules

RACES = {attack.name: attack.text for attack in FAMILY.attacks}


@pytest.fixture(scope="module")
def races() -> dict[str, Verdict]:
    spec = next(s for s in load_suite() if s.id == "updown_w4_sync")
    return dict(zip(RACES, judge_all(list(RACES.values()), spec), strict=True))


@pytest.mark.parametrize("name", RACES)
def test_no_circuit_that_hangs_on_the_order_of_events_passes(
    races: dict[str, Verdict], name: str
) -> None:
    verdict = races[name]
    assert verdict.outcome in (Outcome.FAIL, Outcome.TIMEOUT), rules(verdict)
    assert verdict.score < 0.95
    assert verdict.functional is not True or "synthesis.refused" in rules(verdict)


def test_the_finding_says_where_simulation_and_synthesis_part(races: dict[str, Verdict]) -> None:
    (finding,) = (f for f in races["clock copied non-blocking"].findings if "netlist" in f.rule)
    assert finding.rule == "simulation.netlist"
    assert re.search(r"simulation and synthesis part: .*cycle \d+: q is \d{4}", finding.message)


def test_registers_and_memories_of_a_netlist_are_started() -> None:
    text = (
        "module m(a);\n  reg \\odd+name ;\n  reg [3:0] q;\n  reg r = 1'h1;\n"
        "  reg [7:0] mem [3:0];\n"
    )
    plus, minus = (from_drawn_values(text, "seed", inverted=i) for i in (False, True))
    values = [re.findall(r"= (\d)'h(\w+);$", t, re.M) for t in (plus, minus)]
    assert [width for width, _ in values[0]] == ["1", "4", "1"]
    assert int(values[0][1][1], 16) ^ int(values[1][1][1], 16) == 15
    assert plus.count("initial for") == 1
    assert renamed_module(text, "n_0").startswith("module n_0(a);")
    assert list(modules_of(f"{text}endmodule\nmodule n(a);\nendmodule\n")) == ["m", "n"]
