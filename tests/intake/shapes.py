"""Files of answers as other tools lay them out, made here: each holds, of every task given, two
samples of one model."""

from __future__ import annotations

import csv
import gzip
import json
import struct
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import zstandard

from rtlbench.records.spec import Spec

MODEL = "some-model"
Make = Callable[[Path, Sequence[Spec]], Path]


def answer(spec: Spec, sample: int) -> str:
    """What sample `sample` says: right, in prose, and told from the other."""
    return f"Sure:\n```verilog\n{spec.golden}// {sample}\n```\n"


def _each(specs: Sequence[Spec]) -> Iterable[tuple[Spec, int]]:
    return ((spec, sample) for spec in specs for sample in range(2))


def _lines(path: Path, records: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    return path


def own_lines(folder: Path, specs: Sequence[Spec]) -> Path:
    return _lines(folder / "own.jsonl", (
        {"spec_id": s.id, "sample": k, "completion": answer(s, k), "model": MODEL}
        for s, k in _each(specs)))  # fmt: skip


def one_field(name: str, identity: str = "task_id") -> Make:
    """Lines without numbers, the answer in field `name`."""

    def make(folder: Path, specs: Sequence[Spec]) -> Path:
        given = {"task_id": lambda s: s.id, "name": lambda s: s.name, "prompt": lambda s: s.prompt}
        return _lines(folder / f"{name}.jsonl", (
            {identity: given[identity](s), name: answer(s, k), "model": MODEL}
            for s, k in _each(specs)))  # fmt: skip

    return make


def several_in_a_line(folder: Path, specs: Sequence[Spec]) -> Path:
    return _lines(folder / "lists.jsonl", (
        {"task_id": s.id, "completions": [answer(s, 0), answer(s, 1)], "model_name": MODEL}
        for s in specs))  # fmt: skip


def chat_messages(folder: Path, specs: Sequence[Spec]) -> Path:
    return _lines(folder / "chat.jsonl", (
        {"model": MODEL, "messages": [
            {"role": "system", "content": "You write Verilog."},
            {"role": "user", "content": f"Task:\n{s.prompt}\nAnswer with code."},
            {"role": "assistant", "content": [{"type": "text", "text": answer(s, k)}]}]}
        for s, k in _each(specs)))  # fmt: skip


def evalplus_folder(folder: Path, specs: Sequence[Spec]) -> Path:
    """`TASK/N.ending`, as EvalPlus writes Python."""
    return _files(folder, specs, lambda s, k: f"{MODEL}/{s.id}/{k}.v")


def verilog_eval_folder(folder: Path, specs: Sequence[Spec]) -> Path:
    """A build folder of VerilogEval v2: the suite's own files and logs lie beside the answers."""
    root = _files(folder, specs, lambda s, k: f"{MODEL}/{s.id}/{s.id}_sample{k + 1:02}.sv")
    for spec in specs:
        place = root / MODEL / spec.id
        (place / f"{spec.id}_test.sv").write_text("module tb; endmodule")
        (place / f"{spec.id}_ref.sv").write_text("module RefModule; endmodule")
        (place / f"{spec.id}_sample01-sv-generate.log").write_text("model = x")
    return root


def rtllm_folder(folder: Path, specs: Sequence[Spec]) -> Path:
    return _files(folder, specs, lambda s, k: f"_{MODEL}/t{k + 1}/{s.id}.v")


def flat_folder(folder: Path, specs: Sequence[Spec]) -> Path:
    return _files(folder, specs, lambda s, k: f"{MODEL}/{s.id}_sample{k}.sv")


def named_folder(folder: Path, specs: Sequence[Spec]) -> Path:
    return _files(folder, specs, lambda s, k: f"{MODEL}/sample_{k}/{s.category}/{s.id}.v")


def _files(folder: Path, specs: Sequence[Spec], name: Callable[[Spec, int], str]) -> Path:
    root = folder / "files"
    for spec, sample in _each(specs):
        path = root / name(spec, sample)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{spec.golden}// {sample}\n")
    return root


def _inspect_samples(specs: Sequence[Spec]) -> list[dict[str, Any]]:
    """As inspect_ai 0.3.285 writes them, without events."""
    return [
        {"id": s.id, "epoch": k + 1, "input": s.prompt, "target": "", "scores": {}, "metadata": {},
         "messages": [{"role": "user", "content": s.prompt, "source": "input"}],
         "output": {"model": MODEL, "completion": answer(s, k), "choices": [
             {"message": {"role": "assistant", "content": answer(s, k), "source": "generate"},
              "stop_reason": "stop"}]}}
        for s, k in _each(specs)
    ]  # fmt: skip


_HEADER = {"version": 2, "status": "success", "eval": {"task": "rtl", "model": MODEL}}


def inspect_json(folder: Path, specs: Sequence[Spec]) -> Path:
    path = folder / "2026-01-01T00-00-00_rtl.json"
    path.write_text(json.dumps({**_HEADER, "samples": _inspect_samples(specs)}, indent=2))
    return path


def inspect_eval(folder: Path, specs: Sequence[Spec]) -> Path:
    """The zip file that it writes by default, whose members are packed by zstd."""
    path = folder / "2026-01-01T00-00-00_rtl.eval"
    members = {"header.json": json.dumps(_HEADER)} | {
        f"samples/{s['id']}_epoch_{s['epoch']}.json": json.dumps(s) for s in _inspect_samples(specs)
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, zstandard.ZstdCompressor().compress(text.encode()))
        places = [(i.header_offset, i.filename) for i in archive.filelist]
        directory = archive.start_dir
    raw = bytearray(path.read_bytes())
    for offset, name in places:  # zipfile cannot pack so by itself: say it in its headers
        size = struct.pack("<I", len(members[name].encode()))
        raw[offset + 8 : offset + 10] = raw[directory + 10 : directory + 12] = b"\x5d\0"
        raw[offset + 22 : offset + 26] = raw[directory + 24 : directory + 28] = size
        directory += 46 + len(name)
    path.write_bytes(raw)
    return path


def inspect_folder(folder: Path, specs: Sequence[Spec]) -> Path:
    (folder / "logs").mkdir()
    return inspect_eval(folder / "logs", specs).parent


def lm_eval_samples(folder: Path, specs: Sequence[Spec]) -> Path:
    """`samples_TASK_DATE.jsonl` of lm-eval 0.4, two repeats."""
    return _lines(folder / "samples_rtl_2026.jsonl", (
        {"doc_id": k, "doc": {"task_id": s.id, "prompt": s.prompt}, "target": "",
         "arguments": {"gen_args_0": {"arg_0": s.prompt, "arg_1": {"until": ["\n\n"]}}},
         "resps": [[answer(s, 0), answer(s, 1)]], "filtered_resps": [answer(s, 0)],
         "filter": "none", "metrics": ["exact"], "doc_hash": "0", "prompt_hash": "0", "exact": 0.0}
        for k, s in enumerate(specs)))  # fmt: skip


def openai_batch(folder: Path, specs: Sequence[Spec]) -> Path:
    return _lines(folder / "batch_output.jsonl", (
        {"id": f"batch_req_{s.id}{k}", "custom_id": f"{s.id}#{k}", "error": None,
         "response": {"status_code": 200, "request_id": "r", "body": {
             "object": "chat.completion", "model": MODEL, "choices": [
                 {"index": 0, "finish_reason": "stop",
                  "message": {"role": "assistant", "content": answer(s, k), "refusal": None}}]}}}
        for s, k in _each(specs)))  # fmt: skip


def vllm_outputs(folder: Path, specs: Sequence[Spec]) -> Path:
    """RequestOutput, as JSON; the prompt has the chat template around it."""
    return _lines(folder / "vllm.jsonl", (
        {"request_id": str(k), "model": MODEL,
         "prompt": f"<|im_start|>user\n{s.prompt}<|im_end|>\n",
         "outputs": [{"index": j, "text": answer(s, j), "finish_reason": "stop"} for j in (0, 1)]}
        for k, s in enumerate(specs)))  # fmt: skip


def table(ending: str, delimiter: str) -> Make:
    def make(folder: Path, specs: Sequence[Spec]) -> Path:
        path = folder / f"answers{ending}"
        with path.open("w", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(["task_id", "sample", "solution", "model"])
            writer.writerows([s.id, k, answer(s, k), MODEL] for s, k in _each(specs))
        return path

    return make


def parquet(folder: Path, specs: Sequence[Spec]) -> Path:
    import pyarrow
    import pyarrow.parquet

    rows = [{"spec_id": s.id, "generation": answer(s, k), "model": MODEL} for s, k in _each(specs)]
    path = folder / "answers.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def gzipped(folder: Path, specs: Sequence[Spec]) -> Path:
    path = folder / "own.jsonl.gz"
    path.write_bytes(gzip.compress(own_lines(folder, specs).read_bytes()))
    return path


def packed_by_zstd(folder: Path, specs: Sequence[Spec]) -> Path:
    path = folder / "own.jsonl.zst"
    packed = zstandard.ZstdCompressor().compress(own_lines(folder, specs).read_bytes())
    path.write_bytes(packed)
    return path


def json_array(folder: Path, specs: Sequence[Spec]) -> Path:
    path = folder / "all.json"
    lines = own_lines(folder, specs).read_text().splitlines()
    path.write_text(json.dumps([json.loads(x) for x in lines], indent=1))
    return path


def json_by_task(folder: Path, specs: Sequence[Spec]) -> Path:
    path = folder / "by_task.json"
    path.write_text(json.dumps({s.id: [answer(s, 0), answer(s, 1)] for s in specs}))
    return path


SHAPES: dict[str, Make] = {
    "our own lines": own_lines,
    **{f"field {n}": one_field(n) for n in ("rtl", "text", "response", "output", "solution",
                                           "generation", "answer", "code")},
    "by the name of specs list": one_field("completion", "name"),
    "by the prompt": one_field("response", "prompt"),
    "several in a line": several_in_a_line,
    "chat messages": chat_messages,
    "EvalPlus's folder": evalplus_folder,
    "VerilogEval's build folder": verilog_eval_folder,
    "RTLLM's folder": rtllm_folder,
    "a flat folder": flat_folder,
    "a folder a sample and category": named_folder,
    "inspect_ai's JSON log": inspect_json,
    "inspect_ai's log": inspect_eval,
    "inspect_ai's folder of logs": inspect_folder,
    "lm-eval's samples": lm_eval_samples,
    "OpenAI's batch output": openai_batch,
    "vLLM's offline output": vllm_outputs,
    "CSV": table(".csv", ","),
    "TSV": table(".tsv", "\t"),
    "Parquet": parquet,
    "gzip": gzipped,
    "zstd": packed_by_zstd,
    "a JSON array": json_array,
    "JSON by task": json_by_task,
}  # fmt: skip
