"""Every operator: the mutant that it makes, and the finding that a person then reads."""

from __future__ import annotations

import re
from difflib import ndiff
from functools import lru_cache

import pytest

from rtlbench.io.shipped import shipped
from rtlbench.mutation.classification import JudgedMutant, judge_mutants
from rtlbench.mutation.design import Mutant
from rtlbench.mutation.mutants import source_mutants
from rtlbench.mutation.operators import OPERATORS
from rtlbench.records.spec import Spec
from rtlbench.rtl.preprocessing import prepare
from rtlbench.suites.families import load_family
from rtlbench.verifier import Verifier

LOADABLE = "updown_counter/updown_load/w4_load_first"
LIGHT = "fsm/traffic_light/r6_g5_y2"
SERIAL = "shift_register/serializer/w8_lsb"

MADE = [
    # kind, member, what is told, a line of the mutant, the port whose mismatch is reported
    ("enable-dropped", LOADABLE, "`load` is not asked for", "else if (1'b1)", "q"),
    ("enable-inverted", LOADABLE, "`en` acts at the other level", "else if ((!en))", "q"),
    ("branches-swapped", LOADABLE, "the branches of `if (up)` are swapped",
     "begin q <= q - 1'b1; end", "q"),
    ("priority-swapped", LOADABLE, "`en` is asked before `load`", "else if (en)", "q"),
    ("else-missing", LOADABLE, "`if (load)` has no else", "", "q"),
    ("default-missing", LIGHT, "the case has no default", "", "red"),
    ("case-missing", LIGHT, "the case `RED` is not handled", "", "red"),
    ("reset-kind", LOADABLE, "`rst` acts asynchronously", "@(posedge clk or posedge rst)", "q"),
    ("reset-polarity", LOADABLE, "`rst` acts at the other level", "if (!(rst))", "q"),
    ("reset-value", LOADABLE, "`q` is reset to 4'd2", "q <= 4'd2;", "q"),
    ("reset-forgotten", LOADABLE, "`q` is not reset", "begin end", "q"),
    ("off-by-one-limit", LIGHT, "the value 3'd6 is 3'd5", "left <= 3'd5;", "red"),
    ("off-by-one-index", SERIAL, "the index 0 is 1 in `bits[0]`", "bits[1]", "so"),
    ("wrap-missing", LIGHT, "nothing happens at `left != 3'd1`", "", "red"),
    ("wrap-wrong", "clock_divider/divide_tick/n10_reg_sync",
     "the value after the limit 4'd0 is 4'd1", "count <= 4'd1;", "tick"),
    ("step-wrong", LOADABLE, "the step 1'b1 is 1'b0", "q + 1'b0", "q"),
    ("blocking", "edge_detect/edge_synced/s2_rise_async_low", "`stage1` is assigned with `=`",
     "stage1 = async_in;", "rise_pulse"),
    ("assignment-missing", LOADABLE, "`q <= d` is left out", "begin end", "q"),
    ("value-kept", LOADABLE, "`q` keeps its value", "q <= q;", "q"),
    ("width-wrong", LIGHT, "`left` is declared [1:0]", "logic [1:0] left;", "red"),
    ("bits-reordered", SERIAL, "`{1'b0, bits[7:1]}` is {bits[7:1], 1'b0}", "{bits[7:1], 1'b0}",
     "so"),
    ("shift-reversed", "updown_counter/updown_gray/w3_sync", "`binary >> 1` shifts the other way",
     "binary << 1", "q"),
    ("port-stuck", LOADABLE, "`d` is taken for 4'b1111", "wire [3:0] stuck_d = 4'b1111;", "q"),
    ("ports-swapped", LOADABLE, "`load` and `up` are taken for each other", "else if (up)", "q"),
    ("edge-wrong", LOADABLE, "registers act on the other clock edge", "@(negedge clk)", "q"),
    ("output-late", LIGHT, "`yellow` comes a cycle late, out of a register",
     "always @(posedge clk) yellow <= state == YELLOW;", "yellow"),
    ("output-early", SERIAL, "`done` comes a cycle early, without its register",
     "assign done = ending;", "done"),
    ("transition-changed", LIGHT, "the next state is GREEN, not RED", "state <= GREEN;", "red"),
    ("operator-changed", LOADABLE, "`q - 1'b1` is written with +", "q <= q + 1'b1;", "q"),
    ("negation-missing", SERIAL, "`!busy` is not negated", "start && busy", "busy"),
]  # fmt: skip


