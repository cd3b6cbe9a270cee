"""Evidence for a pass: nothing that is forged, missing, short, doubled or another run's will do."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.errors import HarnessError
from rtlbench.sandbox.process import Finished
from rtlbench.sandbox.sandbox import private_folder
from rtlbench.simulation import evidence
from rtlbench.simulation.evidence import Evidence, Handover, unsealed
from rtlbench.simulation.frames import Frame, Plan
from rtlbench.simulation.in_simulator import HANDOVER_FILE, SEAL_LENGTH, seal
from rtlbench.simulation.lanes import limits_for
from rtlbench.simulation.simulators import get_simulator
from rtlbench.simulation.stimulus import build_plan
from rtlbench.simulation.wrapper import Part, wrapper_text, write_stimulus
from tests.support import golden_lane, lane, sync_counter

SPEC = sync_counter()
PLAN = build_plan(SPEC)
WRONG = SPEC.golden.replace("+ 1'b1", "+ 2'd2")
LANES = 3
"""A wrong answer, the golden, its complement."""


class Played(msgspec.Struct, frozen=True):
    """One real simulation, as the harness sees it."""

    handed: bytes | None
    key: bytes
    ran: Finished
    left: frozenset[str]
    """Files in its folder at the end."""


def played(text: str) -> Played:
    """Simulate `text` beside the golden, its key known to the test alone."""
    lanes = [lane(text, SPEC.top, "lane0_"), golden_lane(SPEC)]
    parts = [Part(SPEC, PLAN, lanes)]
    wrapper = wrapper_text(parts, "around")
    icarus, limits = get_simulator("icarus"), limits_for(len(PLAN.frames) * LANES)
    with private_folder() as folder:
        write_stimulus(folder, parts)
        (folder / "lanes.sv").write_text("\n".join([wrapper, *(one.text for one in lanes)]))
        built = icarus.build(folder, "lanes.sv", "around", limits)
        assert built.ok, built.stderr
        with Handover(folder, LANES) as handover:
            ran = icarus.run(folder, "around", limits)
            left = frozenset(p.name for p in folder.iterdir())
            return Played(handover.received(), handover.key, ran, left)


def believed(handed: bytes, key: bytes, plan: Plan, lanes: int) -> Evidence:
    """What a simulation of one part is evidence of."""
    (found,) = unsealed(handed, key, 1)
    return evidence.believed(found, plan, lanes)


@pytest.fixture(scope="module")
def true() -> Played:
    """What comes of a wrong answer."""
    return played(WRONG)


def test_the_truth_is_believed(true: Played) -> None:
    assert true.handed is not None
    found = believed(true.handed, true.key, PLAN, LANES)
    assert found.compared == len(PLAN.frames)
    assert found.caught == sum(frame.care != 0 for frame in PLAN.frames)
    assert found.of(0) is not None
    assert found.of(1) is None


def test_the_handover_file_has_no_name_at_the_end(true: Played) -> None:
    assert HANDOVER_FILE not in true.left


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a lane short": (lambda r: r.update(lanes=LANES - 1), "not of this run's lanes"),
    "a lane more": (lambda r: r["mismatches"].update({"3": [0, "0"]}), "not of this run's lanes"),
    "a lane of another name": (lambda r: r["mismatches"].update({"-1": [0, "0"]}), "lanes"),
    "a frame short": (lambda r: r.update(compared=r["compared"] - 1), "frames, not"),
    "a frame too many": (lambda r: r.update(compared=r["compared"] + 1), "frames, not"),
    "nothing compared": (lambda r: r.update(compared=0), "compared 0 frames"),
    "the complement passed": (lambda r: r["mismatches"].pop("2"), "complement"),
    "the complement passed once": (lambda r: r.update(caught=r["caught"] - 1), "was caught in"),
    "the complement passed at first": (lambda r: r["mismatches"]["2"].__setitem__(0, 9), "from"),
    "the golden failed": (lambda r: r["mismatches"].update({"1": [0, "00"]}), "the golden fails"),
    "a field more": (lambda r: r.update(more=1), "cannot be read"),
    "a field short": (lambda r: r.pop("caught"), "cannot be read"),
    "words": (lambda r: r["mismatches"].update({"0": "all is well"}), "cannot be read"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_sealed_result_that_is_not_all_a_run_gives_is_an_error(true: Played, name: str) -> None:
    change, told = CHANGES[name]
    assert true.handed is not None
    (result,) = json.loads(true.handed[SEAL_LENGTH:])
    change(result)
    body = json.dumps([result]).encode()
    with pytest.raises(HarnessError, match=told):
        believed(seal(true.key, body) + body, true.key, PLAN, LANES)


@pytest.mark.parametrize("body", [b"", b"Your Design Passed", b"[]", b"\xff", b"[" * 100_000])
def test_a_sealed_result_that_is_none_is_an_error(true: Played, body: bytes) -> None:
    with pytest.raises(HarnessError, match="cannot be read"):
        believed(seal(true.key, body) + body, true.key, PLAN, LANES)


def test_the_result_of_another_run_is_an_error(true: Played) -> None:
    other = played(SPEC.golden)
    assert other.handed is not None
    assert believed(other.handed, other.key, PLAN, LANES).of(0) is None
    with pytest.raises(HarnessError, match="not of this run"):
        believed(other.handed, true.key, PLAN, LANES)


@lru_cache(maxsize=1)
def sealed() -> tuple[bytes, bytes]:
    """A whole result in which lane 0 passes, and its key."""
    key = b"0123456789abcdef0123456789abcdef"
    body = json.dumps(
        [{"compared": 2, "caught": 2, "lanes": 3, "mismatches": {"2": [0, "1"]}, "simulator": "s"}]
    ).encode()
    return seal(key, body) + body, key


SMALL = Plan((Frame(0, 0, 0, 1), Frame(1, 0, 0, 1)), 1, 1)


@st.composite
def mutilated(draw: st.DrawFn) -> bytes:
    """The result with a piece of it taken out, doubled, replaced, or moved."""
    whole, _ = sealed()
    ends = st.integers(0, len(whole))
    low, high = sorted((draw(ends), draw(ends)))
    piece = draw(st.one_of(st.binary(max_size=40), st.just(whole[low:high] * 2), st.just(whole)))
    at = draw(ends)
    moved = whole[:low] + whole[high:]
    return draw(st.sampled_from([
        whole[:low] + piece + whole[high:], moved, whole[:high], whole[low:],
        moved[:at] + whole[low:high] + moved[at:], piece,
    ]))  # fmt: skip


@given(mutilated())
def test_a_mutilated_result_is_an_error_and_never_a_pass(handed: bytes) -> None:
    whole, key = sealed()
    if handed == whole:
        assert believed(handed, key, SMALL, 3).of(0) is None
        return
    with pytest.raises(HarnessError):
        believed(handed, key, SMALL, 3)


SEARCH = """
    integer file, k, got;
    reg [8*20-1:0] path;
    initial begin
        $display("named %0d", $fopen("handover", "r"));
        $display("%m");
        for (k = 0; k < 40; k = k + 1) begin
            if (k == 0) file = $fopen("/proc/self/environ", "r");
            else begin
                $sformat(path, "/proc/self/fd/%0d", k);
                file = k > 2 ? $fopen(path, "r") : 0;
            end
            if (file) begin
                got = $fgetc(file);
                while (got >= 0) begin
                    if (got > 0) $write("%c", got);
                    got = $fgetc(file);
                end
                $fclose(file);
            end
        end
        $display("\\nsearched");
    end
"""
SCRIBBLE = """
    integer out, n;
    reg [8*20-1:0] name;
    always @(posedge clk)
        for (n = 3; n < 40; n = n + 1) begin
            $sformat(name, "/proc/self/fd/%0d", n);
            out = $fopen(name, "a");
            if (out) begin $fdisplay(out, "{}"); $fclose(out); end
        end
"""


def inside(text: str, body: str) -> str:
    return text.replace("endmodule", body + "endmodule")


def test_a_design_that_could_read_files_finds_no_key() -> None:
    found = played(inside(WRONG, SEARCH))
    assert "searched" in found.ran.stdout
    assert "named 0" in found.ran.stdout
    assert "PYGPI_USERS" in found.ran.stdout
    assert found.key.decode() not in found.ran.stdout + found.ran.stderr


def test_a_design_that_could_write_files_gets_no_pass() -> None:
    found = played(inside(WRONG, SCRIBBLE))
    try:
        passed = believed(found.handed or b"", found.key, PLAN, LANES).of(0) is None
    except HarnessError:
        passed = False
    assert not passed
