"""Names on both sides of the simulator's border; imported inside it, so it imports nothing."""

from __future__ import annotations

RESULT_FILE = "RTLBENCH_RESULT"
"""Environment variable: where the result goes."""
NONCE = "RTLBENCH_NONCE"
"""Environment variable: the run's nonce, which the result must carry."""
LANES = "RTLBENCH_LANES"
"""Environment variable: the number of lanes, golden and complement included."""
