"""Training on verdicts, by TRL's GRPOTrainer: a model answers fresh tasks and learns from what the
Verifier says of its answers.

What comes out is an adapter for the recipe's base, or a whole model. Guarantee, as of
rtlbench.training.run: it is whole or absent, and after a kill the same command goes on from the
last whole checkpoint, with the tasks that it would have had. No task is one that the benchmark can
show, and a reward that is talked into something stops the run (rtlbench.training.watch).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import write_whole
from rtlbench.judging.judge import Judge
from rtlbench.rewards import functions
from rtlbench.runs.results import utc_now
from rtlbench.training.folder import RunFolder, explained, step_of
from rtlbench.training.model import device, fingerprint, has_gpu, processes
from rtlbench.training.recipe import Recipe
from rtlbench.training.record import Inputs, Look, TrainingRun, library_versions, write_card
from rtlbench.training.run import PICKLED, Clock, device_name, result_of
from rtlbench.training.tasks import Progress, TaskStream, chosen_families, held_out
from rtlbench.training.verdicts import EarlyVerdicts
from rtlbench.training.watch import Watch

STREAM = "stream.json"
"""In each checkpoint: how far the stream of tasks was."""
CHECK_SEED = 90_001
"""Of the check's stimulus: another one than the reward's."""


class ReinforceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for."""

    recipe: Recipe
    name: str
    out: Path
    workers: int | None = None
    """Processes that judge; None for one a core."""
    restart: bool = False
    """Throw away what an unfinished run of the name left."""


def reinforce(options: ReinforceOptions, say: Callable[[str], None]) -> Path:
    """Train, and give the finished folder.

    Raises:
        UserError: Input cannot be used, the reward is being talked into something, or the machine
            could not go on; an unfinished run's last whole checkpoint is named and stays.
    """
    if processes() > 1:
        raise UserError("training on verdicts takes one process: start it without a launcher")
    _refuse(options.recipe)
    reward_of(options.recipe)
    inputs = _inputs(options)
    folder = RunFolder(options.out, options.name)
    fresh = TrainingRun(name=options.name, status="running", started=utc_now(),
                        device=device_name(options.recipe), inputs=inputs,
                        reinforced=True)  # fmt: skip
    run = folder.open(lambda: fresh, restart=options.restart)
    try:
        with explained(folder), ExitStack() as stack:
            return _train(options, folder, run, say, stack)
    finally:
        folder.close()


def _refuse(recipe: Recipe) -> None:
    ours, batch = recipe.reinforce, recipe.train.batch
    passes, rest = divmod(ours.tasks * ours.answers, batch)
    if rest or passes % ours.updates:
        raise UserError(
            f"reinforce.tasks * reinforce.answers = {ours.tasks * ours.answers} answers cannot be "
            f"had in passes of train.batch = {batch}, alike for reinforce.updates = {ours.updates}"
        )
    if recipe.train.max_steps < 1:
        raise UserError("there are tasks without end: say how many steps, as train.max_steps=200")
    if ours.vllm and not has_gpu():
        raise UserError("reinforce.vllm: vLLM answers on a GPU, and torch sees none here")
    if recipe.model.four_bit and not ours.adapter:
        raise UserError("4-bit weights are not trained: set reinforce.adapter or model.four_bit")


def reward_of(recipe: Recipe) -> functions.Reward:
    """The recipe's reward.

    Raises:
        UserError: There is none of that name.
    """
    named = recipe.reinforce.reward
    own = {"shaped": functions.shaped, "sparse": functions.sparse}
    if named in own:
        return own[named]
    module, colon, name = named.partition(":")
    try:
        found = getattr(import_module(module), name) if colon else None
    except (ImportError, AttributeError) as e:
        raise UserError(f"reinforce.reward = {named!r}: cannot be had ({e})") from e
    if not callable(found):
        raise UserError(f"reinforce.reward = {named!r}: give {', '.join(own)}, or MODULE:NAME")
    reward: functions.Reward = found
    return reward


def _inputs(options: ReinforceOptions) -> Inputs:
    base = options.recipe.model
    return Inputs(
        recipe=options.recipe,
        data=(),
        base=fingerprint(base.base, base.revision),
        tools=library_versions(),
    )


def _train(
    options: ReinforceOptions,
    folder: RunFolder,
    run: TrainingRun,
    say: Callable[[str], None],
    stack: ExitStack,
) -> Path:
    from rtlbench.training.policy import Learning, make_policy
    from rtlbench.training.trainer import train

    recipe, good = options.recipe, folder.last_good()
    if good is not None:
        run = msgspec.structs.replace(run, resumed_at=(*run.resumed_at, step_of(good)))
        say(f"going on from step {step_of(good)} ({good})")
    ours, seed = recipe.reinforce, recipe.train.seed
    families = chosen_families(ours.categories, ours.families)
    stream = TaskStream(families, seed, _progress(good))
    judge = stack.enter_context(Judge(workers=options.workers))
    watch = _watch(options, folder, judge, stack, step_of(good) if good else 0)
    say(f"{len(families)} families; {len(watch.specs) if watch else 0} tasks held out")
    model, tokenizer = _load(recipe)
    learning = Learning(stream=stream, verdicts=EarlyVerdicts(judge), reward=reward_of(recipe))
    clock = Clock(folder, run)

    def saved(step: int) -> None:
        place = folder.checkpoints / f"checkpoint-{step}" / STREAM
        write_whole(place, msgspec.json.encode(stream.progress))
        clock.saved(step)

    policy = make_policy(recipe, model, tokenizer, folder.checkpoints, learning)
    policy.add_callback(_steps(Steps(recipe, policy, watch, saved, say, clock.seconds)))
    train(policy, good)
    policy.save_model(str(folder.path))
    tokenizer.save_pretrained(str(folder.path))
    (folder.path / PICKLED).unlink(missing_ok=True)
    done = msgspec.structs.replace(
        run, status="finished", finished=utc_now(), seconds=clock.seconds(),
        result=result_of(policy), looks=watch.looks if watch else (),
    )  # fmt: skip
    write_card(folder.path, done)
    return folder.finish(done)


