"""How much alike two examples may be, and how many of those that are alike stay.

A training set is to show many circuits, and one circuit in few ways. The same code to the same
words twice teaches nothing. The same circuit in another style, or asked for in other words, does,
the first few times.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from rtlbench.errors import UserError

NONE, EXACT, FUNCTION = "none", "exact", "function"
DUPLICATES = (NONE, EXACT, FUNCTION)
"""Nothing counts as alike; equal code, whatever its names and layout; equal circuits too, and near
text where there is no circuit."""
FEW = 4
"""Examples of one function in a training set."""


class DuplicateRule(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as alike, and how much of it stays."""

    duplicates: Literal["none", "exact", "function"] = "function"
    per_function: int = 1
    """Examples that are alike and stay; of equal words and equal code one, whatever this says."""

    def check(self) -> None:
        """Raise UserError where a value makes no sense."""
        if self.per_function < 1:
            raise UserError(f"per-function {self.per_function}: give a number of at least 1")
