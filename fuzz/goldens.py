"""The goldens of the suite, and small broken copies of them."""

from __future__ import annotations

import re
from functools import lru_cache

from fuzz.choices import Choices
from fuzz.grammar import STRANGE, expression
from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite

_TOKEN = re.compile(r"\s+|\\\S+|`?[\w$]+|<=|>=|==|!=|&&|\|\||<<|>>|\S")
_SWAPS = {
    "posedge": "negedge", "negedge": "posedge", "+": "-", "-": "+", "<=": "=", "=": "<=",
    "==": "!=", "!=": "==", "&&": "||", "||": "&&", "&": "|", "|": "&", "<": ">", ">": "<",
    "begin": "end", "end": "begin", "input": "output", "output": "input", "reg": "wire",
    "if": "case", "1": "0", "0": "1", "always_ff": "always", "logic": "reg",
}  # fmt: skip


@lru_cache(maxsize=1)
def one_a_family() -> tuple[Spec, ...]:
    """The first Spec of each family."""
    first: dict[str, Spec] = {}
    for spec in load_suite():
        first.setdefault(f"{spec.category}/{spec.family}", spec)
    return tuple(first[name] for name in sorted(first))


def mutated(c: Choices, text: str, least: int = 0, most: int = 4) -> str:
    """`text` with a few of its tokens deleted, doubled, swapped, replaced or moved."""
    tokens = _TOKEN.findall(text)
    for _ in range(c.integer(least, most)):
        _change(c, tokens)
    return "".join(tokens)


def _change(c: Choices, tokens: list[str]) -> None:
    at, other = c.integer(0, len(tokens) - 1), c.integer(0, len(tokens) - 1)
    kind = c.integer(0, 7)
    if kind == 0:
        tokens[at] = ""
    elif kind == 1:
        tokens[at] += " " + tokens[at]
    elif kind == 2:
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif kind == 3:
        tokens[at] = " " + tokens[other] + " "
    elif kind == 4:
        tokens[at] += " " + c.pick(STRANGE) + " "
    elif kind == 5:
        tokens[at] = expression(c, 2) if tokens[at].strip().isidentifier() else tokens[at]
    elif kind == 6:
        low, high = sorted((at, other))
        tokens[at:at] = tokens[low : min(high, low + 30)]
    else:
        _swap_nearby(tokens, at)


def _swap_nearby(tokens: list[str], at: int) -> None:
    """Turn the next operator or keyword that has an opposite into it: what stays valid most."""
    for k in range(at, len(tokens)):
        if tokens[k] in _SWAPS:
            tokens[k] = _SWAPS[tokens[k]]
            return
