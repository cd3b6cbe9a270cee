"""The lanes' playback as an ordinary cocotb test: what perf/throughput.py compares with."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.triggers import ReadOnly, RisingEdge


@cocotb.test()
async def play(_dut: object) -> None:
    """Play all frames back; the golden alone is right."""
    top: Any = cocotb.top
    await RisingEdge(top.done)
    await ReadOnly()
    assert int(top.part_0.compared.value) > 0
    assert int(top.part_0.caught.value) > 0
    assert str(top.part_0.seen.value)[-1] == "0"
