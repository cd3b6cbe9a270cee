"""One process or several of one launch (`accelerate launch`): which this is, and what it holds."""

from __future__ import annotations

import os

from rtlbench.errors import UserError


def processes() -> int:
    """That train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Whether this is the process that writes."""
    return os.environ.get("RANK", "0") == "0"


def wait_for_all() -> None:
    """Return when all processes have come here."""
    if processes() > 1:
        from accelerate import PartialState

        PartialState(cpu=not has_gpu()).wait_for_everyone()


def has_gpu() -> bool:
    """Whether torch can use one."""
    import torch

    return bool(torch.cuda.is_available())


def device(*, four_bit: bool) -> str:
    """Where this process puts the model, as rtlbench.generate.loading has it.

    Raises:
        UserError: The launch shares out weights, and 4-bit weights cannot be.
    """
    if "LOCAL_RANK" not in os.environ:
        return "auto"
    if _shares_out_weights() and four_bit:
        raise UserError(
            "4-bit weights cannot be shared out among GPUs here; --set model.four_bit=false, or "
            "launch by one_node.yaml or deepspeed_zero2.yaml, where each GPU holds all of them"
        )
    if _uses("FSDP") or _uses("DEEPSPEED"):
        return "none"
    return f"cuda:{os.environ['LOCAL_RANK']}" if has_gpu() else "cpu"


def _shares_out_weights() -> bool:
    stage = os.environ.get("ACCELERATE_DEEPSPEED_ZERO_STAGE")
    return _uses("FSDP") or (_uses("DEEPSPEED") and stage == "3")


def _uses(what: str) -> bool:
    return os.environ.get(f"ACCELERATE_USE_{what}", "").lower() == "true"
