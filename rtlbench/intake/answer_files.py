"""Whatever holds answers, as JSON lines: a file of any container, a folder of Verilog, a log of
inspect_ai, standard input.

A plain JSONL file is read where it lies. All else is written, a record a line with the place that
it came from, into a file that is removed with the object: readers by position need one, and
memory stays flat.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.intake.answer_folder import records_in
from rtlbench.intake.task_names import TaskNames
from rtlbench.io.untrusted import from_json

STDIN = "-"
MAX_DOCUMENT = 256 << 20
"""Bytes of one JSON document, which is held whole."""
SPOOLED = "rtlbench_answer_of"
"""The field of a spooled line that says where its `record` came from."""
_ROWS = (".gz", ".zst", ".zstd", ".parquet", ".pq", ".csv", ".tsv")
_PACKED = (".gz", ".zst")
_MAGIC = {b"\x1f\x8b": ".gz", b"\x28\xb5\x2f\xfd": ".zst", b"PAR1": ".parquet",
          b"PK\x03\x04": ".eval"}  # fmt: skip
_WRAPPERS = ("samples", "results", "data", "rows", "answers", "responses", "predictions")
_ZSTD_IN_ZIP = 93
Note = Callable[[str, str], None]
"""Called with the place of input that cannot be used, and why."""
Placed = tuple[str, Any]


class AnswerLines:
    """JSON lines of the answers that `given` names.

    Args:
        given: A path, or `-` for standard input.
        note: Told of what cannot be used.

    Raises:
        UserError: It is not there, or of no kind that is read.
    """

    def __init__(self, given: str, tasks: TaskNames, note: Note) -> None:
        self._note = note
        self._tasks = tasks
        self._kept: list[IO[bytes]] = []
        path = Path(given) if given != STDIN else self._standard_input()
        self.is_spooled = False
        self.path = path
        try:
            records = self._records(path)
            if records is not None:
                self.path = self._spooled(records)
                self.is_spooled = True
        except (OSError, zipfile.BadZipFile) as e:
            raise cannot_read(path, e) from e

    def _records(self, path: Path) -> Iterator[Placed] | None:
        """The records of what is no plain JSONL; None for what is."""
        if path.is_dir():
            return self._of_folder(path)
        ending = path.suffix.lower()
        if ending in _ROWS:
            return self._of_rows(path)
        if ending == ".eval" or zipfile.is_zipfile(path):
            return _of_eval_log(path)
        first = _first_line(path)
        if first.lstrip()[:1] == b"[":
            return self._of_rows(path)
        if first.strip() and (ending == ".json" or not _is_json(first)):
            return self._of_document(path)
        return None

    def _of_folder(self, path: Path) -> Iterator[Placed]:
        logs = sorted(path.glob("*.eval"))
        if len(logs) == 1:
            return _of_eval_log(logs[0])
        if logs:
            raise UserError(f"{path}: holds {len(logs)} logs; give one, such as {logs[0]}")
        return self._told(records_in(path, self._tasks))

    def _told(self, records: Iterator[tuple[str, Any]]) -> Iterator[Placed]:
        for where, record in records:
            if isinstance(record, str):
                self._note(where, record)
            else:
                yield where, record

    def _of_rows(self, path: Path) -> Iterator[Placed]:
        from rtlbench.intake.rows import Row, read_rows

        for row in read_rows(str(path), _as_it_is):
            if isinstance(row, Row):
                yield str(path.parent / row.where), row.value
            else:
                self._note(str(path.parent / row.where), row.reason)

    def _of_document(self, path: Path) -> Iterator[Placed] | None:
        """The records in a file that is one JSON object; None where it is lines after all."""
        with path.open("rb") as file:
            text = file.read(MAX_DOCUMENT + 1)
        if len(text) > MAX_DOCUMENT:
            return None
        try:
            document = from_json(text.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return ((f"{path}#{n}", r) for n, r in enumerate(self._in_document(document), 1))

    def _in_document(self, document: Any) -> Iterator[Any]:
        if not isinstance(document, dict):
            yield document
            return
        header = document.get("eval")
        if isinstance(header, dict) and "samples" not in document:  # EvalPlus's results
            yield from (a for found in header.values() for a in _as_list(found))
            return
        model = header.get("model") if isinstance(header, dict) else document.get("model")
        wrapped = next((n for n in _WRAPPERS if isinstance(document.get(n), list)), None)
        named = [n for n in document if self._tasks.named(n) is not None]
        if wrapped is not None:
            yield from (_with_model(r, model) for r in document[wrapped])
        elif named and 2 * len(named) >= len(document):
            yield from ({"spec_id": n, "completion": v} for n, v in document.items())
        else:
            yield document

    def _standard_input(self) -> Path:
        """What comes in there, unpacked, as a file whose name says its kind."""
        path = self._copied(sys.stdin.buffer, "")
        ending = _ending_of(path)
        if ending in _PACKED:
            from rtlbench.intake.files import input_of, opened

            with opened(input_of(str(self._renamed(path, f".jsonl{ending}")))) as unpacked:
                path = self._copied(unpacked, "")
            ending = _ending_of(path)
        return self._renamed(path, ending) if ending else path

    def _copied(self, stream: IO[bytes], ending: str) -> Path:
        kept: Any = tempfile.NamedTemporaryFile(prefix="rtlbench-stdin-", suffix=ending)  # noqa: SIM115
        shutil.copyfileobj(stream, kept)
        kept.flush()
        self._kept.append(kept)
        return Path(kept.name)

    def _renamed(self, path: Path, ending: str) -> Path:
        with path.open("rb") as file:
            return self._copied(file, ending)

    def _spooled(self, records: Iterator[Placed]) -> Path:
        spool: Any = tempfile.NamedTemporaryFile(prefix="rtlbench-answers-", suffix=".jsonl")  # noqa: SIM115
        for where, record in records:
            spool.write(msgspec.json.encode({SPOOLED: where, "record": record}) + b"\n")
        spool.flush()
        self._kept.append(spool)
        return Path(spool.name)


def unspooled(record: Any) -> tuple[str, Any]:
    """Where a decoded line came from, and its record; of a plain line, nowhere else."""
    if isinstance(record, dict) and record.keys() == {SPOOLED, "record"}:
        return str(record[SPOOLED]), record["record"]
    return "", record


def cannot_read(path: Path, error: Exception) -> UserError:
    """What to tell of answers that cannot be read."""
    why = getattr(error, "strerror", None) or str(error)
    return UserError(
        f"{path}: cannot read the candidates file ({why}); give answers in one of the shapes of "
        "docs/answers.md by --candidates"
    )


def _of_eval_log(path: Path) -> Iterator[Placed]:
    """The samples of an inspect_ai log, a zip file whose members may be packed by zstd."""
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.startswith("samples/")]
        if not names:
            raise UserError(f"{path}: holds no samples; give a log that inspect_ai has finished")
        try:
            header = from_json(_member(path, archive.getinfo("header.json")))
            model = header["eval"]["model"]
        except (KeyError, msgspec.DecodeError):
            model = None  # of a log that broke off
        for name in names:
            yield f"{path}/{name}", _with_model(
                from_json(_member(path, archive.getinfo(name))), model
            )


def _member(path: Path, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > MAX_DOCUMENT:
        raise UserError(f"{path}: {info.filename} is longer than {MAX_DOCUMENT >> 20} MiB")
    if info.compress_type != _ZSTD_IN_ZIP:
        with zipfile.ZipFile(path) as archive:
            return archive.read(info)
    import zstandard

    with path.open("rb") as file:
        file.seek(info.header_offset + 26)
        name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
        file.seek(name + extra, 1)
        packed = file.read(info.compress_size)
    try:
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=MAX_DOCUMENT)
    except zstandard.ZstdError as e:
        raise UserError(f"{path}: {info.filename} is damaged ({e})") from e


def _ending_of(path: Path) -> str | None:
    """What a file's name would end in, by its first bytes; None for JSON."""
    with path.open("rb") as file:
        begin = file.read(4)
    if packed := next((e for m, e in _MAGIC.items() if begin.startswith(m)), None):
        return packed
    first = _first_line(path).lstrip()
    if not first or first[:1] in b"{[":
        return None
    return ".tsv" if b"\t" in first else ".csv" if b"," in first else None


def _with_model(record: Any, model: Any) -> Any:
    if isinstance(record, dict) and isinstance(model, str) and "model" not in record:
        return {**record, "model": model}
    return record


def _as_list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


def _as_it_is(record: Any) -> Any:
    return record


def _first_line(path: Path) -> bytes:
    with path.open("rb") as file:
        for line in iter(lambda: file.readline(1 << 16), b""):
            if line.strip():
                return line.removeprefix(b"\xef\xbb\xbf")
    return b""


def _is_json(line: bytes) -> bool:
    """Whether a line may be a JSON value by itself; a very long one is taken for one."""
    if not line.endswith(b"\n"):
        return True
    try:
        from_json(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
