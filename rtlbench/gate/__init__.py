"""The gate: whether a model's run meets a policy, and is no worse than a baseline's."""
