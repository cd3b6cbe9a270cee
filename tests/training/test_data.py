"""Records become sequences of which the answer alone is learnt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.answer import prompt_ids
from rtlbench.generate.loading import load_tokenizer
from rtlbench.records.tier import Tier
from rtlbench.training.data import read_data, sequences
from tests.training.toy import Sft, make_toy, message, toy_records


def made(path: Path, toy: Path, max_length: int = 512, validation: float = 0.0) -> Any:
    return sequences(read_data((str(path),), None), load_tokenizer(toy), max_length, validation)


@pytest.mark.parametrize("template", [True, False])
def test_the_answer_and_its_end_are_learnt_and_the_prompt_is_what_generation_gives(
    tmp_path: Path, data: Path, template: bool
) -> None:
    model = make_toy(tmp_path / "m", template=template)
    tokenizer = load_tokenizer(model)
    rows = made(data, model).train
    for row, record in zip(rows, toy_records(), strict=True):
        ids, mask = row["input_ids"], row["completion_mask"]
        prompt = [t for t, learnt in zip(ids, mask, strict=True) if not learnt]
        answer = [t for t, learnt in zip(ids, mask, strict=True) if learnt]
        assert ids == prompt + answer
        assert prompt == prompt_ids(tokenizer, record["instruction"])
        assert answer[-1] == tokenizer.eos_token_id
        assert tokenizer.decode(answer[:-1]) == record["output"]


def test_an_example_is_used_whole_or_not_at_all(data: Path, toy: Path) -> None:
    lengths = sorted(len(row["input_ids"]) for row in made(data, toy).train)
    middle = lengths[len(lengths) // 2]
    some = made(data, toy, max_length=middle)
    fitting = sum(n <= middle for n in lengths)
    assert [len(r["input_ids"]) <= middle for r in some.train] == [True] * fitting
    assert some.examples.too_long == len(lengths) - fitting
    with pytest.raises(UserError, match=r"24 are longer than data\.max_length = 16"):
        made(data, toy, max_length=16)


def test_what_is_kept_back_depends_on_the_text_alone(data: Path, toy: Path) -> None:
    half = made(data, toy, validation=0.5)
    backwards = data.with_name("backwards.jsonl")
    backwards.write_text("".join(f"{line}\n" for line in data.read_text().splitlines()[::-1]))
    again = made(backwards, toy, validation=0.5)
    assert half.examples.trained + half.examples.held_back == 24
    assert 0 < half.examples.held_back < 24
    assert sorted(half.validation["input_ids"]) == sorted(again.validation["input_ids"])


def test_one_category_alone(data: Path) -> None:
    records = read_data((str(data),), "fsm")
    assert {r.metadata["category"] for r in records.chosen} == {"fsm"}
    assert (len(records.chosen), records.other_category) == (8, 16)


def test_without_a_category_in_the_metadata_the_words_decide(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    lines = [
        {"instruction": "Write a Moore state machine.", "output": "module a; endmodule"},
        {"instruction": "Write a shift register.", "output": "module b; endmodule"},
    ]
    path.write_text("".join(json.dumps(r) + "\n" for r in lines))
    assert [r.output for r in read_data((str(path),), "fsm").chosen] == ["module a; endmodule"]


@pytest.mark.parametrize(
    ("accept", "kept"), [("proven", "ae"), ("attested", "abe"), ("unproven", "abcde")]
)
def test_of_what_the_filter_judged_only_accepted_tiers_are_learnt(
    tmp_path: Path, accept: str, kept: str
) -> None:
    judged: list[dict[str, object] | None] = [
        {"tier": "proven"}, {"tier": "attested", "functional": None}, {"tier": "unproven"},
        {"functional": None}, None,
    ]  # fmt: skip
    lines = [
        {"instruction": "Write a shift register.", "output": name,
         "metadata": {"rtlbench": about} if about is not None else {}}
        for name, about in zip("abcde", judged, strict=True)
    ]  # fmt: skip
    path = tmp_path / "d.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in lines))
    records = read_data((str(path),), None, Tier(accept))
    assert "".join(r.output for r in records.chosen) == kept
    assert records.below == 5 - len(kept)
    (file,) = records.files
    assert file.tiers == {"attested": 1, "proven": 1, "unjudged": 1, "unproven": 2}


def test_what_the_filter_found_counts_before_the_words(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    record = {
        "instruction": "Write a shift register.",
        "output": "module b; endmodule",
        "metadata": {"category": "fifo", "rtlbench": {"category": "fsm", "score": 1.0}},
    }
    path.write_text(json.dumps(record) + "\n")
    assert len(read_data((str(path),), "fsm").chosen) == 1


def test_a_category_that_there_is_not_is_refused(data: Path) -> None:
    with pytest.raises(UserError, match="--category fms: there are"):
        read_data((str(data),), "fms")
    with pytest.raises(UserError, match="no record of category fifo"):
        read_data((str(data),), "fifo")


@pytest.mark.parametrize("line", ['{"instruction": "x", "outp', '{"a": 1}', "\x00\xff"])
def test_a_corrupt_line_is_one_message_with_its_place(sft: Sft, line: str) -> None:
    lines = sft.data.read_text().splitlines()
    sft.data.write_text("\n".join([*lines[:6], line, *lines[6:]]) + "\n")
    assert f"{sft.data}:7: no training record" in message(sft())
    assert not sft.out.exists()


def test_missing_data_is_named(sft: Sft) -> None:
    sft.data.unlink()
    assert str(sft.data) in message(sft())
