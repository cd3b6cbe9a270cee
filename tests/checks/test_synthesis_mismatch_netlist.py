"""What is right as written and wrong as synthesized is wrong; what is right stays so, in any style.

The wrong ones are the attacks of tests/attacks/corpus/races.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.rtl.netlist import Netlist, from_drawn_values, modules_of, renamed_module
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.rtl.yosys import netlists
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier
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


def _implicit_lists(spec: Spec) -> str:
    """Continuous assignments of what changes, and all blocks, as `always @*` and `always`."""
    variable = re.compile(r"^(\s*)assign (\w+) =(?=[^;]*\b(?!\d|[bhdo]\d)[a-z_]\w*)", re.M)
    text = variable.sub(r"\1always @* \2 =", spec.golden)
    return text.replace("always_comb", "always @*").replace("always_ff", "always")


def _ports_in_the_body(spec: Spec) -> str:
    """A header with names alone, as Verilog of 1995 has it."""
    found = re.match(r"(?s)(.*?module \w+) \((.*?)\);\n", spec.golden)
    assert found is not None
    ports = [p.strip() for p in found[2].split(",\n")]
    names = ", ".join(p.split()[-1] for p in ports)
    body = "".join(f"    {p};\n" for p in ports)
    return f"{found[1]} ({names});\n{body}{spec.golden[found.end():]}"


def _netlists(specs: list[Spec]) -> list[str]:
    """The goldens' netlists, word by word."""
    made = netlists([renamed_golden(s, f"unit{k}_") for k, s in enumerate(specs)])
    texts = []
    for spec, netlist in zip(specs, made, strict=True):
        assert isinstance(netlist, Netlist)
        texts.append(renamed_module(netlist.verilog, spec.top))
    return texts


def _written(style: Callable[[Spec], str]) -> Callable[[list[Spec]], list[str]]:
    return lambda specs: [style(s) for s in specs]


STYLES = {
    "always @*": _written(_implicit_lists),
    "ports in the body": _written(_ports_in_the_body),
    "netlist": _netlists,
}
NOT_WRITTEN_SO = {
    # A constant that `always @*` would compute; and a register that is shown without a reset.
    "always @*": {"bit_engine_q1_sync", "spi_controller_mode0_w4", "skid_buffer_full_w4_none"},
    # A memory that is written in parts by several blocks is refused, rightly or not.
    "netlist": {"regfile_port_d4_comb", "regfile_port_d8_read_first"},
}


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_every_golden_is_right_in_every_style(style: str) -> None:
    left_out = NOT_WRITTEN_SO.get(style, set())
    specs = [s for s in load_suite() if s.id not in left_out]
    pairs = [
        (spec, Candidate(text=text, spec_id=spec.id))
        for spec, text in zip(specs, STYLES[style](specs), strict=True)
    ]
    verdicts = Verifier().verify_mixed(pairs)
    wrong = {
        v.spec_id: sorted(rules(v)) for v in verdicts if v.functional is not True or rules(v)
    }
    assert wrong == {}
