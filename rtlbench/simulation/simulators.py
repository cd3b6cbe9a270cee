"""The simulators that lanes can run on: one Protocol, one registry.

A simulator builds an image out of one file and runs it with cocotb inside. cocotb's own runner
is not used to start them: it has no timeout and leaves the simulator alive when its parent
ends; its libraries and its way of starting the simulator are.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import msgspec

from rtlbench.errors import HarnessError, UserError
from rtlbench.sandbox import locate
from rtlbench.sandbox.process import Finished, Limits, run
from rtlbench.sandbox.sandbox import isolation, private_folder
from rtlbench.simulation import verilator_runtime
from rtlbench.simulation.icarus_faults import FAULTS, Fault, refused_block, spared

IMAGE = "image.vvp"
BUILDERS = {"g++": "c++", "make": "make"}
"""What Verilator builds with: the package, and the program that it calls."""
UNOPTIMISED = "OPT_GLOBAL=-O0 OPT_FAST=-O0 OPT_SLOW=-O0"
"""For its Makefile, which sets them whatever the environment says: compiling is nearly all that a
simulation takes."""
OPTIONS = (
    "--cc", "--exe", "--build", "-j", "1", "--vpi", "--public-flat-rw", "--prefix", "Vtop", "-o",
    "image", "-Wno-fatal", "-Wno-lint", "-Wno-style", "--timescale", "1ns/1ps", "--no-assert",
    "--x-initial", "unique", "--x-assign", "unique", "-MAKEFLAGS", UNOPTIMISED,
)  # fmt: skip
"""How Verilator builds lanes, whatever they are and wherever."""
LIGHT = Path(__file__).parent / "in_simulator" / "light"
PLAYBACK = "rtlbench.simulation.in_simulator.playback:start"
PACKAGE_PARENT = Path(__file__).parents[2]


class Simulator(Protocol):
    """How to build and run one file of Verilog with cocotb inside."""

    name: str
    two_state: bool
    """Whether it knows no X and no Z."""

    def build(self, folder: Path, source: str, top: str, limits: Limits) -> Finished:
        """Compile `folder/source`."""
        ...

    def run(self, folder: Path, top: str, limits: Limits) -> Finished:
        """Run what `build` made, with the playback inside."""
        ...


class Icarus:
    """Icarus Verilog: fast to build, 4-state."""

    name = "icarus"
    two_state = False

    def __init__(self) -> None:
        self._iverilog, self._vvp = _icarus(
            "install the package `iverilog`, or choose `--simulator verilator` (needs g++ and make)"
        )

    def build(self, folder: Path, source: str, top: str, limits: Limits) -> Finished:
        """What Icarus gets wrong is written otherwise first; where that cannot be, it does not
        build, and the other simulator may."""
        text = (folder / source).read_text()
        safe = spared(text)
        if safe.unfit is not None:
            return _not_built(text, *safe.unfit)
        (folder / source).write_text(safe.text)
        argv = (*self._iverilog.argv, "-g2012", *_roots(top, *safe.roots), "-o", IMAGE, source)
        built = _compiled(argv, folder, limits)
        refused = built.ok and refused_block(built.stderr)
        return msgspec.structs.replace(built, code=1) if refused else built

    def run(self, folder: Path, top: str, limits: Limits) -> Finished:
        import cocotb_tools.config

        library = cocotb_tools.config.lib_name_path("vpi", "icarus")
        argv = (*self._vvp.argv, "-n", "-m", str(library), IMAGE, "-none")
        return run(argv, folder=folder, limits=limits, env=cocotb_environment(top))


class Verilator:
    """Verilator: takes nearly all of SystemVerilog, 2-state, seconds to build."""

    name = "verilator"
    two_state = True

    def __init__(self) -> None:
        self._tool = locate.verilator()

    def build(self, folder: Path, source: str, top: str, limits: Limits) -> Finished:
        roomy = _roomy(limits)
        verilator_runtime.lay(
            folder, " ".join(OPTIONS), lambda f, s, t: self._build(f, s, t, roomy)
        )
        return self._build(folder, source, top, roomy)

    def _build(self, folder: Path, source: str, top: str, limits: Limits) -> Finished:
        import cocotb_tools.config

        libs = cocotb_tools.config.libs_dir.resolve()
        share = cocotb_tools.config.share_dir.resolve()
        argv = (
            *self._tool.argv, *OPTIONS, "--top-module", top,
            "-LDFLAGS", f"-Wl,-rpath,{libs} -L{libs} -lcocotbvpi_verilator",
            "-MAKEFLAGS", f"PYTHON3={sys.executable}",
            str(share / "lib" / "verilator" / "verilator.cpp"), source,
        )  # fmt: skip
        return run(argv, folder=folder, limits=limits, env=self._tool.env)

    def run(self, folder: Path, top: str, limits: Limits) -> Finished:
        argv = ("obj_dir/image", "+verilator+rand+reset+2", "+verilator+seed+7")
        return run(argv, folder=folder, limits=limits, env=cocotb_environment(top))


def _roomy(limits: Limits) -> Limits:
    """The C++ compiler needs more of everything than a simulator does."""
    return Limits(wall=limits.wall * 10, cpu=limits.cpu * 10, memory=limits.memory * 2)


@lru_cache(maxsize=1)
def _gpi_users() -> str:
    import cocotb_tools.config
    import find_libpython

    library = find_libpython.find_libpython()
    if library is None:
        raise HarnessError(
            "cocotb needs Python's shared library and none was found: install libpython3-dev"
        )
    return f"{library};{cocotb_tools.config.pygpi_entry_point()}"


def cocotb_environment(top: str) -> dict[str, str]:
    """What cocotb needs in the simulator's environment, as its own runner would set it."""
    return {
        "PYTHONPATH": f"{LIGHT}:{PACKAGE_PARENT}",
        "PYGPI_PYTHON_BIN": sys.executable,
        "GPI_USERS": _gpi_users(),
        "GPI_LOG_LEVEL": "ERROR",
        "PYGPI_USERS": PLAYBACK,
        "COCOTB_TOPLEVEL": top,
    }


