"""What runs inside the simulator: starts the frames, waits for the last, hands over the result.

The result file is the evidence for a pass. It carries the nonce of the run, which no lane can
know, and the number of comparisons really made; the reader refuses anything short of all.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge

from rtlbench.bench.handover import LANES, NONCE, RESULT_FILE

TICK_NS = 100


@cocotb.test()
async def play(_dut: object) -> None:
    """Play all frames back and write what each lane did."""
    bench: Any = cocotb.top
    Clock(bench.tick, TICK_NS, unit="ns", impl="gpi").start(start_high=False)
    await RisingEdge(bench.done)
    await ReadOnly()
    seen = str(bench.seen.value)[::-1]
    lanes = range(int(os.environ[LANES]))
    mismatches = {
        k: [int(bench.first[k].value), str(bench.got[k].value)] for k in lanes if seen[k] != "0"
    }
    result = {
        "nonce": os.environ[NONCE],
        "compared": int(bench.compared.value),
        "lanes": len(lanes),
        "mismatches": mismatches,
        "simulator": f"{cocotb.SIM_NAME} {cocotb.SIM_VERSION}",
    }
    path = Path(os.environ[RESULT_FILE])
    path.with_suffix(".part").write_text(json.dumps(result))
    path.with_suffix(".part").replace(path)
