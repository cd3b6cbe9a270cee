"""Icarus Verilog on its own, without cocotb: for testbenches in Verilog.

Every source is a compilation unit of its own: macros, directives and file-level declarations of
one do not reach the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.sandbox import locate
from rtlbench.sandbox.process import Finished, Limits, run

IMAGE = "image.vvp"


def compile_sources(
    folder: Path, sources: Sequence[str], tops: Sequence[str], limits: Limits
) -> Finished:
    """Compile `sources`, files in `folder`, with the modules `tops` as roots.

    Raises:
        UserError: Icarus is not installed.
    """
    compiler, _ = _tools()
    roots = [word for top in tops for word in ("-s", top)]
    argv = (*compiler.argv, "-g2012", "-u", *roots, "-o", IMAGE, *sources)
    return run(argv, folder=folder, limits=limits)


def play(folder: Path, limits: Limits) -> Finished:
    """Run what `compile_sources` made; `$stop` ends it like `$finish`."""
    _, runtime = _tools()
    return run((*runtime.argv, "-n", IMAGE, "-none"), folder=folder, limits=limits)


def _tools() -> tuple[locate.Tool, locate.Tool]:
    tools = locate.icarus()
    if tools is None:
        raise UserError("Icarus Verilog is missing: testbenches in Verilog need it; install "
                        "the package `iverilog`")
    return tools
