"""The gate that drawn members pass: golden, do-nothing answers, mutants, all alike everywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rtlbench.equivalence.aig import TRUE, Aig, aiger
from rtlbench.equivalence.compare import STEADY, Engine, solve
from rtlbench.errors import HarnessError
from rtlbench.io.shipped import shipped
from rtlbench.mutation.validate import MAX_FRAMES, objection
from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_family, read_family
from rtlbench.suites.rendering import family_specs

FAMILY = shipped("hdl_specs") / "updown_counter" / "updown"


@pytest.fixture
def family(tmp_path: Path) -> Path:
    """A copy of a family, to be spoilt."""
    return Path(shutil.copytree(FAMILY, tmp_path / "updown_counter" / "updown"))


def counter(folder: Path) -> Spec:
    """7 bits, a flag that says that it wrapped: what a member of `folder` is now."""
    return next(s for s in load_family(folder) if s.id == "updown_w7_wrap_flag")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_good_member_is_admitted(family: Path) -> None:
    assert objection(counter(family)) == ""


def test_a_mutant_that_its_stimulus_does_not_tell_apart_speaks_against_it(family: Path) -> None:
    """It hardly counts, starts too far from both ends to wrap, and has too many states to tour."""
    change(family / "spec.toml", "reset_value = 2,", "reset_value = 40,")
    change(family / "spec.toml", "reset_value = { min = 0, max = 3 }",
           "reset_value = { min = 0, max = 99 }")  # fmt: skip
    model = family / "model.py"
    text = model.read_text()
    step = "    def step(self, i: Values) -> None:\n"
    text = text.replace(step, f"{step}        self.age = getattr(self, 'age', 0) + 1\n")
    begin = text.index("    def directed")
    model.write_text(text[:begin] + "    cycles = 2\n    bias = {'en': 0.0}\n")
    assert objection(counter(family)).startswith("weak stimulus, not killed: line ")


def test_a_golden_that_contradicts_its_model_speaks_against_it(family: Path) -> None:
    change(family / "golden.sv.j2", "+ 1'b1", "+ 2'd2")
    assert "the golden fails in frame" in objection(counter(family))


def test_a_model_that_cannot_be_run_speaks_against_it(family: Path) -> None:
    change(family / "model.py", "self.q = self.p.reset_value", "self.q = 1 // 0")
    assert objection(counter(family)).startswith("its model makes no sense there")


def test_a_stimulus_without_end_speaks_against_it(family: Path) -> None:
    change(family / "model.py", "s.hold(5,", f"s.hold({MAX_FRAMES},")
    assert "frames" in objection(counter(family))


def test_the_golden_of_a_sibling_must_fail(family: Path) -> None:
    """A second member that does the same under another name."""
    spec = counter(family)
    members = [m for m in read_family(family).members if m.id == "w7_wrap_flag"]
    twin = family_specs(family, read_family(family), members)[0]
    other = Spec(**{f: getattr(twin, f) for f in twin.__struct_fields__} | {"id": "twin"})
    assert "`golden of twin` ends in pass" in objection(spec, [spec, other])


def test_time_is_no_reason_to_drop_a_draw() -> None:
    """A comparison by counts that runs out of time is an error, never an answer."""
    endless = Engine("endless", "bmc3", 1.0, steady=True)
    with pytest.raises(HarnessError, match="did not end within 1 s"):
        solve(counter_that_never_ends(), 1, (endless,))


def test_a_comparison_by_counts_ends_by_itself() -> None:
    assert "{s}" not in STEADY.commands
    answer = solve(counter_that_never_ends(), 300, (STEADY,))
    assert (answer.status, answer.depth) == ("open", 48)


def counter_that_never_ends() -> bytes:
    """40 bits that count up; the output is their conjunction."""
    aig = Aig()
    bits = [aig.leaf() for _ in range(40)]
    latches, carry = [], TRUE
    for bit in bits:
        latches.append((bit, aig.mux(2 * bit, carry ^ 1, carry)))
        carry = aig.conj(2 * bit, carry)
    return aiger(aig, [aig.leaf()], latches, carry)
