"""Answers in files that the tools themselves have written; each test is left out where its tool is
not installed (docs/answers.md says with which versions they were read)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rtlbench.generate.recorded import CandidateFile
from rtlbench.intake.task_names import TaskNames
from rtlbench.records.spec import Spec
from rtlbench.rtl.extraction import extract
from tests.intake.shapes import answer

pytestmark = pytest.mark.slow


def assert_read(place: Path, specs: Sequence[Spec]) -> None:
    """Two samples of each task, each the one that was given."""
    file = CandidateFile(place, TaskNames(specs))
    assert not file.problems, file.problems[0]
    for spec in specs:
        found = {a.sample: a.text for a in file.answers(spec.id)}
        assert sorted(found) == [0, 1]
        for sample, text in found.items():
            assert extract(text).rtl.split() == extract(answer(spec, sample)).rtl.split()


def test_logs_of_inspect_ai(tmp_path: Path, small_suite: Any) -> None:
    inspect_ai = pytest.importorskip("inspect_ai")
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.log import read_eval_log, write_eval_log
    from inspect_ai.model import ModelOutput
    from inspect_ai.solver import solver

    specs = small_suite.specs
    by_id = {s.id: s for s in specs}

    @solver
    def says() -> Any:
        async def solve(state: Any, _generate: Any) -> Any:
            text = answer(by_id[state.sample_id], state.epoch - 1)
            state.output = ModelOutput.from_content("mockllm/model", text)
            state.messages.append(state.output.message)
            return state

        return solve

    samples = [Sample(id=s.id, input=s.prompt) for s in specs]
    task = inspect_ai.Task(dataset=MemoryDataset(samples), solver=says(), epochs=2)
    inspect_ai.eval(task, model="mockllm/model", log_dir=str(tmp_path / "logs"),
                    display="none")  # fmt: skip
    (log,) = (tmp_path / "logs").glob("*.eval")
    assert_read(log, specs)
    assert_read(tmp_path / "logs", specs)
    write_eval_log(read_eval_log(str(log)), str(tmp_path / "log.json"))
    assert_read(tmp_path / "log.json", specs)


def test_samples_of_evalplus(tmp_path: Path, small_suite: Any) -> None:
    utils = pytest.importorskip("evalplus.data.utils")
    specs = small_suite.specs
    path = tmp_path / "samples.jsonl"
    utils.write_jsonl(str(path), [
        {"task_id": s.id, "solution": answer(s, k)} for s in specs for k in range(2)
    ])  # fmt: skip
    assert_read(path, specs)


def test_samples_of_lm_eval(tmp_path: Path, small_suite: Any, monkeypatch: Any) -> None:
    pytest.importorskip("lm_eval")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    from lm_eval.api.model import LM
    from lm_eval.api.task import ConfigurableTask
    from lm_eval.evaluator import evaluate
    from lm_eval.loggers import EvaluationTracker

    specs = small_suite.specs
    by_prompt = {s.prompt: s for s in specs}

    class Says(LM):  # type: ignore[misc]
        def loglikelihood(self, requests: Any) -> Any: ...
        def loglikelihood_rolling(self, requests: Any) -> Any: ...

        def generate_until(self, requests: Any) -> list[str]:
            asked = [r.args[0] for r in requests]
            return [answer(by_prompt[p], asked[:k].count(p)) for k, p in enumerate(asked)]

    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text("".join(
        json.dumps({"task_id": s.id, "prompt": s.prompt}) + "\n" for s in specs))  # fmt: skip
    task = ConfigurableTask(config={
        "task": "rtl", "dataset_path": "json", "test_split": "test",
        "dataset_kwargs": {"data_files": {"test": str(tasks)}},
        "output_type": "generate_until", "doc_to_text": "{{prompt}}", "doc_to_target": "",
        "repeats": 2, "generation_kwargs": {"until": ["<nothing>"], "do_sample": False},
        "metric_list": [{"metric": "bypass"}],
    })  # fmt: skip
    found = evaluate(lm=Says(), task_dict={"rtl": task}, log_samples=True)
    tracker = EvaluationTracker(output_path=str(tmp_path / "out"))
    tracker.general_config_tracker.model_name_sanitized = "says"
    tracker.save_results_aggregated({"results": found["results"]}, found["samples"])
    tracker.save_results_samples("rtl", found["samples"]["rtl"])
    (samples,) = (tmp_path / "out").rglob("samples_*.jsonl")
    assert_read(samples, specs)
