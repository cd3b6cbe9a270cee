"""Matrices in the order in which a CPU that computes in bfloat16 itself reads them.

oneDNN brings a matrix into that order at every call, which for a handful of rows takes longer than
the product. Here it is done once, when a model is loaded to write; the numbers stay what they are,
and the model cannot be trained or saved any more.
"""

from __future__ import annotations

from typing import Any

from rtlbench.generate.arithmetic import computes_bfloat16

_ROWS = 16
"""Answers at a time that the order is chosen for; others are computed all the same."""


def pack(model: Any) -> bool:
    """Pack the matrices of a model that computes in bfloat16 on a CPU made for that; whether so."""
    import torch

    if model.device.type != "cpu" or model.dtype != torch.bfloat16 or not _is_native():
        return False
    shared = {p.data_ptr() for m in model.modules() if isinstance(m, torch.nn.Embedding)
              for p in m.parameters()}  # fmt: skip
    with torch.no_grad():
        for module in model.modules():
            if type(module) is torch.nn.Linear and module.weight.dtype == torch.bfloat16:
                _pack(module, keep=module.weight.data_ptr() in shared)
    return True


def _is_native() -> bool:
    import torch

    return hasattr(torch.ops.mkldnn, "_linear_pointwise") and computes_bfloat16(on_cpu=True)


def _pack(module: Any, *, keep: bool) -> None:
    import torch

    packed = torch.ops.mkldnn._reorder_linear_weight(module.weight.detach(), _ROWS)
    bias = None if module.bias is None else module.bias.detach()
    compute = torch.ops.mkldnn._linear_pointwise

    def forward(x: Any) -> Any:
        return compute(x, packed, bias, "none", [], "")

    module.forward = forward
    if not keep:  # the memory is needed once
        module.weight = torch.nn.Parameter(module.weight.detach()[:0], requires_grad=False)
