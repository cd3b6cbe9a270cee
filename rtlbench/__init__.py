"""rtlbench: a pytest-driven verification harness for RTL written by language models."""

from __future__ import annotations

__version__ = "0.1.0"
