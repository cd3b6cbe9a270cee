"""The type of numbers that a machine computes in by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

from rtlbench.generate.arithmetic import (
    computes_bfloat16,
    is_on_cpu,
    native_type,
    native_type_of,
)
from rtlbench.generate.loading import load_model
from rtlbench.training.recipe import read_recipe

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "models" / "tiny-rtl"


def _flags() -> set[str]:
    """What the kernel says the processor can do."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return set(next((line for line in lines if line.startswith("flags")), "").split())


def test_it_is_bfloat16_where_the_processor_has_instructions_for_it() -> None:
    has = bool(_flags() & {"avx512_bf16", "amx_bf16"})
    assert computes_bfloat16(on_cpu=True) == has
    assert native_type("native", on_cpu=True) == ("bfloat16" if has else "float32")


@pytest.mark.parametrize("dtype", ["auto", "float32", "bfloat16", "float16"])
def test_a_type_that_was_chosen_stays(dtype: str) -> None:
    assert native_type(dtype, on_cpu=True) == dtype


def test_who_has_not_loaded_torch_is_told_the_same() -> None:
    ask = ("import sys; from rtlbench.generate.arithmetic import native_type_of; "
           "print(native_type_of('native', 'cpu'), 'torch' in sys.modules)")  # fmt: skip
    ran = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [native_type("native", on_cpu=True), "False"]
    assert native_type_of("native", "cpu") == native_type("native", on_cpu=True)


def test_a_model_is_loaded_in_it() -> None:
    assert is_on_cpu("cpu")
    model = load_model(TINY, dtype="native", device="cpu")
    assert str(model.dtype) == f"torch.{native_type('native', on_cpu=True)}"


def test_who_asks_a_cpu_for_what_it_has_not_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    load_model(TINY, dtype="bfloat16", device="cpu")
    told = "no instructions for bfloat16" in capsys.readouterr().err
    assert told != computes_bfloat16(on_cpu=True)


def test_the_recipe_for_small_machines_leaves_it_to_the_machine() -> None:
    recipe = read_recipe(ROOT / "training" / "recipes" / "small.toml")
    assert recipe.model.dtype == recipe.train.bf16 == "native"
