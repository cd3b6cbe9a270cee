"""Answers with defects for a base that learns from noisy data: the kinds of `rtlbench corpus`.

They are made as the corpus makes them, and no simulation says which of them are wrong: a changed
golden in ten or so is equivalent. What learns from them is meant to learn from noise.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from rtlbench.dataset.corpus.defects import SPOILT, spoilt, suspects
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.rtl.preprocessing import prepare

PER_MEMBER = 4
"""Examples of one task: to look for defects takes far longer than to render."""
SPARE = 6
SPOILT_SHARE = 0.1


def answers(
    spec: Spec, defects: float, rng: random.Random, count: int = PER_MEMBER
) -> Iterator[tuple[str, str | None]]:
    """About `count` answers, the golden and changed ones, with the kind of their defect.

    Args:
        defects: Share of changed ones, 0 to 1.
    """
    text = prepare(spec.golden).text
    exact = count * defects
    wrong = int(exact) + (rng.random() < exact - int(exact))
    try:
        found = suspects(spec, text, wrong + SPARE, rng.randrange(1 << 30))
    except HarnessError:
        return
    made: list[tuple[str, str | None]] = [(text, None)] * (count - wrong)
    for suspect in found[:wrong]:
        kind = rng.choice(SPOILT)
        broken = spoilt(spec, text, kind, rng) if rng.random() < SPOILT_SHARE else None
        made.append((broken, kind) if broken is not None else (suspect.text, suspect.kind))
    rng.shuffle(made)
    yield from made
