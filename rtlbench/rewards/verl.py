"""Rewards as verl calls them: `custom_reward_function.path` is this file, `name` a function here.

`ground_truth` is the id of the task. verl has no way to leave a sample out: where the harness
could not tell, the answer is judged once more, and then HarnessError stops the run, since any
number would be a lie. `on_error`, by `reward_kwargs`, is a number of your own instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rtlbench.errors import HarnessError
from rtlbench.records.candidate import Candidate
from rtlbench.records.verdict import Verdict
from rtlbench.rewards import functions
from rtlbench.rewards.judging import Judging, usual

REWARDS: dict[str, functions.Reward] = {"sparse": functions.sparse, "shaped": functions.shaped}


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any] | None = None,
    **settings: Any,
) -> dict[str, float]:
    """The score of one answer; `acc` says whether it is right.

    Args:
        settings: `reward`, `sparse` or `shaped` (default); `on_error`; `judge`.

    Raises:
        HarnessError: It could not be judged, and no `on_error` is given.
    """
    one = ([data_source], [solution_str], [ground_truth], [extra_info])
    return compute_scores(*one, **settings)[0]


def compute_scores(  # noqa: PLR0913 - verl's names, and three settings
    data_sources: Sequence[str],  # noqa: ARG001 - the task says it all
    solution_strs: Sequence[str],
    ground_truths: Sequence[str],
    extra_infos: Sequence[Mapping[str, Any] | None],  # noqa: ARG001 - likewise
    *,
    reward: str = "shaped",
    on_error: float | None = None,
    judge: Judging | None = None,
) -> list[dict[str, float]]:
    """The scores of a batch, judged together, for verl's `batch` reward manager.

    Raises:
        HarnessError: One could not be judged, and no `on_error` is given.
    """
    by, worth = judge or usual(), REWARDS[reward]
    answers = [
        Candidate(text=s, spec_id=t, model="policy")
        for s, t in zip(solution_strs, ground_truths, strict=True)
    ]
    verdicts = by.judge_each(ground_truths, answers)
    for k in [k for k, v in enumerate(verdicts) if worth(v) is None]:
        verdicts[k] = by.judge_each([ground_truths[k]], [answers[k]])[0]
    return [_score(v, worth(v), on_error) for v in verdicts]


def _score(verdict: Verdict, worth: float | None, on_error: float | None) -> dict[str, float]:
    score = on_error if worth is None else worth
    if score is None:
        raise HarnessError(f"{verdict.spec_id}: an answer could not be judged; see its Verdict")
    return {"score": score, "acc": float(functions.right(verdict))}
