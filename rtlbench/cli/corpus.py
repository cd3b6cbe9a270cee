"""`rtlbench corpus`: training examples with known truth."""

from __future__ import annotations

import click

from rtlbench.cli.options import isolation_option, workers_option


@click.command()
@click.option("--out", required=True, metavar="FILE",
              help="Where to write them (.jsonl, .parquet; .gz, .zst).")
@click.option("--size", type=int, required=True, metavar="N", help="How many.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another one, other examples.")
@click.option("--categories", default="", metavar="A,B", help="Of these only; default: all.")
@click.option("--families", default="", metavar="A,B", help="Of these only; default: all.")
@click.option("--plain", is_flag=True,
              help="Answers keep the golden's style; the task's phrasing differs instead.")
@click.option("--defects", type=float, default=0.0, show_default=True, metavar="SHARE",
              help="Share of wrong answers, of the kinds that models give.")
@click.option("--per-member", type=int, default=20, show_default=True, metavar="K",
              help="Examples of one task: more of them are made faster, fewer differ more.")
@isolation_option
@workers_option
def corpus(
    out: str,
    size: int,
    seed: int,
    categories: str,
    families: str,
    plain: bool,
    defects: float,
    per_member: int,
    workers: str,
) -> None:
    """Make training examples from the families' training part, each with its truth.

    `metadata.defect` is null where an answer is right, and else says what is wrong with it.
    The benchmark never shows what these examples are made from.
    """
    from rtlbench.dataset.corpus import CorpusOptions, make_corpus

    options = CorpusOptions(
        out=out,
        size=size,
        seed=seed,
        categories=tuple(c for c in categories.split(",") if c),
        families=tuple(f for f in families.split(",") if f),
        plain=plain,
        defects=defects,
        per_member=per_member,
        workers=int(workers),
    )
    make_corpus(options)
