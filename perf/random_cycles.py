"""The cycles of random_bench.py as a cocotb test: what perf/side_by_side.py compares with."""

from __future__ import annotations

import os
import random
from typing import Any

import cocotb
from cocotb.triggers import Timer

_SAID = os.environ


@cocotb.test()
async def cycles(dut: Any) -> None:
    """Draw inputs, and compare reference and answer before and after each edge."""
    clock = getattr(dut, _SAID["TB_CLOCK"])
    active, level = int(_SAID["TB_ACTIVE"]), int(_SAID["TB_LEVEL"])
    driven = [d.split(":") for d in _SAID["TB_DRIVEN"].split(",") if d]
    ports = [(getattr(dut, name), int(width)) for name, width in driven]
    reset = getattr(dut, _SAID["TB_RESET"]) if _SAID["TB_RESET"] else None
    warm, rng, bad = int(_SAID["TB_RESET_CYCLES"]), random.Random(1), 0
    clock.value = 1 - active
    for k in range(int(_SAID["TB_CYCLES"])):
        for port, width in ports:
            port.value = rng.getrandbits(width)
        if reset is not None:
            reset.value = level if k < warm or rng.random() < 1 / 32 else 1 - level
        for now in (active, 1 - active):
            await Timer(4, unit="ns")
            bad += k > warm and int(dut.differs.value) != 0
            await Timer(1, unit="ns")
            clock.value = now
    assert bad == 0
