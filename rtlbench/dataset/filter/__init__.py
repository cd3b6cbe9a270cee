"""The dataset filter. Here only names and defaults of its options: nothing heavy is imported."""

from __future__ import annotations

PROCESSES = "processes"
"""pytest's own process, or xdist's."""
RAY = "ray"
ENGINES = (PROCESSES, RAY)

TRUSTED = "trusted"
"""Somebody wrote the records' benches and references who knows what is right."""
SELF = "self"
"""Whoever wrote the answers wrote them."""
TRUST = (TRUSTED, SELF)
DEFAULT_NOTICED = 0.8
DEFAULT_AGREE = 5
"""Of five answers of one model three agree on what is wrong one time in five (docs/dataset.md)."""
UNPROVEN_FILE = "unproven.jsonl"
"""What scores enough and whose tier is not accepted, beside the output."""
REFUSED_FILE = "refused.jsonl"
BROKEN_FILE = "broken.jsonl"
"""What is no record."""
