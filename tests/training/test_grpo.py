"""Training on verdicts: tasks that nobody is asked, rewards that are watched, runs that go on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rtlbench import Candidate, Judge, Outcome, Spec, UserError, Verdict
from rtlbench.mutation.fresh import HELD_OUT, STREAMED, point_class
from rtlbench.rewards.functions import shaped
from rtlbench.runs.suite import find_spec
from rtlbench.training.recipe import read_recipe
from rtlbench.training.record import read_run
from rtlbench.training.reinforce import ReinforceOptions, reinforce, reward_of
from rtlbench.training.tasks import WINDOW, TaskStream, chosen_families, held_out
from rtlbench.training.verdicts import EarlyVerdicts
from rtlbench.training.watch import Watch
from tests.support import sync_counter, updown
from tests.training.toy import ROOT, surroundings

FAMILIES = ("updown", "edge_pulse", "divide_tick")
QUICK = (
    'reinforce.families=["updown"]', "reinforce.tasks=1", "reinforce.answers=4",
    "reinforce.max_tokens=6", "reinforce.learning_rate=1e-2", "reinforce.look_steps=0",
    "train.batch=4", "train.max_steps=4", "train.save_steps=2", "train.warmup=0.0",
    'reinforce.reward="tests.training.test_grpo:noise"',
)  # fmt: skip


def noise(verdict: Verdict) -> float:
    """A reward that differs among answers that are all wrong."""
    return int(verdict.candidate_hash[:4], 16) / 65536


def any_use(verdict: Verdict) -> float:
    """A reward that can be talked into something: ports are used, whatever comes out."""
    return float(verdict.all_io_used is True)


def test_tasks_are_neither_the_benchmarks_nor_held_out_and_come_again_alike() -> None:
    folders = chosen_families((), FAMILIES)
    stream, again = (TaskStream(folders, 7) for _ in range(2))
    drawn = [stream.next() for _ in range(30)]
    assert [s.digest() for s in drawn] == [again.next().digest() for _ in range(30)]
    assert {point_class(s.family, s.params) for s in drawn} <= set(STREAMED)
    kept = held_out(folders, 7, 6)
    assert {point_class(s.family, s.params) for s in kept} == set(HELD_OUT)
    assert set(STREAMED).isdisjoint(HELD_OUT)
    assert [find_spec((), s.id).digest() for s in drawn[:3]] == [s.digest() for s in drawn[:3]]
    assert not {s.id for s in kept} & {s.id for s in drawn}
    assert len({s.digest() for s in kept}) == len(kept) == 6
    assert {s.family for s in drawn} == set(FAMILIES)
    other = [TaskStream(folders, 8).next().digest() for _ in range(3)]
    assert set(other).isdisjoint(s.digest() for s in drawn)


def test_a_stream_goes_on_where_it_was() -> None:
    folders = chosen_families((), FAMILIES)
    whole, torn = (TaskStream(folders, 1) for _ in range(2))
    expected = [whole.next().digest() for _ in range(8)]
    first = [torn.next().digest() for _ in range(5)]
    went_on = TaskStream(folders, 1, torn.progress)
    assert first + [went_on.next().digest() for _ in range(3)] == expected


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_what_is_always_or_never_solved_is_dropped_till_it_changes(share: float) -> None:
    stream = TaskStream(chosen_families((), FAMILIES), 1)
    spec = next(s for s in iter(stream.next, None) if s.family == "updown")
    before = stream.weight("updown")
    for _ in range(WINDOW):
        assert stream.dropped() == []
        stream.note(spec, share)
    assert stream.dropped() == ["updown"]
    assert 0 < stream.weight("updown") < before / 10
    later = [stream.next().family for _ in range(40)]
    assert later.count("updown") < 8
    stream.note(spec, 0.5)
    assert stream.dropped() == []
    assert stream.weight("updown") > before / 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((("no",), ()), "no category 'no'"),
        (((), ("no",)), "no family 'no'"),
        ((("fsm",), ("updown",)), "none of these"),
    ],
)
def test_tasks_that_there_are_not_are_named(given: Any, told: str) -> None:
    with pytest.raises(UserError, match=told):
        chosen_families(*given)


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge() as made:
        yield made


def test_verdicts_that_are_asked_for_early_are_those_of_the_judge(judge: Judge) -> None:
    spec = sync_counter()
    wrong = spec.golden.replace("+ 1'b1", "+ 2'd2")
    early = EarlyVerdicts(judge)
    early.begin([spec])
    early.ask([(spec.id, spec.golden), (spec.id, wrong)])
    texts = [spec.golden, wrong, wrong, "no RTL"]
    found = early.judge_each([spec.id] * 4, [Candidate(text=t) for t in texts])
    assert early.early == 3
    assert early.waited > 0
    assert [shaped(v) for v in found] == [shaped(judge.judge(spec, t)) for t in texts]


def test_of_a_task_whose_golden_is_wrong_nothing_is_learnt(judge: Judge) -> None:
    from msgspec.structs import replace

    spec = sync_counter()
    broken = replace(spec, id="broken", golden=spec.golden.replace("+ 1'b1", "+ 2'd2"))
    early = EarlyVerdicts(judge)
    early.begin([broken])
    found = early.judge_each(["broken"] * 2, [Candidate(text=t) for t in (spec.golden, "no")])
    assert [v.outcome for v in found] == [Outcome.ERROR] * 2
    assert [shaped(v) for v in found] == [None] * 2


class Hall:
    """Held-out tasks, a reward's judge and a check."""

    def __init__(self, judge: Judge, folder: Path) -> None:
        self.judge, self.folder = judge, folder
        self.specs = list(updown().values())[:6]

    def watch(self, reward: Any, since: int = 0) -> Watch:
        return Watch(self.specs, reward=reward, judge=self.judge, check=self.judge,
                     folder=self.folder, since=since)  # fmt: skip

    def unused(self) -> list[tuple[Spec, str]]:
        return [(s, f"module {s.top}; endmodule") for s in self.specs]

    def used_wrongly(self) -> list[tuple[Spec, str]]:
        return [(s, s.golden.replace("+ 1'b1", "+ 2'd2")) for s in self.specs]

    def right(self) -> list[tuple[Spec, str]]:
        return [(s, s.golden) for s in self.specs]


