"""A run's figures as other places read them.

- The hub's `.eval_results/*.yaml` (huggingface_hub 1.x, `EvalResultEntry`): dataset, task, value in
  percent, date, notes. Every value is quoted as JSON quotes it, which YAML reads alike.
- every-eval-ever's `eval.schema.json`, version 0.2.1: one JSON a run, a result a figure.
- Weights & Biases, where `wandb` is installed: one run each, figures as its summary.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import rtlbench
from rtlbench.errors import UserError
from rtlbench.io.atomic import write_whole
from rtlbench.leaderboard.board import FIGURES, Board, BoardRow
from rtlbench.leaderboard.text import answered

EEE_VERSION = "0.2.1"
DESCRIPTIONS = {
    "functional": "Share of answers that simulate as the task's reference does.",
    "pass@1": "The chance that one sample of a task is right, unbiased.",
    "pass@5": "The chance that one of five samples of a task is right, unbiased.",
    "all_io_used": "Share of answers that use every port of the task.",
    "synthesis": "Share of answers that Yosys synthesizes.",
    "score": "Mean score over all Checks, 0 to 1.",
}


def write_eval_results(found: Sequence[Board], folder: Path, dataset: str) -> list[Path]:
    """Write NAME.yaml for each run, to be laid into a model's `.eval_results/`.

    Args:
        dataset: The benchmark's id on the hub, `ORG/NAME`.

    Raises:
        UserError: `dataset` is no id, or a file cannot be written.
    """
    if dataset.count("/") != 1 or not all(dataset.split("/")):
        raise UserError(f"--hub-dataset {dataset}: give the benchmark's id on the hub, ORG/NAME")
    return [
        _write(folder / f"{_file_name(row)}.yaml", hub_yaml(board, row, dataset))
        for board in found
        for row in board.rows
    ]


def hub_yaml(board: Board, row: BoardRow, dataset: str) -> str:
    """The entries of one run: `functional`, pass@1 and pass@5 where there are samples enough."""
    notes = f"rtlbench {rtlbench.__version__}; {answered(row)} tasks answered; " + "; ".join(
        f"{name} {value}" for name, value in row.settings.items()
    )
    lines: list[str] = []
    for name in ("functional", "pass@1", "pass@5"):
        value = row.figures[name].value
        if value is None:
            continue
        task = f"{board.suite}_{name.replace('@', '_at_')}"
        lines += [
            "- dataset:",
            f"    id: {json.dumps(dataset)}",
            f"    task_id: {json.dumps(task)}",
            f"  value: {round(100 * value, 2)}",
            f"  date: {json.dumps(row.finished)}",
            f"  notes: {json.dumps(notes)}",
        ]
    return "\n".join(lines) + "\n"


def write_every_eval_ever(found: Sequence[Board], folder: Path) -> list[Path]:
    """Write NAME.json for each run.

    Raises:
        UserError: A file cannot be written.
    """
    return [
        _write(folder / f"{_file_name(row)}.json", json.dumps(every_eval(board, row), indent=2))
        for board in found
        for row in board.rows
    ]


def every_eval(board: Board, row: BoardRow) -> dict[str, Any]:
    """One run as every-eval-ever has it."""
    epoch = str(int(datetime.fromisoformat(row.finished).timestamp()))
    return {
        "schema_version": EEE_VERSION,
        "evaluation_id": f"{board.suite}/{row.model}/{epoch}",
        "evaluation_timestamp": epoch,
        "retrieved_timestamp": epoch,
        "source_metadata": {
            "source_name": "rtlbench",
            "source_type": "evaluation_run",
            "source_organization_name": "unknown",
            "evaluator_relationship": "other",
        },
        "eval_library": {
            "name": "rtlbench",
            "version": rtlbench.__version__,
            "additional_details": row.settings,
        },
        "model_info": {"name": row.model, "id": row.model},
        "evaluation_results": [
            _result(board, row, name) for name in FIGURES if row.figures[name].value is not None
        ],
    }


def _result(board: Board, row: BoardRow, name: str) -> dict[str, Any]:
    figure = row.figures[name]
    details: dict[str, Any] = {"score": figure.value, "details": {"tasks_answered": answered(row)}}
    if figure.low is not None and figure.high is not None:
        details["uncertainty"] = {
            "confidence_interval": {
                "lower": figure.low,
                "upper": figure.high,
                "confidence_level": 0.95,
                "method": "by tasks",
            },
            "num_samples": figure.n,
        }
    arguments: dict[str, Any] = {"execution_command": row.command} if row.command else {}
    if "temperature" in row.settings:
        arguments["temperature"] = float(row.settings["temperature"])
    return {
        "evaluation_name": f"{board.suite} {name}",
        "source_data": {
            "dataset_name": board.suite,
            "source_type": "other",
            "additional_details": {"suite_hash": board.suite_hash},
        },
        "metric_config": {
            "evaluation_description": DESCRIPTIONS[name],
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0,
            "max_score": 1,
        },
        "score_details": details,
        "generation_config": {"generation_args": arguments},
    }


def log_to_wandb(found: Sequence[Board], project: str) -> int:
    """Log each run to W&B; how many were.

    Raises:
        UserError: It is not installed.
    """
    try:
        import wandb
    except ImportError as e:
        raise UserError("--wandb: pip install wandb, and log in by `wandb login`") from e
    logged = 0
    for board in found:
        for row in board.rows:
            config = {"suite": board.suite, "model": row.model, **row.settings}
            with wandb.init(project=project, name=row.name, config=config) as run:
                run.summary.update(_summary(row))
            logged += 1
    return logged


def _summary(row: BoardRow) -> dict[str, float]:
    told = {"answers": float(row.answers), "tasks": float(row.tasks)}
    for name, figure in row.figures.items():
        if figure.value is not None:
            told[name] = figure.value
        if figure.low is not None and figure.high is not None:
            told |= {f"{name}/low": figure.low, f"{name}/high": figure.high}
    return told


def _file_name(row: BoardRow) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in row.name) or "run"


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    except OSError as e:
        raise UserError(f"{path}: cannot be written ({e.strerror})") from e
    return path
