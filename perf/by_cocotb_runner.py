"""`all.sv` of this folder under random_cycles.py, by cocotb's runner; status 1 where it fails."""

from __future__ import annotations

import sys
from pathlib import Path

from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner

here = Path.cwd()
runner = get_runner("icarus")
runner.build(sources=[here / "all.sv"], hdl_toplevel="tb", build_dir=here, build_args=["-g2012"],
             timescale=("1ns", "1ps"))  # fmt: skip
results = runner.test(hdl_toplevel="tb", test_module="random_cycles", build_dir=here, test_dir=here)
sys.exit(int(not results.is_file() or get_results(results) != (1, 0)))
