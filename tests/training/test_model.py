"""Which model a run starts from."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.training.model import fingerprint


def test_a_missing_folder_is_not_looked_for_on_the_hub(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such folder"):
        fingerprint(str(tmp_path / "nowhere"))