SIMULATORS: dict[str, type[Icarus] | type[Verilator]] = {
    "icarus": Icarus,
    "verilator": Verilator,
}


def default_simulator() -> str:
    """Icarus where it is installed, else Verilator."""
    return "icarus" if locate.icarus() is not None else "verilator"


def choose_simulator(name: str | None) -> str:
    """`name`, or the default, made sure that it can build and run here.

    Raises:
        UserError: There is no such simulator, or it is not installed, or its compiler is not.
    """
    chosen = name or default_simulator()
    get_simulator(chosen)
    missing = [p for p, tool in BUILDERS.items() if shutil.which(tool) is None]
    if chosen == "verilator" and missing:
        raise UserError(
            f"Verilator cannot build without {' and '.join(missing)}: install g++ and make, "
            "or the package `iverilog`"
        )
    return chosen


@lru_cache(maxsize=4)
def get_simulator(name: str) -> Simulator:
    """The simulator called `name`.

    Raises:
        UserError: There is no such simulator, or it is not installed.
    """
    if name not in SIMULATORS:
        raise UserError(f"no simulator {name!r}; there are {', '.join(SIMULATORS)}")
    return SIMULATORS[name]()


def compile_sources(
    folder: Path, sources: Sequence[str], tops: Sequence[str], limits: Limits
) -> Finished:
    """Compile a testbench in Verilog, without cocotb: `sources`, files in `folder`, with the
    modules `tops` as roots.

    Every source is a compilation unit of its own: macros, directives and file-level declarations
    of one do not reach the other.

    Raises:
        UserError: Icarus is not installed.
    """
    roots = list(tops)
    for source in sources:
        safe = spared((folder / source).read_text())
        (folder / source).write_text(safe.text)
        roots += safe.roots
    return _compile(folder, sources, roots, limits)


def _compile(
    folder: Path, sources: Sequence[str], roots: Sequence[str], limits: Limits
) -> Finished:
    compiler, _ = _icarus("testbenches in Verilog need it; install the package `iverilog`")
    argv = (*compiler.argv, "-g2012", "-u", *_roots(*roots), "-o", IMAGE, *sources)
    return _compiled(argv, folder, limits)


def _compiled(argv: Sequence[str], folder: Path, limits: Limits) -> Finished:
    """What Icarus's compiler does with a text; what it refuses, it has to refuse by itself.

    Raises:
        HarnessError: It does not even compile a module without faults, behind these walls.
    """
    ran = run(argv, folder=folder, limits=limits)
    if ran.ok or ran.reason == "timeout":
        return ran
    with private_folder() as other:
        (other / "control.sv").write_text("module control; endmodule\n")
        control = run([argv[0], "-o", IMAGE, "control.sv"], folder=other, limits=limits)
    if control.ok:
        return ran
    told = (control.stderr + control.stdout).strip()[-300:] or f"{control.reason} {control.code}"
    raise HarnessError(f"Icarus compiles nothing behind these walls ({isolation()}): {told}")


