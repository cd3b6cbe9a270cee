"""The reference model of a family: what a right answer does, cycle by cycle, in plain Python.

A family's `model.py` holds one class `Reference(Model)`. It works on logical values: an
active-low enable reads as 1 when it is asserted, and reset never reaches the model at all
(the harness calls `reset` when the Spec says that reset acts).
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from rtlbench.errors import HarnessError

if TYPE_CHECKING:
    from rtlbench.records.spec import ParamValue
    from rtlbench.simulation.stimulus import Stimulus

Expected: TypeAlias = int | tuple[int, int] | None
"""A value; None where anything is right; or (value, care), care having a 1 for each bit
that is compared."""


class Values(dict[str, Any]):
    """Numbers by name, readable as attributes: `i.en`, `p.width`."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


RESERVED_NAMES = frozenset(dir(dict))
"""Names that `Values` cannot give as attributes; the loader refuses them."""


_SETTINGS = frozenset({"p", "bias", "cycles"})


class Model:
    """Base class of reference models.

    Attributes:
        p: The member's parameters, as attributes.
    """

    dual_edge: ClassVar[bool] = False
    """True where registers act on the inactive clock edge too: then `half` is called there."""

    cycles: int = 160
    """Clock cycles of random stimulus; raise it where wraps or long sequences need more."""

    bias: Mapping[str, float] = {}
    """Probability of a 1 for one-bit inputs in random stimulus (0.5 where not named)."""

    def __init__(self, params: Mapping[str, ParamValue]) -> None:
        self.p = Values(params)
        self.setup()

    def setup(self) -> None:
        """Compute constants from `self.p`."""

    def power_up(self) -> None:
        """State before any clock edge, for members without reset; may be None (unknown)."""
        raise HarnessError(f"{type(self).__module__}: a member without reset needs power_up()")

    def reset(self) -> None:
        """Put every register to its reset value."""
        raise NotImplementedError

    def step(self, i: Values) -> None:
        """The active clock edge with inputs `i`, reset not asserted."""
        raise NotImplementedError

    def edge(self, clock: str, i: Values) -> None:
        """The active edge of `clock`; only members with several clocks say more than `step`."""
        if clock:
            self.step(i)

    def half(self, i: Values) -> None:
        """The inactive clock edge, only called where `dual_edge` is True."""

    def outputs(self, i: Values) -> dict[str, Expected]:
        """Every output by port id, for the present state and inputs."""
        raise NotImplementedError

    def directed(self, s: Stimulus) -> None:
        """Stimulus that this family needs beside the usual opening and the random part."""


def registers(model: Model) -> str:
    """The state that a model is in: all it has beside what a family has set."""
    return repr([value for name, value in vars(model).items() if name not in _SETTINGS])


def load_model(folder: str | Path) -> type[Model]:
    """The `Reference` class of the family in `folder`.

    Raises:
        HarnessError: There is no model.py, or it has no class `Reference(Model)`.
    """
    path = Path(folder) / "model.py"
    module = _import_file(path)
    reference = getattr(module, "Reference", None)
    if not (isinstance(reference, type) and issubclass(reference, Model)):
        raise HarnessError(f"{path}: no class Reference(Model)")
    return reference


def _import_file(path: Path) -> ModuleType:
    name = f"rtlbench_family_{path.parent.parent.name}_{path.parent.name}"
    known = sys.modules.get(name)
    if known is not None and known.__file__ == str(path):
        return known
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None or not path.is_file():
        raise HarnessError(f"{path}: no such reference model")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    found.loader.exec_module(module)
    return module
