"""Each tool does a little of its work behind each kind of walls: for `doctor`.

A tool that is there may still be of no use behind walls that hide what it reads. So each is tried
where it is used, and by the calls that Verdicts are made with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from rtlbench.checks.lint import lint
from rtlbench.checks.simulation import plan_for
from rtlbench.equivalence.compare import make_sure_that_abc_works
from rtlbench.errors import HarnessError, UserError
from rtlbench.records.spec import Port, Spec
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.netlist import Netlist
from rtlbench.rtl.yosys import CONTROL, read_by
from rtlbench.sandbox import locate
from rtlbench.sandbox.backends import BACKENDS
from rtlbench.sandbox.process import Limits, run
from rtlbench.sandbox.sandbox import behind, private_folder
from rtlbench.simulation.lanes import Job, simulate_answers
from rtlbench.simulation.simulators import BUILDERS, get_simulator

LIMITS = Limits(wall=60.0, cpu=10, memory=4 << 30)
CPLUSPLUS = "#include <vector>\nint main() { return std::vector<int>(3).size() == 3 ? 0 : 1; }\n"
MAKEFILE = "probe: probe.cpp\n\tc++ -O0 -o probe probe.cpp\n\t./probe\n"


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one tool behind one kind of walls."""

    backend: str
    tool: str
    works: bool
    detail: str = ""
    """Why it does not."""


def try_tools() -> list[Trial]:
    """Every tool that is installed, behind every kind of walls that this machine has."""
    return [trial for name in BACKENDS for trial in _behind(name)]


def _behind(name: str) -> list[Trial]:
    try:
        with behind(name):
            return [_try(name, tool, work) for tool, work in _works()]
    except HarnessError as e:
        return [Trial(backend=name, tool="", works=False, detail=str(e))]


def _works() -> Iterator[tuple[str, Callable[[], None]]]:
    """The tools that are here, and what each has to do."""
    yield "yosys", partial(_yosys, again=False)
    yield "yosys, second reader", partial(_yosys, again=True)
    yield "yosys-abc", make_sure_that_abc_works
    yield "verilator", _verilator
    if locate.icarus() is not None:
        yield "iverilog, vvp, cocotb", _icarus
    if all(locate.on_path(tool) for tool in BUILDERS.values()):
        yield "g++, make", _builders


def _try(backend: str, tool: str, work: Callable[[], None]) -> Trial:
    try:
        work()
    except (HarnessError, UserError) as e:
        return Trial(backend=backend, tool=tool, works=False, detail=str(e).strip()[:300])
    return Trial(backend=backend, tool=tool, works=True)


def _yosys(*, again: bool) -> None:
    made = read_by([CONTROL], again=again)[0]
    if not isinstance(made, Netlist):
        raise HarnessError(made.message)


def _verilator() -> None:
    (found,) = lint([CONTROL])
    if found is None or any(message.error for message in found):
        raise HarnessError(f"it does not take a module without faults: {found}")
    tool = locate.verilator()
    with private_folder() as folder:
        (folder / "control.sv").write_text(CONTROL.text)
        _done([*tool.argv, "--cc", "control.sv"], folder, tool.env)


def _builders() -> None:
    with private_folder() as folder:
        (folder / "probe.cpp").write_text(CPLUSPLUS)
        (folder / "Makefile").write_text(MAKEFILE)
        _done(["make", "probe"], folder)


def _done(argv: list[str], folder: Path, env: dict[str, str] | None = None) -> None:
    ran = run(argv, folder=folder, limits=LIMITS, env=env)
    if not ran.ok:
        raise HarnessError((ran.stderr + ran.stdout).strip() or f"{ran.reason} {ran.code}")


_SPEC = Spec(
    id="control",
    category="control",
    family="control",
    difficulty="easy",
    title="control",
    prompt="",
    top="control",
    ports=(
        Port(id="a", name="a", direction="input", width=1),
        Port(id="b", name="b", direction="output", width=1),
    ),
    golden=CONTROL.text,
)


def _icarus() -> None:
    plan, golden = plan_for(_SPEC, 0)
    job = Job(_SPEC, plan, golden, get_simulator("icarus"))
    (result,) = simulate_answers(job, [Unit(CONTROL.text, CONTROL.top)])
    if result.ended != "done" or result.mismatch is not None:
        raise HarnessError(f"a right answer ends in {result.ended}: {result.detail}")
