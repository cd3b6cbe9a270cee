"""When two texts put one task: the same words, but for what carries nothing.

Guarantee: a word, a number or a sign of the task itself is never passed over. Set aside are white
space, markup, and words such as "please" and "Verilog" anywhere; others ("you are an expert",
"return only the answer") before and behind the task, where they cannot be part of a statement.
Names of ports are words of the task whatever they are: `a` is no article where a port has that
name.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_TOKEN = re.compile(r"[A-Za-z0-9_]+|[^\sA-Za-z0-9_`*#]")
_BULLET = re.compile(r"^[ \t]*[-+•][ \t]+", re.M)
_IDLE = frozenset(
    "a an the please write create design implement build give provide generate develop verilog "
    "systemverilog hdl rtl code module synthesizable named called . , ;".split()
)
"""Say nothing of a circuit wherever they stand."""
_FRAMING = _IDLE | frozenset(
    "me i need we you are your want would like can could should following name for in of using "
    "with as expert engineer hardware helpful assistant return only answer complete solution task "
    "description below above that this is it and to : - ! ? \" ' ( )".split()
)
"""Say nothing before and behind the task; inside it they may."""


def squeezed(text: str) -> str:
    """The text with every white space alike."""
    return " ".join(text.split())


def words_of(text: str, names: Collection[str] = ()) -> tuple[str, ...]:
    """The words of a task.

    Args:
        names: Of ports and module, which are never set aside.
    """
    tokens = _TOKEN.findall(_BULLET.sub("", text))
    said = [t for t in tokens if t in names or t.lower() not in _IDLE]
    telling = [k for k, t in enumerate(said) if t in names or t.lower() not in _FRAMING]
    return tuple(said[telling[0] : telling[-1] + 1]) if telling else ()
