"""A sequential circuit while it is being made: a graph, latches that start at 0, free leaves."""

from __future__ import annotations

from rtlbench.equivalence.aig import FALSE, TRUE, Aig, Lit


class Sequential:
    """A graph with latches.

    A latch that is to start at 1 is kept inverted: its literal is then an odd one.
    """

    def __init__(self) -> None:
        self.aig = Aig()
        self.latches: list[tuple[int, Lit]] = []
        """Leaf and next state of each."""
        self.others: list[int] = [self.aig.leaf()]  # one that means nothing: no line is empty
        """Leaves for undefined values."""
        self._places: dict[int, int] = {}
        self._started = self.latch(TRUE)

    def latch(self, next_lit: Lit = FALSE) -> Lit:
        """A latch that starts at 0."""
        leaf = self.aig.leaf()
        self._places[leaf] = len(self.latches)
        self.latches.append((leaf, next_lit))
        return 2 * leaf

    def drive(self, latch: Lit, next_lit: Lit) -> None:
        """Give a latch its next state."""
        self.latches[self._places[latch >> 1]] = (latch >> 1, next_lit ^ (latch & 1))

    def state(self, first: Lit) -> tuple[Lit, Lit]:
        """A latch that starts as `first` says, as (latch, its value at this moment)."""
        if first in (FALSE, TRUE):
            latch = self.latch() ^ first
            return latch, latch
        latch = self.latch()
        return latch, self.aig.mux(self._started, latch, first)

    def free(self) -> Lit:
        """An undefined value."""
        self.others.append(self.aig.leaf())
        return 2 * self.others[-1]

    def forget(self, kept: int) -> None:
        """Take back all latches but the first `kept`."""
        del self.latches[kept:]
