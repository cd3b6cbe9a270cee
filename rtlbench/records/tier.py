"""The tier of a training record: what its function rests on.

Unknown is never gold by silence: a score says what the static Checks found, the tier whether
anything has judged what the circuit does.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any


class Tier(enum.StrEnum):
    """What a record's function rests on, the best first."""

    PROVEN = "proven"
    """Judged by a task's model, by a reference, or by a bench that is trusted."""
    ATTESTED = "attested"
    """Its own bench passes it and notices its mutants, or independent answers agree with it."""
    UNPROVEN = "unproven"
    """The static Checks alone."""


DEFAULT_ACCEPT = Tier.ATTESTED
TIERS = tuple(t.value for t in Tier)
_RANK = {tier: rank for rank, tier in enumerate(Tier)}


def accepts(least: Tier, tier: Tier) -> bool:
    """Whether `tier` is at least `least`."""
    return _RANK[tier] <= _RANK[least]


def noted_tier(place: Mapping[str, Any]) -> Tier:
    """The tier that `metadata.rtlbench` states; of a record from before there were tiers, what
    its function says."""
    given = place.get("tier")
    if given in TIERS:
        return Tier(given)
    return Tier.PROVEN if place.get("functional") is True else Tier.UNPROVEN
