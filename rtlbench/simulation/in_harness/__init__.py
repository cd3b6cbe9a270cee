"""What runs a suite's cocotb harness inside the sandbox, in the harness's own Python."""
