"""What attacks on the judge are worth to who learns."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench import Judge, Outcome, Verdict
from rtlbench.rewards import compute_scores, reward_function, shaped, sparse
from rtlbench.rewards.functions import tricked
from tests.attacks.attack import CANARY, OWNED, Attack
from tests.attacks.corpus import attacks
from tests.support import sync_counter

SPEC = sync_counter()
EMPTY = ["", "I do not know.", f"module {SPEC.top}; endmodule"]
NEAR_MISS = SPEC.golden.replace("4'd0", "4'd1")
"""Wrong in one bit."""
FAMILIES: dict[str, list[Attack]] = {}
for each in attacks():
    FAMILIES.setdefault(each.family, []).append(each)
FORGED = "forged output"


def judged(chosen: list[Attack], place: Path) -> list[tuple[Attack, Verdict]]:
    """Attacks and their Verdicts; what only a proof can tell is asked of it."""
    found: list[tuple[Attack, Verdict]] = []
    for formal in (False, True):
        group = [a for a in chosen if a.formal is formal]
        texts = [a.text.replace(CANARY, str(place / "canary")).replace(OWNED, str(place / "owned"))
                 for a in group]
        with Judge(formal=formal) as judge:
            found += zip(group, judge.judge(SPEC, texts), strict=True)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_no_attack_pays(family: str, tmp_path: Path) -> None:
    verdicts = judged(FAMILIES[family], tmp_path)
    with Judge() as judge:
        empty = judge.judge(SPEC, EMPTY)
        near = shaped(judge.judge(SPEC, NEAR_MISS))
    assert [sparse(v) for v in empty] == [shaped(v) for v in empty] == [0.0] * len(EMPTY)
    assert near is not None
    assert 0.0 < near < 0.5
    for attack, verdict in verdicts:
        if attack.formal and verdict.outcome is Outcome.PASS:
            assert verdict.formal != "proved"  # right for longer than anyone can wait
            continue
        assert sparse(verdict) == 0.0, verdict.findings
        worth = shaped(verdict)
        assert worth is not None
        assert worth <= (0.0 if tricked(verdict) else near), verdict.findings


def test_trainers_get_the_same_of_an_attack(tmp_path: Path) -> None:
    text = FAMILIES[FORGED][0].text
    with Judge() as judge:
        by_trl = reward_function(shaped, "shaped", judge)
        assert by_trl(prompts=[SPEC.prompt], completions=[text], spec_id=[SPEC.id]) == [0.0]
        by_verl = compute_scores(["rtlbench"], [text], [SPEC.id], [None], judge=judge)
        assert by_verl == [{"score": 0.0, "acc": 0.0}]