@lru_cache(maxsize=16)
def member(path: str) -> Spec:
    """A member of the suite by `category/family/member`."""
    category, family, name = path.split("/")
    specs = {s.id: s for s in load_family(shipped("hdl_specs") / category / family)}
    return specs[f"{family}_{name}"]


@lru_cache(maxsize=16)
def judged(path: str) -> dict[tuple[str, str], list[JudgedMutant]]:
    """The mutants of the table, all of one member judged together."""
    spec = member(path)
    wanted = {(kind, told) for kind, where, told, *_ in MADE if where == path}
    mutants = [m for m in source_mutants(spec) if (m.kind, m.description) in wanted]
    found: dict[tuple[str, str], list[JudgedMutant]] = {}
    for one in judge_mutants(spec, mutants, Verifier()):
        found.setdefault((one.mutant.kind, one.mutant.description), []).append(one)
    return found


def test_every_operator_is_in_the_table() -> None:
    assert {row[0] for row in MADE} == set(OPERATORS)


@pytest.mark.parametrize(("kind", "path", "told", "written", "port"), MADE,
                         ids=[row[0] for row in MADE])  # fmt: skip
def test_operator_makes_a_mutant_that_the_verifier_kills(
    kind: str, path: str, told: str, written: str, port: str
) -> None:
    golden = prepare(member(path).golden).text.splitlines()
    shown = []
    for one in judged(path)[kind, told]:
        lines = ndiff(golden, one.mutant.text.splitlines())
        changed = "\n".join(s[2:] for s in lines if s.startswith("+ "))
        shown.append(changed)
        found = re.match(rf"cycle \d+: .*\b{port} is [01xz]+, expected [01-]+", one.finding)
        if one.simulated == "killed" and found and written in changed:
            assert one.mutant.source == "source"
            assert one.mutant.line is not None
            return
    pytest.fail(f"no such mutant is killed; made were {shown}")


def test_a_line_is_where_the_golden_was_changed() -> None:
    spec = member(LOADABLE)
    golden = spec.golden.splitlines()
    for mutant in source_mutants(spec):
        if mutant.kind in ("enable-dropped", "enable-inverted"):
            assert mutant.line is not None
            name = mutant.description.split("`")[1]
            assert name in golden[mutant.line - 1]


def test_reset_tests_are_left_to_the_operators_of_reset() -> None:
    """`if (rst)` is neither an enable nor a branch to be swapped."""
    others = {"enable-dropped", "enable-inverted", "branches-swapped", "else-missing"}
    made = [m for m in source_mutants(member(LOADABLE)) if m.kind in others]
    assert not [m for m in made if "rst" in m.description]


def test_a_blocking_assignment_that_another_block_reads_is_left_alone() -> None:
    """It would be a race, which a simulator may decide either way."""
    tick = member("clock_divider/divide_tick/n10_reg_sync")
    assert not _of_kind(tick, "blocking", "`count`")
    assert _of_kind(tick, "blocking", "`tick`")


def _of_kind(spec: Spec, kind: str, words: str) -> list[Mutant]:
    return [m for m in source_mutants(spec) if m.kind == kind and words in m.description]


def test_no_loop_is_made_endless() -> None:
    """Its bound may be off by one; its step and its direction stay."""
    lfsr = member("shift_register/lfsr/gal_w9_left_by3")
    loop = next(s for s in lfsr.golden.splitlines() if "for (" in s)
    mutants = [m for m in source_mutants(lfsr) if loop not in m.text.splitlines()]
    assert mutants
    assert all("k = k + 1" in m.text for m in mutants)
    assert all("k < 3" in m.text or "k < 4" in m.text or "k < 2" in m.text or "k <= 3" in m.text
               for m in mutants)
