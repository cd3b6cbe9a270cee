"""Fine-tune a model on verified examples: LoRA, over 4-bit weights where asked (QLoRA).

    python training/sft.py training/recipes/tiny.toml --data data/rtl_behavioral_v3.jsonl
    python training/sft.py training/recipes/qwen_coder_7b.toml --data data/rtl_behavioral_v3.jsonl \
        --category fsm --set train.epochs=2

The same command after a kill goes on from the last whole checkpoint. See docs/training.md.
"""

from __future__ import annotations

from pathlib import Path

import click

from rtlbench.cli import run
from rtlbench.records.tier import DEFAULT_ACCEPT, TIERS, Tier


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--data", multiple=True, required=True, metavar="FILE",
              help="Training data, JSONL or Parquet; again for more.")
@click.option("--accept", type=click.Choice(TIERS), default=DEFAULT_ACCEPT.value, show_default=True,
              help="Least tier that is learnt from, of records that the filter has judged.")
@click.option("--name", metavar="NAME", help="Of the run; default: the recipe's, and the category.")
@click.option("--category", metavar="NAME", help="Learn examples of this category alone.")
@click.option("--set", "changes", multiple=True, metavar="PART.WORD=VALUE",
              help="Another value than the recipe's; again for more.")
@click.option("--device", type=click.Choice(["auto", "cpu", "gpu"]),
              help="Where it is trained; default: the recipe's word, `auto`.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", show_default=True,
              default="models/qwen_coder_rtl", help="Where the run's folder goes.")
@click.option("--base-name", metavar="NAME",
              help="What the adapter calls its base: a name, a path, or `absolute` for that of "
              "the base's folder; default: the recipe's word.")
@click.option("--restart", is_flag=True, help="Throw away what an unfinished run left.")
def sft(
    recipe: Path,
    data: tuple[str, ...],
    accept: str,
    name: str | None,
    category: str | None,
    changes: tuple[str, ...],
    out: Path,
    restart: bool,
    base_name: str | None,
    device: str | None,
) -> None:
    """Fine-tune by RECIPE, a TOML file, into FOLDER/run_NAME_TIMESTAMP/."""
    from rtlbench.training.recipe import read_recipe
    from rtlbench.training.run import FineTuneOptions, fine_tune

    asked = (*changes, f'model.device="{device}"') if device else changes
    options = FineTuneOptions(
        recipe=read_recipe(recipe, asked),
        data=data,
        accept=Tier(accept),
        name=name or "_".join(filter(None, (recipe.stem, category))),
        category=category,
        out=out,
        restart=restart,
        base_name=base_name,
    )
    folder = fine_tune(options, click.echo)
    if folder is not None:
        click.echo(f"written: {folder}")


if __name__ == "__main__":
    run(sft, "sft")
