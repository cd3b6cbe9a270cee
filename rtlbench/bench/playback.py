"""What runs inside the simulator: starts the frames, waits for the last, hands over the result.

The result is the evidence for a pass: sealed by the run's key, with the number of comparisons
really made. Importing this module takes the key out of the handover file, which cocotb does
before the design's time 0.
"""

from __future__ import annotations

import json
from io import FileIO
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge

from rtlbench.bench.handover import HANDOVER_FILE, seal

TICK_NS = 100


def _take() -> tuple[FileIO, bytes, int]:
    """The handover file, now empty and without a name, the key and the number of lanes."""
    file = FileIO(HANDOVER_FILE, "r+")
    key, lanes = file.readall().split()
    file.truncate(0)
    Path(HANDOVER_FILE).unlink()
    return file, key, int(lanes)


_HANDOVER, _KEY, _LANES = _take()


@cocotb.test()
async def play(_dut: object) -> None:
    """Play all frames back and hand over what each lane did."""
    bench: Any = cocotb.top
    Clock(bench.tick, TICK_NS, unit="ns", impl="gpi").start(start_high=False)
    await RisingEdge(bench.done)
    await ReadOnly()
    seen = str(bench.seen.value)[::-1]
    mismatches = {
        k: [int(bench.first[k].value), str(bench.got[k].value)]
        for k in range(_LANES)
        if seen[k] != "0"
    }
    result = {
        "compared": int(bench.compared.value),
        "caught": int(bench.caught.value),
        "lanes": _LANES,
        "mismatches": mismatches,
        "simulator": f"{cocotb.SIM_NAME} {cocotb.SIM_VERSION}",
    }
    body = json.dumps(result).encode()
    _HANDOVER.seek(0)
    _HANDOVER.truncate(0)
    _HANDOVER.write(seal(_KEY, body) + body)
