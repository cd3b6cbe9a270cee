"""What the text of a testbench says of itself, read without a parser: slang refuses some of those
that Icarus runs."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from rtlbench.records.spec import Testbench

_MODULE_NAME = re.compile(r"\bmodule\s+(\w+)")
_NO_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
_TIMESCALE = re.compile(r"^[ \t]*`timescale[^\n/]*(?:/[^\n/]*)?", re.M)


def timescale_of(testbench: str) -> str:
    """The testbench's last `` `timescale``: what a design behind it is compiled with."""
    found = _TIMESCALE.findall(testbench)
    return found[-1].strip() if found else ""


def testbench_top(text: str, tested: str = "") -> str:
    """The testbench's own top: the module that no other module of the testbench instantiates; of
    several, the one that names the module `tested`."""
    plain = _NO_CODE.sub(" ", text)
    names = _MODULE_NAME.findall(plain)
    used = {n for n in names if len(re.findall(rf"\b{re.escape(n)}\b", plain)) > 1}
    free = [n for n in names if n not in used]
    if tested and len(free) > 1:
        bodies = {n: plain.partition(f"module {n}")[2].partition("endmodule")[0] for n in free}
        free = [n for n in free if re.search(rf"\b{re.escape(tested)}\b", bodies[n])] or free
    return next(iter(free), names[0] if names else "testbench")


def write_files(folder: Path, testbench: Testbench) -> None:
    """Write the data files of a testbench."""
    for file, content in testbench.files.items():
        inside = PurePosixPath(file)
        if inside.is_absolute() or ".." in inside.parts:
            continue  # nothing is ever written outside the run's folder
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        (folder / inside).write_text(content)
