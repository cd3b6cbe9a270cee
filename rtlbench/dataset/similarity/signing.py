"""Signatures of many texts, made by all processes of a crew.

Guarantee: a text's signatures do not depend on the number of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtlbench.dataset.similarity.signatures import BATCH, Signatures, signatures_of
from rtlbench.sandbox.pool import Crew

MAX_WORKERS = 256
"""Of a crew for work whose amount is not known."""
LOTS = 4
"""Lots a process that are handed out together, so that none waits long for the slowest."""


class Signers:
    """A crew that makes signatures.

    Args:
        made: What makes the signatures of a lot.
    """

    def __init__(
        self, crew: Crew, made: Callable[[Sequence[str]], list[Signatures]] = signatures_of
    ) -> None:
        self._crew, self._made = crew, made

    @property
    def round(self) -> int:
        """So many texts keep all processes busy."""
        return BATCH * LOTS * self._crew.count

    def sign(self, codes: Sequence[str]) -> list[Signatures]:
        """The signatures of each text, in order; what fits one lot is done in this process.

        Raises:
            HarnessError: Yosys cannot be started.
            UserError: datasketch is not installed.
        """
        lots = [codes[k : k + BATCH] for k in range(0, len(codes), BATCH)]
        if len(lots) < 2:
            return self._made(codes)
        return [one for made in self._crew.map(self._made, lots) for one in made]
