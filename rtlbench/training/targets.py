"""Whether a model has the layers that an adapter is to be put on, told before training begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rtlbench.errors import UserError

EVERY = "all-linear"
KINDS = ("Linear", "Embedding", "Conv")
"""What the class names of layers that can take an adapter have in them."""


def check_targets(model: Any, targets: str | tuple[str, ...]) -> None:
    """Make sure that `lora.targets` names layers of `model`.

    Raises:
        UserError: A name, or the pattern, fits none, or a layer that takes no adapter.
    """
    if targets == EVERY:
        return
    layers = {name: type(module).__name__ for name, module in model.named_modules() if name}
    wanted = [targets] if isinstance(targets, str) else list(targets)
    for target in wanted:
        found = [n for n in layers if _fits(n, target, is_pattern=isinstance(targets, str))]
        if not found:
            raise UserError(f"lora.targets: no layer is called {target!r}; {_known(layers)}")
        odd = next((n for n in found if not any(k in layers[n] for k in KINDS)), None)
        if odd is not None:
            raise UserError(
                f"lora.targets: {target!r} names {odd}, a {layers[odd]}, which takes no adapter; "
                f"{_known(layers)}"
            )


def _fits(name: str, target: str, *, is_pattern: bool) -> bool:
    if not is_pattern:
        return name == target or name.endswith(f".{target}")
    try:
        return re.fullmatch(target, name) is not None
    except re.error as e:
        raise UserError(f"lora.targets: {target!r} is no regular expression ({e})") from e


def _known(layers: dict[str, str]) -> str:
    return f"there are {', '.join(dict.fromkeys(_linear(layers)))}, and {EVERY}"


def _linear(layers: dict[str, str]) -> Iterator[str]:
    return (name.rpartition(".")[2] for name, kind in layers.items() if "Linear" in kind)
