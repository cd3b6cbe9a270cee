"""What must not be in a combined set twice, or at all: duplicates, and members of benchmarks."""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.dataset.combine.manifest import Removal
from rtlbench.dataset.combine.recipe import NO_SUITE, Recipe
from rtlbench.dataset.similarity.contamination import Resemblance
from rtlbench.dataset.similarity.duplicates import Match
from rtlbench.dataset.similarity.sieve import Sieve
from rtlbench.records.example import Placed
from rtlbench.sandbox.pool import Crew


class CombineSieve:
    """Says what each record resembles, and remembers it, as far as a recipe asks for that.

    Raises:
        UserError: A suite cannot be read, or a library is missing.
    """

    def __init__(self, recipe: Recipe, crew: Crew) -> None:
        suites = [s for s in recipe.against if s != NO_SUITE]
        self._sieve = Sieve(suites, recipe.likes, crew)

    @property
    def lot(self) -> int:
        """Records that are compared well together."""
        return self._sieve.lot

    def __call__(self, records: Sequence[Placed]) -> list[Removal | None]:
        """What keeps each record out, in order; None for one that may stay."""
        likes = self._sieve.sift(records)
        return [_removal(p, like) for p, like in zip(records, likes, strict=True)]

    @property
    def notes(self) -> list[str]:
        """What it cannot see."""
        told = "neither code nor words of its own to find"
        return [f"against {name}: {told}" for name in self._sieve.unwatched]


def _removal(placed: Placed, like: Match | Resemblance | None) -> Removal | None:
    if like is None:
        return None
    is_match = isinstance(like, Match)
    return Removal(
        where=placed.where,
        reason=f"{'duplicate' if is_match else 'contaminated'}.{like.measure}",
        like=like.record_id if isinstance(like, Match) else like.member,
        amount=round(like.similarity, 3),
    )
