"""The plan of a Spec with a reference model, made once and kept in the user's cache folder.

Making it takes longer than to judge an answer by it, and it hangs on nothing but the Spec, the seed
and code: the model's and the harness's own, whose text is part of what it is found by. What is kept
are numbers; reading it back runs nothing.
"""

from __future__ import annotations

import hashlib
import sys
import zlib
from functools import lru_cache
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.io.cache import kept_as
from rtlbench.records.spec import Spec
from rtlbench.simulation import coverage, driver, episodes, frames, model, stimulus
from rtlbench.simulation.frames import QUICK, KeptFrames, Plan, Rows, plan_of
from rtlbench.simulation.model import recorded_digest
from rtlbench.simulation.stimulus import build_plan

KIND = "stimulus"
"""The folder."""
KEPT_PLANS = 600
"""Some 20 kB each."""


class _Kept(msgspec.Struct, frozen=True):
    """The frames as they are read by the simulator, and their cycles."""

    text: bytes
    first: int
    counting: int
    cycles: bytes


def kept_plan(spec: Spec, seed: int = 0) -> Plan:
    """What `build_plan` makes of it.

    Raises:
        HarnessError: The Spec has no reference model, or the model breaks its contract.
    """
    digest = plan_digest(spec, seed)
    kept = kept_as(_Kept, digest, lambda: _packed(build_plan(spec, seed)), KIND, KEPT_PLANS)
    return _unpacked(spec, kept)


def plan_digest(spec: Spec, seed: int = 0) -> str:
    """SHA-256, hex, of all that the plan hangs on.

    Raises:
        HarnessError: The Spec has no reference model.
    """
    if spec.reference is None:
        raise HarnessError(f"{spec.id}: no reference model to make stimulus from")
    path = Path(spec.reference) / "model.py"
    try:
        model_text = path.read_bytes()
    except OSError as e:
        raise HarnessError(f"{path}: no such reference model") from e
    recorded = recorded_digest(spec.reference, spec.id)
    found = hashlib.sha256(model_text).hexdigest(), recorded, _own_text()
    parts = (spec.digest(), str(seed), *found)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@lru_cache(maxsize=1)
def _own_text() -> str:
    """The code that makes stimulus, and the Python whose `random` it draws by."""
    files = (coverage.__file__, driver.__file__, episodes.__file__, frames.__file__,
             model.__file__, stimulus.__file__, __file__)
    return "\0".join([sys.version, *(Path(f).read_text("utf-8") for f in files)])


def _packed(plan: Plan) -> _Kept:
    rows = plan.rows
    text = zlib.compress(rows.text.encode(), QUICK)
    return _Kept(text, rows.first, rows.counting, KeptFrames.packed_cycles(plan.frames))


def _unpacked(spec: Spec, kept: _Kept) -> Plan:
    rows = Rows(zlib.decompress(kept.text).decode(), False, kept.first, kept.counting)
    return plan_of(spec, KeptFrames(rows, kept.cycles, sum(p.width for p in spec.outputs)))
