"""How often should a night's records be in the training data beside the gold sets?

    python training/experiments/delta_weight.py --base MODEL --gold KEPT.jsonl --work FOLDER

A base is fine-tuned on gold data that lack one category, and on a few verified records of that
category as a night's delta, copied `--weights` times. What the delta is to teach is the figure
of its category; what it may cost is the figure of the others. Prints a table.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import click
import msgspec

from rtlbench.cli import run
from rtlbench.nightly.night import SOURCE
from rtlbench.pipeline.stages import ONE_OF, OUT, RTLBENCH, Stage, run_stages
from rtlbench.runs.finished import JudgedRun, read_run

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # for `training`, wherever rtlbench itself is installed

from training.experiments.arms import DATA  # noqa: E402 - found from here on
from training.experiments.figures import Mean, mean_of  # noqa: E402
from training.experiments.plan import RESULTS, bench_stage, tune_stage  # noqa: E402


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--base", required=True, help="Folder of the base model.")
@click.option("--gold", type=click.Path(path_type=Path, exists=True), required=True,
              help="Records that `rtlbench filter` has kept, of all categories.")
@click.option("--work", type=click.Path(path_type=Path), default="work/delta-weight",
              show_default=True, help="Where all stages go.")
@click.option("--category", default="fsm", show_default=True, help="What the gold data lack.")
@click.option("--delta", type=click.IntRange(min=1), default=40, show_default=True,
              help="Records of that category.")
@click.option("--weights", default="1,2,4,8", show_default=True)
@click.option("--seeds", default="1,2", show_default=True)
@click.option("--steps", type=click.IntRange(min=1), default=150, show_default=True)
@click.option("--suite", required=True, help="What is asked, as `rtlbench bench --suite` has it.")
@click.option("--count", type=click.IntRange(min=1), default=120, show_default=True,
              help="Fresh tasks.")
@click.option("--cores", type=click.IntRange(min=1), default=2, show_default=True)
def delta_weight(
    base: str, gold: Path, work: Path, category: str, delta: int, weights: str, seeds: str,
    steps: int, suite: str, count: int, cores: int,
) -> None:  # fmt: skip
    """Run the experiment, and print its table."""
    work = work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    _part(gold, work, category, delta)
    asked = ("--suite", suite, "--fresh", "1", "--count", str(count))
    stages = [Stage(name="tasks", argv=(*RTLBENCH, "specs", "list", "--json", *asked))]
    pairs = [(w, int(s)) for w in weights.split(",") for s in seeds.split(",")]
    stages += [_mixed(work, w) for w in weights.split(",")]
    for weight, seed in pairs:
        stages.append(_tuned(work, base, weight, seed, steps))
        stages.append(_judged(work, base, weight, seed, asked))
    run_stages(stages, work, cores, click.echo)
    click.echo(f"\n| weight | functional, {category} | functional, the others | all I/O used |")
    click.echo("| --: | --: | --: | --: |")
    for weight in weights.split(","):
        runs = [_run(work, weight, int(s)) for s in seeds.split(",")]
        taught = mean_of(runs, "functional", category)
        others = mean_of([_without(r, category) for r in runs], "functional")
        used = mean_of(runs, "all_io_used")
        click.echo(f"| {weight} | {_told(taught)} | {_told(others)} | {_told(used)} |")


def _part(gold: Path, work: Path, category: str, delta: int) -> None:
    """The gold data without the category, and some of it as a night's records."""
    records = [json.loads(line) for line in gold.read_text().splitlines()]
    theirs = [r for r in records if r["metadata"].get("category") == category]
    random.Random(0).shuffle(theirs)
    for record in theirs:
        record["metadata"]["source"] = SOURCE
    rest = [r for r in records if r["metadata"].get("category") != category]
    for name, some in (("gold", rest), ("delta", theirs[:delta])):
        (work / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in some))


def _mixed(work: Path, weight: str) -> Stage:
    argv = (
        *RTLBENCH, "combine", str(work / "delta.jsonl"), str(work / "gold.jsonl"),
        "--out", f"{OUT}/{DATA}", "--weight", f"source:{SOURCE}={weight}",
        "--duplicates", "none", "--against", "none", "-n", "1",
    )  # fmt: skip
    return Stage(name=f"data_w{weight}", argv=argv)


def _tuned(work: Path, base: str, weight: str, seed: int, steps: int) -> Stage:
    data = f"data_w{weight}"
    argv = (
        sys.executable, str(ROOT / "training/sft.py"), str(ROOT / "training/recipes/tiny.toml"),
        "--data", str(work / data / DATA), "--name", f"w{weight}_s{seed}", "--out", OUT,
        "--set", f'model.base="{base}"', "--set", f"train.seed={seed}",
        "--set", f"train.max_steps={steps}",
    )  # fmt: skip
    return Stage(name=tune_stage(f"w{weight}", seed), argv=argv, needs=(data,))


def _judged(work: Path, base: str, weight: str, seed: int, asked: tuple[str, ...]) -> Stage:
    tuned = tune_stage(f"w{weight}", seed)
    argv = (
        *RTLBENCH, "bench", *asked, "--model", base, "--samples", "1", "--temperature", "1.0",
        "--sampling-seed", str(seed), "--max-tokens", "512", "-n", "1",
        "--results", f"{OUT}/{RESULTS}",
        "--adapter", f"{ONE_OF}{work / tuned}/run_w{weight}_s{seed}_*",
    )  # fmt: skip
    return Stage(name=bench_stage(f"w{weight}", seed), argv=argv, needs=("tasks", tuned))


def _run(work: Path, weight: str, seed: int) -> JudgedRun:
    return read_run(work / bench_stage(f"w{weight}", seed) / RESULTS, f"{weight}, seed {seed}")


def _without(judged: JudgedRun, category: str) -> JudgedRun:
    kept = {k: a for k, a in judged.answers.items() if a.category != category}
    return msgspec.structs.replace(judged, answers=kept)


def _told(mean: Mean) -> str:
    if mean.value is None:
        return "-"
    own = ", ".join(f"{value:.1%}" for value in mean.seeds)
    return f"{mean.value:.1%} ({mean.low:.0%} to {mean.high:.0%}; {own})"


if __name__ == "__main__":
    run(delta_weight, "delta_weight")
