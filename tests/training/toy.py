"""What the tests of fine-tuning share: a toy model, its data, and the script as people call it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rtlbench.training.recipe import read_recipe
from rtlbench.training.record import TrainingRun, read_run
from rtlbench.training.run import FineTuneOptions, fine_tune

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "training" / "sft.py"
STEPS = 12
RECIPE = """
[model]
base = "{base}"
four_bit = false
[lora]
rank = 4
alpha = 8
dropout = 0.1
[data]
max_length = 512
packing = false
[train]
learning_rate = 1e-2
max_steps = 12
batch = 2
accumulation = 2
save_steps = 3
bf16 = false
gradient_checkpointing = false
"""
TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def make_toy(
    folder: Path, *, template: bool = True, scale: float = 5.0, dtype: str = "float32"
) -> Path:
    """A random Qwen2 with a tokenizer of some 320 words, saved to `folder`.

    Args:
        scale: Times which the weights are larger than usual.
    """
    import torch
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    own = _tokenizer()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=own, eos_token="<|end|>", pad_token="<|pad|>"
    )
    if template:
        tokenizer.chat_template = TEMPLATE
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=own.get_vocab_size(),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        initializer_range=0.02 * scale,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model: Any = Qwen2ForCausalLM(config).to(getattr(torch, dtype))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    own = Tokenizer(models.BPE())
    own.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(False)]
    )
    own.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<|pad|>", "<|end|>", "<|user|>", "<|assistant|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    own.train_from_iterator([r["output"] for r in toy_records()], trainer)
    return own


def toy_records(count: int = 24) -> list[dict[str, Any]]:
    """Short modules of three categories, by turns."""
    kinds = ("updown_counter", "shift_register", "fsm")
    return [
        {
            "instruction": f"Write a module `m{k}` of {k + 2} bits.",
            "output": f"module m{k}(input clk, output reg [{k + 1}:0] q);\n"
            f"  always @(posedge clk) q <= q + {k % 3 + 1};\nendmodule\n",
            "metadata": {"category": kinds[k % 3]},
        }
        for k in range(count)
    ]


class Sft:
    """training/sft.py with one recipe and one set of data."""

    def __init__(self, out: Path, recipe: Path, data: Path) -> None:
        self.out, self.recipe, self.data = out, recipe, data

    def argv(self, *args: object) -> list[str]:
        """The command."""
        fixed = (SCRIPT, self.recipe, "--data", self.data, "--out", self.out)
        return [sys.executable, *map(str, (*fixed, *args))]

    def __call__(self, *args: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*args),
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=surroundings(**environment),
            timeout=900,
            check=False,
        )

    def here(
        self,
        *changes: str,
        category: str | None = None,
        restart: bool = False,
        say: Callable[[str], None] = lambda _: None,
        base_name: str | None = None,
    ) -> Path:
        """The folder that a run in this process has written."""
        options = FineTuneOptions(
            recipe=read_recipe(self.recipe, changes),
            data=(str(self.data),),
            name=self.recipe.stem,
            category=category,
            out=self.out,
            restart=restart,
            base_name=base_name,
        )
        folder = fine_tune(options, say)
        assert folder is not None
        return folder

    def finished(self, *args: object, **environment: str) -> Path:
        """The folder that a run which must succeed has written."""
        done = self(*args, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return Path(done.stdout.rpartition("written: ")[2].strip())


def surroundings(**more: str) -> dict[str, str]:
    """One thread, no network."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", **more}


def losses(folder: Path) -> list[tuple[int, float]]:
    """Step and loss, as the run wrote them."""
    run: TrainingRun = read_run(folder)
    assert run.result is not None
    return [(at.step, at.loss) for at in run.result.losses]


def message(done: subprocess.CompletedProcess[str]) -> str:
    """The one message of a run that was refused or stopped."""
    assert done.returncode == 2, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("sft: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]
