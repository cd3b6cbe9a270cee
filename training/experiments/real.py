"""The experiment on real pretrained models: what filtering, fine-tuning and judging give there.

    python training/experiments/real.py training/experiments/real_small.toml \\
        --model SmolLM2-135M-Instruct=smollm2-135m-instruct.gguf

Every stage is done once; the same command after a stop goes on. It writes docs/experiment-real.md
after each stage, so that the page says at any time what has run and what has not yet.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rtlbench.cli import run
from rtlbench.errors import UserError

if TYPE_CHECKING:
    from rtlbench.pipeline.stages import Stage
    from training.experiments.arms import Arm
    from training.experiments.real_outcome import ModelResult
    from training.experiments.real_plan import ModelPlan, RealPlan
    from training.experiments.settings import ExperimentSettings

ROOT = Path(__file__).resolve().parents[2]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--model", "models", multiple=True, metavar="[NAME=]PLACE",
              help="Folder or GGUF file of one of the plan's models; again for more. Only these "
              "are worked on.")
@click.option("--work", type=click.Path(path_type=Path), default="work/real", show_default=True,
              metavar="FOLDER", help="Where all stages go.")
@click.option("--out", type=click.Path(path_type=Path), default="docs/experiment-real.md",
              show_default=True, metavar="FILE", help="The page that is written.")
@click.option("--cores", type=click.IntRange(min=1), default=2, show_default=True,
              help="Stages at a time.")
@click.option("--until", type=click.Choice(["data", "models", "public", "further"]),
              default="further", show_default=True,
              help="Leave the stages after these for another time.")
@click.option("--list", "only_list", is_flag=True, help="Print the stages, and run none.")
@click.option("--page", "only_page", is_flag=True, help="Write the page, and run nothing.")
def real(
    plan: Path, models: tuple[str, ...], work: Path, out: Path, cores: int, until: str,
    only_list: bool, only_page: bool,
) -> None:  # fmt: skip
    """Run the experiment that PLAN, a TOML file, describes, as far as its models are given."""
    from training.experiments.real_plan import places_of, read_plan

    wanted = read_plan(plan)
    places = places_of(wanted, models)
    course = _Course(wanted, places, plan, work.resolve(), out, cores)
    if only_list:
        for model in wanted.models:
            for stage in course.stages(model):
                click.echo(f"{model.name}: {stage.name}: {' '.join(stage.argv)}")
        return
    if not only_page:
        if not places:
            raise UserError("--model: say where one of the plan's models lies, as NAME=FOLDER")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # stages end too
        course.run(until)
    course.write()
    click.echo(f"written: {out}")


class _Course:
    """All of it: what is planned, what runs, and the page."""

    def __init__(
        self, plan: RealPlan, places: dict[str, str], file: Path, work: Path, out: Path, cores: int
    ) -> None:  # fmt: skip
        self._plan, self._places, self._file = plan, places, file
        self._work, self._out, self._cores = work, out, cores

    def stages(self, model: ModelPlan) -> list[Stage]:
        """All that is planned of a model, as far as its data show which arms are the same."""
        arms, _ = self._distinct(model)
        return [*self._ground(model), *self._models(model, arms), *self._public(model, arms),
                *self._further(model, arms)]  # fmt: skip

    def run(self, until: str) -> None:
        """Do what is not done yet of the models that are given."""
        from rtlbench.pipeline.stages import run_stages
        from training.experiments.plan import shared_ground_of
        from training.experiments.real_plan import SHARED, shared_of

        shared = self._work / SHARED
        ground = shared_ground_of(shared_of(self._plan), ROOT, shared)
        if not all(_is_made(stage, shared) for stage in ground):  # else others may be at work there
            run_stages(ground, shared, self._cores, click.echo)
        for model in self._plan.models:
            if model.name not in self._places:
                continue
            work = self._work / model.name
            say = self._teller(model)
            run_stages(self._ground(model), work, self._cores, say)
            if until == "data":
                continue
            arms, _ = self._distinct(model)
            run_stages(self._models(model, arms), work, self._cores, say)
            if until == "models":
                continue
            run_stages(self._public(model, arms), work, self._cores, say)
            if until == "further":
                run_stages(self._further(model, arms), work, self._cores, say)

    def write(self) -> None:
        """The page as things stand now."""
        from rtlbench.gate.policy import read_policy
        from rtlbench.io.atomic import write_whole
        from training.experiments.real_page import page
        from training.experiments.settings import place_in_project

        policy = read_policy(ROOT / self._plan.policy)
        results = [self._result(model) for model in self._plan.models]
        text = page(self._plan, results, policy, place_in_project(self._file, ROOT))
        self._out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._out, text.encode())

    def _result(self, model: ModelPlan) -> ModelResult:
        from training.experiments.real_outcome import read_model

        settings, work = self._given(model)
        _, same = self._distinct(model)
        planned = self._plan.arms_of(model)
        return read_model(model, settings, planned, same, self.stages(model), work)

    def _given(self, model: ModelPlan) -> tuple[ExperimentSettings, Path]:
        from training.experiments.real_plan import settings_of

        place = self._places.get(model.name, model.name)
        return settings_of(self._plan, model, place, ROOT, self._work), self._work / model.name

    def _ground(self, model: ModelPlan) -> list[Stage]:
        from training.experiments.plan import ground_of

        return ground_of(*self._split(model, self._plan.arms_of(model)))

    def _public(self, model: ModelPlan, arms: Sequence[Arm]) -> list[Stage]:
        from training.experiments.plan import public_of

        return public_of(*self._split(model, self._plan.asked_in_public(arms)))

    def _further(self, model: ModelPlan, arms: Sequence[Arm]) -> list[Stage]:
        from training.experiments.further import further_of

        settings, arms, root, work = self._split(model, arms)
        return further_of(settings, arms, self._plan.further, root, work)

    def _models(self, model: ModelPlan, arms: Sequence[Arm]) -> list[Stage]:
        from training.experiments.plan import models_of

        return models_of(*self._split(model, arms))

    def _split(
        self, model: ModelPlan, arms: Sequence[Arm]
    ) -> tuple[ExperimentSettings, Sequence[Arm], Path, Path]:
        """What the functions of training.experiments.plan are given."""
        settings, work = self._given(model)
        return settings, arms, ROOT, work

    def _distinct(self, model: ModelPlan) -> tuple[list[Arm], dict[str, str]]:
        """All arms, until the data of all are there and show which are the same."""
        from rtlbench.pipeline.stages import RECORD
        from training.experiments.arms import distinct

        arms, work = self._plan.arms_of(model), self._work / model.name
        if all((work / arm.data / RECORD).is_file() for arm in arms):
            return distinct(arms, work)
        return arms, {}

    def _teller(self, model: ModelPlan) -> Callable[[str], None]:
        def say(line: str) -> None:
            click.echo(f"{model.name}: {line}")
            if not line.endswith("done before"):
                self.write()

        return say


def _is_made(stage: Stage, work: Path) -> bool:
    """Whether it is done, by the same call."""
    from rtlbench.pipeline.stages import RECORD, read_record

    place = work / stage.name
    return (place / RECORD).is_file() and read_record(place).argv == stage.argv


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # for `training`, wherever rtlbench itself is installed
    run(real, "real")
