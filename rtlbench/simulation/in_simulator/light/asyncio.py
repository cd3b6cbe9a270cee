"""Stands in for asyncio, of which cocotb takes two exception types; see pytest.py."""

from __future__ import annotations


class CancelledError(BaseException):
    """What a cancelled task raises."""


class InvalidStateError(Exception):
    """What a task asked too early raises."""
