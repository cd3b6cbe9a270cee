"""Stands in for importlib.metadata, which cocotb asks for nothing but its own version, to log it;
see pytest.py. Python imports this file as it starts, before anything of cocotb.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


class _Metadata(ModuleType):
    @staticmethod
    def version(_distribution: str) -> str:
        """Of any distribution: nobody reads that log."""
        return "unknown"


_package: Any = importlib
_package.metadata = sys.modules["importlib.metadata"] = _Metadata("importlib.metadata")
