"""Judging from Python: workers that outlive calls, batches of what arrives together."""
