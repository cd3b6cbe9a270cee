"""What numbers a machine computes with by itself."""

from __future__ import annotations


def computes_bfloat16(*, on_cpu: bool) -> bool:
    """Whether the CPU, or else the GPU, has instructions for bfloat16.

    One without them does it by float32 and rounding, on a CPU some eight times slower than float32.
    """
    import torch

    if not on_cpu:
        return torch.cuda.is_available() and bool(torch.cuda.is_bf16_supported(False))
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    has = any(getattr(torch.cpu, name, bool)() for name in checks)
    return has and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def native_type(dtype: str, *, on_cpu: bool) -> str:
    """`dtype`; for `native`, `bfloat16` where the machine computes in it by itself, else
    `float32`."""
    if dtype != "native":
        return dtype
    return "bfloat16" if computes_bfloat16(on_cpu=on_cpu) else "float32"


def is_on_cpu(device: str) -> bool:
    """Whether `device`, as rtlbench.generate.loading has it, is this machine's CPU."""
    import torch

    return device == "cpu" or (device == "auto" and not torch.cuda.is_available())
