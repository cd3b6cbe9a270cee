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

from rtlbench.simulation.in_simulator import HANDOVER_FILE, seal

TICK_NS = 100


def _take() -> tuple[FileIO, bytes, list[int]]:
    """The handover file, now empty and without a name, the key and each part's lanes."""
    file = FileIO(HANDOVER_FILE, "r+")
    key, *lanes = file.readall().split()
    file.truncate(0)
    Path(HANDOVER_FILE).unlink()
    return file, key, [int(n) for n in lanes]


_HANDOVER, _KEY, _LANES = _take()


@cocotb.test()
async def play(_dut: object) -> None:
    """Play all frames back and hand over what each lane did."""
    top: Any = cocotb.top
    Clock(top.tick, TICK_NS, unit="ns", impl="gpi").start(start_high=False)
    await RisingEdge(top.done)
    await ReadOnly()
    results = [_result(getattr(top, f"part_{k}"), lanes) for k, lanes in enumerate(_LANES)]
    body = json.dumps(results).encode()
    _HANDOVER.seek(0)
    _HANDOVER.truncate(0)
    _HANDOVER.write(seal(_KEY, body) + body)


def _result(part: Any, lanes: int) -> dict[str, object]:
    """What the lanes of one part did."""
    seen = str(part.seen.value)[::-1]
    return {
        "compared": int(part.compared.value),
        "caught": int(part.caught.value),
        "lanes": lanes,
        "mismatches": {
            k: [int(part.first[k].value), str(part.got[k].value)]
            for k in range(lanes)
            if seen[k] != "0"
        },
        "simulator": f"{cocotb.SIM_NAME} {cocotb.SIM_VERSION}",
    }
