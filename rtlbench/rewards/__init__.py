"""Rewards: what Verdicts are worth, and the ways in which trainers ask for it."""

from __future__ import annotations

from rtlbench.rewards.functions import output_shares, right, shaped, sparse
from rtlbench.rewards.trl import reward_function, right_reward, shaped_reward
from rtlbench.rewards.verl import compute_score, compute_scores

__all__ = [
    "compute_score", "compute_scores", "output_shares", "reward_function", "right", "right_reward",
    "shaped", "shaped_reward", "sparse",
]  # fmt: skip
