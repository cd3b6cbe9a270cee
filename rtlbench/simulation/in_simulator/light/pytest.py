"""Stands in for pytest inside the simulator only, where nothing of pytest is used.

cocotb imports pytest for its exception types, which takes longer than simulating a whole batch
of lanes (150 of 260 ms of cocotb's import where it was measured; docs/performance.md). This
folder comes first in the simulator's PYTHONPATH. tests/simulation/test_playback.py runs the same
lanes with the real pytest too and expects the same result.
"""

from __future__ import annotations


class _UnusedError(Exception):
    """What no code inside the simulator raises."""


class _Marker:
    Exception = _UnusedError


raises = _Marker
skip = _Marker
xfail = _Marker
