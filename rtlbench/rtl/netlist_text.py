"""Netlists as Verilog, the way Yosys writes them: one flat module a design.

A simulator of such a text sees what synthesis made: no delays, no deltas, no sensitivity lists.
"""

from __future__ import annotations

import random
import re
import secrets

_MODULE = re.compile(r"^module (?P<name>\S+?)\s?\(.*?^endmodule\n", re.M | re.S)
_REGISTER = re.compile(
    r"^  reg (?:\[(?P<high>\d+):(?P<low>\d+)\] )?(?P<name>\\\S+ |[A-Za-z_][\w$]*)"
    r"(?: ?\[(?P<last>\d+):(?P<first>\d+)\])?;$",
    re.M,
)


def modules_of(text: str) -> dict[str, str]:
    """The text of each module, by its name."""
    return {m["name"]: m.group() for m in _MODULE.finditer(text)}


def renamed_module(text: str, name: str) -> str:
    """The module's text under another name."""
    return re.sub(r"^module \S+?(?=\s?\()", lambda _: f"module {name}", text, count=1)


def from_drawn_values(text: str, seed: str, *, inverted: bool) -> str:
    """The module with every register that has no value of its own started at drawn bits, or at
    their complement; memories too, each word at bits of its own."""
    rng = random.Random(seed)

    def started(register: re.Match[str]) -> str:
        width = abs(int(register["high"] or 0) - int(register["low"] or 0)) + 1
        drawn = rng.getrandbits(width)
        value = f"{width}'h{drawn ^ ((1 << width) - 1 if inverted else 0):x}"
        if register["last"] is None:
            return f"{register.group()[:-1]} = {value};"
        low, high = sorted((int(register["first"]), int(register["last"])))
        k = f"k_{secrets.token_hex(8)}"  # no name of the candidate's
        step = f"({k} * 32'h9E3779B1)"
        word = f"{value} ^ {{{-(-width // 32)}{{{step}}}}}"
        return (
            f"{register.group()}\n  integer {k};\n"
            f"  initial for ({k} = {low}; {k} <= {high}; {k} = {k} + 1)"
            f" {register['name']}[{k}] = {word};"
        )

    return _REGISTER.sub(started, text)
