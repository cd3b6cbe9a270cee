"""The nightly job as far as `purge`: what is left of the night up to that stage.

    python training/nightly/purge.py --dry-run
"""

from __future__ import annotations

from rtlbench.cli import run
from rtlbench.cli.nightly import stage_command

if __name__ == "__main__":
    run(stage_command("purge"), "purge")
