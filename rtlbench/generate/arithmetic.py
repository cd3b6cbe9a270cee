"""What numbers a machine computes with by itself."""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache

from rtlbench.errors import UserError


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


@lru_cache(maxsize=8)
def native_type_of(dtype: str, device: str) -> str:
    """`native_type` on a device, as rtlbench.generate.loading has it.

    Asked in a process of its own where torch is not loaded yet: who only says what will be asked
    of a model need not load it, and pyslang complains at the end of a process that has both.

    Raises:
        UserError: torch does not load.
    """
    if dtype != "native":
        return dtype
    if "torch" in sys.modules:
        return native_type(dtype, on_cpu=is_on_cpu(device))
    ask = f"from {__name__} import native_type, is_on_cpu; import sys; " \
        "print(native_type('native', on_cpu=is_on_cpu(sys.argv[1])))"
    ran = subprocess.run([sys.executable, "-c", ask, device], capture_output=True, text=True,
                         check=False)  # fmt: skip
    if ran.returncode != 0 or not ran.stdout.split():
        told = ran.stderr.strip().rpartition("\n")[2]
        raise UserError(
            f"--dtype native: torch does not load ({told}); pip install 'rtlbench[models]'"
        )
    return ran.stdout.split()[-1]


def is_on_cpu(device: str) -> bool:
    """Whether `device`, as rtlbench.generate.loading has it, is this machine's CPU."""
    import torch

    return device == "cpu" or (device == "auto" and not torch.cuda.is_available())
