"""What a family gives to simulation: its reference model, and directed stimulus kept beside it.

**The reference model** is what a right answer does, cycle by cycle, in plain Python. A family's
`model.py` holds one class `Reference(Model)`. It works on logical values: an active-low enable
reads as 1 when it is asserted, and reset never reaches the model at all (the harness calls `reset`
when the Spec says that reset acts).

**Recorded stimulus** is `stimulus.jsonl`, a sequence a line. A line names the member, says what the
sequence tells apart, and gives moments: inputs that change, by port id, as logical values (1
asserts an active-low reset), the clock edge that then comes, and the id of the clock that has it,
where it is not all of them. Such sequences come from formal counterexamples that the rest of the
stimulus does not reach (`rtlbench specs validate --record`).
"""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.records.spec import ParamValue, Spec

if TYPE_CHECKING:
    from rtlbench.simulation.stimulus import Stimulus

Expected: TypeAlias = int | tuple[int, int] | None
"""A value; None where anything is right; or (value, care), care having a 1 for each bit
that is compared."""
STIMULUS_FILE = "stimulus.jsonl"


class Values(dict[str, Any]):
    """Numbers by name, readable as attributes: `i.en`, `p.width`."""

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def __deepcopy__(self, memo: dict[int, Any]) -> Values:
        return Values({name: copy.deepcopy(value, memo) for name, value in self.items()})


RESERVED_NAMES = frozenset(dir(dict))
"""Names that `Values` cannot give as attributes; the loader refuses them."""


SETTINGS = frozenset({"p", "bias", "cycles"})


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
    return repr([value for name, value in vars(model).items() if name not in SETTINGS])


def load_reference(folder: str | Path) -> type[Model]:
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


class Moment(msgspec.Struct, frozen=True, array_like=True):
    """Inputs that change, and the edge that follows."""

    inputs: dict[str, int]
    edge: Literal["none", "active", "inactive"]
    clock: str = ""
    """Id of the clock that has the edge; empty for every clock."""


class Recorded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sequence."""

    member: str
    """The Spec's id."""
    why: str
    """What it tells from a right answer."""
    moments: list[Moment]


def recorded_for(folder: str | Path, spec_id: str) -> tuple[Recorded, ...]:
    """The sequences of one member, in the order of the file.

    Raises:
        HarnessError: The file is malformed; the message names the line.
    """
    path = Path(folder) / STIMULUS_FILE
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        return ()
    return tuple(r for r in _read(path, changed) if r.member == spec_id)


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> tuple[Recorded, ...]:  # noqa: ARG001 - a key of the cache
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            found.append(msgspec.json.decode(line, type=Recorded))
        except msgspec.DecodeError as e:
            raise HarnessError(f"{path}:{number}: {e}") from e
    return tuple(found)


def recorded_digest(folder: str | Path, spec_id: str) -> str:
    """SHA-256, hex, of the member's sequences; empty where it has none."""
    found = recorded_for(folder, spec_id)
    return hashlib.sha256(msgspec.json.encode(found)).hexdigest() if found else ""


def add_recorded(spec: Spec, recorded: Recorded) -> None:
    """Append a sequence to the file of the Spec's family."""
    assert spec.reference is not None
    with (Path(spec.reference) / STIMULUS_FILE).open("ab") as file:
        file.write(msgspec.json.encode(recorded) + b"\n")
