"""Four ways of learning from verdicts on one budget: SFT, SFT + negatives, DPO, GRPO.

    python training/experiments/ways.py training/experiments/ways.toml
    python training/experiments/ways.py training/experiments/ways.toml --base FOLDER

Every stage is done once; the same command after a stop goes on. It writes docs/experiment-ways.md
after each stage, so that the page says at any time what has run and what has not yet.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click
from msgspec import structs

from rtlbench.cli import run
from rtlbench.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--base", type=click.Path(path_type=Path), metavar="FOLDER",
              help="A base that is there already, made by the plan's recipe.")
@click.option("--work", type=click.Path(path_type=Path), default="work/ways", show_default=True,
              metavar="FOLDER", help="Where all stages go.")
@click.option("--out", type=click.Path(path_type=Path), default="docs/experiment-ways.md",
              show_default=True, metavar="FILE", help="The page that is written.")
@click.option("--cores", type=click.IntRange(min=1), default=2, show_default=True,
              help="Stages at a time.")
@click.option("--list", "only_list", is_flag=True, help="Print the stages, and run none.")
@click.option("--page", "only_page", is_flag=True, help="Write the page, and run nothing.")
def ways(
    plan: Path, base: Path | None, work: Path, out: Path, cores: int, only_list: bool,
    only_page: bool,
) -> None:  # fmt: skip
    """Run the experiment that PLAN, a TOML file, describes."""
    from rtlbench.io.atomic import write_whole
    from rtlbench.pipeline.stages import run_stages
    from training.experiments.ways_outcome import read_ways
    from training.experiments.ways_page import page
    from training.experiments.ways_plan import read_plan, stages_of

    wanted = read_plan(plan, ROOT)
    if base is not None:
        if not (base / "config.json").is_file():
            raise UserError(f"--base {base}: holds no model (config.json is missing)")
        place = structs.replace(wanted.base, model=str(base.resolve()))
        wanted = structs.replace(wanted, base=place)
    work = work.resolve()
    stages = stages_of(wanted, ROOT, work)
    if only_list:
        click.echo("\n".join(f"{s.name}: {' '.join(s.argv)}" for s in stages))
        return

    def write() -> None:
        text = page(wanted, read_ways(wanted, stages, work), plan, ROOT)
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, text.encode())

    def say(line: str) -> None:
        click.echo(line)
        if not line.endswith("done before"):
            write()

    if not only_page:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # stages end too
        run_stages(stages, work, cores, say)
    write()
    click.echo(f"written: {out}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # for `training`, wherever rtlbench itself is installed
    run(ways, "ways")
