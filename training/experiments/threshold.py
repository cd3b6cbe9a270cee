"""The threshold experiment: does a small set of right examples beat a large noisy one?

    python training/experiments/threshold.py training/experiments/threshold.toml
    python training/experiments/threshold.py training/experiments/threshold.toml --arms all

Every stage is done once; the same command after a stop goes on. See docs/experiment.md, which it
writes.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import structs

from rtlbench.cli import run

if TYPE_CHECKING:
    from rtlbench.pipeline.stages import Stage
    from training.experiments.arms import Arm
    from training.experiments.settings import ExperimentSettings

ROOT = Path(__file__).resolve().parents[2]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("settings", type=click.Path(path_type=Path))
@click.option("--work", type=click.Path(path_type=Path), default="work/threshold",
              show_default=True, metavar="FOLDER", help="Where all stages go.")
@click.option("--out", type=click.Path(path_type=Path), default="docs/experiment.md",
              show_default=True, metavar="FILE", help="The page that is written.")
@click.option("--arms", default="main", show_default=True, metavar="NAMES",
              help="main, all, or names with commas.")
@click.option("--cores", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--list", "only_list", is_flag=True, help="Print the stages, and run none.")
def threshold(
    settings: Path, work: Path, out: Path, arms: str, cores: int, only_list: bool
) -> None:
    """Run the experiment that SETTINGS, a TOML file, describes."""
    from rtlbench.gate.policy import read_policy
    from rtlbench.pipeline.stages import run_stages
    from training.experiments.arms import chosen_arms, distinct
    from training.experiments.outcome import read_outcome
    from training.experiments.page import page
    from training.experiments.plan import ground_of, models_of
    from training.experiments.settings import place_in_project, read_settings

    wanted = read_settings(settings)
    policy = read_policy(ROOT / wanted.policy)
    chosen = chosen_arms(arms)
    work = work.resolve()
    ground = ground_of(wanted, chosen, ROOT, work)
    if only_list:
        every = [*ground, *models_of(wanted, chosen, ROOT, work)]
        click.echo("\n".join(f"{s.name}: {' '.join(s.argv)}" for s in every))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # stages end too
    begun = time.monotonic()
    run_stages(ground, work, cores, click.echo)
    trained, same = distinct(chosen, work)
    models = models_of(wanted, trained, ROOT, work)
    run_stages(models, work, cores, click.echo)
    main = _main_stages(wanted, trained, work)
    outcome = read_outcome(wanted, trained, work, [*ground, *models], main)
    text = page(structs.replace(outcome, same=same), policy, place_in_project(settings, ROOT))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    click.echo(f"written: {out} ({(time.monotonic() - begun) / 60:.1f} min)")


def _main_stages(settings: ExperimentSettings, trained: Sequence[Arm], work: Path) -> list[Stage]:
    """Those that V1, V2 and V3 take, where they were run and others too."""
    from training.experiments.arms import MAIN, chosen_arms
    from training.experiments.plan import ground_of, models_of

    if not set(MAIN) < {arm.name for arm in trained}:
        return []
    given = (settings, chosen_arms("main"), ROOT, work)
    return [*ground_of(*given), *models_of(*given)]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # for `training`, wherever rtlbench itself is installed
    run(threshold, "threshold")
