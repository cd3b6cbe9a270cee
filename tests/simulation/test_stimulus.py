"""Plans: reproducible, legal for every right answer, and thorough."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.runs.suite import read_suite
from rtlbench.simulation.frames import Frame, unpack
from rtlbench.simulation.model import Moment, load_reference
from rtlbench.simulation.stimulus import Stimulus, build_plan
from rtlbench.suites.families import load_family
from tests.support import async_counter, plain_spec, ports, sync_counter, updown

FAMILY = Path(str(async_counter().reference))


def inputs(spec: Spec) -> list[dict[str, int]]:
    return [unpack(f.inputs, spec.inputs) for f in build_plan(spec).frames]


def several_clocks() -> list[Spec]:
    """Every member of the suite that has more than one."""
    return [s for s in read_suite("rtlbench") if len(s.clocks) > 1]


def family_with(tmp_path: Path, old: str, new: str) -> Spec:
    """The first member of a copy of updown whose model differs."""
    folder = tmp_path / "updown_counter" / "updown"
    shutil.copytree(FAMILY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    model = folder / "model.py"
    assert old in model.read_text()
    model.write_text(model.read_text().replace(old, new))
    return load_family(folder)[0]


def test_a_plan_is_the_same_every_time() -> None:
    assert build_plan(async_counter(), 3) == build_plan(async_counter(), 3)


def test_a_plan_is_the_same_in_every_process() -> None:
    code = (
        "import hashlib, msgspec; from tests.support import async_counter; "
        "from rtlbench.simulation.stimulus import build_plan; "
        "print(hashlib.sha256(msgspec.json.encode(build_plan(async_counter()))).hexdigest())"
    )
    root = Path(__file__).parents[2]
    said = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1


def test_another_seed_gives_another_plan() -> None:
    assert build_plan(async_counter(), 0) != build_plan(async_counter(), 1)


@pytest.mark.parametrize(
    "spec", [*updown().values(), *several_clocks()], ids=lambda spec: str(spec.id)
)
def test_a_frame_changes_one_clock_or_other_inputs_never_both(spec: Spec) -> None:
    """Else whoever passes a clock or a reset through a gate would lose a race."""
    clocks = {p.name for p in spec.inputs if p.role == "clock"}
    for before, now in pairwise(inputs(spec)):
        changed = {n for n in now if now[n] != before[n]}
        assert len(changed) == 1 or not changed & clocks


@pytest.mark.parametrize(
    "spec", [sync_counter(), async_counter(), several_clocks()[0]], ids=lambda spec: str(spec.id)
)
def test_no_frame_is_the_one_before_again(spec: Spec) -> None:
    frames = build_plan(spec).frames
    assert all(before.inputs != now.inputs for before, now in pairwise(frames))


@pytest.mark.parametrize("member", updown())
def test_every_combination_of_controls_is_clocked(member: str) -> None:
    spec = updown()[member]
    clock = spec.port_of_role("clock")
    assert clock is not None
    active = 1 if spec.edge == "posedge" else 0
    seen = set()
    frames = inputs(spec)
    for before, now in pairwise(frames):
        if now[clock.name] == active != before[clock.name]:
            seen.add(tuple(v for n, v in sorted(now.items()) if n != clock.name))
    assert len(seen) == 2 ** (len(spec.inputs) - 1)


@pytest.mark.parametrize("member", ["w8_async_low_en", "w4_sync", "w7_wrap_flag"])
def test_reset_is_also_pulsed_between_clock_edges(member: str) -> None:
    spec = updown()[member]
    clock, reset = spec.port_of_role("clock"), spec.port_of_role("reset")
    assert clock is not None
    assert reset is not None
    on = 1 if reset.active == "high" else 0
    frames = inputs(spec)
    pulses = [
        now[clock.name]
        for before, now, after in zip(frames, frames[1:], frames[2:], strict=False)
        if before[reset.name] != on == now[reset.name] != after[reset.name]
        and before[clock.name] == now[clock.name] == after[clock.name]
    ]
    assert set(pulses) == {0, 1}  # with the clock low, and with it high


def test_inputs_change_in_mid_cycle_too() -> None:
    spec = sync_counter()
    frames = inputs(spec)
    assert any(
        before["clk"] == now["clk"] == 1 and before["up"] != now["up"]
        for before, now in pairwise(frames)
    )


def test_nothing_is_compared_before_reset_and_everything_after() -> None:
    plan = build_plan(async_counter())
    cares = [f.care for f in plan.frames]
    assert cares[0] == 0
    first = next(k for k, c in enumerate(cares) if c)
    assert set(cares[first:]) == {0xFF}


def test_without_reset_power_up_is_compared_at_once() -> None:
    plan = build_plan(updown()["w5_power_up"])
    assert plan.frames[0].care == 0b11111
    assert plan.frames[0].expected == 1


def test_active_low_inputs_are_inverted_for_the_wires_only() -> None:
    spec = updown()["w6_sync_en_low"]
    reset, enable = spec.port_of_role("reset"), spec.port_of_role("enable")
    assert reset is not None
    assert enable is not None
    assert enable.active == "low"
    plan = build_plan(spec)
    rows = [(unpack(f.inputs, spec.inputs), f) for f in plan.frames]
    held = [
        (before.expected, now.expected)
        for (_, before), (wires, now) in pairwise(rows)
        if before.care and wires[enable.name] == 1 and wires[reset.name] == 0
    ]
    assert held
    assert all(a == b for a, b in held)


def test_the_whole_range_of_a_counter_is_reached() -> None:
    shown = {f.expected for f in build_plan(async_counter()).frames if f.care}
    assert shown == set(range(256))


@given(st.lists(st.tuples(st.integers(1, 70), st.data()), min_size=1, max_size=5))
def test_packing_is_undone_by_unpacking(drawn: list[tuple[int, st.DataObject]]) -> None:
    made = ports(*(f"input p{k} {width}" for k, (width, _) in enumerate(drawn)))
    values = {
        port.name: data.draw(st.integers(0, (1 << port.width) - 1))
        for port, (_, data) in zip(made, drawn, strict=True)
    }
    packed = 0
    for port in made:
        packed = (packed << port.width) | values[port.name]
    assert unpack(packed, made) == values


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('{"q": self.q}', '{"q": self.q + 999}', "does not fit"),
        ('{"q": self.q}', '{"other": self.q}', "gives no output 'q'"),
        ("s.hold(5, **enable, up=0)", "s.hold(5, nonsense=0)", "unknown input 'nonsense'"),
        ("s.hold(5, **enable, up=0)", "s.hold(5, up=2)", "wider than its port"),
        ("class Reference(Model)", "class Other(Model)", "no class Reference"),
    ],
)
def test_a_model_that_breaks_its_contract_is_an_error_of_the_harness(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    with pytest.raises(HarnessError, match=told):
        build_plan(family_with(tmp_path, old, new))


def test_a_spec_without_a_model_is_an_error_of_the_harness(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="no reference model"):
        build_plan(plain_spec("", "input a", "output y"))
    with pytest.raises(HarnessError, match="no such reference model"):
        load_reference(tmp_path)


def test_bits_that_do_not_matter_are_not_compared(tmp_path: Path) -> None:
    spec = family_with(tmp_path, '{"q": self.q}', '{"q": (self.q, 0b0101)}')
    assert {f.care for f in build_plan(spec).frames} == {0, 0b0101}
    assert all(f.expected & ~f.care == 0 for f in build_plan(spec).frames)


def test_frames_come_back_from_json() -> None:
    frame = build_plan(async_counter()).frames[9]
    assert msgspec.json.decode(msgspec.json.encode(frame), type=Frame) == frame


def test_a_recorded_edge_may_be_one_clock_s_own() -> None:
    spec = next(s for s in read_suite("rtlbench") if len(s.clocks) == 2)
    first, second = (next(p.name for p in spec.ports if p.id == c) for c in spec.clocks)
    assert spec.reference is not None
    stimulus = Stimulus(spec, load_reference(spec.reference)(spec.params), random.Random(0))
    stimulus.play([Moment({}, "active", spec.clocks[1]), Moment({}, "none"), Moment({}, "active")])
    levels = [unpack(f.inputs, spec.inputs) for f in stimulus.frames]
    moved = [(a[first] != b[first], a[second] != b[second]) for a, b in pairwise(levels)]
    assert moved[0] == (False, True)
    assert moved[1] == (True, False)  # the second clock is past its edge: only the first has one
    assert levels[0] == levels[-1]
