"""The names of the filter's engines, for options: nothing heavy is imported here."""

from __future__ import annotations

PROCESSES = "processes"
"""pytest's own process, or xdist's."""
RAY = "ray"
ENGINES = (PROCESSES, RAY)
