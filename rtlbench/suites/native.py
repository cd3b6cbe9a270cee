"""What readers of suites in their native layouts have in common: texts, and names of modules."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.rtl.scan import Scan, scan
from rtlbench.rtl.slang import elaborate


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, or byte by byte where it is not: suites have both.

    Raises:
        UserError: It cannot be read.
    """
    try:
        raw = path.read_bytes()
    except OSError as e:
        raise UserError(f"{path}: cannot be read ({e.strerror}); a design needs it") from e
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def scan_text(text: str) -> Scan:
    """What stands in a text of which no top module is known."""
    return scan(elaborate(text, None).tree)


def outside_modules(testbench: str) -> list[str]:
    """The modules that a testbench uses and does not define, in order."""
    found = scan_text(testbench)
    return list(dict.fromkeys(n for _, n in sorted(found.names) if n not in found.modules))


def instantiated(path: Path | str, testbench: str, beside: Collection[str] = ()) -> str:
    """The one module that the testbench uses and does not define.

    Args:
        beside: Modules that are given with it.

    Raises:
        UserError: There are none, or several.
    """
    names = [n for n in outside_modules(testbench) if n not in beside]
    if len(names) != 1:
        told = ", ".join(names) or "none"
        raise UserError(f"{path}: a bench must instantiate one module from outside, not {told}")
    return names[0]


def renamed_module(text: str, old: str, new: str) -> str:
    """`text` with every mention of module `old` called `new`."""
    if old == new:
        return text
    for at, name in sorted(scan_text(text).names, reverse=True):
        if name == old and text.startswith(old, at):
            text = text[:at] + new + text[at + len(old) :]
    return text
