"""How far two reviewers agree, beyond what chance alone would give. Pure.

Cohen's kappa, (p_o - p_e) / (1 - p_e): p_o is the share of records on which both said the same, p_e
what two people would share who said each word as often as these did, blindly. J. Cohen, "A
coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960),
pages 37 to 46. It is undefined where both always said one and the same word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations

import msgspec

from rtlbench.dataset.reviews import Decision

SOURCE = "Cohen 1960, Educational and Psychological Measurement 20:37-46"


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Of two reviewers, over the records that both have decided."""

    reviewers: tuple[str, str]
    both: int
    same: int
    kappa: float | None
    """None where it is undefined."""
    apart: tuple[str, ...]
    """Where they differ: file and line, and what each said."""


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of what two people said of the same things."""
    if not pairs:
        return None
    n = len(pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = Fraction(sum(a == b for a, b in pairs), n)
    expected = Fraction(sum(first[w] * second[w] for w in first), n * n)
    return None if expected == 1 else float((observed - expected) / (1 - expected))


def agreements(last: Mapping[str, Mapping[str, Decision]]) -> list[Agreement]:
    """Of every two reviewers, by name.

    Args:
        last: What counts, by record, then by reviewer.
    """
    names = sorted({name for by in last.values() for name in by})
    return [_of_two(last, a, b) for a, b in combinations(names, 2)]


def _of_two(last: Mapping[str, Mapping[str, Decision]], a: str, b: str) -> Agreement:
    both = [(by[a], by[b]) for by in last.values() if a in by and b in by]
    apart = [(x, y) for x, y in both if x.decision != y.decision]
    return Agreement(
        reviewers=(a, b),
        both=len(both),
        same=len(both) - len(apart),
        kappa=kappa([(x.decision, y.decision) for x, y in both]),
        apart=tuple(f"{x.where}: {a} {x.decision}, {b} {y.decision}" for x, y in apart),
    )


def told(found: Sequence[Agreement]) -> list[str]:
    """Lines for people."""
    lines: list[str] = []
    for one in found:
        value = "undefined" if one.kappa is None else f"{one.kappa:.3f}"
        share = f"{one.same} of {one.both} alike"
        lines.append(f"{one.reviewers[0]} and {one.reviewers[1]}: {share}, kappa {value}")
        lines += [f"  {place}" for place in one.apart]
    return [*lines, f"kappa: {SOURCE}"] if lines else ["no two reviewers yet"]
