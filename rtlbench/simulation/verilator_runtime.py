"""Verilator's own C++: the same in every simulation, compiled once and kept.

Of the eleven seconds of CPU time that a small simulation takes to build, nine go to it. It is
compiled beside a module of ours, with nothing of a candidate near, and kept in the user's cache
folder (rtlbench.io.cache) for this Verilator, compiler and choice of options.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from rtlbench.errors import HarnessError
from rtlbench.io.cache import kept_as
from rtlbench.sandbox import locate
from rtlbench.sandbox.process import Finished, read_made
from rtlbench.sandbox.sandbox import private_folder

NAMES = tuple(f"verilated{part}.o" for part in ("", "_dpi", "_vpi", "_threads", "_timing"))
"""What may be made, as the options have it."""
PLACE = "obj_dir"
"""Where Verilator builds."""
TOP = "plain"
_PLAIN = f"module {TOP}(input clk, a, output reg b); always @(posedge clk) b <= a; endmodule\n"
LATER = 3600.0
"""Seconds. Its Makefile makes anew what is older than the Makefile itself, which is written only
then."""
Build = Callable[[Path, str, str], Finished]


def lay(folder: Path, options: str, build: Build) -> None:
    """Lay it where a build in `folder` finds it, as if it were made after all else there.

    Args:
        folder: A private folder, before anything is built there.
        options: How Verilator is asked to build: with others, what is kept is another.
        build: Builds a file in a folder, by its name and the top module's.

    Raises:
        HarnessError: It cannot be compiled.
    """
    (folder / PLACE).mkdir(mode=0o777, exist_ok=True)
    (folder / PLACE).chmod(0o777)
    then = time.time() + LATER
    for name, data in _objects(options, build).items():
        (folder / PLACE / name).write_bytes(data)
        os.utime(folder / PLACE / name, (then, then))


def _objects(options: str, build: Build) -> dict[str, bytes]:
    if options not in _MADE:
        digest = hashlib.sha256(f"{options}\0{_tools()}".encode()).hexdigest()
        _MADE[options] = kept_as(dict[str, bytes], digest, lambda: _compiled(build), "verilator")
    return _MADE[options]


_MADE: dict[str, dict[str, bytes]] = {}
"""By options."""


def _compiled(build: Build) -> dict[str, bytes]:
    with private_folder() as folder:
        (folder / "plain.sv").write_text(_PLAIN)
        built = build(folder, "plain.sv", TOP)
        if not built.ok:
            raise HarnessError(f"Verilator does not build a plain module: {built.stderr[-500:]}")
        made = {name: read_made(folder / PLACE / name) for name in NAMES}
        return {name: data for name, data in made.items() if data}


@lru_cache(maxsize=1)
def _tools() -> str:
    """Which Verilator and which compiler, as far as their files tell."""
    compiler = shutil.which("c++") or ""
    root = locate.verilator().env.get("VERILATOR_ROOT", "")
    files = [*locate.verilator().argv, compiler, str(Path(root, "include", "verilated.cpp"))]
    return "\n".join(f"{os.path.realpath(f)} {_stamp(f)}" for f in files)


def _stamp(file: str) -> str:
    try:
        found = Path(file).stat()
    except OSError:
        return "-"
    return f"{found.st_size} {found.st_mtime_ns}"


def forget() -> None:
    """Look for it in the user's cache folder again."""
    _MADE.clear()
