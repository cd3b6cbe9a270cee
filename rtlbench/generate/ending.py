"""Where an answer is over though its model would go on: behind the fence in which the module that
was asked for is closed, when all that it uses is there.

What models write behind that is explanation, and a testbench perhaps. An answer is not over while a
fence is open, or before the line behind a closed one has begun (a second fence follows there);
where it thinks aloud; or where a module that it uses is missing. A model that gives another version
behind all that is not waited for. Of 390 recorded answers to the public VerilogEval suite 368 are
over before their end, by a third of their text, and none is judged otherwise:
tests/generate/test_ending.py.
"""

from __future__ import annotations

import re

from rtlbench.rtl.answer_parts import without_thinking
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.lexical import NO_CODE

_FENCE = re.compile(r"^[ \t]*```[ \t]*(\w*)[ \t]*$", re.M)
_INSTANCE = re.compile(r"(?:^|[;)]|\bbegin\b|\bend\b|\bendmodule\b)\s*(?P<name>[A-Za-z_]\w*)\s+"
                       r"(?:#\s*\(|[A-Za-z_]\w*\s*(?:\[[^\]]*\]\s*)?\()")  # fmt: skip
_DEFINED = re.compile(r"\b(?:module|interface|package|program|primitive|class)\s+(\w+)")
_NOT_NAMES = frozenset(
    "module function task macromodule if else for while repeat case casex casez always always_comb "
    "always_ff always_latch assign initial begin end generate return typedef import export "
    "primitive interface class program package and or not nand nor xor xnor buf bufif0 bufif1 "
    "notif0 notif1 wire reg logic input output inout parameter localparam integer genvar "
    "assert assume cover property sequence endcase endfunction endtask".split()
)


def is_over(text: str, top: str) -> bool:
    """Whether all of an answer that counts is there.

    Args:
        text: The answer so far.
        top: The module that was asked for.
    """
    fences = list(_FENCE.finditer(text))
    if not top or len(fences) < 2 or len(fences) % 2 or fences[-1][1]:
        return False
    behind = text[fences[-1].end() :]
    if "\n" not in behind:
        return False
    spans, has_thought = without_thinking(text)
    if has_thought or len(spans) != 1:
        return False
    found = extract(text, top)
    if found.truncated or not found.how.startswith("fence"):
        return False
    code = NO_CODE.sub(" ", found.rtl)
    defined = set(_DEFINED.findall(code))
    used = {m["name"] for m in _INSTANCE.finditer(code)} - _NOT_NAMES
    return top in defined and used <= defined
