"""Training data: records, the filter, duplicates, contamination, corpora."""

from __future__ import annotations

from collections.abc import Mapping


def most_frequent_first(counts: Mapping[str, int]) -> dict[str, int]:
    """The same counts, the highest first; of equals by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
