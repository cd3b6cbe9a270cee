"""Loading a causal language model and its tokenizer, with an adapter and 4-bit weights if asked.

Guarantee: the tokenizer encodes as the folder's own `tokenizer.json` does, and the model has a row
for every id that it gives; all weights are the checkpoint's, as it is quantised, and all of the
adapter's are used. Code that comes with a model is never run, and nobody is asked whether it may.
torch and transformers are imported by the call, not by the module.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtlbench.errors import UserError
from rtlbench.generate import adapters, gguf
from rtlbench.generate.arithmetic import computes_bfloat16, native_type
from rtlbench.generate.fitting import (
    cached_file,
    own_code,
    refuse_encoder,
    refuse_misfit,
    refuse_other_code,
    refuse_wrong_scales,
)
from rtlbench.generate.model_kinds import refuse_missing_device, stay_offline_without_hub

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

PROBE = (
    "module top #(parameter W = 8) (input clk, input rst_n, output reg [7:0] q_1023);\n"
    "\talways @(posedge clk or negedge rst_n)\n        if (!rst_n) q <= 8'hFF; else q <= q+1'b1;\n"
    "endmodule\n\nWrite a 12-bit counter, don't use `define; it's 3.5 ns \u00b5 \u4f60.  \n"
)
"""RTL, prose, numbers, blanks of every kind: what tokenizers split in different ways."""
DTYPES = ("auto", "native", "float32", "bfloat16", "float16")
_LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "accelerate", "peft", "gguf")
_INSTALL = "pip install 'rtlbench[models]'"


def load_tokenizer(path: str | Path, *, revision: str | None = None) -> PreTrainedTokenizerBase:
    """The tokenizer of a local folder, a GGUF file or a hub name; `revision` is the hub's.

    A home-made tokenizer in the folder of a known architecture would be split in that
    architecture's way by `AutoTokenizer`; where the two differ, `tokenizer.json` counts.

    Raises:
        UserError: It is not there, cannot be read, or transformers is missing.
    """
    with _user_errors(path, "tokenizer"):
        from transformers import AutoTokenizer, PreTrainedTokenizerFast

        place, of_gguf = gguf.place(path)
        tokenizer: Any = AutoTokenizer.from_pretrained(
            place, revision=revision, trust_remote_code=False, **of_gguf
        )
        own = None if of_gguf else _own_tokenizer(str(path), revision)
        if own is not None and not _agree(tokenizer, own):
            tokenizer = PreTrainedTokenizerFast.from_pretrained(
                str(path), revision=revision, trust_remote_code=False
            )
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        return tokenizer


def load_model(  # noqa: PLR0913 - each is a choice of its own, and has a name
    path: str | Path,
    *,
    adapter: str | Path | None = None,
    four_bit: bool = False,
    dtype: str = "auto",
    device: str = "auto",
    revision: str | None = None,
    trainable: bool = False,
) -> PreTrainedModel:
    """The causal model of a local folder, a GGUF file or a hub name, in evaluation mode unless
    `trainable`.

    Args:
        adapter: Folder or hub name of a PEFT adapter to put on it; trained further if `trainable`.
        four_bit: NF4 weights, quantised twice, by bitsandbytes.
        dtype: One of DTYPES; `auto` is the checkpoint's, save float16 on a CPU, which becomes
            float32; `native` is bfloat16 where the machine computes in it, else float32.
        device: `auto` spreads over all GPUs, or takes the CPU; `none` leaves it to a launcher
            that shards the model; else a torch device.
        revision: Of the model, on the hub.

    Raises:
        UserError: It is not there, does not fit (in memory, or the adapter), or a library is
            missing.
    """
    with _user_errors(path, "model"):
        model = _checkpoint(
            path, four_bit=four_bit, dtype=dtype, placing=_placing(device), revision=revision
        )
        if device != "none":  # else its weights are not all here yet
            refuse_encoder(model, path)
    if adapter is not None:
        with _user_errors(adapter, "adapter"):
            adapters.refuse_other_base(adapter, path)
            model = adapters.put_on(model, adapter, trainable=trainable)
    return model.train() if trainable else model.eval()


def _checkpoint(
    path: str | Path,
    *,
    four_bit: bool,
    dtype: str,
    placing: str | dict[str, str] | None,
    revision: str | None,
) -> Any:
    """The model with the weights of its checkpoint, all of them and no other."""
    from transformers import AutoConfig, AutoModelForCausalLM

    folder, of_gguf = gguf.place(path)
    config = AutoConfig.from_pretrained(
        folder, revision=revision, trust_remote_code=False, **of_gguf
    )
    on_cpu = placing == {"": "cpu"}
    chosen = _dtype(config.dtype, dtype, on_cpu=on_cpu)
    _tell_if_slow(chosen, on_cpu=on_cpu)
    # Saying None would switch off the quantisation that the checkpoint has.
    asked: dict[str, Any] = {"quantization_config": _four_bit(chosen)} if four_bit else {}
    if of_gguf:
        asked = gguf.written_out(four_bit, path) | of_gguf
    model, info = AutoModelForCausalLM.from_pretrained(
        folder,
        revision=revision,
        dtype=chosen,
        device_map=placing,
        trust_remote_code=False,
        output_loading_info=True,
        **asked,
    )
    if of_gguf:
        gguf.finish(model, path)
    refuse_misfit(model, info, path)
    refuse_wrong_scales(
        path,
        revision,
        getattr(config, "quantization_config", None),
        written_out=getattr(model, "hf_quantizer", None) is None,
    )
    refuse_other_code(model, path)
    if four_bit or getattr(model, "is_loaded_in_4bit", False):
        keep_weights_unpacked(model)
    return model


def check_fit(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, path: str | Path) -> None:
    """Make sure that the model knows every id that the tokenizer gives.

    Raises:
        UserError: It does not: they belong to different models.
    """
    embeddings: Any = model.get_input_embeddings()
    rows, ids = int(embeddings.weight.shape[0]), _highest_id(tokenizer) + 1
    if ids > rows:
        raise UserError(
            f"{path}: the tokenizer has ids up to {ids - 1}, the model only {rows} embeddings; "
            "they belong to different models: give the folder that both were saved to"
        )


def keep_weights_unpacked(model: PreTrainedModel) -> None:
    """Keep bitsandbytes from repacking 4-bit weights for AVX512-BF16 when a model is evaluated.

    Training cannot go on with repacked weights: it fails, or goes wrong without a word.
    """
    from bitsandbytes.nn.modules import Linear4bit

    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False


def _highest_id(tokenizer: PreTrainedTokenizerBase) -> int:
    return max(tokenizer.get_vocab().values(), default=-1)


def _placing(device: str) -> str | dict[str, str] | None:
    import torch

    if device == "none":
        return None
    if device == "auto":
        return "auto" if torch.cuda.is_available() else {"": "cpu"}
    refuse_missing_device(device)
    return {"": device}


def _dtype(stored: Any, dtype: str, *, on_cpu: bool) -> Any:
    import torch

    if dtype not in DTYPES:
        raise UserError(f"no dtype {dtype!r}; there are {', '.join(DTYPES)}")
    dtype = native_type(dtype, on_cpu=on_cpu)
    if dtype != "auto":
        return getattr(torch, dtype)
    stored = stored or torch.float32
    return torch.float32 if on_cpu and stored == torch.float16 else stored


def _tell_if_slow(dtype: Any, *, on_cpu: bool) -> None:
    """Say on stderr where a CPU has no instructions for the type that was asked for."""
    import torch

    if on_cpu and dtype == torch.bfloat16 and not computes_bfloat16(on_cpu=True):
        print("this CPU has no instructions for bfloat16: float32 is several times as fast here; "
              "`native` as dtype chooses by the machine", file=sys.stderr)  # fmt: skip


def _four_bit(compute: Any) -> Any:
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as e:
        raise UserError(f"4-bit weights need bitsandbytes ({e}); {_INSTALL} bitsandbytes") from e
    from transformers import BitsAndBytesConfig

    config: Any = BitsAndBytesConfig
    return config(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )


def _own_tokenizer(path: str, revision: str | None) -> Any:
    """What `tokenizer.json` itself says, or None where a model comes without one."""
    from tokenizers import Tokenizer

    file = cached_file(path, "tokenizer.json", revision)
    return Tokenizer.from_file(file) if file else None


def _agree(tokenizer: Any, own: Any) -> bool:
    """Whether they split alike, and neither has tokens that the other lacks."""
    ids = tokenizer(PROBE, add_special_tokens=False).input_ids
    same_ids = ids == own.encode(PROBE, add_special_tokens=False).ids
    return bool(same_ids and tokenizer.get_vocab() == own.get_vocab(with_added_tokens=True))


@contextmanager
def _user_errors(path: str | Path, what: str) -> Iterator[None]:
    """What goes wrong while `path` is loaded, as one message."""
    refuse_missing_folder(path, what)
    stay_offline_without_hub(path)
    try:
        with gguf.without_bars(path):
            yield
    except ImportError as e:
        remedy = _INSTALL if e.name in _LIBRARIES else "install what it names"
        raise UserError(
            f"{path}: this {what} needs more libraries ({_first_line(e)}); {remedy}"
        ) from e
    except MemoryError as e:
        raise UserError(f"{path}: {_too_big(what)}") from e
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as e:
        if "out of memory" in str(e):
            raise UserError(f"{path}: {_too_big(what)}") from e
        if "trust_remote_code" in str(e):
            raise UserError(own_code(path, what)) from e
        hint = "" if Path(path).exists() else "; an endpoint's model is openai:NAME"
        raise UserError(f"{path}: cannot load the {what} ({_first_line(e)}){hint}") from e
    except Exception as e:
        if type(e).__name__ not in ("SafetensorError", "UnpicklingError"):
            raise
        why = "" if "weights_only" in str(e) else f" ({_first_line(e)})"
        raise UserError(
            f"{path}: cannot load the {what}: its weights are damaged, or hold more than numbers, "
            f"which is never run{why}; copy or train it again"
        ) from e


def refuse_missing_folder(path: str | Path, what: str) -> None:
    """Make sure that `path` is a folder or a GGUF file, or may be a name on the hub.

    Raises:
        UserError: It can only mean a folder or a file, and there is none.
    """
    if gguf.is_gguf(path) and what != "adapter":
        gguf.header_of(path)
        return
    if _is_local(path) and not Path(path).is_dir():
        raise UserError(f"{path}: there is no such folder; give the {what}'s, or a name on the hub")


def _is_local(path: str | Path) -> bool:
    """Whether `path` means a folder; else it may be a name of the hub's, `owner/name`."""
    parent, slash, _ = str(path).rpartition("/")
    return isinstance(path, Path) or "/" in parent or bool(slash and Path(parent or "/").is_dir())


def _too_big(what: str) -> str:
    return f"the {what} does not fit in memory; try 4-bit weights, or a smaller {what}"


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__
