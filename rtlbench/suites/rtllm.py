"""Reader of RTLLM's native release layout: one folder a design, holding
`design_description.txt`, `testbench.v`, `verified_NAME.v` and data files."""

from __future__ import annotations

from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.spec import Spec, Testbench


def read_rtllm(folder: Path | None) -> tuple[Spec, ...]:
    """The designs below `folder`.

    Raises:
        UserError: No folder is given, or there is no design in it.
    """
    if folder is None:
        raise UserError("--suite rtllm needs its folder: --suite rtllm=FOLDER")
    found = sorted(p.parent for p in folder.rglob("design_description.txt"))
    if not found:
        raise UserError(f"--suite rtllm={folder}: no design_description.txt below that folder")
    return tuple(_design(folder, p) for p in found)


def _design(root: Path, folder: Path) -> Spec:
    raise NotImplementedError
