"""Train a model on verdicts: it answers fresh tasks and learns from what is right (GRPO).

    python training/grpo.py training/recipes/tiny_grpo.toml --set model.base=models/base
    python training/grpo.py training/recipes/qwen_coder_7b.toml --set train.max_steps=300 \
        --set reinforce.vllm=true

The same command after a kill goes on from the last whole checkpoint. See docs/training.md.
"""

from __future__ import annotations

from pathlib import Path

import click

from rtlbench.cli import run


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="Of the run; default: the recipe's, and `grpo`.")
@click.option("--set", "changes", multiple=True, metavar="PART.WORD=VALUE",
              help="Another value than the recipe's; again for more.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", show_default=True,
              default="models/qwen_coder_rtl", help="Where the run's folder goes.")
@click.option("-n", "--workers", type=click.IntRange(min=1), metavar="N",
              help="Processes that judge; default: one a core.")
@click.option("--restart", is_flag=True, help="Throw away what an unfinished run left.")
def grpo(
    recipe: Path,
    name: str | None,
    changes: tuple[str, ...],
    out: Path,
    workers: int | None,
    restart: bool,
) -> None:
    """Train on verdicts by RECIPE, a TOML file, into FOLDER/run_NAME_TIMESTAMP/."""
    from rtlbench.training.recipe import read_recipe
    from rtlbench.training.reinforce import ReinforceOptions, reinforce

    options = ReinforceOptions(
        recipe=read_recipe(recipe, changes), name=name or f"{recipe.stem}_grpo", out=out,
        workers=workers, restart=restart,
    )  # fmt: skip
    click.echo(f"written: {reinforce(options, click.echo)}")


if __name__ == "__main__":
    run(grpo, "grpo")
