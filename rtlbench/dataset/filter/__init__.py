"""The dataset filter. Here only the names of what judges its shards: nothing heavy is imported."""

from __future__ import annotations

PROCESSES = "processes"
"""pytest's own process, or xdist's."""
RAY = "ray"
ENGINES = (PROCESSES, RAY)