def _progress(checkpoint: Path | None) -> Progress:
    if checkpoint is None:
        return Progress()
    return msgspec.json.decode((checkpoint / STREAM).read_bytes(), type=Progress)


def _watch(
    options: ReinforceOptions, folder: RunFolder, judge: Judge, stack: ExitStack, since: int
) -> Watch | None:
    ours = options.recipe.reinforce
    if not ours.look_steps:
        return None
    families = chosen_families(ours.categories, ours.families)
    specs = held_out(families, options.recipe.train.seed, ours.look_tasks)
    check = stack.enter_context(
        Judge(workers=options.workers, simulator=ours.look_simulator or None, seed=CHECK_SEED,
              second_look=True)
    )  # fmt: skip
    reward = reward_of(options.recipe)
    watch = Watch(specs, reward=reward, judge=judge, check=check, folder=folder.path, since=since)
    if not watch.specs:
        raise UserError("no task of these families can be held out; set reinforce.look_steps=0")
    return watch


def _load(recipe: Recipe) -> tuple[Any, Any]:
    import torch

    from rtlbench.generate.loading import check_fit, load_model, load_tokenizer

    wanted = recipe.model
    if not has_gpu():
        torch.set_num_threads(max(1, torch.get_num_threads() // 2))  # the others judge
    tokenizer = load_tokenizer(wanted.base, revision=wanted.revision)
    model = load_model(
        wanted.base, four_bit=wanted.four_bit, device=device(recipe),
        dtype="auto" if recipe.reinforce.adapter else "float32", revision=wanted.revision,
        trainable=True,
    )  # fmt: skip
    check_fit(model, tokenizer, wanted.base)
    tokenizer.padding_side = "left"
    return model, tokenizer


class Steps(msgspec.Struct, frozen=True):
    """What happens at the steps: checkpoints are sealed, the model is watched, time runs out."""

    recipe: Recipe
    policy: Any
    watch: Watch | None
    saved: Callable[[int], None]
    say: Callable[[str], None]
    seconds: Callable[[], float]

    @property
    def late(self) -> bool:
        """Whether the time is over that the recipe gives."""
        minutes = self.recipe.reinforce.minutes
        return minutes > 0 and self.seconds() >= 60 * minutes

    def look(self, step: int) -> None:
        """Have the model answer what is held out, once a step."""
        if self.watch is None or any(k.step == step for k in self.watch.looks):
            return
        begun = time.perf_counter()
        specs = [s for s in self.watch.specs for _ in range(self.recipe.reinforce.look_answers)]
        answers = self.policy.answer(specs, step)
        found = self.watch.look(step, list(zip(specs, answers, strict=True)))
        self.say(f"{_told(found)}  {time.perf_counter() - begun:.0f} s")
        figures = {"reward": found.claimed.value, "check": found.checked.value,
                   "all_io_used": found.io_used.value, "gap": found.gap}  # fmt: skip
        self.policy.tell({f"watch/{w}": v for w, v in figures.items() if v is not None})

    def is_due(self, step: int, last: int) -> bool:
        """Whether the model is watched at this step."""
        every = self.recipe.reinforce.look_steps
        return self.late or step == last or (every > 0 and step % every == 0)


def _steps(steps: Steps) -> Any:
    from transformers import TrainerCallback

    from rtlbench.training.folder import check_loss

    class Callback(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, _args: Any, state: Any, *_: Any, **__: Any) -> None:
            steps.look(state.global_step)

        def on_step_end(self, _args: Any, state: Any, control: Any, **_: Any) -> None:
            if steps.is_due(state.global_step, state.max_steps):
                steps.look(state.global_step)
            if steps.late:
                control.should_training_stop = True

        def on_save(self, _args: Any, state: Any, *_: Any, **__: Any) -> None:
            steps.saved(state.global_step)

        def on_log(self, _args: Any, state: Any, *_: Any, logs: Any, **__: Any) -> None:
            if "loss" in logs:
                check_loss(state.global_step, float(logs["loss"]))
                steps.say(_line(state, logs))

    return Callback()


def _line(state: Any, logs: dict[str, Any]) -> str:
    def figure(word: str) -> str:
        value = logs.get(word)
        return "-" if value is None else f"{float(value):.2f}"

    return (
        f"step {state.global_step}/{state.max_steps}  reward {figure('reward')}  "
        f"right {figure('verdict/right')}  all I/O {figure('verdict/all_io_used')}  "
        f"written in {figure('generating/seconds')} s, waited {figure('judging/waited')} s for "
        f"verdicts ({figure('judging/early')} of them early), all of it in {figure('step_time')} s"
    )


def _told(look: Look) -> str:
    def share(value: float | None) -> str:
        return "-" if value is None else f"{value:.0%}"

    return (
        f"step {look.step}: {look.answers} answers to {look.tasks} held-out tasks: right by the "
        f"reward {share(look.claimed.value)}, by the check {share(look.checked.value)}, all I/O "
        f"used {share(look.io_used.value)}"
    )