@pytest.fixture
def hall(judge: Judge, tmp_path: Path) -> Hall:
    return Hall(judge, tmp_path)


@pytest.mark.slow
def test_a_reward_that_is_talked_into_something_stops_and_shows_by_what(hall: Hall) -> None:
    watch = hall.watch(any_use)
    first = watch.look(0, hall.unused())
    assert (first.claimed.value, first.checked.value, first.gap) == (0.0, 0.0, 0.0)
    better = watch.look(10, hall.right())
    assert (better.claimed.value, better.checked.value) == (1.0, 1.0)
    with pytest.raises(UserError, match="is being talked into something") as raised:
        watch.look(20, hall.used_wrongly())
    assert "gap has widened by 1.00" in str(raised.value)
    kept = [json.loads(line) for line in (hall.folder / "opened.jsonl").read_text().splitlines()]
    assert {k["answer"] for k in kept} == {text for _, text in hall.used_wrongly()}
    assert {(k["reward"], k["checked"]["functional"]) for k in kept} == {(1.0, False)}
    assert [k.step for k in hall.watch(any_use, since=10).looks] == [0, 10]


@pytest.mark.slow
def test_an_honest_reward_is_left_alone(hall: Hall) -> None:
    watch = hall.watch(shaped)
    for step, answers in enumerate((hall.unused(), hall.used_wrongly(), hall.right())):
        assert watch.look(step, answers).gap == 0.0
    assert not (hall.folder / "opened.jsonl").exists()


@pytest.mark.slow
def test_a_stopped_run_goes_on_to_the_same_weights(recipe: Path, tmp_path: Path) -> None:
    def run(out: str, say: Any) -> Path:
        read = read_recipe(recipe, QUICK)
        return reinforce(
            ReinforceOptions(recipe=read, name="r", out=tmp_path / out, workers=1), say
        )

    def stop(line: str) -> None:
        if line.startswith("step 3"):
            raise KeyboardInterrupt

    told: list[str] = []
    whole = run("whole", told.append)
    assert sum(line.startswith("step") for line in told) == 4
    with pytest.raises(UserError, match="goes on from step 2"):
        run("torn", stop)
    torn = run("torn", lambda _: None)
    weights = "adapter_model.safetensors"
    assert (torn / weights).read_bytes() == (whole / weights).read_bytes()
    made = read_run(torn)
    assert (made.status, made.reinforced, made.resumed_at) == ("finished", True, (2,))
    assert not [p for p in torn.iterdir() if p.is_dir()]


@pytest.mark.slow
def test_the_script_trains_all_weights_and_the_model_answers(recipe: Path, tmp_path: Path) -> None:
    argv = [sys.executable, ROOT / "training" / "grpo.py", recipe, "--out", tmp_path / "x", "-n", 1]
    sets = [*QUICK[:-1], "train.max_steps=1", "reinforce.adapter=false", "reinforce.look_steps=1",
            "reinforce.look_tasks=2", "reinforce.look_answers=1"]  # fmt: skip
    done = subprocess.run(
        [*map(str, argv), *(w for s in sets for w in ("--set", s))], capture_output=True,
        text=True, cwd=ROOT, env=surroundings(), timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    made = Path(done.stdout.rpartition("written: ")[2].strip())
    assert {"model.safetensors", "config.json", "tokenizer.json", "looks.jsonl"} <= {
        p.name for p in made.iterdir()
    }
    assert [k.step for k in read_run(made).looks] == [0, 1]
    assert "All weights for" in (made / "README.md").read_text()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (("train.batch=3",), "cannot be had in passes of train.batch = 3"),
        (("reinforce.updates=3",), "cannot be had in passes"),
        (("train.max_steps=0",), "say how many steps"),
        (("reinforce.vllm=true",), "torch sees none here"),
        (("reinforce.adapter=false", "model.four_bit=true"), "4-bit weights are not trained"),
        (('reinforce.reward="none"',), "give shaped, sparse, or MODULE:NAME"),
        (('reinforce.reward="no.such:thing"',), "cannot be had"),
        (('reinforce.families=["no"]',), "no family 'no'"),
    ],
)
def test_what_cannot_be_is_said_first(
    recipe: Path, tmp_path: Path, changes: tuple[str, ...], told: str
) -> None:
    options = ReinforceOptions(
        recipe=read_recipe(recipe, (*QUICK, *changes)), name="r", out=tmp_path / "x"
    )
    with pytest.raises(UserError, match=told):
        reinforce(options, lambda _: None)


def test_a_recipe_names_its_reward(recipe: Path) -> None:
    assert reward_of(read_recipe(recipe)) is shaped
    assert reward_of(read_recipe(recipe, QUICK)).__name__ == "noise"
    for change in ("reinforce.answers=1", "reinforce.temperature=0", "reinforce.look_tasks=0"):
        with pytest.raises(UserError, match=r"reinforce\."):
            read_recipe(recipe, (change,))
