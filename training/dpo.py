"""Train an adapter on pairs of a right answer and a wrong one: DPO, on top of fine-tuning or not.

    python training/dpo.py training/recipes/tiny.toml --adapter models/qwen_coder_rtl/RUN \
        --data work/continuous_retrain/DATE/pairs.jsonl
    python training/dpo.py training/recipes/tiny.toml --data pairs.jsonl      # from the base itself

The same command after a kill goes on from the last whole checkpoint. See docs/training.md.
"""

from __future__ import annotations

from pathlib import Path

import click

from rtlbench.cli import run


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--adapter", type=click.Path(path_type=Path), metavar="FOLDER",
              help="What it begins from, fine-tuned from the recipe's base; default: a new one, "
              "whose reference is the base.")
@click.option("--data", required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="Pairs, JSONL, as the nightly job writes them.")
@click.option("--name", metavar="NAME", help="Of the run; default: the recipe's, and `dpo`.")
@click.option("--set", "changes", multiple=True, metavar="PART.WORD=VALUE",
              help="Another value than the recipe's; again for more.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", show_default=True,
              default="models/qwen_coder_rtl", help="Where the run's folder goes.")
@click.option("--base-name", metavar="NAME",
              help="What the adapter calls its base: a name, a path, or `absolute` for that of "
              "the base's folder; default: the recipe's word.")
@click.option("--restart", is_flag=True, help="Throw away what an unfinished run left.")
def dpo(
    recipe: Path,
    adapter: Path | None,
    data: Path,
    name: str | None,
    changes: tuple[str, ...],
    out: Path,
    restart: bool,
    base_name: str | None,
) -> None:
    """Train on pairs by RECIPE, a TOML file, into FOLDER/run_NAME_TIMESTAMP/."""
    from rtlbench.training.prefer import PreferOptions, prefer
    from rtlbench.training.recipe import read_recipe

    options = PreferOptions(
        recipe=read_recipe(recipe, changes), adapter=adapter, data=data,
        name=name or f"{recipe.stem}_dpo", out=out, restart=restart, base_name=base_name,
    )  # fmt: skip
    click.echo(f"written: {prefer(options, click.echo)}")


if __name__ == "__main__":
    run(dpo, "dpo")