def _roots(*modules: str) -> list[str]:
    return [word for module in modules for word in ("-s", module)]


def compile_together(
    folder: Path, sources: Sequence[str], top: str, limits: Limits
) -> Finished:
    """Compile `sources` as one unit, as suites do, with the module `top` as root.

    Raises:
        UserError: Icarus is not installed.
    """
    compiler, _ = _icarus("a suite's own rule needs it; install the package `iverilog`")
    argv = (*compiler.argv, "-g2012", "-s", top, "-o", IMAGE, *sources)
    return _compiled(argv, folder, limits)


def run_compiled(folder: Path, limits: Limits) -> Finished:
    """Run what `compile_sources` or `compile_together` made; `$stop` ends it like `$finish`."""
    _, runtime = _icarus("testbenches in Verilog need it; install the package `iverilog`")
    return run((*runtime.argv, "-n", IMAGE, "-none"), folder=folder, limits=limits)


def build_timed(
    folder: Path, sources: Sequence[str], tops: Sequence[str], limits: Limits
) -> Finished:
    """Build a testbench in Verilog with Verilator, delays and all; of `tops` it finds out itself.

    A machine without a C++ compiler, or without Verilator, does not read the testbench.
    """
    del tops
    try:
        tool = locate.verilator()
    except HarnessError as e:
        return _no_build(str(e))
    missing = [p for p, called in BUILDERS.items() if shutil.which(called) is None]
    if missing:
        return _no_build(f"Verilator cannot build without {' and '.join(missing)}")
    argv = (
        *tool.argv, "--binary", "--timing", "--assert", "-j", "1", "--prefix", "Vtop",
        "-o", "image", "-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-MULTITOP",
        "--timescale", "1ns/1ps", "--x-initial", "unique", "--x-assign", "unique",
        "-CFLAGS", "-std=gnu++20 -fcoroutines", "-MAKEFLAGS", f"PYTHON3={sys.executable}",
        "-MAKEFLAGS", UNOPTIMISED, *sources,
    )  # fmt: skip
    roomy = Limits(wall=limits.wall * 3, cpu=limits.cpu * 20, memory=limits.memory * 2)
    return run(argv, folder=folder, limits=roomy, env=tool.env)


def run_timed(folder: Path, limits: Limits) -> Finished:
    """Run what `build_timed` made."""
    argv = ("obj_dir/image", "+verilator+rand+reset+2", "+verilator+seed+7")
    return run(argv, folder=folder, limits=limits)


class KnownFault(msgspec.Struct, frozen=True):
    """A fault of Icarus, and whether the installed one has it."""

    name: str
    remedy: str
    present: bool


def known_faults() -> list[KnownFault]:
    """Each known fault of Icarus, tried on the installed one; none where there is none."""
    if locate.icarus() is None:
        return []
    return [KnownFault(f.name, f.remedy, _has(f)) for f in FAULTS]


def _has(fault: Fault) -> bool:
    limits = Limits(wall=60.0, cpu=10, memory=1 << 30)
    with private_folder() as folder:
        (folder / "probe.sv").write_text(fault.probe)
        built = _compile(folder, ("probe.sv",), ("probe",), limits)
        return not (built.ok and "right" in run_compiled(folder, limits).stdout)


def _not_built(text: str, fault: str, offset: int) -> Finished:
    """As if Icarus had refused the text at `offset`, by the name that `` `line`` gives it."""
    named = re.findall(r'^`line 1 "(\w+)" 0$', text[:offset], re.M)
    place = named[-1] if named else "wrapper"
    return _no_build(f"{place}:1: sorry: Icarus gets this wrong: {fault}")


def _no_build(told: str) -> Finished:
    """As if a compiler had refused."""
    return Finished(
        argv=(), reason="exit", code=1, stdout="", stderr=told, truncated=False, wall=0.0, cpu=0.0
    )


def _icarus(remedy: str) -> tuple[locate.Tool, locate.Tool]:
    """Icarus's compiler and its runtime."""
    tools = locate.icarus()
    if tools is None:
        raise UserError(f"Icarus Verilog is missing: {remedy}")
    return tools
