"""The home-made tokenizer: nothing is lost, and what must be copied is cut alike everywhere."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rtlbench.suites.families import load_suite
from training.tiny.data import CATEGORIES, records
from training.tiny.tokenizer import ANSWER, END, USER, train_tokenizer

WORDS = st.sampled_from(
    [
        "module", "input", "output", "logic", "[7:0]", "always_ff @(posedge", "clk", "`clk`", "(",
        ")", ";", ",", "\n", "\n    ", "\n\n        ", "\t", "`", "8'hFF", "1'b0", "'s", "q <= q",
        "- `", "` (input, 1 bit): ", "` (input, 8 bits, [7:0]): ", "end else if (!", "On each",
        "é", "µ你", "\r\n", "<|end|", "$", "case (", "default: ", ":0]", " ", "  ", "0", "12",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(WORDS).map("".join), st.lists(WORDS).map(" ".join))


@cache
def tokenizer() -> Any:
    texts = [t for r in records(CATEGORIES, 74, 1) for t in (r.instruction, r.output)]
    return train_tokenizer(texts, 900)


def back(text: str) -> str:
    return str(tokenizer().decode(tokenizer()(text, add_special_tokens=False).input_ids))


@given(TEXTS.filter(lambda t: "<|" not in t))
@example("module m (\n    input [7:0] d\n);\nendmodule\n")
def test_every_text_comes_back(text: str) -> None:
    assert back(text) == text


@pytest.mark.parametrize("spec", [s for s in load_suite() if s.category in CATEGORIES],
                         ids=lambda s: s.id)
def test_the_suite_s_own_texts_come_back(spec: Any) -> None:
    assert back(spec.prompt) == spec.prompt
    assert back(spec.golden) == spec.golden


def pieces(text: str) -> list[str]:
    return [tokenizer().decode([i]) for i in tokenizer()(text).input_ids]


def test_digits_stand_alone() -> None:
    assert [p for p in pieces("divide by 1024, `q` is 4096") if p.strip().isdigit()] == list(
        "10244096"
    )


@pytest.mark.parametrize("name", ["clk", "data_in", "wobble", "key_press", "q"])
def test_a_name_is_cut_alike_in_prompt_and_code(name: str) -> None:
    own = pieces(name)
    for text in (
        f"the input `{name}` is sampled",
        f"- `{name}` (input, 1 bit): clock",
        f"module m (\n    input logic {name},\n    output logic [7:0] {name}\n);\n",
        f"    input {name},\n",
        f"    always_ff @(posedge {name} or negedge {name}) begin\n",
        f"    assign {name} = !{name};\n",
        f"        if (!{name})\n            {name} <= {name}[3:0];\n",
    ):
        found = pieces(text)
        places = [k for k in range(len(found)) if found[k : k + len(own)] == own]
        assert len(places) >= text.count(name), text


def test_the_chat_template_is_what_training_sees() -> None:
    chat = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "module"}]
    found = tokenizer().apply_chat_template(chat, tokenize=False)
    assert found == f"{USER}Hello{ANSWER}module{END}"
    asked = tokenizer().apply_chat_template(chat[:1], tokenize=False, add_generation_prompt=True)
    assert found.startswith(asked)
