"""What a machine does to a training: it is told in one message, and nothing good is lost."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtlbench.training.folder import explanation, is_disk_full, is_out_of_memory
from rtlbench.training.record import read_run
from tests.training.toy import ROOT, Sft, losses, message, surroundings, toy_records

SEVERAL = ("--set", "train.max_steps=60", "--set", "train.save_steps=5")


def killed(sft: Sft, after: str, *args: object) -> None:
    """Run the script and kill it by SIGKILL when it has said a line that begins with `after`."""
    with subprocess.Popen(
        sft.argv(*args),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env=surroundings(),
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(after):
                process.kill()
                break
        else:
            pytest.fail(f"the run ended before it said {after!r}")
    assert process.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_losses(sft: Sft) -> None:
    whole = sft.finished(*SEVERAL)
    killed(sft, "step 12/", *SEVERAL)
    assert (sft.out / "run_toy.part").is_dir()
    resumed = sft.finished(*SEVERAL)
    assert losses(resumed) == losses(whole)
    assert read_run(resumed).resumed_at[0] >= 10
    name = "adapter_model.safetensors"
    assert (resumed / name).read_bytes() == (whole / name).read_bytes()
    assert not (sft.out / "run_toy.part").exists()


@pytest.mark.slow
def test_killed_at_any_moment_again_and_again(sft: Sft) -> None:
    """With a checkpoint at every other step, many kills fall into the writing of one."""
    often = ("--set", "train.max_steps=40", "--set", "train.save_steps=2")
    whole = losses(sft.finished(*often))
    moments = random.Random(1)
    process, kills = None, 0
    while kills < 3:
        process = subprocess.Popen(
            sft.argv(*often), stdout=subprocess.PIPE, text=True, cwd=ROOT, env=surroundings()
        )
        assert process.stdout is not None
        steps = (line for line in process.stdout if line.startswith("step "))
        for _ in range(3):  # past a checkpoint of its own, or to the end
            next(steps, None)
        time.sleep(moments.uniform(0.0, 0.6))
        process.kill()
        process.communicate()
        if process.returncode == 0:
            break
        kills += 1
    assert kills > 0
    assert losses(sft.finished(*often)) == whole


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for one checkpoint and a half."""
    folder = tmp_path / "disk"
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, b"size=220k"):
        pytest.skip(f"cannot mount a small file system: {os.strerror(ctypes.get_errno())}")
    try:
        yield folder
    finally:
        libc.umount2(str(folder).encode(), 2)


def enlarge(folder: Path) -> None:
    """Give the small disk room."""
    remount = 32
    libc = ctypes.CDLL(None, use_errno=True)
    assert not libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", remount, b"size=20m")


@pytest.mark.slow
def test_a_full_disk_is_one_message_and_the_checkpoint_before_it_is_good(
    sft: Sft, small_disk: Path
) -> None:
    whole = sft.finished()
    sft.out = small_disk / "out"
    told = message(sft())
    assert "the disk is full; make room there; " in told
    assert "checkpoint-3 is whole: the same command goes on from step 3" in told
    left = [f.name for f in (sft.out / "run_toy.part" / "checkpoints").iterdir()]
    assert left == ["checkpoint-3"]
    enlarge(small_disk)
    assert losses(sft.finished()) == losses(whole)


@pytest.mark.slow
def test_a_limit_on_file_size_is_one_message(sft: Sft) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))

    done = subprocess.run(
        sft.argv(), capture_output=True, text=True, cwd=ROOT, env=surroundings(),
        preexec_fn=limit, timeout=300, check=False,
    )  # fmt: skip
    assert "the disk is full; make room there; there was no checkpoint yet" in message(done)


@pytest.mark.slow
def test_too_little_memory_is_one_message(sft: Sft) -> None:
    """64 long examples at a time, in an address space that holds little more than torch."""
    long = [{**r, "output": "assign a = b; " * 300} for r in toy_records(64)]
    sft.data.write_text("".join(json.dumps(r) + "\n" for r in long))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))

    big = ("data.max_length=20000", "train.batch=32", "train.max_steps=1")
    changes = [word for change in big for word in ("--set", change)]
    done = subprocess.run(
        sft.argv(*changes), capture_output=True, text=True, cwd=ROOT, env=surroundings(),
        preexec_fn=limit, timeout=300, check=False,
    )  # fmt: skip
    assert "the memory is full; set train.gradient_checkpointing to true" in message(done)


def test_a_gpu_out_of_memory_reads_the_same() -> None:
    import torch

    told = explanation(torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB"))
    assert told is not None
    assert told == explanation(MemoryError())


def test_what_lies_behind_an_error_counts() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as e:
            raise RuntimeError("cannot save") from e
    except RuntimeError as e:
        assert "disk is full" in (explanation(e) or "")


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
        OSError(errno.EACCES, "denied"),
        ValueError("out of memory"),
        KeyError("no space left"),
    ],
)
def test_other_errors_are_not_taken_for_the_machines(error: Exception) -> None:
    assert explanation(error) is None
    assert not is_disk_full(error)
    assert not is_out_of_memory(error)
